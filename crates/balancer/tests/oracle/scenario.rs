//! The text of scenarios.
//!
//! ```text
//! scenario: a client of version 1.0 is closed on
//! defaults: timeout client 300ms          further lines of `defaults`, `frontend`, `backend`, `global`
//! section: http-errors g                  further lines at the end of the file
//! file 503.http HTTP/1.0 503 No\r\n\r\n   a file, which is FOLDER/503.http in lines of the configuration
//! bind: accept-proxy                      words behind the address on the `bind` line
//! client sends GET / HTTP/1.0\r\n\r\n      one after another; also: waits TIME, finishes, resets, reads TEXT,
//!                                         ends: waits for the balancer to end it
//! client secures first.test alpn h2       speaks TLS from here on, and tells the certificate it is shown; also:
//!                                         certificate FILE, version 1.2
//! client asks GET https://a.test/x y: z     by HTTP/2; a body and trailers may follow, `|body|name: value`; `client takes
//!                                         back` resets what is not answered
//! client2 sends ...                       another client, who connects with the first of these lines
//! until server has 2                      goes on when heads of so many requests have come to the server
//! stat b/s1 qcur qmax                     columns of a row of `show stat`, once they are as told
//! stat b/s1 status=DOWN check_code        a column with a value is waited for (`_` is a space in it)
//! info Nbthread Ulimit-n                  fields of `show info`, once they are as told
//! api show weight b/s1                    what the runtime API answers, `show` as soon as it is as told
//! api@other.sock show info                what it answers at another socket of the folder
//! place other.sock                        permissions and owner of a file in the folder
//! said                                    what the program says of the health of servers
//! no client                               nobody comes, where nothing is said of a client
//! as root                                  to be played only by one who may give files away
//! only checked                            nothing runs: what `-c` says of the file
//! checker sends +OK\r\n                   what the server at port CHECKER does to a connection, from its begin; also:
//!                                         reads TEXT, closes, resets; `next`: stays; `next`: from here on to the next one; `secures FILE`
//! server sends HTTP/1.1 200 OK\r\n\r\n     in answer to a request's head; also: waits TIME, reads TEXT, closes, resets
//! server secures first.pem                 every connection to it speaks TLS, with this certificate
//! server speaks h2                         every connection to it is HTTP/2's; `streams N`, `window N` for its settings;
//!                                         `speaks nothing`: it closes every one at once
//! server answers 200 x: y|body|name: value  by HTTP/2; a body that ends with `...` goes on: `sends`, `finishes`; further
//!                                         steps: `breaks REFUSED_STREAM`, `awaits reset`, `leaves` (GOAWAY)
//! server next                             from here on: in answer to the next request
//! differs: REASON                         HAProxy's side of what follows is in the lines `haproxy ...`
//! > server GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n
//! > client HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n
//! > client is closed
//! > log ...
//! haproxy client ...
//! ```
//!
//! `reads TEXT` waits for a text behind those that the same client has read before; whatever is waited for in vain is told
//! as `never: ...`. Looks (`stat`, `info`, `api show ...`) are taken until they are as told. Streams of HTTP/2, and clients who
//! send without one of these lines between them, overtake each other.
//!
//! In log lines of a format of one's own, `T...=N` is a time, which is `short` or `long`, `P...=N` a number that is blanked.
//!
//! `PEM` in lines of the file is the folder of certificates (`tests/tls`),
//! `DEAD` in lines of the file is a port nobody listens on, `SERVER` the one of the scripted server: one server plays
//! all of them. `{A*15000}` stands for a letter many times over.

use super::http2::Ask;
use super::http2_server::{Answer, Speech, reason_named};
use super::secure::Hello;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// Comment lines before the first scenario.
    preface: String,
    pub(crate) scenarios: Vec<Scenario>,
}

#[derive(Default)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// The lines as written, up to what was seen.
    source: Vec<String>,
    /// Words behind the address of `bind`.
    pub(crate) bind: String,
    pub(crate) defaults: Vec<String>,
    pub(crate) frontend: Vec<String>,
    pub(crate) backend: Vec<String>,
    pub(crate) global: Vec<String>,
    pub(crate) sections: Vec<String>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) script: Vec<Act>,
    pub(crate) replies: Vec<Vec<Step>>,
    /// The certificate of the scripted server, where it speaks TLS.
    pub(crate) server_certificate: Option<String>,
    /// It speaks HTTP/2.
    pub(crate) server_speech: Option<Speech>,
    /// What the server for checks does, to one connection after another.
    pub(crate) turns: Vec<Vec<Step>>,
    pub(crate) checker_certificate: Option<String>,
    pub(crate) without_client: bool,
    /// It gives files away, which takes rights.
    pub(crate) as_root: bool,
    /// The file is only judged.
    pub(crate) only_checked: bool,
    /// Why HAProxy's side is another one: a row of docs/differences.md.
    pub(crate) differs: Option<String>,
    seen: String,
    seen_with_haproxy: String,
}

