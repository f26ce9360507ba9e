//! The parameters of `server` and `default-server` lines; those about TLS are in `server_tls`.

use super::{
    Keyword, Sections, Support, cookie, find, names, row, server_agent, server_limits,
    server_place, server_protocol, server_resolution, server_tls, server_track,
};
use crate::address::host;
use crate::model::Global;
use crate::proxy::ServerSettings;
use crate::raw::Line;
use crate::report::Report;
use crate::sample::shared::Shared;
use crate::times;
use crate::value::{TimeError, Unit};
use crate::words::Word;
use diagnostics::{Diagnostic, nearest};

/// Takes one parameter.
pub(crate) type ServerParser = fn(&mut ServerContext<'_, '_>, &Parameter<'_>);

/// What the parser of a parameter works on.
pub(crate) struct ServerContext<'a, 'r> {
    pub(super) settings: &'a mut ServerSettings,
    pub(super) id: &'a mut Option<u32>,
    /// `'server b/s1' : `, or nothing on a `default-server` line.
    pub(super) title: String,
    /// The server's name.
    pub(super) server: String,
    /// The section's name.
    pub(super) proxy: String,
    pub(super) global: &'a Global,
    pub(super) shared: &'a mut Shared,
    pub(super) report: &'a mut Report<'r>,
}

/// A parameter on the line.
pub(crate) struct Parameter<'a> {
    pub(super) line: &'a Line,
    pub(super) name: &'a Word,
    pub(super) value: Option<&'a Word>,
}

use Support::{Full, Ignored, Refused};

const S: Sections = Sections::BACK;

