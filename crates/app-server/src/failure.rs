use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Why the server did not start, in words for whoever typed the command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: Kind,
    what: String,
    why: Vec<String>,
    next: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The command line was wrong.
    Usage,
    /// The world is not ready.
    NotReady,
}

impl Failure {
    /// The command line is wrong.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self {
            kind: Kind::Usage,
            what: what.into(),
            why: Vec::new(),
            next: Vec::new(),
        }
    }

    /// The command line is fine, the world is not.
    pub(crate) fn not_ready(what: impl Into<String>) -> Self {
        Self {
            kind: Kind::NotReady,
            ..Self::usage(what)
        }
    }

    /// The supervisor that started this process is not there.
    pub(crate) fn not_supervised(error: &procs::Unsupervised) -> Self {
        Self::not_ready("this server was to end with its supervisor and cannot")
            .why(error.to_string())
            .next(format!(
                "start it without {} in the environment",
                procs::SUPERVISED
            ))
    }

    /// One more line of what was seen.
    pub(crate) fn why(mut self, line: impl Into<String>) -> Self {
        self.why.push(line.into());
        self
    }

    /// One more thing to do or type.
    pub(crate) fn next(mut self, line: impl Into<String>) -> Self {
        self.next.push(line.into());
        self
    }

    /// 2 or 3, see [`crate::run`].
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::Usage => ExitCode::from(2),
            Kind::NotReady => ExitCode::from(3),
        }
    }

    /// Writes it to standard error, with colour where that is wanted.
    pub(crate) fn print(&self) {
        use std::io::Write;
        let text = format!("error: {}", self.text());
        let text = diagnostics::fold(&text, procs::terminal_width(std::io::stderr()));
        let text = text.trim_end().strip_prefix("error:").unwrap_or(&text);
        // Without a standard error there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "{ERROR}error:{ERROR:#}{text}");
    }

    /// The message without its first word.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}\n", self.what);
        for (label, lines) in [("why ", &self.why), ("next", &self.next)] {
            for (index, line) in lines.iter().enumerate() {
                let label = if index == 0 { label } else { "    " };
                text += &format!("  {label}  {line}\n");
            }
        }
        text
    }
}
