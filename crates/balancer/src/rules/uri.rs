//! Parts of a request's target.

use crate::h1::head::RequestHead;
use crate::plan::UriPart;
use samples::expand::replaced;
use samples::pattern::Regex;

/// Before the path, the path, the query with its question mark.
fn parts(head: &RequestHead) -> (&[u8], &[u8], &[u8]) {
    let target = head.target();
    let rest = head.path_and_query();
    let (before, rest) = target.split_at(target.len() - rest.len());
    let query = rest.iter().position(|byte| *byte == b'?');
    let (path, query) = rest.split_at(query.unwrap_or(rest.len()));
    (before, path, query)
}

/// Replaces the whole target; `Host` follows an authority in it, as RFC 9112 section 3.2.2 wants.
pub(super) fn set_whole(head: &mut RequestHead, target: &[u8]) {
    head.set_target(target);
    let authority = head.authority().map(<[u8]>::to_vec);
    let is_host = |(name, _): (&[u8], &[u8])| name == b"host";
    let host = (0..head.fields.len()).find(|index| head.fields.nth(*index).is_some_and(is_host));
    if let (Some(authority), Some(host)) = (authority, host) {
        head.fields.set_value(host, &authority);
    }
}

/// Lets the authority of the target, where it has one, follow the last `Host`.
pub(super) fn follow_host(head: &mut RequestHead) {
    let (Some(authority), Some(host)) = (head.authority(), head.fields.last_value(b"host")) else {
        return;
    };
    let target = head.target();
    let end = target.len() - head.path_and_query().len();
    let start = end - authority.len();
    let target = [&target[..start], host, &target[end..]].concat();
    head.set_target(&target);
}

pub(super) fn set_path(head: &mut RequestHead, path: &[u8]) {
    let (before, _, query) = parts(head);
    let target = [before, path, query].concat();
    head.set_target(&target);
}

pub(super) fn set_path_and_query(head: &mut RequestHead, text: &[u8]) {
    let (before, ..) = parts(head);
    let target = [before, text].concat();
    head.set_target(&target);
}

pub(super) fn set_query(head: &mut RequestHead, query: &[u8]) {
    let (before, path, _) = parts(head);
    let target = [before, path, b"?", query].concat();
    head.set_target(&target);
}

/// Replaces a part of the target, the whole of it, where it matches.
pub(super) fn replace(head: &mut RequestHead, part: UriPart, pattern: &Regex, by: &[u8]) {
    let (before, path, query) = parts(head);
    let target = match part {
        UriPart::Whole => {
            if let Some(target) = replaced(pattern, head.target(), by) {
                set_whole(head, &target);
            }
            return;
        }
        UriPart::Path => replaced(pattern, path, by).map(|path| [before, &path, query].concat()),
        UriPart::PathAndQuery => {
            let text = [path, query].concat();
            replaced(pattern, &text, by).map(|text| [before, &text].concat())
        }
    };
    if let Some(target) = target {
        head.set_target(&target);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::h1::parse;

    #[track_caller]
    fn check(target: &str, change: impl FnOnce(&mut RequestHead), expected: &str) {
        let mut head = RequestHead::default();
        let text = format!("GET {target} HTTP/1.1\r\n\r\n");
        parse::request(text.as_bytes(), &mut head).unwrap().unwrap();
        change(&mut head);
        assert_eq!(String::from_utf8_lossy(head.target()), expected);
    }

    #[test]
    fn a_part_changes_and_the_others_stay() {
        check("/a?b=1", |head| set_path(head, b"/x"), "/x?b=1");
        check("http://h/a?b", |head| set_path(head, b"/x"), "http://h/x?b");
        check("/a?b=1", |head| set_query(head, b"c=2"), "/a?c=2");
        check("/a", |head| set_query(head, b"c=2"), "/a?c=2");
        check("/a?b=1", |head| set_query(head, b""), "/a?");
        check("/a?b=1", |head| set_path_and_query(head, b"/x?y"), "/x?y");
    }

    #[test]
    fn what_matches_is_replaced_as_a_whole() {
        let pattern = samples::pattern::regex("^/foo/(.*)", false).unwrap();
        let path = UriPart::Path;
        check(
            "/foo/bar?q",
            |head| replace(head, path, &pattern, br"/\1"),
            "/bar?q",
        );
        check(
            "/bar?q",
            |head| replace(head, path, &pattern, br"/\1"),
            "/bar?q",
        );
        let whole = UriPart::PathAndQuery;
        check(
            "/foo/a?q",
            |head| replace(head, whole, &pattern, br"/\1&x"),
            "/a?q&x",
        );
    }
}
