//! `docs/keywords.md` is made from the keyword tables, and the tables hold all that HAProxy knows.

use std::path::PathBuf;
use std::process::Command;

#[test]
fn keywords_page_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/keywords.md");
    let rewrite = "BLESS=1 cargo test -p haproxy-config --test it";
    let outcome = crate::data::expect_file(&path, &haproxy_config::keywords_page(), rewrite);
    assert_eq!(outcome, Ok(()));
}

#[test]
fn every_keyword_of_haproxy_has_a_row() {
    let listing = Command::new("haproxy")
        .args(["-dKcfg", "-c", "-f", "/dev/null"])
        .output();
    let Ok(output) = listing else {
        println!(
            "skipped: keywords_page::every_keyword_of_haproxy_has_a_row (no haproxy on this machine)"
        );
        return;
    };
    let page = haproxy_config::keywords_page();
    let listing = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut section = "";
    let mut missing = Vec::new();
    for line in listing.lines() {
        if !line.starts_with('\t') {
            section = line;
        }
        if let Some(keyword) = keyword(section, line)
            && !page.contains(&format!("| `{keyword}` |"))
        {
            missing.push(keyword);
        }
    }
    assert!(
        listing.contains("\toption abortonclose"),
        "HAProxy listed nothing: {listing}"
    );
    assert!(missing.is_empty(), "no row for {missing:?}");
}

/// What a line of `haproxy -dKcfg` lists, as the page names it.
fn keyword(section: &str, line: &str) -> Option<String> {
    let words: Vec<&str> = line.trim().split(' ').collect();
    match (section, words.as_slice()) {
        _ if !line.starts_with('\t') => None,
        ("global", [name, ..]) => Some((*name).to_owned()),
        (
            "listen",
            ["bind", _, "ssl", name, ..] | ["bind", _, name, ..] | ["server", _, _, name, ..],
        ) => Some((*name).to_owned()),
        ("listen", ["option", name, ..]) => Some(format!("option {name}")),
        ("listen", [name, ..]) => Some((*name).to_owned()),
        _ => None,
    }
}