/// `most` is the number of values; exactly so many follow.
#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<ServerParser>] = &[
    row("addr", S, 1, Full(addr), "the address to check instead"),
    row("agent-addr", S, 1, Full(server_agent::agent_addr), "the agent's address"),
    row("agent-check", S, 0, Full(|c, _| c.settings.agent_check = true), "asks a program on the server for its weight and state"),
    row("agent-inter", S, 1, Full(server_agent::agent_inter), "pause between agent checks"),
    row("agent-port", S, 1, Full(server_agent::agent_port), "the agent's port"),
    row("agent-send", S, 1, Full(server_agent::agent_send), "what the agent is sent"),
    row("backup", S, 0, Full(server_limits::backup), "serves only when no active server can"),
    row("check", S, 0, Full(check), "examines the server regularly"),
    row("check-via-socks4", S, 0, Refused, "checks go through the SOCKS proxy"),
    row("cookie", S, 1, Full(cookie::value), "the server's value of the persistence cookie"),
    row("disabled", S, 0, Full(disabled), "starts in maintenance"),
    row("downinter", S, 1, Full(downinter), "pause between checks while DOWN; default `inter`"),
    row("enabled", S, 0, Full(enabled), "undoes an inherited `disabled`"),
    row("error-limit", S, 1, Full(server_agent::error_limit), "errors before `on-error` acts"),
    row("fall", S, 1, Full(fall), "failed checks to go DOWN; default 3"),
    row("fastinter", S, 1, Full(fastinter), "pause between checks while changing; default `inter`"),
    row("id", S, 1, Full(id), "the server's number in statistics"),
    row("init-addr", S, 1, Full(server_resolution::init_addr), "how the name is looked up at start: `last`, `libc`, `none`, an address; default last,libc"),
    row("inter", S, 1, Full(inter), "pause between checks; default 2s"),
    row("log-proto", S, 1, Refused, "how syslog messages are framed"),
    row("max-reuse", S, 1, Full(server_protocol::max_reuse), "how often a connection of HTTP/2 to the server is used again; default -1: no limit"),
    row("maxconn", S, 1, Full(server_limits::maxconn), "most requests at once, the others wait; default 0: no limit"),
    row("maxqueue", S, 1, Full(server_limits::maxqueue), "most waiters for this server; default 0: no limit"),
    row("minconn", S, 1, Full(server_limits::minconn), "the limit while the backend has little to do; grows to `maxconn`"),
    row("namespace", S, 1, Refused, "network namespace"),
    row("no-agent-check", S, 0, Full(|c, _| c.settings.agent_check = false), "undoes an inherited `agent-check`"),
    row("no-backup", S, 0, Full(server_limits::no_backup), "undoes an inherited `backup`"),
    row("no-check", S, 0, Full(no_check), "undoes an inherited `check`"),
    row("no-tfo", S, 0, Ignored, "undoes an inherited `tfo`"),
    row("non-stick", S, 0, Refused, "never stored in stick tables"),
    row("observe", S, 1, Full(server_agent::observe), "watches live traffic for errors"),
    row("on-error", S, 1, Full(server_agent::on_error), "what happens after `error-limit` errors"),
    row("on-marked-down", S, 1, Full(server_agent::on_marked_down), "what happens when it goes DOWN"),
    row("on-marked-up", S, 1, Full(server_agent::on_marked_up), "what happens when it comes UP"),
    row("pool-low-conn", S, 1, Ignored, "idle connections kept per thread"),
    row("pool-max-conn", S, 1, Ignored, "most idle connections kept"),
    row("pool-purge-delay", S, 1, Ignored, "how soon idle connections are closed"),
    row("port", S, 1, Full(port), "the port to check instead"),
    row("proto", S, 1, Full(server_protocol::protocol), "the protocol spoken to the server, whatever its TLS settles on: `h1`, `h2`"),
    row("redir", S, 1, Full(server_place::redirect), "sends those who ask by GET or HEAD there, by a redirect"),
    row("resolve-net", S, 1, Full(server_resolution::networks), "networks preferred when resolving"),
    row("resolve-opts", S, 1, Full(server_resolution::options), "whether two servers may have one address: `allow-dup-ip`, `prevent-dup-ip`"),
    row("resolve-prefer", S, 1, Full(server_resolution::prefer), "the address family preferred, `ipv4` or `ipv6`; default ipv6"),
    row("resolvers", S, 1, Full(server_resolution::resolvers), "resolves the name again and again"),
    row("rise", S, 1, Full(rise), "successful checks to come UP; default 2"),
    row("slowstart", S, 1, Full(server_limits::slowstart), "how long its weight and `maxconn` grow after it came UP"),
    row("socks4", S, 1, Refused, "connects through a SOCKS proxy"),
    row("source", S, 1, Full(server_place::source), "the address to connect from"),
    row("stick", S, 0, Refused, "stored in stick tables"),
    row("tcp-ut", S, 1, Ignored, "TCP user timeout"),
    row("tfo", S, 0, Ignored, "TCP fast open"),
    row("track", S, 1, Full(server_track::track), "takes its state from another server, `[BACKEND/]SERVER`"),
    row("interface", S, 1, Refused, "part of `source`"),
    row("usesrc", S, 1, Refused, "part of `source`"),
    row("weight", S, 1, Full(weight), "its share, 0 to 256; default 1"),
    row("ws", S, 1, Refused, "the protocol for websockets"),
];

pub(crate) const TABLES: &[&[Keyword<ServerParser>]] = &[TABLE, server_tls::TABLE];

impl ServerContext<'_, '_> {
    /// Reads the parameters from the `from`-th word on, up to the first that is wrong.
    pub(super) fn read(&mut self, line: &Line, from: usize) {
        let mut at = from;
        while let Some(name) = line.words.get(at).filter(|word| !word.text.is_empty()) {
            let Some(row) = find(TABLES, &name.text) else {
                let diagnostic = self.unknown(line, name);
                self.report.push(diagnostic);
                return;
            };
            let value = line.words.get(at + 1).filter(|word| !word.text.is_empty());
            let parameter = Parameter { line, name, value };
            match row.support {
                Full(parser) => {
                    let before = self.report.errors();
                    parser(self, &parameter);
                    if self.report.errors() > before {
                        return;
                    }
                }
                Refused => {
                    let shown = format!("server ... {}", row.name);
                    self.report.push(super::refused(&shown, name.span));
                }
                _ => {
                    let shown = format!("server ... {}", row.name);
                    self.report.push(super::ignored(&shown, name.span));
                }
            }
            at += 1 + row.most;
        }
    }

