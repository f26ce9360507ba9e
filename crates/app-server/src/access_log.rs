//! One line a request on standard output.

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use jiff::Zoned;

/// `12:02:11  GET /   200   curl`, with its line end.
pub(crate) fn line(
    now: &Zoned,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    status: StatusCode,
) -> String {
    let (time, client) = (now.strftime("%H:%M:%S"), client(method, uri, headers));
    format!(
        "{time}  {method} {}   {}   {client}\n",
        visible(&uri.to_string()),
        status.as_u16()
    )
}

/// The headers as the original printed them, a line each, set in under their access line.
pub(crate) fn header_lines(headers: &HeaderMap) -> String {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            format!(
                "          {}: {}\n",
                title_case(name.as_str()),
                visible(&value)
            )
        })
        .collect()
}

/// A short name for who asks.
fn client(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let Some(agent) = headers.get(USER_AGENT) else {
        // `option httpchk` without more sends a bare `OPTIONS /`.
        let check = uri.path() == "/health" || method == Method::OPTIONS;
        return if check { "health check" } else { "-" }.to_owned();
    };
    let agent = String::from_utf8_lossy(agent.as_bytes());
    // The order matters: each of these names those below it as well, to be served as well as they are.
    let known = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("lab-hit/", "lab hit"),
        ("lab-check/", "health check"),
    ];
    let name = known
        .iter()
        .find(|(mark, _)| agent.contains(mark))
        .map(|(_, name)| *name);
    let product = agent.split(['/', ' ']).next().unwrap_or_default();
    visible(name.unwrap_or(product)).chars().take(20).collect()
}

/// A text from outside cannot steer the terminal.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// `user-agent` becomes `User-Agent`: the library keeps header names in lower case, people know them like this.
fn title_case(name: &str) -> String {
    let capital = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(agent: &'static str, expected: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        let now = "2026-11-22T12:02:11[UTC]".parse().expect("a time");
        let uri = Uri::from_static("/a?b=c");
        let line = line(&now, &Method::GET, &uri, &headers, StatusCode::OK);
        assert_eq!(line, format!("12:02:11  GET /a?b=c   200   {expected}\n"));
    }

    #[test]
    fn clients_are_known_by_short_names() {
        check("curl/7.88.1", "curl");
        check("lab-hit/0.1.0", "lab hit");
        check(
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox",
        );
        check(
            "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Chrome",
        );
        check(
            "Mozilla/5.0 (Mac) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
            "Safari",
        );
        check(
            "Mozilla/5.0 (Win) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0",
            "Edge",
        );
        check("python-requests/2.32", "python-requests");
        check("a-name-that-is-far-too-long/1", "a-name-that-is-far-t");
    }

    #[test]
    fn a_check_without_a_name_is_known_by_what_it_asks() {
        let check = |method, path| client(&method, &Uri::from_static(path), &HeaderMap::new());
        assert_eq!(check(Method::OPTIONS, "/"), "health check");
        assert_eq!(check(Method::GET, "/health"), "health check");
        assert_eq!(check(Method::GET, "/"), "-");
    }

    #[test]
    fn headers_are_shown_as_people_know_them_and_cannot_steer_the_terminal() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-lab-te",
            HeaderValue::from_bytes(b"a\xc2\x9bm\tb").expect("a value"),
        );
        assert_eq!(
            header_lines(&headers),
            "          X-Lab-Te: a\u{fffd}m\u{fffd}b\n"
        );
    }
}
