//! `server` and `default-server` lines.

use super::server_parameters::ServerContext;
use crate::address::{Address, AddressError, Port, host, parse as parse_address};
use crate::model::{ServerAddress, ServerPort};
use crate::proxy::{ProxyContext, ServerDraft};
use crate::raw::Line;
use crate::report::Report;
use crate::words::Word;
use diagnostics::Diagnostic;

pub(crate) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(title) = title(context, line) else {
        return;
    };
    let (name, address_word) = (&line.words[1], &line.words[2]);
    let address = match server_address(&address_word.text) {
        Ok(address) => address,
        Err(error) => {
            context
                .report
                .push(bad_address(line, 2, &title, &error, context.report));
            return;
        }
    };
    let server = ServerLine {
        line,
        name: name.clone(),
        title,
        address,
        at: 2,
    };
    let server = server.read(context);
    check_id(context, &server, line);
    context.proxy.servers.push(server);
}

/// A line whose name and address are read; its parameters are not.
pub(super) struct ServerLine<'a> {
    pub(super) line: &'a Line,
    pub(super) name: Word,
    /// How HAProxy's messages begin.
    pub(super) title: String,
    pub(super) address: ServerAddress,
    /// Where the address stands; parameters follow.
    pub(super) at: usize,
}

impl ServerLine<'_> {
    /// Reads the parameters on top of what `default-server` set.
    pub(super) fn read(self, context: &mut ProxyContext<'_, '_>) -> ServerDraft {
        let mut server = ServerDraft {
            name: self.name,
            line: self.line.statement(),
            address: self.address,
            address_span: self.line.span(self.at),
            settings: context.proxy.settings.server.clone(),
            id: None,
        };
        let mut parameters = ServerContext {
            settings: &mut server.settings,
            id: &mut server.id,
            title: self.title,
            server: server.name.text.clone(),
            proxy: context.proxy.name.text.clone(),
            global: context.global,
            shared: context.shared,
            report: context.report,
        };
        parameters.read(self.line, self.at + 1);
        parameters.check_track(self.line.statement());
        parameters.check_agent(self.line.span(self.at));
        server
    }
}

/// How HAProxy's messages begin for this server, once name and address are there.
fn title(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<String> {
    if line.text(1).is_empty() || line.text(2).is_empty() {
        let words = "'server' expects <name> and <addr>[:<port>] as arguments.";
        context.report.push(
            Diagnostic::error("missing-value", "`server` wants a name and an address")
                .at(line.statement(), "")
                .next("for example  server server01 127.0.0.1:8080")
                .haproxy(context.report.bare(line.span, words)),
        );
        return None;
    }
    let name = line.text(1);
    if let Some(odd) = forbidden_char(name) {
        let words = format!("character '{odd}' is not permitted in server name '{name}'.");
        context.report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not a server's name"))
                .at(line.span(1), "")
                .why(format!(
                    "`{odd}` is not allowed; letters, digits and _ : . - are"
                ))
                .haproxy(context.report.bare(line.span, &words)),
        );
        return None;
    }
    Some(format!("'server {}/{name}' : ", context.proxy.name.text))
}

pub(super) fn bad_address(
    line: &Line,
    at: usize,
    title: &str,
    error: &AddressError,
    report: &Report<'_>,
) -> Diagnostic {
    let what = format!("`{}` is not a server's address", line.text(at));
    Diagnostic::error("bad-address", what)
        .at(line.span(at), "")
        .why(error.0.trim_end())
        .haproxy(report.bare(line.span, &format!("{title}{}", error.0)))
}

pub(super) fn check_id(context: &mut ProxyContext<'_, '_>, server: &ServerDraft, line: &Line) {
    let Some(id) = server.id else { return };
    let Some(other) = context.proxy.servers.iter().find(|o| o.id == Some(id)) else {
        return;
    };
    let words = format!(
        "'server {}/{}' : 'id' : custom id {id} already used at {} ('server {}').",
        context.proxy.name.text,
        server.name.text,
        context.report.place(other.line),
        other.name.text
    );
    context.report.push(
        Diagnostic::error("duplicate-id", format!("two servers have the id {id}"))
            .at(server.name.span, "")
            .beside(other.name.span, "this one has it already")
            .haproxy(context.report.bare(line.span, &words)),
    );
}

pub(super) fn parse_default(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let mut parameters = ServerContext {
        settings: &mut context.proxy.settings.server,
        id: &mut None,
        title: String::new(),
        server: String::new(),
        proxy: context.proxy.name.text.clone(),
        global: context.global,
        shared: context.shared,
        report: context.report,
    };
    parameters.read(line, 1);
}

/// The first character that no name may contain.
pub(crate) fn forbidden_char(name: &str) -> Option<char> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    name.chars().find(|c| !allowed(*c))
}

pub(super) fn server_address(text: &str) -> Result<ServerAddress, AddressError> {
    let parsed = parse_address(text).map_err(|AddressError(words)| {
        // HAProxy ends this one with an empty line
        let odd_port = words.starts_with("invalid character");
        AddressError(if odd_port { words + "\n" } else { words })
    })?;
    let (name, port) = match parsed {
        Address::Unix(path) => return Ok(ServerAddress::Unix(path.to_owned())),
        Address::Fd(_) => {
            let words = format!("a file descriptor is not acceptable here in '{text}'\n");
            return Err(AddressError(words));
        }
        Address::Abstract(_) => {
            let words = format!("abstract sockets are not supported yet in '{text}'");
            return Err(AddressError(words));
        }
        Address::Inet { host, port } => (host, port),
    };
    let port = match port {
        Port::None => ServerPort::Client,
        Port::Fixed(port) => ServerPort::Fixed(port),
        Port::Offset(offset) => ServerPort::Offset(offset),
        Port::Range(..) => {
            let words = format!("port range not permitted here in '{text}'");
            return Err(AddressError(words));
        }
    };
    Ok(ServerAddress::Inet {
        host: host(name),
        port,
    })
}
