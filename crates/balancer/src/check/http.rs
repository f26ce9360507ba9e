//! HTTP checks: the bytes asked, and what an answer means.

use super::judge::{Judgement, Look, Unmade, judge_bytes, made};
use crate::h1::chunked::Decoder;
use crate::h1::head::Fields;
use crate::plan::{CheckExpect, CheckPattern, CheckRequest, HeaderPattern, TextPattern};
use lb_core::check::CheckStatus;
use samples::Format;

/// The request: lower-case headers, and only those that are written. From HTTP/1.1 on the server is asked to close.
pub(super) fn request(
    request: &CheckRequest,
    state: Option<&str>,
    render: &dyn Fn(&Format) -> Vec<u8>,
) -> Vec<u8> {
    let method = request.method.as_deref().unwrap_or("OPTIONS");
    let version = request.version.as_deref().unwrap_or("HTTP/1.0");
    let made = |format: &Option<Format>| format.as_ref().map(render).unwrap_or_default();
    let (uri, body) = (made(&request.uri), made(&request.body));
    let uri = if uri.is_empty() { b"/" } else { &uri[..] };
    let mut text = [
        method.as_bytes(),
        b" ",
        uri,
        b" ",
        version.as_bytes(),
        b"\r\n",
    ]
    .concat();
    let mut field = |name: &str, value: &[u8]| {
        text.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    };
    for (name, value) in &request.headers {
        field(&name.to_ascii_lowercase(), &render(value));
    }
    if let Some(state) = state {
        field("x-haproxy-server-state", state.as_bytes());
    }
    let bodyless = ["OPTIONS", "GET", "HEAD", "DELETE"].contains(&method);
    if !body.is_empty() || !bodyless {
        field("content-length", body.len().to_string().as_bytes());
    }
    let mut names = request.headers.iter().map(|(name, _)| name);
    let says_so = names.any(|name| name.eq_ignore_ascii_case("connection"));
    if !says_so && version != "HTTP/1.0" {
        field("connection", b"close");
    }
    text.extend_from_slice(b"\r\n");
    text.extend(body);
    text
}

/// An answer, as far as it has come.
struct Answer<'a> {
    code: u16,
    reason: String,
    headers: Vec<(&'a str, &'a [u8])>,
    body: Vec<u8>,
    /// Nothing more of it is to come.
    whole: bool,
}

/// Looks at what has come. `stopping`: a 404 says that the server takes no new clients.
pub(super) fn judge(expect: &CheckExpect, look: &Look<'_>, stopping: bool) -> Judgement {
    const HEADERS_MAX: usize = 101;
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let invalid = Judgement::failed(CheckStatus::L7Response, "");
    let length = match response.parse(look.bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if !look.last => return Judgement::Wait,
        _ => return invalid,
    };
    let Some(code) = response.code else {
        return invalid;
    };
    let headers = response.headers.iter().map(|h| (h.name, h.value)).collect();
    let mut answer = Answer {
        code,
        reason: reason(look.bytes),
        headers,
        body: Vec::new(),
        whole: false,
    };
    if answer.read_body(&look.bytes[length..], look.last).is_none() {
        return invalid;
    }
    let judgement = if stopping && code == 404 {
        Judgement::passed()
    } else {
        answer.judge(expect, look)
    };
    judgement.with_code(code)
}

