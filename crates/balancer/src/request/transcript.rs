//! The `%variables` of log formats (manual 8.2.4).

use super::record::Record;
use super::view::Moment;
use crate::access_log::{IN_REQUESTS, date, encoded};
use samples::Format;
use samples::format::{Flags, Variable, logged};
use samples::tls::Tls;
use samples::view::{self, Transcript};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::UNIX_EPOCH;

/// The line of a format of one's own.
pub fn line(record: &Record, format: &Format) -> String {
    let kept = Kept::of(record);
    let moment = Moment::new(record, &record.frontend.name);
    let line = format.render(&moment.after(&kept));
    String::from_utf8_lossy(&line).into_owned()
}

/// What is left of a request when it is over. Of the answer nothing is: HAProxy has forgotten it, too.
pub(super) struct Kept<'a> {
    line: [&'a str; 3],
}

impl<'a> Kept<'a> {
    fn of(record: &'a Record) -> Self {
        let mut words = record.request_line().split(' ');
        Self {
            line: std::array::from_fn(|_| words.next().unwrap_or_default()),
        }
    }
}

impl view::Fields for Kept<'_> {
    fn field(&self, _: usize) -> Option<(&[u8], &[u8])> {
        None
    }
}

impl view::Request for Kept<'_> {
    fn method(&self) -> &[u8] {
        self.line[0].as_bytes()
    }

    fn target(&self) -> &[u8] {
        self.line[1].as_bytes()
    }

    fn version(&self) -> &[u8] {
        self.line[2].as_bytes()
    }
}

/// What a variable is made of.
enum Told {
    Text(String),
    /// Shown in hexadecimal where that is asked for.
    Number(i64),
    /// Goes on growing after the line was written.
    Growing(u64),
    Address(IpAddr),
    /// Each on its own.
    Each(Vec<String>),
    /// Never in quotes.
    Verbatim(String),
    Missing,
    /// There is none; in quotes, the quotes are there.
    Nothing,
    /// Leaves no trace.
    Silence,
}

impl Transcript for Record {
    fn write(&self, variable: Variable, flags: Flags, out: &mut Vec<u8>) -> bool {
        let text = match self.told(variable) {
            Told::Nothing => return false,
            Told::Silence => return true,
            Told::Missing => {
                logged(None, flags, out);
                return true;
            }
            Told::Number(number) if flags.hexadecimal => format!("{number:04X}"),
            Told::Number(number) => number.to_string(),
            Told::Growing(number) if self.is_early() => format!("+{number}"),
            Told::Growing(number) => number.to_string(),
            Told::Address(IpAddr::V4(address)) if flags.hexadecimal => {
                format!("{:08X}", address.to_bits())
            }
            Told::Address(address) => address.to_string(),
            Told::Verbatim(text) => text,
            Told::Each(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    out.extend_from_slice(if index > 0 { b" " } else { b"" });
                    logged(Some(text.as_bytes()), flags, out);
                }
                return true;
            }
            Told::Text(text) => {
                logged(Some(text.as_bytes()), flags, out);
                return true;
            }
        };
        out.extend_from_slice(text.as_bytes());
        true
    }
}

impl Record {
    fn of_tls(&self, ask: impl Fn(&Tls) -> &'static str) -> Told {
        match &self.tls {
            Some(tls) => Told::Text(ask(tls).to_owned()),
            None => Told::Missing,
        }
    }

