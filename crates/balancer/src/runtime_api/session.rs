//! What one connection to the runtime API remembers, and how it is answered.

use crate::logger::Logger;
use crate::plan::{Backend, Level, Plan};
use crate::process::Process;
use lb_core::Uptime;
use lb_core::transition::Transition;
use std::sync::Arc;
use std::time::Duration;

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Can only be lowered.
    pub level: Level,
    /// Of the socket, which decides what statistics tell.
    pub socket_level: Level,
    /// Interactive: the connection stays, and each answer ends with `> `.
    pub prompt: bool,
    /// Silence after which the connection is closed.
    pub timeout: Duration,
    /// `set severity-output`.
    pub severity: SeverityOutput,
    /// `quit` was said.
    pub closing: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeverityOutput {
    #[default]
    None,
    /// `[3]: `
    Number,
    /// `[err]: `
    Word,
}

/// How serious an answer is, in syslog's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    Error = 3,
    Warning = 4,
    Notice = 5,
    Info = 6,
}

/// What a command says. Every answer is followed by one line end more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Done, nothing to say.
    Done,
    /// Data, whole lines.
    Data(String),
    /// A message, as a rule with its line end.
    Message(Severity, String),
}

/// All that a command may look at, and the session that it may change.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) process: &'a Process,
    pub(super) logger: &'a Logger,
    pub(super) session: &'a mut Session,
    pub(super) now: Uptime,
    /// The lines that followed a command which ends with `<<`.
    pub(super) payload: Option<&'a str>,
    /// Changes of state to be told, in order.
    pub(super) news: Vec<(Arc<Backend>, Transition)>,
}

/// Time of silence that a connection survives when `stats timeout` does not say otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

impl Session {
    pub fn new(level: Level, timeout: Option<Duration>) -> Self {
        Self {
            level,
            socket_level: level,
            prompt: false,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            severity: SeverityOutput::None,
            closing: false,
        }
    }

    /// The bytes of an answer.
    pub(super) fn render(&self, reply: Reply) -> String {
        let mut text = match reply {
            Reply::Done => String::new(),
            Reply::Data(text) => text,
            Reply::Message(severity, text) => match self.severity {
                SeverityOutput::None => text,
                SeverityOutput::Number => format!("[{}]: {text}", severity as u8),
                SeverityOutput::Word => format!("[{}]: {text}", severity.word()),
            },
        };
        text.push('\n');
        if self.prompt {
            text.push_str("> ");
        }
        text
    }
}

impl Reply {
    /// The same message without its line end.
    pub(super) fn without_line_end(self) -> Self {
        match self {
            Self::Message(severity, mut text) => {
                text.truncate(text.trim_end_matches('\n').len());
                Self::Message(severity, text)
            }
            other => other,
        }
    }

    /// An error, with its line end added.
    pub(super) fn error(message: &str) -> Self {
        Self::Message(Severity::Error, format!("{message}\n"))
    }

    /// A warning, or what HAProxy takes for one, with its line end added.
    pub(super) fn warning(message: &str) -> Self {
        Self::Message(Severity::Warning, format!("{message}\n"))
    }

    /// A notice, with its line end added.
    pub(super) fn notice(message: &str) -> Self {
        Self::Message(Severity::Notice, format!("{message}\n"))
    }

    /// A piece of information, with its line end added.
    pub(super) fn info(message: &str) -> Self {
        Self::Message(Severity::Info, format!("{message}\n"))
    }
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "err",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Info => "info",
        }
    }
}
