//! `option httpchk`: the bytes asked and what an answer means.

use crate::plan::HttpCheck;

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// 2xx or 3xx.
    Passed(u16),
    /// Any other status, with its reason phrase.
    WrongStatus(u16, String),
    /// Not HTTP.
    Invalid,
}

/// The request: lower-case headers, and only those that were configured behind the version. From HTTP/1.1 on the
/// server is asked to close.
pub(super) fn request(check: &HttpCheck) -> Vec<u8> {
    let mut lines = check.version.lines();
    let version = lines.next().unwrap_or_default();
    let mut text = format!("{} {} {version}\r\n", check.method, check.uri);
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if version != "HTTP/1.0" {
        text.push_str("connection: close\r\n");
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// Reads the head of an answer; `None`: more of it is to come.
pub(super) fn judge(head: &[u8]) -> Option<Verdict> {
    const HEADERS_MAX: usize = 101;
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(head) {
        Ok(httparse::Status::Partial) => None,
        Ok(httparse::Status::Complete(_)) => Some(match response.code {
            Some(code @ 200..=399) => Verdict::Passed(code),
            Some(code) => Verdict::WrongStatus(code, reason(head)),
            None => Verdict::Invalid,
        }),
        Err(_) => Some(Verdict::Invalid),
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
    use super::*;

    #[track_caller]
    fn asks(method: &str, uri: &str, version: &str, expected: &str) {
        let check = HttpCheck {
            method: method.into(),
            uri: uri.into(),
            version: version.into(),
        };
        assert_eq!(String::from_utf8(request(&check)).unwrap(), expected);
    }

    #[test]
    fn requests_are_haproxys_bytes() {
        asks("OPTIONS", "/", "HTTP/1.0", "OPTIONS / HTTP/1.0\r\n\r\n");
        asks("GET", "/h", "HTTP/1.0", "GET /h HTTP/1.0\r\n\r\n");
        asks(
            "GET",
            "/h",
            "HTTP/1.1",
            "GET /h HTTP/1.1\r\nconnection: close\r\n\r\n",
        );
        asks(
            "GET",
            "/h",
            "HTTP/1.1\r\nHost: www",
            "GET /h HTTP/1.1\r\nhost: www\r\nconnection: close\r\n\r\n",
        );
    }

    #[test]
    fn two_and_three_hundreds_pass() {
        let passed = |head: &str| judge(head.as_bytes());
        assert_eq!(
            passed("HTTP/1.1 200 OK\r\n\r\n"),
            Some(Verdict::Passed(200))
        );
        assert_eq!(passed("HTTP/1.0 200\r\n\r\n"), Some(Verdict::Passed(200)));
        assert_eq!(
            passed("HTTP/1.1 301 Moved\r\nlocation: /x\r\n\r\nbody"),
            Some(Verdict::Passed(301))
        );
    }

    #[test]
    fn other_answers_tell_their_reason() {
        assert_eq!(
            judge(b"HTTP/1.0 404 Not Found\r\n\r\n"),
            Some(Verdict::WrongStatus(404, "Not Found".into()))
        );
        assert_eq!(
            judge(b"HTTP/1.1 100 Continue\r\n\r\n"),
            Some(Verdict::WrongStatus(100, "Continue".into()))
        );
        assert_eq!(
            judge(b"HTTP/1.1 503 \xe9 down\r\n\r\n"),
            Some(Verdict::WrongStatus(503, "\u{fffd} down".into()))
        );
    }

    #[test]
    fn a_head_is_waited_for_and_garbage_is_not() {
        assert_eq!(judge(b"HTTP/1.1 200 OK\r\nfoo: "), None);
        assert_eq!(judge(b"SSH-2.0-OpenSSH\r\n"), Some(Verdict::Invalid));
        assert_eq!(judge(b"garbage garbage\r\n\r\n"), Some(Verdict::Invalid));
    }
}
