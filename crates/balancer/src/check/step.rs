//! What is said of a check's end, with the step where it came.

use super::judge::Failure;
use crate::load::os_text;
use crate::plan::{
    Backend, CheckAction, CheckConnect, CheckExpect, CheckPattern, CheckPort, CheckProtocol,
    CheckScript, Place, Server,
};
use crate::stats::parts::port_number;
use lb_core::check::CheckStatus;
use std::io;

/// What a check found: without the time it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) status: CheckStatus,
    pub(super) code: Option<u16>,
    pub(super) info: String,
}

impl From<CheckStatus> for Finding {
    fn from(status: CheckStatus) -> Self {
        Self {
            status,
            code: None,
            info: String::new(),
        }
    }
}

/// What the step where a check ends makes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ending {
    /// Its own words for it.
    pub(super) words: Option<String>,
    /// The status that is told.
    pub(super) code: u16,
}

/// All steps were gone.
pub(super) fn passed(
    script: &CheckScript,
    ending: Ending,
    stopping: bool,
    secure: bool,
) -> Finding {
    let code = ending.code;
    let of_tcp = |status| Finding {
        info: "(tcp-check)".into(),
        ..Finding::from(status)
    };
    let connected = |connect: &CheckConnect| match connect.ssl || (secure && connect.as_server) {
        true => CheckStatus::L6Ok,
        false => CheckStatus::L4Ok,
    };
    let finding = match last(script) {
        Some(CheckAction::Connect(connect)) if connect.implicit => connected(connect).into(),
        Some(CheckAction::Connect(connect)) => of_tcp(connected(connect)),
        Some(CheckAction::Expect(_)) if stopping && code == 404 => {
            CheckStatus::L7OkConditional.into()
        }
        Some(CheckAction::Expect(expect)) => {
            let status = expect.ok_status.and_then(CheckStatus::of_code);
            let status = status.unwrap_or(CheckStatus::L7Ok);
            match (ending.words, script.protocol) {
                (Some(info), _) => Finding {
                    info,
                    ..status.into()
                },
                (None, CheckProtocol::Http) => status.into(),
                (None, _) => of_tcp(status),
            }
        }
        _ => of_tcp(CheckStatus::L7Ok),
    };
    with_code(finding, code)
}

/// The last step that has to do with the server.
pub(super) fn last(script: &CheckScript) -> Option<&CheckAction> {
    let mut steps = script.steps.iter().rev().map(|step| &step.action);
    steps.find(|action| action.is_of_server())
}

/// What came is not what was expected; `ending`: as the step tells it.
pub(super) fn refused(
    script: &CheckScript,
    index: usize,
    expect: &CheckExpect,
    failure: Failure,
    ending: Ending,
) -> Finding {
    let status = expect.error_status.and_then(CheckStatus::of_code);
    let mut info = match ending.words {
        // An answer that is none has no words.
        Some(words) if !(failure.info.is_empty() && failure.code == 0) => words,
        _ => failure.info,
    };
    if let Some(comment) = comment(script, index) {
        info += &format!(" comment: {comment}");
    }
    let status = match failure.code {
        _ if failure.firm => failure.status,
        0 if script.protocol == CheckProtocol::Http => failure.status,
        _ => status.unwrap_or(failure.status),
    };
    let finding = Finding {
        info,
        ..status.into()
    };
    with_code(finding, ending.code)
}

/// What was to be sent could not be made.
pub(super) fn unmade(script: &CheckScript, index: usize) -> Finding {
    let number = number(script, index);
    Finding {
        info: format!("tcp-check send : failed to build log-format string at step {number}"),
        ..CheckStatus::L7Response.into()
    }
}

fn with_code(finding: Finding, code: u16) -> Finding {
    Finding {
        code: finding.status.has_code().then_some(code),
        ..finding
    }
}