/// What is done from outside, one after another.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// A step of a client, by its number from 1.
    Client(usize, Step),
    /// Waits until heads of so many requests have come to the server.
    Until(usize),
    /// Reads columns of the row of a proxy or server.
    Stat { row: String, columns: Vec<String> },
    /// Gives a command to the runtime API.
    Api(String),
    /// Gives it at another socket.
    ApiAt(String, String),
    /// Reads fields of `show info`.
    Info(Vec<String>),
    /// Looks at a file.
    Place(String),
    /// Reads what is said of servers.
    Said,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Secure(Hello),
    /// By HTTP/2.
    Ask(Box<Ask>),
    /// A client takes its requests back; a server waits until that is done.
    TakeBack,
    /// By HTTP/2.
    Answer(Box<Answer>),
    /// Ends a stream of HTTP/2.
    Refuse(h2::Reason),
    /// Takes no more streams of HTTP/2.
    Leave,
    Read(Vec<u8>),
    /// Waits for the other side to end it.
    SeeEnd,
    Wait(Duration),
    Finish,
    Close,
    Reset,
}

impl File {
    pub(crate) fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let mut file = Self {
            path,
            preface: String::new(),
            scenarios: Vec::new(),
        };
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("scenario: ") {
                file.scenarios.push(Scenario {
                    name: name.to_owned(),
                    replies: vec![Vec::new()],
                    ..Scenario::default()
                });
            } else if let Some(scenario) = file.scenarios.last_mut() {
                scenario.take(line);
            } else {
                file.preface += &format!("{line}\n");
            }
        }
        file
    }

    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    }

    pub(crate) fn text(&self) -> String {
        let scenarios: Vec<_> = self.scenarios.iter().map(Scenario::text).collect();
        format!("{}{}", self.preface, scenarios.join("\n"))
    }
}

impl Scenario {
    /// What the balancer must show.
    pub(crate) fn ours(&self) -> String {
        self.seen.clone()
    }

    /// What HAProxy must show.
    pub(crate) fn haproxys(&self) -> String {
        match self.differs {
            Some(_) => self.seen_with_haproxy.clone(),
            None => self.seen.clone(),
        }
    }

    /// Writes down what HAProxy showed.
    pub(crate) fn bless_haproxys(&mut self, seen: String) {
        match self.differs {
            Some(_) => self.seen_with_haproxy = seen,
            None => self.seen = seen,
        }
    }

    /// Writes down what the balancer showed, which is another thing only on purpose.
    pub(crate) fn bless_ours(&mut self, seen: String) {
        self.seen = seen;
    }

    fn take(&mut self, line: &str) {
        if let Some(seen) = line.strip_prefix("> ") {
            self.seen += &format!("{seen}\n");
        } else if let Some(seen) = line.strip_prefix("haproxy ") {
            self.seen_with_haproxy += &format!("{seen}\n");
        } else if !line.is_empty() {
            self.source.push(line.to_owned());
            self.take_source(line);
        }
    }