impl Answer<'_> {
    fn judge(&self, expect: &CheckExpect, look: &Look<'_>) -> Judgement {
        let matched = match &expect.pattern {
            CheckPattern::Status(codes) => codes
                .iter()
                .any(|(low, high)| (*low..=*high).contains(&self.code)),
            CheckPattern::StatusRegex(regex) => regex.is_match(self.code.to_string().as_bytes()),
            CheckPattern::Header(pattern) => match self.has(pattern, look) {
                Ok(matched) => matched,
                Err(unmade) => return unmade.into(),
            },
            _ => return self.judge_body(expect, look),
        };
        if matched != expect.negated {
            return Judgement::passed();
        }
        Judgement::failed(CheckStatus::L7Status, &self.reason)
    }

    fn judge_body(&self, expect: &CheckExpect, look: &Look<'_>) -> Judgement {
        if self.body.is_empty() {
            if !self.whole {
                return Judgement::Wait;
            }
            let words = "HTTP content check could not find a response body";
            return Judgement::failed(CheckStatus::L7Response, words);
        }
        let look = Look {
            bytes: &self.body,
            last: self.whole,
            ..*look
        };
        match judge_bytes(expect, &look) {
            Err(unmade) => unmade.into(),
            Ok(None) => Judgement::Wait,
            Ok(Some(matched)) if matched != expect.negated => Judgement::passed(),
            Ok(Some(_)) => Judgement::failed(
                CheckStatus::L7Response,
                if expect.negated {
                    "HTTP check matched unwanted content"
                } else {
                    "HTTP content check did not match"
                },
            ),
        }
    }

    fn has(&self, pattern: &HeaderPattern, look: &Look<'_>) -> Result<bool, Unmade> {
        let wanted_name = Wanted::of(&pattern.name, look)?.in_lower_case();
        let wanted = pattern.value.as_ref();
        let wanted = wanted.map(|value| Wanted::of(value, look)).transpose()?;
        Ok(self.headers.iter().any(|(name, value)| {
            let found = wanted_name.matches(name.to_ascii_lowercase().as_bytes());
            let Some(wanted) = wanted.as_ref().filter(|_| found) else {
                return found;
            };
            let whole = pattern.full;
            let mut values = value.split(|byte| *byte == b',' && !whole);
            values.any(|value| wanted.matches(value.trim_ascii()))
        }))
    }

    /// Takes the body out of what follows the head; `None`: it is malformed.
    fn read_body(&mut self, bytes: &[u8], last: bool) -> Option<()> {
        let header = |wanted: &str| {
            let mut headers = self.headers.iter();
            headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        if header("transfer-encoding").is_some() {
            let mut bytes = bytes.to_vec();
            let found = Decoder::default().decode(&mut bytes, &mut Fields::default());
            let found = found.ok()?;
            self.whole = found.done || last;
            self.body = bytes[found.payload].to_vec();
            return Some(());
        }
        let length = header("content-length")
            .and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse::<usize>().ok());
        let end = length.map_or(bytes.len(), |length| length.min(bytes.len()));
        self.body = bytes[..end].to_vec();
        self.whole = last || length.is_some_and(|length| bytes.len() >= length);
        Some(())
    }
}

/// A pattern of a header, its format made.
struct Wanted<'a> {
    pattern: &'a TextPattern,
    text: Vec<u8>,
}

impl<'a> Wanted<'a> {
    fn of(pattern: &'a TextPattern, look: &Look<'_>) -> Result<Self, Unmade> {
        let text = match pattern {
            TextPattern::Equal(format)
            | TextPattern::Begin(format)
            | TextPattern::End(format)
            | TextPattern::Contain(format) => made(format, look)?,
            TextPattern::Regex(_) => Vec::new(),
        };
        Ok(Self { pattern, text })
    }

    /// Names are compared without regard to case.
    fn in_lower_case(mut self) -> Self {
        self.text.make_ascii_lowercase();
        self
    }

    fn matches(&self, text: &[u8]) -> bool {
        match self.pattern {
            TextPattern::Equal(_) => text == self.text,
            TextPattern::Begin(_) => text.starts_with(&self.text),
            TextPattern::End(_) => text.ends_with(&self.text),
            TextPattern::Contain(_) => memchr::memmem::find(text, &self.text).is_some(),
            TextPattern::Regex(regex) => regex.is_match(text),
        }
    }
}

