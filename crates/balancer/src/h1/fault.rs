//! Where a head is wrong: looked for once more, the way HAProxy reads, when somebody may want to see it.

use super::Invalid;
use super::parse::is_token;

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Of the first byte that is wrong, from the start of the head.
    pub position: usize,
    pub state: State,
    /// The first line says that it is HTTP/1.1.
    pub is_11: bool,
    /// What the last right `Content-Length` says.
    pub length: Option<u64>,
    pub encoding: Option<Encoding>,
    /// It asks for another protocol.
    pub upgrades: bool,
}

/// What a `Transfer-Encoding` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Chunked,
    Other,
}

/// What was being read: HAProxy's states, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    BeforeRequest = 0,
    Method = 2,
    Target = 4,
    RequestVersion = 6,
    EndOfRequestLine = 7,
    ResponseVersion = 10,
    Code = 12,
    EndOfStatusLine = 15,
    FieldName = 17,
    FieldValue = 22,
    EndOfField = 23,
    /// The line after a field, which may belong to it.
    AfterField = 24,
    LastEnd = 25,
    Data = 27,
    Done = 30,
}

impl State {
    /// HAProxy's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeRequest => "MSG_RQBEFORE",
            Self::Method => "MSG_RQMETH",
            Self::Target => "MSG_RQURI",
            Self::RequestVersion => "MSG_RQVER",
            Self::EndOfRequestLine => "MSG_RQLINE_END",
            Self::ResponseVersion => "MSG_RPVER",
            Self::Code => "MSG_RPCODE",
            Self::EndOfStatusLine => "MSG_RPLINE_END",
            Self::FieldName => "MSG_HDR_NAME",
            Self::FieldValue => "MSG_HDR_VAL",
            Self::EndOfField => "MSG_HDR_L2_LF",
            Self::AfterField => "MSG_HDR_L2_LWS",
            Self::LastEnd => "MSG_LAST_LF",
            Self::Data => "MSG_DATA",
            Self::Done => "MSG_DONE",
        }
    }
}

/// Finds what `invalid` was said of.
///
/// `most`: as many fields are taken.
pub fn of_request(head: &[u8], invalid: Invalid, most: usize) -> Fault {
    let mut reader = Reader::new(head, most);
    let stopped = reader.request_line().and_then(|()| reader.fields());
    reader.conclude(stopped, invalid)
}

/// Finds what `invalid` was said of.
///
/// `most`: as many fields are taken.
pub fn of_response(head: &[u8], invalid: Invalid, most: usize) -> Fault {
    let mut reader = Reader::new(head, most);
    let stopped = reader.status_line().and_then(|()| reader.fields());
    reader.conclude(stopped, invalid)
}

/// Where reading ended early.
type Read = Result<(), State>;