    fn unknown(&self, line: &Line, name: &Word) -> Diagnostic {
        let suggestion = nearest(&name.text, names(TABLES));
        let mut words = format!("{}unknown keyword '{}'", self.title, name.text);
        match suggestion {
            Some(name) => words += &format!("; did you mean '{name}' maybe ?"),
            None => words.push('.'),
        }
        if self.title.is_empty() {
            words += " Hint: no address was expected for this server.";
        }
        let label = match name.text.split_once('=') {
            Some((word, value)) if find(TABLES, word).is_some() => {
                format!("write `{word} {value}`, with a space")
            }
            _ => suggestion.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
        };
        Diagnostic::error(
            "unknown-parameter",
            format!("unknown word `{}` on a server line", name.text),
        )
        .at(name.span, label)
        .haproxy(self.report.bare(line.span, &words))
    }

    /// HAProxy's words for something wrong with a parameter.
    pub(super) fn words(&self, parameter: &Parameter<'_>, text: &str) -> String {
        let text = format!("{}{text}.", self.title);
        self.report.bare(parameter.line.span, &text)
    }

    pub(super) fn missing(&mut self, parameter: &Parameter<'_>, words: &str) {
        let name = &parameter.name.text;
        self.report.push(
            Diagnostic::error("missing-value", format!("`{name}` wants a value"))
                .at(parameter.name.span, "")
                .haproxy(self.words(parameter, words)),
        );
    }

    /// The value is none of those that there are.
    pub(super) fn no_such_value(&mut self, parameter: &Parameter<'_>, words: &str, known: &str) {
        let name = &parameter.name.text;
        let text = format!("{}{words}.", self.title);
        let words = self.report.bare(parameter.line.span, &text);
        self.report.push(
            Diagnostic::error("bad-value", format!("this is no value of `{name}`"))
                .at(parameter.value.unwrap_or(parameter.name).span, "")
                .why(format!("known ones: {known}"))
                .haproxy(words),
        );
    }

    pub(super) fn time(&mut self, parameter: &Parameter<'_>) -> Option<std::time::Duration> {
        let name = parameter.name.text.clone();
        let Some(value) = parameter.value else {
            self.missing(parameter, &format!("'{name}' expects a delay as argument."));
            return None;
        };
        let before = self.report.len();
        let read = times::read(
            value,
            parameter.line,
            &times::Spelling {
                shown: &name,
                unit: Unit::Milliseconds,
                words: |_| String::new(),
            },
            self.report,
        );
        if read.is_none() && self.report.len() > before {
            let words = self.words(parameter, &self.time_words(&name, &value.text));
            self.report.amend_last(words);
        }
        if read.is_some_and(|time| time.is_zero()) {
            let server = &self.server;
            let words = format!("invalid value 0 for argument '{name}' of server {server}.");
            self.report.push(
                Diagnostic::error("bad-time", format!("`{name} 0` makes no sense"))
                    .at(value.span, "")
                    .why("checks need a pause between them")
                    .haproxy(self.words(parameter, &words)),
            );
            return None;
        }
        read
    }

    /// HAProxy 2.6 names `agent-inter` whatever the parameter is when a character is odd.
    fn time_words(&self, name: &str, value: &str) -> String {
        let server = &self.server;
        match crate::value::time(value, Unit::Milliseconds) {
            Err(TimeError::Overflow) => format!(
                "timer overflow in argument <{value}> to <{name}> of server {server}, maximum value is 2147483647 ms (~24.8 days)."
            ),
            Err(TimeError::Unexpected(odd)) => {
                format!(
                    "unexpected character '{odd}' in 'agent-inter' argument of server {server}."
                )
            }
            Ok(_) => String::new(),
        }
    }

    /// A number as HAProxy reads it: what is missing or no number counts as 0.
    pub(super) fn number(&mut self, parameter: &Parameter<'_>) -> u32 {
        let Some(value) = parameter.value else {
            let name = &parameter.name.text;
            let what = format!("`{name}` without a number counts as 0, which is no limit");
            let told = Diagnostic::warning("missing-value", what).at(parameter.name.span, "");
            self.report.push(told);
            return 0;
        };
        u32::try_from(super::lenient(value, self.report)).unwrap_or(u32::MAX)
    }

