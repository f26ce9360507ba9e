//! The reference page of all keywords, `docs/keywords.md`.

use super::{
    ANY, Keyword, Sections, Support, bind, global, options, proxy, removed, resolvers, rules,
    sections, server_parameters, stats, timeouts, tuning,
};
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
    table(&mut page, "In proxies", "", proxy::TABLE);
    table(&mut page, "In proxies: rules", "", rules::TABLE);
    table(&mut page, "`timeout`", "timeout ", timeouts::TABLE);
    table(&mut page, "`option`", "option ", options::TABLE);
    table(&mut page, "`stats` in proxies", "stats ", stats::TABLE);
    table(&mut page, "On `bind` lines", "", bind::TABLE);
    table(
        &mut page,
        "On `server` and `default-server` lines",
        "",
        server_parameters::TABLE,
    );
    table(&mut page, "In `resolvers`", "", resolvers::TABLE);
    table(&mut page, "Gone from HAProxy", "", removed::TABLE);
    page
}

const INTRODUCTION: &str = "\
# Keywords

Every keyword that HAProxy 2.6 knows, and what the balancer does with it. This page is made from the tables in
`crates/haproxy-config/src/keywords/`; after a change there, run

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
        Support::Ignored => "ignored",
        Support::Refused => "not yet",
        Support::Removed(_) => "gone",
    }
}