    fn told(&self, variable: Variable) -> Told {
        use Variable::*;
        let timers = self.timers();
        let phase = |time: Option<u64>| match time {
            Some(time) => Told::Verbatim(time.to_string()),
            None => Told::Verbatim("-1".to_owned()),
        };
        let number = |number: u64| Told::Verbatim(number.to_string());
        let counter = |number: u64| Told::Number(i64::try_from(number).unwrap_or(i64::MAX));
        match variable {
            ActiveConnections => number(self.connections().process),
            FrontendConnections => number(self.connections().frontend),
            BackendConnections => number(self.connections().backend),
            ServerConnections => number(self.connections().server),
            Retries => {
                let mark = if self.redispatched { "+" } else { "" };
                Told::Verbatim(format!("{mark}{}", self.retries))
            }
            BackendQueue => number(self.queue.backend),
            ServerQueue => number(self.queue.server),
            Frontend => Told::Text(self.frontend.name.clone()),
            FrontendTls => Told::Text(self.frontend_shown().into_owned()),
            Backend => Told::Text(self.backend_name().to_owned()),
            Server => Told::Text(self.server_name().to_owned()),
            BytesRead => Told::Growing(self.bytes_out),
            // HAProxy does not know it then.
            BytesUploaded if self.is_early() => number(0),
            BytesUploaded => number(self.bytes_in),
            ClientAddress => Told::Address(self.client.ip()),
            ClientPort => Told::Number(self.client.port().into()),
            FrontendAddress => Told::Address(self.called.ip()),
            FrontendPort => Told::Number(self.called.port().into()),
            ServerAddress => self
                .server_address()
                .map_or(Told::Missing, |it| Told::Address(it.ip())),
            ServerPort => self
                .server_address()
                .map_or(Told::Missing, |it| Told::Number(it.port().into())),
            BackendAddress => self
                .source
                .map_or(Told::Missing, |it| Told::Address(it.ip())),
            BackendPort => self
                .source
                .map_or(Told::Missing, |it| Told::Number(it.port().into())),
            Date => Told::Verbatim(date::local(self.accept_date())),
            DateGmt => Told::Verbatim(date::gmt(self.accept_date())),
            DateLocal => Told::Verbatim(date::with_offset(self.accept_date())),
            RequestDate => Told::Verbatim(date::local(self.date())),
            RequestDateGmt => Told::Verbatim(date::gmt(self.date())),
            RequestDateLocal => Told::Verbatim(date::with_offset(self.date())),
            Timestamp => number(self.since_epoch().as_secs()),
            Milliseconds => Told::Verbatim(format!("{:03}", self.since_epoch().subsec_millis())),
            Hostname => Told::Text(crate::load::hostname()),
            Pid => Told::Number(self.worker.process.pid.into()),
            RequestCounter => counter(self.number()),
            ListenerCounter => counter(self.frontend.lines.load(Ordering::Relaxed)),
            RequestHeaders => bracketed(&self.request_captures),
            ResponseHeaders => bracketed(&self.response_captures),
            RequestHeadersClf => listed(&self.request_captures),
            ResponseHeadersClf => listed(&self.response_captures),
            CapturedRequestCookie => self.captured_cookie(0),
            CapturedResponseCookie => self.captured_cookie(1),
            HttpMethod => self.word(0),
            HttpUri => self.word(1),
            HttpVersion => self.word(2),
            HttpPath => self.uri_part(|uri| Some(without_query(uri).to_owned())),
            HttpPathOnly => self.uri_part(|uri| {
                let path = without_query(uri);
                let host = path.find("://").map(|scheme| scheme + "://".len());
                let start = path[host.unwrap_or(0)..].find('/');
                Some(path[host.unwrap_or(0) + start?..].to_owned())
            }),
            HttpQuery => self.uri_part(|uri| uri.find('?').map(|mark| uri[mark..].to_owned())),
            Request => Told::Text(encoded(self.request_line().as_bytes(), IN_REQUESTS)),
            Id => self.unique_id.clone().map_or(Told::Missing, Told::Text),
            Status => Told::Verbatim(
                self.status
                    .map_or("-1".to_owned(), |status| status.to_string()),
            ),
            Termination => Told::Verbatim(self.termination_so_far().letters().iter().collect()),
            TerminationWithCookies => {
                let letters = self.termination_so_far().letters().into_iter();
                Told::Verbatim(letters.chain(self.cookie_flags()).collect())
            }
            TimeRequestOnly => phase(timers.request),
            TimeWait => phase(timers.queue),
            TimeConnect => phase(timers.connect),
            TimeResponse => phase(timers.response),
            TimeActive | TimeUser => Told::Growing(timers.total),
            TimeTotal => Told::Growing(timers.total + self.idle_time() + self.handshake_time()),
            TimeData => phase(self.data_time()),
            TimeHandshake => Told::Verbatim(self.handshake_time().to_string()),
            TimeIdle => Told::Verbatim(self.idle_time().to_string()),
            TimeRequest => phase(timers.request.map(|time| time + self.idle_time())),
            TlsCipher => self.of_tls(|tls| tls.cipher),
            TlsVersion => self.of_tls(|tls| tls.version),
        }
    }

    fn captured_cookie(&self, of: usize) -> Told {
        let cookie = self.captured_cookies[of].clone();
        cookie.map_or(Told::Missing, Told::Text)
    }

    fn since_epoch(&self) -> std::time::Duration {
        self.date().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// A word of the request's first line.
    fn word(&self, index: usize) -> Told {
        let words: Vec<&str> = self.request_line().split(' ').collect();
        match words.as_slice() {
            [_, _, _] => Told::Text(encoded(words[index].as_bytes(), IN_REQUESTS)),
            _ => Told::Text("<BADREQ>".to_owned()),
        }
    }

    fn uri_part(&self, part: impl Fn(&str) -> Option<String>) -> Told {
        match self.word(1) {
            Told::Text(uri) if uri != "<BADREQ>" => part(&uri).map_or(Told::Nothing, Told::Text),
            other => other,
        }
    }

    fn server_address(&self) -> Option<SocketAddr> {
        let server = self.backend.as_ref()?.server(self.server?);
        server.address.socket_address(self.called.port())
    }
}

fn without_query(uri: &str) -> &str {
    uri.split('?').next().unwrap_or(uri)
}

/// `{a|b}`.
fn bracketed(captures: &[Option<Vec<u8>>]) -> Told {
    match captures {
        [] => Told::Silence,
        captures => Told::Text(format!("{{{}}}", super::record::shown(captures).join("|"))),
    }
}

/// One after another.
fn listed(captures: &[Option<Vec<u8>>]) -> Told {
    match captures {
        [] => Told::Silence,
        captures => Told::Each(super::record::shown(captures)),
    }
}
