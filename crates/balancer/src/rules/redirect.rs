//! `redirect`.

use super::Answer;
use crate::plan::{Redirect, RedirectTo};
use samples::View;

/// The answer; `None`: the location is empty, and such requests are to pass.
pub(super) fn answer(redirect: &Redirect, view: &View<'_>) -> Option<Answer> {
    let location = location(redirect, view);
    if location.is_empty() && redirect.ignore_empty {
        return None;
    }
    let mut answer = Answer::begin(redirect.status);
    let fields = &mut answer.head.fields;
    fields.append(b"content-length", b"0");
    fields.append(b"location", &location);
    if matches!(redirect.status, 302 | 303 | 307) {
        fields.append(b"cache-control", b"no-cache");
    }
    if let Some(cookie) = &redirect.cookie {
        fields.append(b"set-cookie", cookie.as_bytes());
    }
    if has_body(view) {
        fields.append(b"connection", b"close");
    }
    Some(answer)
}

/// Nobody waits for a body that goes elsewhere: the client is closed on.
fn has_body(view: &View<'_>) -> bool {
    let length = view.request_fields(b"content-length").next();
    length.is_some_and(|length| length != b"0")
        || view.request_fields(b"transfer-encoding").next().is_some()
}

fn location(redirect: &Redirect, view: &View<'_>) -> Vec<u8> {
    let mut location = redirect.value.render(view);
    match redirect.to {
        RedirectTo::Location => {}
        RedirectTo::Prefix => {
            // `prefix /` means: where the request wanted to go
            if location == b"/" {
                location.clear();
            }
            location.extend(path(redirect, view));
        }
        RedirectTo::Scheme => {
            location.extend_from_slice(b"://");
            location.extend_from_slice(view.request_fields(b"host").next().unwrap_or_default());
            location.extend(path(redirect, view));
        }
    }
    location
}

/// The request's path and query, as far as they are wanted.
fn path(redirect: &Redirect, view: &View<'_>) -> Vec<u8> {
    let target = view.request.map_or(&b""[..], |head| head.target());
    let after_scheme = target.windows(3).position(|window| window == b"://");
    let start = match after_scheme {
        Some(scheme) if target.first() != Some(&b'/') => {
            let slash = target[scheme + 3..].iter().position(|byte| *byte == b'/');
            slash.map_or(target.len(), |slash| scheme + 3 + slash)
        }
        _ => 0,
    };
    let whole = &target[start..];
    let query = whole
        .iter()
        .position(|byte| *byte == b'?')
        .unwrap_or(whole.len());
    let (path, query) = whole.split_at(query);
    let mut out = if path.is_empty() {
        b"/".to_vec()
    } else {
        path.to_vec()
    };
    if !redirect.drop_query {
        out.extend_from_slice(query);
    }
    // as HAProxy, even behind a query
    if redirect.append_slash && !out.ends_with(b"/") {
        out.push(b'/');
    }
    out
}
