//! Heads from one protocol to the other.

use crate::h1::head::{Fields, ResponseHead};
use http::header::{CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, Response, StatusCode};
use std::hash::{BuildHasher, Hasher, RandomState};

/// A request's head as HTTP/1 says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) text: Vec<u8>,
    pub(super) body: Body,
    /// Its answer has no body.
    pub(super) bodiless: bool,
    /// It leaves HTTP when it is answered so.
    pub(super) upgrade: Option<Upgrade>,
}

/// How the body of a request is told to HTTP/1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// There is none.
    None,
    /// Of the length that the head tells.
    Plain,
    Chunked,
}

/// From a stream to bytes both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upgrade {
    /// `CONNECT`.
    Tunnel,
    /// What HTTP/1 calls a change of protocols (RFC 8441).
    Protocol,
}

impl Asked {
    pub(super) fn new(parts: &Parts, whole: bool) -> Self {
        let protocol = parts.extensions.get::<h2::ext::Protocol>();
        let upgrade = match (&parts.method, protocol) {
            (&Method::CONNECT, Some(_)) => Some(Upgrade::Protocol),
            (&Method::CONNECT, None) => Some(Upgrade::Tunnel),
            _ => None,
        };
        let body = match whole || upgrade.is_some() {
            true => Body::None,
            false if parts.headers.contains_key(CONTENT_LENGTH) => Body::Plain,
            false => Body::Chunked,
        };
        let mut text = request_line(parts, upgrade);
        if let (Some(authority), false) = (parts.uri.authority(), parts.headers.contains_key(HOST))
        {
            field(b"host", authority.as_str().as_bytes(), &mut text);
        }
        fields(&parts.headers, &mut text);
        cookies(&parts.headers, &mut text);
        if body == Body::Chunked {
            field(b"transfer-encoding", b"chunked", &mut text);
        }
        if let (Some(Upgrade::Protocol), Some(protocol)) = (upgrade, protocol) {
            field(b"connection", b"upgrade", &mut text);
            field(b"upgrade", protocol.as_str().as_bytes(), &mut text);
            field(b"sec-websocket-key", &websocket_key(), &mut text);
        }
        text.extend_from_slice(b"\r\n");
        Self {
            text,
            body,
            bodiless: parts.method == Method::HEAD,
            upgrade,
        }
    }
}

/// As HAProxy writes it into its log: with scheme and authority, where they are told.
fn request_line(parts: &Parts, upgrade: Option<Upgrade>) -> Vec<u8> {
    let uri = &parts.uri;
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let authority = uri.authority().map(|authority| authority.as_str());
    let method = match upgrade {
        Some(Upgrade::Protocol) => "GET",
        _ => parts.method.as_str(),
    };
    let target = match (upgrade, uri.scheme_str(), authority) {
        (Some(Upgrade::Tunnel), _, Some(authority)) => authority.to_owned(),
        (_, Some(scheme @ ("http" | "https")), Some(authority)) if path.starts_with('/') => {
            format!("{scheme}://{authority}{path}")
        }
        _ => path.to_owned(),
    };
    format!("{method} {target} HTTP/2.0\r\n").into_bytes()
}

fn fields(headers: &HeaderMap, text: &mut Vec<u8>) {
    for (name, value) in headers.iter().filter(|(name, _)| *name != COOKIE) {
        field(name.as_str().as_bytes(), value.as_bytes(), text);
    }
}

/// Clients may send one field for each crumb (RFC 9113, section 8.2.3); HTTP/1 knows a single one.
fn cookies(headers: &HeaderMap, text: &mut Vec<u8>) {
    let crumbs: Vec<_> = headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if !crumbs.is_empty() {
        field(b"cookie", &crumbs.join(&b"; "[..]), text);
    }
}

pub(super) fn field(name: &[u8], value: &[u8], text: &mut Vec<u8>) {
    for piece in [name, b": ", value, b"\r\n"] {
        text.extend_from_slice(piece);
    }
}

