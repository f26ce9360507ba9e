//! `{server02.port}`: values of the world inside a text.

use std::ops::Range;

/// Every placeholder and what it stands for. `serverNN` is any server: `server02`.
pub const ALL: &[(&str, &str)] = &[
    (
        "url.lb",
        "the address of the balancer, as a browser takes it",
    ),
    ("url.stats", "the address of the statistics page"),
    ("lb.port", "the balancer's port"),
    ("stats.port", "the statistics page's port"),
    ("ns.port", "the name server's port"),
    ("serverNN.port", "the server's port"),
    ("serverNN.since", "when it began to listen"),
    ("config.file", "the configuration file"),
    (
        "retries.total",
        "how often the balancer tries, the first time included",
    ),
    ("ended.name", "what ended last"),
    ("ended.port", "its port"),
    ("ended.how", "how it ended: `by Ctrl-C`"),
    ("ended.ago", "how long ago"),
    ("ended.count", "how many are stopped"),
    ("ended.names", "their names"),
    ("ended.names_but.serverNN", "their names, without this one"),
    ("listening.ports", "ports on which somebody listens"),
    ("missing.ports", "ports on which somebody should"),
    ("echo.count", "how many echo servers answer"),
    ("problem.line", "the line of the file's first problem"),
    ("problem.lines", "all its lines"),
    ("problem.what", "what is wrong there"),
    ("problem.text", "the line's text"),
    ("problem.help", "what to type instead"),
    ("saved.at", "when the file was saved"),
    ("loaded.at", "when the balancer loaded it"),
    ("running.file", "the file that the balancer runs"),
    ("lb.count", "how many balancers share the port"),
    ("requests.total", "requests that count"),
    ("requests.failed", "how many of them failed"),
    ("requests.failed_ms", "how long a failed one took"),
    ("requests.servers", "how many servers answered them"),
    ("requests.ports", "the ports of those servers"),
    ("requests.run", "the longest run of one server"),
    ("requests.browser", "how many a browser sent"),
    ("requests.hit", "how many `lab hit` sent"),
    ("requests.icons", "how many asked for the page's icon"),
    ("requests.slowest", "how long the slowest took"),
    ("strip", "who answered, one after the other"),
    ("share.serverNN", "the server's share of them"),
    ("dns.total", "questions that name servers got"),
    ("dns.different", "how many different answers they gave"),
    ("dns.answers", "those answers"),
    ("dns.last", "the last answer"),
    (
        "health.down_after",
        "how long until a dead server is believed down",
    ),
    (
        "health.up_after",
        "how long until a live one is believed up",
    ),
    ("health.fails_left", "failed checks until then"),
    ("cost.errors", "errors that callers saw meanwhile"),
];

/// Every `{name}` of a text with its bytes, braces included. A name is made of small letters, digits, `_` and `.`.
pub fn all(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices('{').filter_map(|(start, _)| {
        let inside = &text[start + 1..];
        let name = &inside[..inside.find('}')?];
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
        let is_name =
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(letter);
        is_name.then(|| (start..start + name.len() + 2, name))
    })
}

/// Whether a placeholder of this name exists.
pub fn is_known(name: &str) -> bool {
    ALL.iter().any(|(known, _)| *known == pattern(name))
}

/// The known name nearest to an unknown one: with the server that was meant, where there is one in it.
pub fn nearest(name: &str) -> Option<String> {
    let server = name.split('.').find_map(loose_server);
    let general: Vec<String> = name
        .split('.')
        .map(|part| loose_server(part).map_or(part.to_owned(), |_| "serverNN".to_owned()))
        .collect();
    let best = diagnostics::nearest(&general.join("."), ALL.iter().map(|(known, _)| *known))?;
    match server {
        Some(number) => Some(best.replace("serverNN", &format!("server{number:02}"))),
        None => Some(best.replace("serverNN", "server01")),
    }
}

/// `server02.port` as it stands in [`ALL`].
fn pattern(name: &str) -> String {
    let part = |part| if is_server(part) { "serverNN" } else { part };
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// `server` and two digits or more.
fn is_server(part: &str) -> bool {
    let digits = part.strip_prefix("server");
    digits.is_some_and(|digits| digits.len() >= 2 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The number in `server2`, `srv02`, `server-2`.
fn loose_server(part: &str) -> Option<u32> {
    let rest = part
        .strip_prefix("server")
        .or_else(|| part.strip_prefix("srv"))?;
    rest.trim_start_matches(['-', '_']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_with_their_places() {
        let text = "a {url.lb} {x y} ${HOME} {server02.port}{";
        let found: Vec<_> = all(text).collect();
        assert_eq!(found, [(2..10, "url.lb"), (25..40, "server02.port")]);
        assert!(
            found
                .iter()
                .all(|(range, name)| text[range.clone()] == format!("{{{name}}}"))
        );
    }

    #[test]
    fn any_server_is_known() {
        for known in [
            "server02.port",
            "share.server11",
            "ended.names_but.server03",
            "lb.port",
        ] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["server2.port", "server02", "lb", ""] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }

    #[test]
    fn the_nearest_keeps_its_server() {
        assert_eq!(nearest("server2.port").as_deref(), Some("server02.port"));
        assert_eq!(nearest("srv03.prot").as_deref(), Some("server03.port"));
        assert_eq!(nearest("url.stat").as_deref(), Some("url.stats"));
        assert_eq!(nearest("zzz"), None);
    }
}