/// What stands behind the status, whatever its bytes.
fn reason(head: &[u8]) -> String {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let reason = line.splitn(3, |&byte| byte == b' ').nth(2);
    String::from_utf8_lossy(reason.unwrap_or_default())
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expectation, plainly, script};
    use super::*;
    use crate::plan::CheckAction;

    #[track_caller]
    fn asks(lines: &str, expected: &str) {
        let script = script(lines);
        let found = script.steps.iter().find_map(|step| match &step.action {
            CheckAction::Request(found) => Some(found),
            _ => None,
        });
        let bytes = request(found.unwrap(), None, &plainly);
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn requests_are_haproxys_bytes() {
        asks("option httpchk", "OPTIONS / HTTP/1.0\r\n\r\n");
        asks("option httpchk GET /h", "GET /h HTTP/1.0\r\n\r\n");
        let closing = "GET /h HTTP/1.1\r\nconnection: close\r\n\r\n";
        asks("option httpchk GET /h HTTP/1.1", closing);
        asks(
            "option httpchk GET /h HTTP/1.1\\r\\nHost:\\ www",
            "GET /h HTTP/1.1\r\nhost: www\r\nconnection: close\r\n\r\n",
        );
        asks(
            "option httpchk\n http-check send meth POST ver HTTP/1.1 hdr Host www.x hdr Connection upgrade",
            "POST / HTTP/1.1\r\nhost: www.x\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n",
        );
        asks(
            "option httpchk\n http-check send uri /a body abc",
            "OPTIONS /a HTTP/1.0\r\ncontent-length: 3\r\n\r\nabc",
        );
    }

    #[track_caller]
    fn check(expect: &str, answer: &str, expected: &str) {
        let expect = expectation(&format!("option httpchk\n http-check expect {expect}"));
        let (answer, last) = match answer.strip_suffix('|') {
            Some(answer) => (answer, true),
            None => (answer, false),
        };
        let look = Look {
            bytes: answer.as_bytes(),
            last,
            render: &plainly,
        };
        assert_eq!(
            judge(&expect, &look, false).to_string(),
            expected,
            "{answer}"
        );
    }

    const FINE: &str = "HTTP/1.1 200 Fine\r\ncontent-length: 5\r\nX-A: b, c\r\n\r\nhello";

    #[test]
    fn statuses_are_looked_up() {
        check("status 200-399", FINE, "passed 200");
        check("status 404,500", FINE, "L7STS 200 Fine");
        check("! status 200", FINE, "L7STS 200 Fine");
        check("rstatus ^2", FINE, "passed 200");
        check(
            "status 200",
            "HTTP/1.0 404 Not Found\r\n\r\n",
            "L7STS 404 Not Found",
        );
        check(
            "status 200",
            "HTTP/1.1 503 \u{e9} down\r\n\r\n",
            "L7STS 503 \u{e9} down",
        );
    }

    #[test]
    fn headers_are_taken_apart_unless_whole() {
        check("hdr name x-a value c", FINE, "passed 200");
        check("fhdr name x-a value c", FINE, "L7STS 200 Fine");
        check("fhdr name x-a value -m end c", FINE, "passed 200");
        check("hdr name -m beg X-", FINE, "passed 200");
        check("!hdr name x-b", FINE, "passed 200");
        check("hdr name x-a value -m reg ^[c-d]$", FINE, "passed 200");
    }

    #[test]
    fn bodies_are_searched() {
        let missing = "L7RSP 200 HTTP content check did not match";
        check("string ell", FINE, "passed 200");
        check("string elx", FINE, missing);
        check("rstring ^h.*o$", FINE, "passed 200");
        let unwanted = "L7RSP 200 HTTP check matched unwanted content";
        check("! string ell", FINE, unwanted);
        check(
            "string x",
            "HTTP/1.0 200 Fine\r\ncontent-length: 5\r\n\r\nhe",
            "wait",
        );
        check("string x", "HTTP/1.0 200 Fine\r\n\r\nhe", "wait");
        check("string x", "HTTP/1.0 200 Fine\r\n\r\nhe|", missing);
        let none = "L7RSP 200 HTTP content check could not find a response body";
        check("string x", "HTTP/1.0 200 Fine\r\n\r\n|", none);
        let chunked = "HTTP/1.1 200 Fine\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        check("string hello", chunked, "passed 200");
    }

    #[test]
    fn a_head_is_waited_for_and_garbage_is_not() {
        check("status 200", "HTTP/1.1 200 OK\r\nfoo: ", "wait");
        check("status 200", "HTTP/1.1 200 OK\r\nfoo: |", "L7RSP");
        check("status 200", "SSH-2.0-OpenSSH\r\n", "L7RSP");
        check("status 200", "garbage garbage\r\n\r\n", "L7RSP");
    }

    #[test]
    fn a_404_may_mean_that_it_is_going() {
        let expect = expectation("option httpchk");
        let look = Look {
            bytes: b"HTTP/1.0 404 Not Found\r\n\r\n",
            last: true,
            render: &plainly,
        };
        assert_eq!(judge(&expect, &look, true).to_string(), "passed 404");
    }
}
