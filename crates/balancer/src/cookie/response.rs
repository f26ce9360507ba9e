//! The cookie of an answer: the server's own mended, ours added.

use super::crumbs;
use super::{Trace, limits};
use crate::h1::head::{Fields, ResponseHead};
use crate::plan::{Cookie, CookieMode};
use lb_core::cookie::Issued;
use std::borrow::Cow;

/// How an answer came about.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The server's value; `None`: it has none.
    pub server: Option<Cow<'a, str>>,
    /// The client's cookie led to this server.
    pub direct: bool,
    /// The method of the request is `POST`.
    pub post: bool,
    /// In seconds since 1970.
    pub now: u64,
}

/// Mends and adds `set-cookie` fields.
pub fn issue(cookie: &Cookie, head: &mut ResponseHead, trace: &mut Trace, it: &Situation<'_>) {
    mend(cookie, &mut head.fields, trace, it);
    if !is_wanted(cookie, trace, it) {
        return;
    }
    let cacheable = cookie.nocache && is_cacheable(head);
    let value = set_cookie(cookie, trace, it);
    head.fields.append(b"set-cookie", value.as_bytes());
    trace.issued = match &it.server {
        Some(_) if it.direct => Issued::Updated,
        _ => Issued::Inserted,
    };
    if cacheable {
        head.fields.append(b"cache-control", b"private");
    }
}

/// What the server itself set under the cookie's name.
fn mend(cookie: &Cookie, fields: &mut Fields, trace: &mut Trace, it: &Situation<'_>) {
    let mut index = 0;
    while index < fields.len() {
        let (name, text) = fields.at(index);
        if name != b"set-cookie" {
            index += 1;
            continue;
        }
        let crumb = crumbs::of_response(text);
        let Some(range) = &crumb.value else {
            index += 1;
            continue;
        };
        let ours = text[crumb.name.clone()] == *cookie.name.as_bytes();
        let (name, value, rest) = (
            &text[crumb.name.clone()],
            &text[range.clone()],
            &text[range.end..],
        );
        let (issued, value) = match (ours, cookie.mode, it.server.as_deref()) {
            (false, ..) => (trace.issued, value.to_vec()),
            _ if cookie.preserve => (Issued::Passed, value.to_vec()),
            (_, CookieMode::Insert, _) => (Issued::Deleted, Vec::new()),
            _ if it.direct && cookie.indirect => (Issued::Deleted, Vec::new()),
            (_, CookieMode::Rewrite, Some(own)) => (Issued::Rewritten, own.as_bytes().to_vec()),
            (_, CookieMode::Prefix, Some(own)) => {
                (Issued::Rewritten, [own.as_bytes(), b"~", value].concat())
            }
            _ => (Issued::Passed, value.to_vec()),
        };
        trace.issued = issued;
        if ours && issued == Issued::Deleted {
            fields.remove(index);
            continue;
        }
        let mended = [name, b"=", &value, rest].concat();
        if mended != text {
            fields.set_value(index, &mended);
        }
        index += 1;
    }
}

/// Whether the client gets a cookie of ours.
fn is_wanted(cookie: &Cookie, trace: &Trace, it: &Situation<'_>) -> bool {
    cookie.mode == CookieMode::Insert
        && !(cookie.preserve && trace.issued == Issued::Passed)
        && (!it.direct || trace.dates.need_renewal(limits(cookie), it.now))
        && (it.post || !cookie.postonly)
}

fn set_cookie(cookie: &Cookie, trace: &Trace, it: &Situation<'_>) -> String {
    let mut text = match &it.server {
        // A client that stayed with a server without a value of its own is free again.
        None => format!(
            "{}=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/",
            cookie.name
        ),
        Some(server) => {
            let dates = trace.dates.renewed(limits(cookie), it.now);
            format!("{}={server}{dates}; path=/", cookie.name)
        }
    };
    for domain in &cookie.domains {
        text += &format!("; domain={domain}");
    }
    if cookie.httponly {
        text += "; HttpOnly";
    }
    if cookie.secure {
        text += "; Secure";
    }
    for attribute in &cookie.attributes {
        text += &format!("; {attribute}");
    }
    text
}

