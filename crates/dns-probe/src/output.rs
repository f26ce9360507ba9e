//! Where text goes: answers to standard output, all talk to standard error; and who is told of each question besides.

use std::io::Write;
use std::ops::ControlFlow;

use crate::report::Report;

/// The two streams. A reader that went away is no error.
pub(crate) struct Output {
    out: Box<dyn Write>,
    aside: Box<dyn Write>,
    /// Nobody reads standard output any more.
    closed: bool,
    listener: Box<dyn FnMut(Report)>,
}

impl Output {
    pub(crate) fn standard(listener: Box<dyn FnMut(Report)>) -> Self {
        Self {
            out: Box::new(std::io::stdout()),
            aside: Box::new(std::io::stderr()),
            closed: false,
            listener,
        }
    }

    /// Tells whoever runs the probe of a question that was asked.
    pub(crate) fn report(&mut self, report: Report) {
        (self.listener)(report);
    }

    /// Writes to standard output at once.
    pub(crate) fn print(&mut self, text: &str) {
        let written = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        self.closed |= written.is_err();
    }

    /// Whether it is worth going on: not when the reader has left.
    pub(crate) fn goes_on(&self) -> ControlFlow<()> {
        match self.closed {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    /// Writes to standard error.
    pub(crate) fn aside(&mut self, text: &str) {
        let _ = self
            .aside
            .write_all(text.as_bytes())
            .and_then(|()| self.aside.flush());
    }
}

#[cfg(test)]
pub(crate) mod captured {
    //! An output that tests read.

    use std::cell::RefCell;
    use std::io;
    use std::rc::Rc;

    use super::Output;
    use crate::report::Report;

    /// What was written so far.
    #[derive(Clone, Default)]
    pub(crate) struct Text(Rc<RefCell<Vec<u8>>>);

    impl Text {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl io::Write for Text {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An output whose reports are kept, and they.
    pub(crate) fn reports() -> (Output, Rc<RefCell<Vec<Report>>>) {
        let reports = Rc::new(RefCell::new(Vec::new()));
        let kept = reports.clone();
        let (mut output, ..) = output();
        output.listener = Box::new(move |report| kept.borrow_mut().push(report));
        (output, reports)
    }

    /// The output, what goes to standard output, and what goes aside.
    pub(crate) fn output() -> (Output, Text, Text) {
        let (out, aside) = (Text::default(), Text::default());
        let output = Output {
            out: Box::new(out.clone()),
            aside: Box::new(aside.clone()),
            closed: false,
            listener: Box::new(|_| {}),
        };
        (output, out, aside)
    }
}
