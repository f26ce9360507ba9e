//! Heads from HTTP/1, as everything here speaks it, to HTTP/2 and back.

use super::super::head::{append, field, is_of_connection};
use super::super::outgoing::Rest;
use crate::h1::chunked::Decoder;
use crate::h1::head::RequestHead;
use http::header::CONTENT_LENGTH;
use http::uri::{Authority, PathAndQuery};
use http::{Method, Request, Response, StatusCode, Uri};

/// A request as a server is asked.
pub(super) struct Asked {
    pub(super) request: Request<()>,
    pub(super) rest: Rest,
    /// Its answer has no body.
    pub(super) bodiless: bool,
    /// `CONNECT`: it leaves HTTP when it is granted.
    pub(super) tunnel: bool,
}

impl Asked {
    /// `None`: it cannot be said, for the library takes its target for none.
    pub(super) fn new(head: &RequestHead) -> Option<Self> {
        let method = Method::from_bytes(head.method()).ok()?;
        let tunnel = method == Method::CONNECT;
        let uri = target(head, tunnel)?;
        let tells_host = uri.authority().is_some();
        let shown = head.fields.iter();
        let shown = shown.filter(|(name, _)| {
            let told_already = tells_host && *name == b"host";
            !(is_of_connection(name) || told_already)
        });
        let mut request = Request::new(());
        append(shown, request.headers_mut());
        *request.uri_mut() = uri;
        let rest = rest(head, tunnel);
        let bodiless = method == Method::HEAD;
        *request.method_mut() = method;
        Some(Self {
            request,
            rest,
            bodiless,
            tunnel,
        })
    }
}

/// Without an authority in the target, the server finds it in the field `host` alone, as HAProxy does it.
fn target(head: &RequestHead, tunnel: bool) -> Option<Uri> {
    let target = head.target();
    if tunnel {
        return Some(Authority::try_from(target).ok()?.into());
    }
    match target.first()? {
        b'/' | b'*' => Some(PathAndQuery::try_from(target).ok()?.into()),
        _ => Uri::try_from(target).ok(),
    }
}

/// How its body is framed.
fn rest(head: &RequestHead, tunnel: bool) -> Rest {
    let length = || {
        let length = head.fields.value(b"content-length")?;
        std::str::from_utf8(length).ok()?.parse().ok()
    };
    if tunnel {
        Rest::Close
    } else if head.fields.value(b"transfer-encoding").is_some() {
        Rest::Chunked(Decoder::default())
    } else {
        match length() {
            None | Some(0) => Rest::Nothing,
            Some(length) => Rest::Length(length),
        }
    }
}

/// How the body of an answer is told to HTTP/1, and its head.
pub(super) fn answer(
    response: &Response<impl Sized>,
    bodiless: bool,
    tunnel: bool,
) -> (bool, Vec<u8>) {
    let status = response.status();
    let none = bodiless
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || (tunnel && status.is_success());
    let chunked = !none && !response.headers().contains_key(CONTENT_LENGTH);
    let mut text = format!("HTTP/2.0 {} \r\n", status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        field(name.as_str().as_bytes(), value.as_bytes(), &mut text);
    }
    if chunked {
        field(b"transfer-encoding", b"chunked", &mut text);
    }
    text.extend_from_slice(b"\r\n");
    (chunked, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::h1::parse;

    fn asked(text: &str) -> Asked {
        let mut head = RequestHead::default();
        parse::request(text.as_bytes(), &mut head).unwrap().unwrap();
        Asked::new(&head).unwrap()
    }

    #[test]
    fn a_path_leaves_the_host_in_its_field() {
        let asked = asked("GET /a?b HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\nx: y\r\n\r\n");
        assert_eq!(asked.request.uri(), "/a?b");
        let names: Vec<_> = asked.request.headers().keys().collect();
        assert_eq!(names, ["host", "x"]);
        assert!(matches!(asked.rest, Rest::Nothing));
    }

    #[test]
    fn an_absolute_target_tells_the_host() {
        let asked =
            asked("POST https://a.test/ HTTP/1.1\r\nhost: a.test\r\ncontent-length: 3\r\n\r\n");
        assert_eq!(asked.request.uri(), "https://a.test/");
        let names: Vec<_> = asked.request.headers().keys().collect();
        assert_eq!(names, ["content-length"]);
        assert!(matches!(asked.rest, Rest::Length(3)));
    }

    #[test]
    fn chunks_are_not_told() {
        let asked = asked("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
        assert!(asked.request.headers().is_empty());
        assert!(matches!(asked.rest, Rest::Chunked(_)));
    }

    #[test]
    fn an_answer_of_unknown_length_comes_in_chunks() {
        let mut response = Response::new(());
        response.headers_mut().append("x", "y".parse().unwrap());
        let (chunked, text) = answer(&response, false, false);
        let expected = "HTTP/2.0 200 \r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!((chunked, text.as_slice()), (true, expected.as_bytes()));
        assert!(!answer(&response, true, false).0);
    }
}
