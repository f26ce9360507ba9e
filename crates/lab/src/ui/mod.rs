//! How `lab` speaks: data on stdout, talk on stderr, clear without colour.

pub(crate) mod address;
pub(crate) mod block;
pub(crate) mod event_line;
pub(crate) mod live;
pub(crate) mod paint;
pub(crate) mod table;
pub(crate) mod view;
pub(crate) mod words;

use crate::cli::{Color, Global};
use crate::problem::Problem;
use anstream::ColorChoice;
use diagnostics::fold;
use procs::terminal_width;
use std::cell::Cell;
use std::io::{self, BufRead, IsTerminal, Write};

/// Below this many columns the moving block is left out.
pub(crate) const NARROWEST: usize = 60;

#[derive(Debug)]
pub(crate) struct Ui {
    pub(crate) json: bool,
    pub(crate) plain: bool,
    pub(crate) quiet: bool,
    pub(crate) yes: bool,
    /// Somebody is there who can answer.
    pub(crate) can_ask: bool,
    /// stdout is a terminal that may be redrawn.
    pub(crate) moving: bool,
    closed: Cell<bool>,
}

/// What surrounds the program, so that the choice below can be tested.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) dumb: bool,
    pub(crate) ci: bool,
    pub(crate) lab_plain: bool,
    /// Columns of the terminal, 0 where unknown.
    pub(crate) width: usize,
}

impl Surroundings {
    pub(crate) fn read() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0");
        Self {
            stdout_is_terminal: io::stdout().is_terminal(),
            stdin_is_terminal: io::stdin().is_terminal(),
            dumb: std::env::var_os("TERM").is_some_and(|term| term == "dumb"),
            ci: std::env::var_os("CI").is_some_and(|ci| ci == "true" || ci == "1"),
            lab_plain: is_set("LAB_PLAIN"),
            width: width(),
        }
    }
}

impl Ui {
    pub(crate) fn new(global: &Global, around: Surroundings) -> Self {
        let plain = global.plain || around.lab_plain || around.dumb || around.ci;
        match (plain, global.color) {
            (true, Color::Auto) | (_, Color::Never) => ColorChoice::Never.write_global(),
            (_, Color::Always) => ColorChoice::Always.write_global(),
            (false, Color::Auto) => {}
        }
        Self {
            json: global.json,
            plain,
            quiet: global.quiet,
            yes: global.yes,
            can_ask: around.stdin_is_terminal && !around.ci && !global.json,
            moving: around.stdout_is_terminal && !plain && !global.json,
            closed: Cell::new(false),
        }
    }

    /// A line (or several) of data, folded where the terminal is narrow. A reader that has gone is not an error: see
    /// [`Ui::closed`].
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        self.write(&fold(text.as_ref(), width()));
    }

    fn write(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        let text = text.trim_end_matches('\n');
        if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            self.closed.set(true);
        }
    }

    /// Lines of data that fit as they are; empty ones at the end are kept.
    pub(crate) fn say_lines(&self, lines: &[String]) {
        let mut out = anstream::stdout().lock();
        let text = lines.join("\n");
        if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            self.closed.set(true);
        }
    }

    /// The beginning of a line that is typed to its end.
    pub(crate) fn prompt(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        if write!(out, "{text} ").and_then(|()| out.flush()).is_err() {
            self.closed.set(true);
        }
    }

    /// Bytes that already carry their line ends: the live block. Without colour, the cursor must still be moved.
    pub(crate) fn draw(&self, bytes: &str) {
        let mut out = io::stdout().lock();
        let colored = anstream::AutoStream::choice(&out) != ColorChoice::Never;
        let bytes = if colored {
            bytes.to_owned()
        } else {
            paint::without_colors(bytes)
        };
        if out
            .write_all(bytes.as_bytes())
            .and_then(|()| out.flush())
            .is_err()
        {
            self.closed.set(true);
        }
    }

    /// Talk beside the data: left out with `--quiet` and `--json`.
    pub(crate) fn talk(&self, text: impl AsRef<str>) {
        let text = text.as_ref().trim_end_matches('\n');
        if !self.quiet && !self.json && !text.is_empty() {
            let lines = paint::heads(&fold(text, terminal_width(io::stderr())));
            let _ = writeln!(anstream::stderr().lock(), "{lines}");
        }
    }

    pub(crate) fn say_json(&self, value: &impl serde::Serialize) {
        match serde_json::to_string(value) {
            Ok(line) => self.write(&line),
            Err(error) => self.talk(format!("warning: cannot be written as JSON: {error}")),
        }
    }

    pub(crate) fn problem(&self, problem: &Problem) {
        if self.json {
            self.write(&problem.to_json().to_string());
        } else {
            let text = fold(&problem.render(), terminal_width(io::stderr()));
            let text = paint::heads(text.trim_end_matches('\n'));
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        }
    }

    /// The reader of stdout has gone (a closed pipe): nothing more needs to be written.
    pub(crate) fn closed(&self) -> bool {
        self.closed.get()
    }

    /// Asks for one line in small letters; `None` when nobody can answer or the input has ended.
    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        self.ask_line(question).map(|line| line.to_lowercase())
    }

    /// The same, as it was typed.
    pub(crate) fn ask_line(&self, question: &str) -> Option<String> {
        if !self.can_ask {
            return None;
        }
        let mut out = anstream::stderr().lock();
        let _ = write!(out, "{question} ").and_then(|()| out.flush());
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }
}

/// Columns of the terminal on stdout; 0 where there is none.
pub(crate) fn width() -> usize {
    terminal_width(io::stdout())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global() -> Global {
        Global {
            json: false,
            plain: false,
            color: Color::Auto,
            dir: None,
            quiet: false,
            verbose: 0,
            yes: false,
        }
    }

    fn terminal() -> Surroundings {
        Surroundings {
            stdout_is_terminal: true,
            stdin_is_terminal: true,
            width: 100,
            ..Surroundings::default()
        }
    }

    #[test]
    fn a_terminal_gets_a_moving_block_and_questions() {
        let ui = Ui::new(&global(), terminal());
        assert!(ui.moving && ui.can_ask && !ui.plain);
    }

    #[test]
    fn dumb_terminals_pipes_and_plain_get_lines_only() {
        let dumb = Surroundings {
            dumb: true,
            ..terminal()
        };
        let pipe = Surroundings {
            stdout_is_terminal: false,
            ..terminal()
        };
        let wanted = Surroundings {
            lab_plain: true,
            ..terminal()
        };
        for around in [dumb, pipe, wanted] {
            assert!(!Ui::new(&global(), around).moving);
        }
    }

    #[test]
    fn continuous_integration_is_plain_and_never_asked() {
        let ui = Ui::new(
            &global(),
            Surroundings {
                ci: true,
                ..terminal()
            },
        );
        assert!(ui.plain && !ui.can_ask);
    }
}