/// The number of a step in messages: what nobody wrote has none.
pub(super) fn number(script: &CheckScript, index: usize) -> usize {
    let first = script.steps.first().map(|step| &step.action);
    let implicit = matches!(first, Some(CheckAction::Connect(connect)) if connect.implicit);
    index + usize::from(!implicit)
}

/// Says where a connection failed, or nothing came.
pub(super) fn at_step(script: &CheckScript, index: usize, finding: Finding) -> Finding {
    if script.protocol != CheckProtocol::Tcp {
        return finding;
    }
    let number = number(script, index);
    let mut info = finding.info;
    if number == 0 {
        info += " at initial connection step of tcp-check";
        return Finding { info, ..finding };
    }
    let step = &script.steps[index];
    let what = match &step.action {
        CheckAction::Connect(connect) => match &connect.port {
            Some(CheckPort::Fixed(port)) => format!(" (connect port {port})"),
            Some(CheckPort::Sample(_)) | None => " (connect)".into(),
        },
        CheckAction::Expect(expect) => expected(expect),
        CheckAction::Send(_) | CheckAction::Request(_) => " (send)".into(),
        _ => String::new(),
    };
    info += &format!(" at step {number} of tcp-check{what}");
    if let Some(comment) = comment(script, index) {
        info += &format!(" comment: '{comment}'");
    }
    Finding { info, ..finding }
}

/// The comment of a step: its own, or the line before it.
fn comment(script: &CheckScript, index: usize) -> Option<&str> {
    let before = index.checked_sub(1).map(|before| &script.steps[before]);
    let before = before.filter(|step| matches!(step.action, CheckAction::Comment));
    let own = script.steps[index].comment.as_deref();
    own.or_else(|| before?.comment.as_deref())
}

fn expected(expect: &CheckExpect) -> String {
    match &expect.pattern {
        CheckPattern::Bytes {
            binary: true,
            bytes,
        } => {
            format!(" (expect binary '{}')", String::from_utf8_lossy(bytes))
        }
        CheckPattern::Bytes { bytes, .. } => {
            format!(" (expect string '{}')", String::from_utf8_lossy(bytes))
        }
        CheckPattern::BinaryRegex(_) => " (expect binary regex)".into(),
        CheckPattern::Text(_) => " (expect log-format string)".into(),
        CheckPattern::Hexadecimal(_) => " (expect log-format binary)".into(),
        _ => " (expect regex)".into(),
    }
}

pub(super) fn connect_failed(error: &io::Error, unix: bool) -> Finding {
    match error.kind() {
        _ if unix => general_error(CheckStatus::SocketError, error),
        // The system refuses at once: nothing was sent.
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::PermissionDenied => {
            general_error(CheckStatus::L4Connection, error)
        }
        _ => Finding {
            info: os_text(error),
            ..CheckStatus::L4Connection.into()
        },
    }
}

pub(super) fn broken(error: &io::Error) -> Finding {
    Finding {
        info: os_text(error),
        ..CheckStatus::SocketError.into()
    }
}

fn general_error(status: CheckStatus, error: &io::Error) -> Finding {
    Finding {
        info: format!("General socket error ({})", os_text(error)),
        ..status.into()
    }
}

/// What `http-check send-state` tells a server of itself.
pub(super) fn state(
    backend: &Backend,
    live: &lb_core::backend::Backend,
    server: &Server,
    node: &str,
) -> String {
    let state = live.server(server.index);
    let (address, port) = match server.address.place() {
        None => ("unix".to_owned(), 0),
        Some(Place { ip, port }) => (
            ip.map_or_else(String::new, |ip| ip.to_string()),
            port_number(port),
        ),
    };
    format!(
        "{}; address={address}; port={port}; name={}/{}; node={node}; weight={}/{}; scur={}/{}; qcur={}",
        state.status(),
        backend.name,
        server.name,
        state.weight(),
        live.weight(),
        state.counters().scur,
        live.counters().scur,
        state.queue().0,
    )
}
