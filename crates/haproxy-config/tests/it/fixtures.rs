//! Every fixture's diagnostics, in both forms, and the model of those without errors, beside the fixture as `.txt`.

use crate::data::{Fixture, all, expect_file};
use diagnostics::{Sources, Style, full, one_line};
use haproxy_config::{Environment, parse};
use std::fmt::Write as _;

#[test]
fn fixtures_read_as_written_beside_them() {
    let rewrite = "BLESS=1 cargo test -p haproxy-config --test it";
    let stale: Vec<String> = all()
        .iter()
        .filter_map(|fixture| {
            let path = fixture.path.with_extension("txt");
            expect_file(&path, &snapshot(fixture), rewrite).err()
        })
        .collect();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn folders_tell_the_verdict() {
    for fixture in all() {
        let (_, parsed) = read(&fixture);
        let refused = fixture.title().starts_with("err/");
        assert_eq!(parsed.has_errors(), refused, "{}", fixture.title());
        assert_eq!(parsed.config.is_none(), refused, "{}", fixture.title());
    }
}

fn read(fixture: &Fixture) -> (Sources, haproxy_config::Parsed) {
    let mut sources = Sources::new();
    sources.add(fixture.name(), fixture.text.as_str());
    let parsed = parse(&sources, &Environment::default());
    (sources, parsed)
}

fn snapshot(fixture: &Fixture) -> String {
    let (sources, parsed) = read(fixture);
    let mut text = String::new();
    for (index, diagnostic) in parsed.diagnostics.iter().enumerate() {
        if index == parsed.from_lines {
            text.push_str("---- on the whole ----\n\n");
        }
        let _ = writeln!(text, "[{}]", diagnostic.code);
        text.push_str(&full(diagnostic, &sources, Style::PLAIN));
        let _ = writeln!(text, "{}\n", one_line(diagnostic, &sources, 1));
    }
    if let Some(config) = parsed.config {
        let _ = writeln!(text, "{config:#?}");
    }
    text
}
