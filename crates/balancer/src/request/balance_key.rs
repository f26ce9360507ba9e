//! What a request is balanced by: an address, a piece of the URI, a parameter, a header (manual, `balance`).

use crate::h1::head::RequestHead;
use crate::plan::KeyOf;
use lb_core::algorithm::Hashing;
use std::net::IpAddr;

/// The hash that chooses a server; `None`: the request lacks what is hashed.
///
/// `body`: what has come of it.
pub fn key(
    of: &KeyOf,
    hashing: Hashing,
    head: &RequestHead,
    body: &[u8],
    client: IpAddr,
) -> Option<u32> {
    match of {
        KeyOf::Source => Some(hashing.of_address(client)),
        KeyOf::Uri {
            whole,
            path_only,
            len,
            depth,
        } => {
            let uri = if *path_only {
                head.path_and_query()
            } else {
                head.target()
            };
            let uri = &uri[..uri.len().min(len.unwrap_or(usize::MAX))];
            Some(hashing.of_bytes(piece(uri, *whole, *depth)))
        }
        KeyOf::UrlParam { name, .. } => {
            let name = name.as_bytes();
            let posted = || (head.compared_method() == b"POST").then(|| among(body, name))?;
            let value = parameter(head.target(), name).or_else(posted)?;
            Some(hashing.of_bytes(value))
        }
        KeyOf::Header { name, domain_only } => {
            let value = first_item(head.fields.value(name.as_bytes())?);
            let value = if *domain_only { domain(value) } else { value };
            (!value.is_empty() || *domain_only).then(|| hashing.of_bytes(value))
        }
    }
}

/// Up to the query, unless the `whole` URI counts, and so many slashes deep below the root.
fn piece(uri: &[u8], whole: bool, depth: Option<u32>) -> &[u8] {
    let mut slashes = 0;
    let end = uri.iter().position(|&byte| match byte {
        b'/' => {
            slashes += 1;
            depth.is_some_and(|depth| slashes > depth)
        }
        b'?' => !whole,
        _ => false,
    });
    &uri[..end.unwrap_or(uri.len())]
}

fn parameter<'a>(target: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let query = target.iter().position(|&byte| byte == b'?')? + 1;
    among(&target[query..], name)
}

fn among<'a>(parameters: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut parameters = parameters.split(|&byte| byte == b'&');
    parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix(b"="))
}

/// The first of several values that commas separate.
fn first_item(value: &[u8]) -> &[u8] {
    let mut quoted = false;
    let end = value.iter().position(|&byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    value[..end.unwrap_or(value.len())].trim_ascii()
}

/// The main part of a domain: `example` of `www.example.com`.
fn domain(name: &[u8]) -> &[u8] {
    let dot = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte == b'.');
    // A dot at the very beginning, or right before another one, parts nothing.
    let Some(end) = dot(name).filter(|end| *end > 0) else {
        return name;
    };
    let start = dot(&name[..end - 1]).map_or(0, |dot| dot + 1);
    &name[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_the_uri() {
        assert_eq!(piece(b"/a/b?x=1", false, None), b"/a/b");
        assert_eq!(piece(b"/a/b?x=1", true, None), b"/a/b?x=1");
        assert_eq!(piece(b"/a/b/c", false, Some(1)), b"/a");
        assert_eq!(piece(b"/a/b/c", false, Some(2)), b"/a/b");
    }

    #[test]
    fn parameters() {
        assert_eq!(parameter(b"/?a=1&b=2", b"b"), Some(&b"2"[..]));
        assert_eq!(parameter(b"/?ab=1&b=", b"b"), Some(&b""[..]));
        assert_eq!(parameter(b"/?ab=1", b"b"), None);
        assert_eq!(parameter(b"/b=1", b"b"), None);
    }

    #[test]
    fn headers() {
        assert_eq!(first_item(b"a, b"), b"a");
        assert_eq!(first_item(b"\"a,b\", c"), b"\"a,b\"");
        assert_eq!(domain(b"www.example.com"), b"example");
        assert_eq!(domain(b"example.com"), b"example");
        assert_eq!(domain(b"localhost"), b"localhost");
        assert_eq!(domain(b".com"), b".com");
        assert_eq!(domain(b"www..com"), b"www.");
    }
}
