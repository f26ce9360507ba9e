//! docs/gotchas.md promises that a test holds each of its sentences: that test is there, by this name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use workspace_checks::root;

/// The names in the last cell of each row.
fn promised(page: &str) -> Vec<(&str, Vec<&str>)> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let rows = rows.filter(|line| !line.starts_with("| the surprise |"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [surprise, tests] = cells[..] else {
            panic!("a row has two cells: {row}");
        };
        (surprise, tests.split('`').skip(1).step_by(2).collect())
    })
    .collect()
}

/// Names of Rust tests, of scenarios, and of fixtures.
fn there() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for name in ["balancer", "haproxy-config", "lb-core"] {
        collect(&root().join("crates").join(name), &mut names);
    }
    names
}

fn collect(path: &Path, names: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder of the sources can be read") {
            collect(&entry.expect("an entry can be read").path(), names);
        }
        return;
    }
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("cfg") => {
            names.extend(
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned()),
            );
        }
        Some("txt") => names.extend(named(path, |line| line.strip_prefix("scenario: "))),
        Some("rs") => names.extend(tests(path)),
        _ => {}
    }
}

fn named(path: &Path, name: impl Fn(&str) -> Option<&str>) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a source file can be read");
    text.lines().filter_map(name).map(str::to_owned).collect()
}

/// Functions behind `#[test]` or `#[tokio::test...]`.
fn tests(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a source file can be read");
    let mut marked = false;
    let mut names = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) {
            names.extend(rest.split('(').next().map(str::to_owned));
            marked = false;
        }
    }
    names
}

#[test]
fn every_surprise_is_held_by_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("docs/gotchas.md")).expect("the page can be read");
    let (promised, there) = (promised(&page), there());
    assert!(promised.len() > 50, "{} rows", promised.len());
    for (surprise, tests) in promised {
        assert!(!tests.is_empty(), "nothing holds: {surprise}");
        for test in tests {
            assert!(
                there.contains(test),
                "no test, scenario or fixture `{test}` holds: {surprise}"
            );
        }
    }
}
