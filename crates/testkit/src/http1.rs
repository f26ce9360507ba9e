//! Where an HTTP/1 message ends, found from its bytes (RFC 9112 section 6), to read one without a library's opinions.

/// Which kind of message is being read, since the two end differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    /// An answer; to a HEAD request it has no body, whatever its head says.
    Response {
        to_head: bool,
    },
}

/// How far `bytes`, which starts with a message, has got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The message is the first so many bytes.
    Whole(usize),
    /// More must come.
    Partial,
    /// Only the end of the connection ends it.
    UntilClose,
}

/// Looks how far a message has got.
pub(crate) fn progress(bytes: &[u8], kind: Kind) -> Progress {
    let Some(head_end) = find(bytes, b"\r\n\r\n").map(|at| at + 4) else {
        return Progress::Partial;
    };
    let head = &bytes[..head_end];
    let body = &bytes[head_end..];
    if let Kind::Response { to_head } = kind
        && (to_head || without_body(status(head)))
    {
        return Progress::Whole(head_end);
    }
    let body_length = if header(head, "transfer-encoding").is_some_and(|v| v.ends_with("chunked")) {
        chunked_length(body)
    } else if let Some(length) = header(head, "content-length") {
        length.parse().ok().filter(|length| *length <= body.len())
    } else if kind == Kind::Request {
        Some(0)
    } else {
        return Progress::UntilClose;
    };
    body_length.map_or(Progress::Partial, |length| {
        Progress::Whole(head_end + length)
    })
}

/// The status of a response's head, 0 when there is none to read.
pub(crate) fn status(head: &[u8]) -> u16 {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let word = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    String::from_utf8_lossy(word).parse().unwrap_or(0)
}

/// The first value of a header field, trimmed.
pub(crate) fn header(head: &[u8], name: &str) -> Option<String> {
    String::from_utf8_lossy(head)
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

/// The body without its chunks' sizes.
pub(crate) fn dechunk(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some((size, line)) = chunk_size(body)
        && size > 0
        && let Some(chunk) = body.get(line..line + size)
    {
        out.extend_from_slice(chunk);
        body = body.get(line + size + 2..).unwrap_or_default();
    }
    out
}

fn without_body(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// The length of a whole chunked body with its trailers; `None` while it is not whole.
fn chunked_length(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let (size, line) = chunk_size(&body[at..])?;
        if size == 0 {
            let end = find(&body[at..], b"\r\n\r\n")?;
            return Some(at + end + 4);
        }
        at += line + size + 2;
        if at > body.len() {
            return None;
        }
    }
}

/// The size of the chunk that starts here, and the length of the line that says it.
fn chunk_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = find(bytes, b"\r\n")?;
    let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let digits = line.split(';').next().unwrap_or_default().trim();
    Some((usize::from_str_radix(digits, 16).ok()?, end + 2))
}

/// Where `needle` starts in `bytes`.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Kind = Kind::Response { to_head: false };

    #[track_caller]
    fn check(message: &str, kind: Kind, expected: Progress) {
        assert_eq!(progress(message.as_bytes(), kind), expected);
    }

    #[test]
    fn a_request_without_length_ends_with_its_head() {
        check(
            "GET / HTTP/1.1\r\n\r\nGET",
            Kind::Request,
            Progress::Whole(18),
        );
        check("GET / HTTP/1.1\r\n", Kind::Request, Progress::Partial);
    }

    #[test]
    fn a_length_is_waited_for() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        check(head, ANSWER, Progress::Partial);
        check(
            &format!("{head}hi!"),
            ANSWER,
            Progress::Whole(head.len() + 2),
        );
        check(
            head,
            Kind::Response { to_head: true },
            Progress::Whole(head.len()),
        );
    }

    #[test]
    fn chunks_end_with_the_empty_one() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let body = "2;x=y\r\nhi\r\na\r\n0123456789\r\n0\r\n\r\n";
        for cut in 0..body.len() {
            check(
                &format!("{head}{}", &body[..cut]),
                ANSWER,
                Progress::Partial,
            );
        }
        check(
            &format!("{head}{body}"),
            ANSWER,
            Progress::Whole(head.len() + body.len()),
        );
        assert_eq!(dechunk(body.as_bytes()), b"hi0123456789");
    }

    #[test]
    fn an_answer_without_length_ends_with_the_connection() {
        check("HTTP/1.0 200 OK\r\n\r\nhi", ANSWER, Progress::UntilClose);
        check(
            "HTTP/1.1 204 No Content\r\n\r\n",
            ANSWER,
            Progress::Whole(27),
        );
    }
}