    fn take_source(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "#" => {}
            "bind:" => self.bind = rest.to_owned(),
            "defaults:" => self.defaults.push(rest.to_owned()),
            "frontend:" => self.frontend.push(rest.to_owned()),
            "backend:" => self.backend.push(rest.to_owned()),
            "global:" => self.global.push(rest.to_owned()),
            "section:" => self.sections.push(rest.to_owned()),
            "file" => {
                let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
                self.files.push((name.to_owned(), unescape(text)));
            }
            "differs:" => self.differs = Some(rest.to_owned()),
            "until" => {
                let count = rest
                    .strip_prefix("server has ")
                    .expect("until server has N");
                self.script.push(Act::Until(count.parse().unwrap()));
            }
            "stat" => {
                let mut words = rest.split(' ').map(str::to_owned);
                let row = words.next().expect("a row");
                let columns = words.collect();
                self.script.push(Act::Stat { row, columns });
            }
            "info" => {
                let fields = rest.split(' ').map(str::to_owned).collect();
                self.script.push(Act::Info(fields));
            }
            "place" => self.script.push(Act::Place(rest.to_owned())),
            "said" => self.script.push(Act::Said),
            "no" => self.without_client = rest == "client",
            "as" => self.as_root = rest == "root",
            "only" => self.only_checked = rest == "checked",
            "checker" => self.take_checker(rest),
            _ if word.starts_with("api@") => {
                let socket = word["api@".len()..].to_owned();
                self.script.push(Act::ApiAt(socket, rest.to_owned()));
            }
            "api" => self.script.push(Act::Api(rest.to_owned())),
            _ if word.starts_with("client") => {
                let number = match &word["client".len()..] {
                    "" => 1,
                    number => number.parse().expect("a client's number"),
                };
                self.script.push(Act::Client(number, Step::parse(rest)));
            }
            "server" if rest.starts_with("secures ") => {
                self.server_certificate = rest.strip_prefix("secures ").map(str::to_owned);
            }
            "server" if rest.starts_with("speaks ") => {
                self.server_speech = rest.strip_prefix("speaks ").map(Speech::parse);
            }
            "server" if rest == "next" => self.replies.push(Vec::new()),
            "server" => self.replies.last_mut().unwrap().push(Step::parse(rest)),
            _ => panic!("{}: no such line: {line}", self.name),
        }
    }

    fn take_checker(&mut self, rest: &str) {
        if self.turns.is_empty() {
            self.turns.push(Vec::new());
        }
        match rest.strip_prefix("secures ") {
            Some(certificate) => self.checker_certificate = Some(certificate.to_owned()),
            None if rest == "next" => self.turns.push(Vec::new()),
            None if rest == "stays" => {}
            None => self.turns.last_mut().unwrap().push(Step::parse(rest)),
        }
    }

    /// It asks the balancer itself.
    pub(crate) fn needs_socket(&self) -> bool {
        let asks = |act: &Act| matches!(act, Act::Stat { .. } | Act::Api(_) | Act::Info(_));
        self.script.iter().any(asks)
    }

    fn text(&self) -> String {
        let mut text = format!("scenario: {}\n", self.name);
        for line in &self.source {
            text += &format!("{line}\n");
        }
        for line in self.seen.lines() {
            text += &format!("> {line}\n");
        }
        for line in self.seen_with_haproxy.lines() {
            text += &format!("haproxy {line}\n");
        }
        text
    }
}

impl Step {
    fn parse(text: &str) -> Self {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match verb {
            "sends" => Self::Send(unescape(rest)),
            "asks" => Self::Ask(Box::new(Ask::parse(rest))),
            "takes" if rest == "back" => Self::TakeBack,
            "awaits" if rest == "reset" => Self::TakeBack,
            "answers" => Self::Answer(Box::new(Answer::parse(rest))),
            "breaks" => Self::Refuse(reason_named(rest)),
            "leaves" => Self::Leave,
            "secures" => Self::Secure(Hello::parse(rest)),
            "reads" => Self::Read(unescape(rest)),
            "waits" => {
                let milliseconds = rest.strip_suffix("ms").expect("a time in ms");
                Self::Wait(Duration::from_millis(milliseconds.parse().unwrap()))
            }
            "ends" => Self::SeeEnd,
            "finishes" => Self::Finish,
            "closes" => Self::Close,
            "resets" => Self::Reset,
            _ => panic!("no such step: {text}"),
        }
    }
}

/// `\r`, `\n`, `\t`, `\\`, `\xNN`, `{A*100}`.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((letter, count, after)) = repeated(rest) {
            out.extend(std::iter::repeat_n(letter, count));
            rest = after;
            continue;
        }
        let length = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'x')) => {
                out.push(u8::from_str_radix(&rest[2..4], 16).unwrap());
                4
            }
            ('\\', Some(escaped)) => {
                out.push(match escaped {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    other => *other,
                });
                2
            }
            _ => {
                out.extend_from_slice(first.to_string().as_bytes());
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

fn repeated(text: &str) -> Option<(u8, usize, &str)> {
    let (inner, after) = text.strip_prefix('{')?.split_once('}')?;
    let (letter, count) = inner.split_once('*')?;
    Some((*letter.as_bytes().first()?, count.parse().ok()?, after))
}

/// Bytes as the text of a scenario shows them: long runs of one letter shortened.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        if run.len() > 30 {
            out += &format!("{{{}*{}}}", char::from(run[0]), run.len());
        } else {
            out += &run
                .escape_ascii()
                .to_string()
                .replace("\\'", "'")
                .replace("\\\"", "\"");
        }
    }
    out
}
