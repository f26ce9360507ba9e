//! The reference page of all keywords, `docs/keywords.md`.

use super::{
    ANY, Keyword, Sections, Support, bind, bind_tls, cache, global, http_rules, options, proxy,
    removed, resolvers, rules, sections, server_parameters, server_tls, stats, tcp_rules, timeouts,
    tls_defaults, tuning,
};
use samples::argument::Parameter;
use std::fmt::Write as _;

/// The page as Markdown.
pub(crate) fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    table(&mut page, "Sections", "", sections::TABLE);
    table(&mut page, "In `global`", "", global::TABLE);
    table(
        &mut page,
        "In `global`: tuning and what is left",
        "",
        tuning::TABLE,
    );
    table(
        &mut page,
        "In `global`: TLS and HTTP/2",
        "",
        tls_defaults::TABLE,
    );
    table(&mut page, "In proxies", "", proxy::TABLE);
    table(&mut page, "In proxies: rules", "", rules::TABLE);
    table(&mut page, "`timeout`", "timeout ", timeouts::TABLE);
    table(&mut page, "`option`", "option ", options::TABLE);
    table(&mut page, "`stats` in proxies", "stats ", stats::TABLE);
    table(&mut page, "On `bind` lines", "", bind::TABLE);
    table(&mut page, "On `bind` lines: TLS", "", bind_tls::TABLE);
    table(
        &mut page,
        "On `server` and `default-server` lines",
        "",
        server_parameters::TABLE,
    );
    table(
        &mut page,
        "On `server` and `default-server` lines: TLS and the PROXY protocol",
        "",
        server_tls::TABLE,
    );
    table(&mut page, "In `resolvers`", "", resolvers::TABLE);
    table(&mut page, "In `cache`", "", cache::TABLE);
    table(&mut page, "Gone from HAProxy", "", removed::TABLE);
    actions(&mut page);
    tcp_actions(&mut page);
    fetches(&mut page);
    converters(&mut page);
    page
}

const INTRODUCTION: &str = "\
# Keywords

Every keyword that HAProxy 2.6 knows, and what the balancer does with it; at the end, the actions of rules, and the fetches
and converters that there are. This page is made from the tables in `crates/haproxy-config/src/keywords/` and
`crates/samples/src/`; after a change there, run

    BLESS=1 cargo test -p haproxy-config --test it

| support | meaning |
|---|---|
| full | as in HAProxy |
| ignored | read, then ignored with a warning: leaving it out harms nobody |
| not yet | refused: HAProxy knows it, we do not yet, and leaving it out would change what happens |
| gone | HAProxy 2.6 refuses it, too |

Sections: G global, D defaults, F frontend, L listen, B backend. Words: the most that may follow; on `bind` and `server`
lines exactly so many follow.
";

fn table<P>(page: &mut String, title: &str, prefix: &str, rows: &[Keyword<P>]) {
    let counted = rows
        .iter()
        .filter(|row| matches!(row.support, Support::Full(_)));
    let full = counted.count();
    let _ = write!(
        page,
        "\n## {title}\n\n{full} of {} in full.\n\n| keyword | sections | words | support | what it does |\n|---|---|---|---|---|\n",
        rows.len()
    );
    for row in rows {
        let _ = writeln!(
            page,
            "| `{prefix}{}` | {} | {} | {} | {} |",
            row.name,
            letters(row.sections),
            words(row.most),
            support(&row.support),
            row.doc
        );
    }
}

/// The actions of rules, and in which lists each may stand.
fn actions(page: &mut String) {
    let rows = http_rules::TABLE;
    let full = rows.iter().filter(|row| row.parser.is_some()).count();
    let _ = write!(
        page,
        "\n## Actions of `http-request`, `http-response` and `http-after-response`\n\n{full} of {} in full. Lists: Q request, S response, A after-response.\n\n| action | lists | support |\n|---|---|---|\n",
        rows.len()
    );
    for row in rows {
        let support = if row.parser.is_some() {
            "full"
        } else {
            "not yet"
        };
        let _ = writeln!(page, "| `{}` | {} | {support} |", row.name, row.letters());
    }
}

/// The same of rules on connections.
fn tcp_actions(page: &mut String) {
    let lists = [
        (
            "tcp-request connection` and `tcp-request session",
            tcp_rules::CONNECTION,
        ),
        ("tcp-request content", tcp_rules::CONTENT),
        ("tcp-response content", tcp_rules::RESPONSE),
    ];
    for (list, rows) in lists {
        let full = rows.iter().filter(|row| row.parser.is_some()).count();
        let _ = write!(
            page,
            "\n## Actions of `{list}`\n\n{full} of {} in full.\n\n| action | support |\n|---|---|\n",
            rows.len()
        );
        for row in rows {
            let support = if row.parser.is_some() {
                "full"
            } else {
                "not yet"
            };
            let _ = writeln!(page, "| `{}` | {support} |", row.name);
        }
    }
}

/// What rules can ask for.
fn fetches(page: &mut String) {
    page.push_str("\n## Fetches\n\nThose that there are; `?` marks what may be left out.\n\n| fetch | gives | needs |\n|---|---|---|\n");
    let mut rows: Vec<_> = samples::fetch::all().collect();
    rows.sort_by_key(|fetch| fetch.name);
    for fetch in rows {
        let _ = writeln!(
            page,
            "| `{}{}` | {} | {} |",
            fetch.name,
            arguments(fetch.parameters, fetch.required),
            fetch.kind.name(),
            fetch.needs.title()
        );
    }
}

fn converters(page: &mut String) {
    page.push_str("\n## Converters\n\n| converter | takes | gives |\n|---|---|---|\n");
    let mut rows: Vec<_> = samples::convert::all().collect();
    rows.sort_by_key(|converter| converter.name);
    for converter in rows {
        let _ = writeln!(
            page,
            "| `{}{}` | {} | {} |",
            converter.name,
            arguments(converter.parameters, converter.required),
            converter.input.name(),
            converter.output.name()
        );
    }
}

/// `(integer,table?)`
fn arguments(parameters: &[Parameter], required: usize) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let shown = parameters.iter().enumerate().map(|(at, parameter)| {
        let mark = if at < required { "" } else { "?" };
        format!("{}{mark}", parameter.title())
    });
    format!("({})", shown.collect::<Vec<_>>().join(","))
}

fn words(most: usize) -> String {
    match most {
        ANY => "any".to_owned(),
        most => most.to_string(),
    }
}

fn letters(sections: Sections) -> String {
    [
        ("G", Sections::GLOBAL),
        ("D", Sections::DEFAULTS),
        ("F", Sections::FRONTEND),
        ("L", Sections::LISTEN),
        ("B", Sections::BACKEND),
    ]
    .into_iter()
    .filter(|(_, section)| sections.contains(*section))
    .map(|(letter, _)| letter)
    .collect::<Vec<_>>()
    .join(" ")
}

fn support<P>(support: &Support<P>) -> &'static str {
    match support {
        Support::Full(_) => "full",
        Support::Ignored | Support::Checked(_) => "ignored",
        Support::Refused => "not yet",
        Support::Removed(_) => "gone",
    }
}