    fn count(&mut self, parameter: &Parameter<'_>) -> Option<u32> {
        let name = parameter.name.text.clone();
        let Some(value) = parameter.value else {
            self.missing(parameter, &format!("'{name}' expects an integer argument."));
            return None;
        };
        let number = super::lenient(value, self.report);
        let count = u32::try_from(number).ok().filter(|count| *count > 0);
        if count.is_none() {
            let words = format!("'{name}' has to be > 0.");
            self.report.push(
                Diagnostic::error("bad-number", format!("`{name}` must be at least 1"))
                    .at(value.span, "")
                    .haproxy(self.words(parameter, &words)),
            );
        }
        count
    }
}

fn check(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    context.settings.check = true;
}

fn no_check(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    context.settings.check = false;
}

fn disabled(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    context.settings.disabled = true;
}

fn enabled(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    context.settings.disabled = false;
}

fn inter(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(time) = context.time(parameter) {
        context.settings.inter = time;
    }
}

fn fastinter(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(time) = context.time(parameter) {
        context.settings.fastinter = Some(time);
    }
}

fn downinter(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(time) = context.time(parameter) {
        context.settings.downinter = Some(time);
    }
}

fn rise(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(count) = context.count(parameter) {
        context.settings.rise = count;
    }
}

fn fall(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(count) = context.count(parameter) {
        context.settings.fall = count;
    }
}

fn port(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        context.missing(parameter, "'port' expects a port number as argument.");
        return;
    };
    match super::lenient(value, context.report) {
        0 => context.settings.port = None,
        number => match u16::try_from(number) {
            Ok(port) => context.settings.port = Some(port),
            Err(_) => context.report.push(
                Diagnostic::error("bad-number", format!("`{}` is not a port", value.text))
                    .at(value.span, "")
                    .why("ports are 1 to 65535; HAProxy takes this number modulo 65536 without a word"),
            ),
        },
    }
}

fn addr(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        context.missing(parameter, "'addr' expects <ipv4|ipv6> as argument.");
        return;
    };
    context.settings.addr = Some(host(&value.text));
}

fn id(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if context.title.is_empty() {
        let words = "'id' option is not accepted in default-server sections";
        context.report.push(
            Diagnostic::error("wrong-section", "`default-server` takes no `id`")
                .at(parameter.name.span, "")
                .why("no two servers may have the same one")
                .haproxy(context.report.bare(parameter.line.span, words)),
        );
        return;
    }
    let Some(value) = parameter.value else {
        context.missing(parameter, "'id' : expects an integer argument");
        return;
    };
    let (number, _) = crate::value::lenient_integer(&value.text);
    match u32::try_from(number) {
        Ok(number @ 1..) => *context.id = Some(number),
        _ => {
            let words = context.words(parameter, "'id' : custom id has to be > 0");
            context.report.push(
                Diagnostic::error("bad-number", format!("`{}` is not an id", value.text))
                    .at(value.span, "")
                    .why("ids are whole numbers from 1")
                    .haproxy(words),
            );
        }
    }
}

fn weight(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        // HAProxy reads the missing word as 0, and so must we
        context.report.push(
            Diagnostic::warning("missing-value", "`weight` without a number counts as 0")
                .at(parameter.name.span, "")
                .why("a server of weight 0 gets no requests"),
        );
        context.settings.weight = 0;
        return;
    };
    let number = super::lenient(value, context.report);
    match u16::try_from(number) {
        Ok(weight @ 0..=256) => context.settings.weight = weight,
        _ => {
            let server = &context.server;
            let words = format!("weight of server {server} is not within 0 and 256 ({number}).");
            context.report.push(
                Diagnostic::error("weight-range", format!("weight {number} is out of range"))
                    .at(value.span, "")
                    .why("weights are whole numbers from 0 to 256")
                    .haproxy(context.words(parameter, &words)),
            );
        }
    }
}