/// The end of a chunked body.
pub(super) fn last_chunk(trailers: Option<HeaderMap>) -> Vec<u8> {
    let mut text = b"0\r\n".to_vec();
    fields(&trailers.unwrap_or_default(), &mut text);
    text.extend_from_slice(b"\r\n");
    text
}

/// What a server wants to see of a websocket: 16 random bytes.
fn websocket_key() -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let random = || RandomState::new().build_hasher().finish();
    let bits = u128::from(random()) << 64 | u128::from(random());
    // 128 bits are 21 letters and a 22nd of two bits.
    let letters = (0..22).map(|place| {
        let at = match place {
            21 => (bits & 3) << 4,
            _ => bits >> (122 - 6 * place) & 63,
        };
        LETTERS[at as usize]
    });
    letters.chain(*b"==").collect()
}

/// Fields that speak of a connection, which a stream is not (RFC 9113, section 8.2.2).
pub(super) fn is_of_connection(name: &[u8]) -> bool {
    matches!(
        name,
        b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade"
    )
}

/// The head of an answer; `None`: it cannot be said.
pub(super) fn response(head: &ResponseHead, upgraded: bool) -> Option<Response<()>> {
    let mut response = Response::new(());
    *response.status_mut() = match upgraded {
        true => StatusCode::OK,
        false => StatusCode::from_u16(head.status).ok()?,
    };
    let empty = head.status == 204;
    let shown = head.fields.iter().filter(|(name, _)| {
        let of_websocket = upgraded && *name == b"sec-websocket-accept";
        let of_no_body = empty && *name == b"content-length";
        !(is_of_connection(name) || of_websocket || of_no_body)
    });
    append(shown, response.headers_mut());
    Some(response)
}

pub(super) fn trailers(fields: &Fields) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    append(fields.iter(), &mut trailers);
    trailers
}

/// What cannot be said is left out.
pub(super) fn append<'a>(
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    headers: &mut HeaderMap,
) {
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn asked(request: http::request::Builder, whole: bool) -> (String, Asked) {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let asked = Asked::new(&parts, whole);
        (String::from_utf8(asked.text.clone()).unwrap(), asked)
    }

    #[test]
    fn a_request_is_told_as_haproxy_logs_it() {
        let request = Request::get("https://a.test/x?y=1").header("accept", "*/*");
        let (text, asked) = asked(request, true);
        let expected = "GET https://a.test/x?y=1 HTTP/2.0\r\nhost: a.test\r\naccept: */*\r\n\r\n";
        assert_eq!((text.as_str(), asked.body), (expected, Body::None));
    }

    #[test]
    fn a_body_without_length_is_chunked() {
        let (text, of_unknown) = asked(Request::post("https://a.test/"), false);
        assert!(
            text.ends_with("host: a.test\r\ntransfer-encoding: chunked\r\n\r\n"),
            "{text}"
        );
        assert_eq!(of_unknown.body, Body::Chunked);
        let known = Request::post("https://a.test/").header("content-length", "3");
        assert_eq!(asked(known, false).1.body, Body::Plain);
    }

    #[test]
    fn crumbs_make_one_cookie_at_the_end() {
        let request = Request::get("/")
            .header("cookie", "a=1")
            .header("x", "y")
            .header("cookie", "b=2");
        let (text, _) = asked(request, true);
        assert_eq!(text, "GET / HTTP/2.0\r\nx: y\r\ncookie: a=1; b=2\r\n\r\n");
    }

    #[test]
    fn a_key_of_websockets_is_sixteen_bytes() {
        let key = String::from_utf8(websocket_key()).unwrap();
        assert!(key.len() == 24 && key.ends_with("=="), "{key}");
    }

    #[test]
    fn what_speaks_of_a_connection_ends_here() {
        let mut head = ResponseHead::default();
        let text =
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\nx: y\r\n\r\n";
        crate::h1::parse::response(text, &mut head)
            .unwrap()
            .unwrap();
        let response = response(&head, false).unwrap();
        assert_eq!(response.headers().len(), 1);
        assert_eq!(response.headers()["x"], "y");
    }
}
