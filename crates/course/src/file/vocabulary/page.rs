//! The reference page of lab files, made from the rows.

use super::{COURSE_TABLES, Key, TABLES, Table, WHAT};
use crate::file::verbs::VERBS;
use crate::placeholder;
use std::fmt::Write;

/// All keys, conditions, verbs and placeholders, in Markdown.
pub fn page() -> String {
    let mut page = String::new();
    for table in &TABLES {
        heading(&mut page, "The front matter", table);
        keys(&mut page, table.keys);
    }
    conditions(&mut page);
    let verbs = VERBS.iter().map(|verb| {
        [
            code(&[verb.words, verb.takes].join(" ")),
            verb.about.to_owned(),
        ]
    });
    two_columns(&mut page, "Verbs of `do`", ["verb", "what it does"], verbs);
    let placeholders = placeholder::ALL
        .iter()
        .map(|(name, about)| [code(&format!("{{{name}}}")), (*about).to_owned()]);
    two_columns(
        &mut page,
        "Placeholders",
        ["in a text", "stands for"],
        placeholders,
    );
    for table in &COURSE_TABLES {
        heading(&mut page, "`course.toml`", table);
        keys(&mut page, table.keys);
    }
    page
}

fn heading(page: &mut String, whole: &str, table: &Table) {
    let title = match table.name {
        "" => whole.to_owned(),
        "start" | "rules" => format!("`[{}]`", table.name),
        "compare" => "`compare = { .. }`".to_owned(),
        name => format!("`[[{name}]]`"),
    };
    let _ = writeln!(page, "### {title}\n");
}

fn keys(page: &mut String, lists: &[&[Key]]) {
    page.push_str("| key | value | says |\n|---|---|---|\n");
    for key in lists.iter().copied().flatten() {
        key_row(page, key);
    }
    page.push('\n');
}

fn key_row(page: &mut String, key: &Key) {
    let needed = if key.needed { " (needed)" } else { "" };
    let _ = writeln!(
        page,
        "| `{}`{needed} | {} | {} |",
        key.name,
        key.form.words(),
        key.about
    );
}

fn conditions(page: &mut String) {
    page.push_str("### Conditions: `what`\n\nIn `check`, `if` and `config`. Each may have `not = true`; a check has `id` and `say` too.\n\n");
    page.push_str("| `what` | asks |\n|---|---|\n");
    for term in WHAT {
        let _ = writeln!(page, "| `{}` | {} |", term.name, term.asks);
    }
    for term in WHAT {
        let _ = writeln!(page, "\n#### `what = \"{}\"`\n", term.name);
        page.push_str("| key | value | says |\n|---|---|---|\n");
        term.keys.iter().for_each(|key| key_row(page, key));
    }
    page.push('\n');
}

fn two_columns(
    page: &mut String,
    title: &str,
    heads: [&str; 2],
    rows: impl Iterator<Item = [String; 2]>,
) {
    let _ = writeln!(
        page,
        "### {title}\n\n| {} | {} |\n|---|---|",
        heads[0], heads[1]
    );
    for [left, right] in rows {
        let _ = writeln!(page, "| {left} | {right} |");
    }
    page.push('\n');
}

fn code(text: &str) -> String {
    format!("`{}`", text.trim().replace('|', "\\|"))
}