struct Reader<'a> {
    head: &'a [u8],
    most: usize,
    at: usize,
    target: usize,
    is_11: bool,
    length: Option<u64>,
    encoding: Option<Encoding>,
    /// The value of the first one.
    encoding_at: Option<usize>,
    is_answer: bool,
    connects: bool,
    host: Option<&'a [u8]>,
    host_at: Option<usize>,
    /// The first field whose value disagrees.
    wrong_value: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(head: &'a [u8], most: usize) -> Self {
        Self {
            head,
            most,
            at: 0,
            target: 0,
            is_11: false,
            length: None,
            encoding: None,
            encoding_at: None,
            is_answer: false,
            connects: false,
            host: None,
            host_at: None,
            wrong_value: None,
        }
    }

    fn conclude(&self, stopped: Read, invalid: Invalid) -> Fault {
        let (position, state) = match (invalid, stopped) {
            (_, Err(state)) => (self.at, state),
            (Invalid::StartLine, Ok(())) if self.is_answer => (0, State::Data),
            (Invalid::StartLine, Ok(())) => {
                let host = self.host_at.filter(|_| !self.connects);
                (host.unwrap_or(self.target), State::LastEnd)
            }
            (Invalid::WebsocketKey, Ok(())) => (self.at, State::Done),
            (Invalid::TransferEncoding, Ok(())) if let Some(at) = self.encoding_at => {
                (at, State::AfterField)
            }
            (Invalid::ContentLength, Ok(())) if let Some(at) = self.wrong_value => {
                (at, State::AfterField)
            }
            (Invalid::Host, Ok(())) => match self.wrong_value {
                Some(at) => (at, State::AfterField),
                None => (self.host_at.unwrap_or(self.target), State::LastEnd),
            },
            (_, Ok(())) => (self.at, State::Data),
        };
        Fault {
            position,
            state,
            is_11: self.is_11,
            length: self.length,
            encoding: self.encoding,
            upgrades: invalid == Invalid::WebsocketKey,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.head.get(self.at).copied()
    }

    fn skip(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.head[self.at..];
        let length = rest.iter().position(|&byte| !belongs(byte));
        let length = length.unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// What ends at a blank; a line end instead means HTTP/0.9.
    fn word(&mut self, state: State, belongs: impl Fn(u8) -> bool) -> Result<&'a [u8], State> {
        let word = self.skip(belongs);
        match self.peek() {
            Some(b' ' | b'\t') => {
                self.skip(is_blank);
                Ok(word)
            }
            Some(b'\r' | b'\n') => Err(State::Data),
            _ => Err(state),
        }
    }

    fn line_end(&mut self, state: State) -> Read {
        if self.peek() == Some(b'\r') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'\n') => {
                self.at += 1;
                Ok(())
            }
            _ => Err(state),
        }
    }

    fn request_line(&mut self) -> Read {
        self.skip(|byte| matches!(byte, b'\r' | b'\n'));
        if self.peek().is_some_and(|byte| !is_token(byte)) {
            return Err(State::BeforeRequest);
        }
        self.connects = self.word(State::Method, is_token)? == b"CONNECT";
        self.target = self.at;
        self.word(State::Target, |byte| {
            matches!(byte, b'!'..=b'~') && byte != b'#'
        })?;
        let start = self.at;
        let version = self.skip(is_of_version);
        if !matches!(self.peek(), Some(b'\r' | b'\n')) {
            return Err(State::RequestVersion);
        }
        if version.len() != b"HTTP/1.1".len() {
            self.at = start;
            return Err(State::Data);
        }
        self.is_11 = version.ends_with(b"1.1");
        self.line_end(State::EndOfRequestLine)
    }

    fn status_line(&mut self) -> Read {
        self.is_answer = true;
        self.skip(|byte| matches!(byte, b'\r' | b'\n'));
        if !self.head[self.at..].starts_with(b"H") {
            return Err(State::Data);
        }
        let version = self.word(State::ResponseVersion, is_of_version);
        let version = version.map_err(|_| State::ResponseVersion)?;
        self.is_11 = version.ends_with(b"1.1");
        self.skip(|byte| byte.is_ascii_digit());
        if !matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            return Err(State::Code);
        }
        self.skip(is_no_line_end);
        self.line_end(State::EndOfStatusLine)
    }

    fn fields(&mut self) -> Read {
        for count in 0.. {
            if matches!(self.peek(), Some(b'\r' | b'\n')) {
                return self.line_end(State::LastEnd);
            }
            let name = self.skip(is_token);
            if name.is_empty() || self.peek() != Some(b':') {
                return Err(State::FieldName);
            }
            self.at += 1;
            self.skip(is_blank);
            let start = self.at;
            let value = self.skip(is_no_line_end).trim_ascii();
            if self.peek().is_none() {
                return Err(State::FieldValue);
            }
            self.line_end(State::EndOfField)?;
            while matches!(self.peek(), Some(b' ' | b'\t')) {
                self.skip(is_no_line_end);
                self.line_end(State::EndOfField)?;
            }
            if count > self.most {
                return Err(State::AfterField);
            }
            self.look_at(name, value, start);
        }
        Ok(())
    }

    /// Notes what may disagree.
    fn look_at(&mut self, name: &[u8], value: &'a [u8], start: usize) {
        if name.eq_ignore_ascii_case(b"content-length") {
            for item in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                let number = std::str::from_utf8(item)
                    .ok()
                    .and_then(|it| it.parse().ok());
                if number.is_none() || self.length.is_some_and(|former| number != Some(former)) {
                    self.wrong_value.get_or_insert(start);
                    break;
                }
                self.length = number;
            }
        } else if name.eq_ignore_ascii_case(b"host") {
            if self.host.is_some_and(|former| former != value) {
                self.wrong_value.get_or_insert(start);
            }
            self.host.get_or_insert(value);
            self.host_at.get_or_insert(start);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if value.to_ascii_lowercase().starts_with(b"chunked") {
                self.encoding = Some(Encoding::Chunked);
                self.encoding_at.get_or_insert(start);
            } else {
                self.encoding.get_or_insert(Encoding::Other);
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_no_line_end(byte: u8) -> bool {
    !matches!(byte, b'\r' | b'\n')
}

fn is_of_version(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'H' | b'T' | b'P' | b'/' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn request(head: &str, invalid: Invalid, position: usize, state: State) {
        let fault = of_request(head.as_bytes(), invalid, 100);
        assert_eq!((fault.position, fault.state), (position, state), "{head}");
    }

    #[test]
    fn the_place_is_that_of_the_first_wrong_byte() {
        use State::*;
        let line = Invalid::StartLine;
        request("\u{1}GET / HTTP/1.1\r\n\r\n", line, 0, BeforeRequest);
        request("G@T / HTTP/1.1\r\n\r\n", line, 1, Method);
        request("GET\r\n\r\n", line, 3, Data);
        request("GET /a\0 HTTP/1.1\r\n\r\n", line, 6, Target);
        request("GET /echo bad HTTP/1.1\r\n\r\n", line, 10, RequestVersion);
        request("GET / HTTP/3x\r\n\r\n", line, 12, RequestVersion);
        let name = Invalid::FieldName;
        request("GET / HTTP/1.1\r\nA b: c\r\n\r\n", name, 17, FieldName);
        request("GET / HTTP/1.1\r\n: c\r\n\r\n", name, 16, FieldName);
        request(
            "GET / HTTP/1.1\r\nX: y\rz\r\n\r\n",
            Invalid::BareCr,
            21,
            EndOfField,
        );
        let cut = "GET /aaaa";
        request(cut, Invalid::TooLarge, cut.len(), Target);
    }

    #[test]
    fn fields_that_disagree_are_found_by_their_values() {
        use State::*;
        let two = "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n";
        request(two, Invalid::ContentLength, 52, AfterField);
        let fault = of_request(two.as_bytes(), Invalid::ContentLength, 100);
        assert_eq!((fault.length, fault.is_11), (Some(5), true));
        let hosts = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
        request(hosts, Invalid::Host, 31, AfterField);
        let absolute = "GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n";
        request(absolute, Invalid::Host, 30, LastEnd);
        let coding = "POST / HTTP/1.1\r\nTransfer-Encoding: foo\r\n\r\n";
        request(coding, Invalid::UnknownCoding, coding.len(), Data);
    }

    #[test]
    fn answers_have_states_of_their_own() {
        let fault = |head: &str| {
            let fault = of_response(head.as_bytes(), Invalid::StartLine, 100);
            (fault.position, fault.state, fault.is_11)
        };
        assert_eq!(fault("FOO 200 OK\r\n\r\n"), (0, State::Data, false));
        assert_eq!(fault("HTTP/1.1 2x0 OK\r\n\r\n"), (10, State::Code, true));
    }
}
