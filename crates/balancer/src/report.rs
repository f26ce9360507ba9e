//! How problems are told: in full when the balancer starts or reloads, in HAProxy's lines with `-c`.

use crate::cli::Options;
use crate::control::Refused;
use crate::listener::{ListenError, Place};
use crate::load::{Reading, os_text};
use crate::messages::{self, Messages};
use diagnostics::{Diagnostic, Severity, SourceId, Style, full, haproxy_words};
use std::io::IsTerminal;
use std::net::SocketAddr;

/// Every problem of the files in the full form: the piece underlined, why, what to type.
pub fn diagnostics(reading: &Reading, options: &Options) {
    let style = style();
    for diagnostic in &reading.diagnostics {
        if !options.quiet {
            messages::write_stderr(&full(diagnostic, &reading.sources, style));
            messages::write_stderr("\n");
        }
    }
}

/// The problems HAProxy would tell, in its lines: it looks at the whole only when the single lines are right.
pub fn one_line(reading: &Reading, messages: &Messages) {
    let (lines, whole) = reading.diagnostics.split_at(reading.from_lines);
    let mut wrong_lines = false;
    for diagnostics in lines.chunk_by(|a, b| source(a) == source(b)) {
        diagnostics.iter().for_each(|d| say(d, reading, messages));
        if let Some(source) = source(&diagnostics[0]).filter(|_| any_error(diagnostics)) {
            let file = &reading.sources.get(source).name;
            messages.alert(&format!(
                "config : Error(s) found in configuration file : {file}"
            ));
            wrong_lines = true;
        }
    }
    if !wrong_lines {
        whole.iter().for_each(|d| say(d, reading, messages));
    }
}

fn say(diagnostic: &Diagnostic, reading: &Reading, messages: &Messages) {
    let label = match diagnostic.severity {
        Severity::Error => messages::Label::Alert,
        Severity::Warning if diagnostic.alert => messages::Label::Alert,
        Severity::Warning if !diagnostic.haproxy.is_empty() => messages::Label::Warning,
        // HAProxy has nothing to say here; a learner may like to know.
        _ => messages::Label::Notice,
    };
    for words in haproxy_words(diagnostic, &reading.sources) {
        messages.say(label, &words);
    }
}

fn source(diagnostic: &Diagnostic) -> Option<SourceId> {
    diagnostic.labels.first().map(|label| label.span.source)
}

fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// Why the balancer does not start, or goes on with what it had.
pub fn refused(messages: &Messages, refused: &Refused, options: &Options) {
    match refused {
        Refused::Configuration => {}
        Refused::NoListener => messages.plain(
            "error: there is nothing to listen on\n  \
             why   no `frontend` or `listen` section has a `bind` line\n  \
             next  add one, for example:   bind 127.0.0.1:3000\n",
        ),
        Refused::Address(error, _) => messages.plain(&format!("error: {error}\n")),
        Refused::StatsSocket(error) => messages.plain(&format!(
            "error: the stats socket cannot be opened: {error}\n  \
             why   its folder must exist and be yours, and its path be short (at most about 90 bytes)\n  \
             next  change the `stats socket` line in `global`\n"
        )),
        Refused::System(error) => messages.plain(&format!(
            "error: the balancer cannot start its threads ({})\n  \
             next  free some memory or processes, then start it again\n",
            os_text(error)
        )),
        Refused::Listen(wanted, error) => {
            messages.plain(&cannot_listen(
                &wanted.entrance.frontend,
                &wanted.place,
                error,
                options,
            ));
        }
    }
}

fn cannot_listen(frontend: &str, place: &Place, error: &ListenError, options: &Options) -> String {
    let (ListenError::Bind { source, .. }, &Place::Inet(address)) = (error, place) else {
        return format!("error: frontend `{frontend}` cannot listen: {error}\n");
    };
    let port = address.port();
    match source.kind() {
        std::io::ErrorKind::AddrInUse => port_taken(frontend, address, options),
        std::io::ErrorKind::PermissionDenied => format!(
            "error: port {port} is not for everyone ({})\n  \
             why   ports below 1024 need the rights of root; frontend `{frontend}` asks for {address}\n  \
             next  choose a higher port, for example 3000 for callers or 8404 for the statistics\n",
            os_text(source)
        ),
        _ => format!(
            "error: frontend `{frontend}` cannot listen on {address} ({})\n  \
             why   the address must be one of this machine's\n  \
             next  use 127.0.0.1 for this machine alone, or * for all its IPv4 addresses\n",
            os_text(source)
        ),
    }
}

fn port_taken(frontend: &str, address: SocketAddr, options: &Options) -> String {
    let port = address.port();
    let owner = procs::port_owner(address);
    let process = owner.as_ref().and_then(|owner| owner.process.as_ref());
    let balancer = process.is_some_and(|p| {
        ["balancer", "haproxy"]
            .iter()
            .any(|word| p.command.contains(word))
    });
    let who = owner.as_ref().map_or_else(
        || "another program listens there; to see which:   ss -ltnp".to_string(),
        |owner| format!("{} {}", owner.name(), owner.details()),
    );
    let file = options
        .files
        .first()
        .map(|f| f.display().to_string())
        .unwrap_or_default();
    if balancer {
        let terminal = process.and_then(|p| p.terminal.as_deref());
        let place = terminal.map_or_else(|| "there".to_string(), |t| format!("in terminal {t}"));
        return format!(
            "error: another balancer already listens on :{port}\n  \
             why   {who}\n        \
             HAProxy itself would start now and the two would answer in turns, old and new: very confusing\n  \
             next  load your edit into the running one:   lab reload\n        \
             or Ctrl-C {place}, then start again:   lab balancer -f {file}\n"
        );
    }
    format!(
        "error: port {port} is taken, so frontend `{frontend}` cannot listen.  Nothing was started.\n  \
         why   {who}\n  \
         next  stop that program, or choose another port on the `bind` line of {file}\n"
    )
}

/// Colour only where a person reads it, and not against their will (no-color.org).
fn style() -> Style {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    Style {
        color: wanted && !dumb && std::io::stderr().is_terminal(),
        ..Style::PLAIN
    }
}