/// Whether a cache might keep the answer (RFC 9111 section 3, as HAProxy reads it).
fn is_cacheable(head: &ResponseHead) -> bool {
    let fields = &head.fields;
    let mut cacheable = matches!(
        head.status,
        200 | 203 | 204 | 206 | 300 | 301 | 404 | 405 | 410 | 414 | 501
    );
    let pragma = fields.value(b"pragma");
    if pragma.is_some_and(|value| value.eq_ignore_ascii_case(b"no-cache")) {
        return false;
    }
    let (mut fresh, mut stale) = (false, false);
    let controls = fields.iter().filter(|(name, _)| *name == b"cache-control");
    let words = controls.flat_map(|(_, value)| value.split(|byte| *byte == b','));
    for word in words {
        let word = word.trim_ascii().to_ascii_lowercase();
        match word.as_slice() {
            b"public" => cacheable = true,
            b"max-age=0" => stale = true,
            b"private" | b"no-cache" | b"no-store" | b"s-maxage=0" => cacheable = false,
            word if word.starts_with(b"s-maxage") => (fresh, stale) = (true, false),
            word if word.starts_with(b"max-age") => fresh = true,
            _ => {}
        }
    }
    let says = |name: &[u8]| fields.value(name).is_some();
    cacheable && !stale && (fresh || says(b"expires") || says(b"etag") || says(b"last-modified"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::tests::cookie;
    use crate::h1::parse;
    use lb_core::cookie::Dates;

    const NOW: u64 = 1_800_000_000;

    const CHOSEN: Situation<'_> = Situation {
        server: Some(Cow::Borrowed("c1")),
        direct: false,
        post: false,
        now: NOW,
    };
    const BOUND: Situation<'_> = Situation {
        direct: true,
        ..CHOSEN
    };

    /// Lines of the answer as they come and as they go on.
    #[track_caller]
    fn check(line: &str, situation: Situation<'_>, from: &str, to: &str, flag: char) {
        check_dated(line, situation, Dates::default(), from, to, flag);
    }

    #[track_caller]
    fn check_dated(line: &str, it: Situation<'_>, dates: Dates, from: &str, to: &str, flag: char) {
        let lines: String = from
            .split('#')
            .filter(|l| !l.is_empty())
            .map(|l| format!("{l}\r\n"))
            .collect();
        let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        let mut head = ResponseHead::default();
        parse::response(text.as_bytes(), &mut head)
            .unwrap()
            .unwrap();
        let mut trace = Trace {
            dates,
            ..Trace::default()
        };
        issue(&cookie(line), &mut head, &mut trace, &it);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let left: Vec<_> = head
            .fields
            .iter()
            .map(|(name, value)| format!("{}: {}", text(name), text(value)))
            .collect();
        assert_eq!(left.join("#"), to);
        assert_eq!(trace.issued.letter(), flag);
    }

    #[test]
    fn a_cookie_is_inserted_for_who_has_none() {
        check(
            "SRV insert",
            CHOSEN,
            "a: b",
            "a: b#set-cookie: SRV=c1; path=/",
            'I',
        );
        check("SRV insert", BOUND, "a: b", "a: b", 'N');
        check("SRV insert postonly", CHOSEN, "", "", 'N');
        let post = Situation {
            post: true,
            ..CHOSEN
        };
        check(
            "SRV insert postonly",
            post,
            "",
            "set-cookie: SRV=c1; path=/",
            'I',
        );
    }

    #[test]
    fn attributes_stand_in_their_order() {
        check(
            "SRV insert attr X attr Y=1 secure httponly domain a.b domain c.d",
            CHOSEN,
            "",
            "set-cookie: SRV=c1; path=/; domain=a.b; domain=c.d; HttpOnly; Secure; X; Y=1",
            'I',
        );
    }

    #[test]
    fn a_server_without_a_value_frees_the_client() {
        let nobody = Situation {
            server: None,
            ..CHOSEN
        };
        let gone = "set-cookie: SRV=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/";
        check("SRV insert", nobody, "", gone, 'I');
    }

    #[test]
    fn the_servers_own_is_replaced_rewritten_prefixed_or_kept() {
        let own = "Set-Cookie: SRV=x; Path=/";
        check("SRV insert", CHOSEN, own, "set-cookie: SRV=c1; path=/", 'I');
        check("SRV insert", BOUND, own, "", 'D');
        check(
            "SRV insert preserve",
            CHOSEN,
            own,
            "set-cookie: SRV=x; Path=/",
            'P',
        );
        check(
            "SRV rewrite",
            CHOSEN,
            own,
            "set-cookie: SRV=c1; Path=/",
            'R',
        );
        check(
            "SRV prefix",
            CHOSEN,
            own,
            "set-cookie: SRV=c1~x; Path=/",
            'R',
        );
        check("SRV prefix indirect", BOUND, own, "", 'D');
        check("SRV", CHOSEN, own, "set-cookie: SRV=x; Path=/", 'P');
        let other = "Set-Cookie: other=x#Set-Cookie: flag";
        check(
            "SRV rewrite",
            CHOSEN,
            other,
            "set-cookie: other=x#set-cookie: flag",
            'N',
        );
        check(
            "SRV rewrite",
            CHOSEN,
            "Set-Cookie: SRV = x ; a",
            "set-cookie: SRV=c1 ; a",
            'R',
        );
    }

    #[test]
    fn dates_are_renewed_for_who_has_the_right_one() {
        let dates = Dates {
            last: Some(NOW - 40),
            first: None,
        };
        let line = "SRV insert maxidle 60";
        let renewed = Dates::default().renewed(limits(&cookie(line)), NOW);
        let expected = format!("set-cookie: SRV=c1{renewed}; path=/");
        check_dated(line, BOUND, dates, "", &expected, 'U');
    }

    #[test]
    fn only_what_a_cache_would_keep_is_marked_private() {
        let check = |from: &str, private: bool| {
            let private = if private {
                "#cache-control: private"
            } else {
                ""
            };
            let kept = from.to_ascii_lowercase();
            let to = format!("{kept}#set-cookie: SRV=c1; path=/{private}");
            check("SRV insert nocache", CHOSEN, from, &to, 'I');
        };
        check("a: b", false);
        check("etag: 1", true);
        check("expires: soon", true);
        check("last-modified: once", true);
        check("cache-control: max-age=3", true);
        check("cache-control: public", false);
        check("cache-control: private#etag: 1", false);
        check("cache-control: max-age=0#etag: 1", false);
        check("cache-control: max-age=0, s-maxage=5", true);
        check("pragma: no-cache#etag: 1", false);
    }
}
