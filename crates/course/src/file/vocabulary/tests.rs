//! The rows and the readers cannot drift apart: every key of a row is read, and every `what` has a reader.

use super::*;
use crate::file::parse;
use diagnostics::Sources;

/// Of no form that any key has.
const DATE: &str = "2020-10-25";

/// Whether a date as the value of this key is noticed, in a file made of these lines.
fn is_noticed(front: &str) -> bool {
    let mut sources = Sources::new();
    let id = sources.add("a.md", format!("+++\n{front}\n+++\n"));
    let parsed = parse(&sources, id, &|_| None);
    let mut labels = parsed.diagnostics.iter().flat_map(|d| &d.labels);
    labels.any(|label| label.text == "this is a date" && sources.text(label.span) == DATE)
}

#[track_caller]
fn check(keys: &[Key], front: impl Fn(&str) -> String) {
    let unread: Vec<&str> = keys
        .iter()
        .map(|key| key.name)
        .filter(|name| !is_noticed(&front(name)))
        .collect();
    assert!(
        unread.is_empty(),
        "in the vocabulary, but never read: {unread:?}"
    );
}

#[test]
fn every_key_of_a_table_is_read() {
    let activity: Vec<&str> = ACTIVITY.iter().map(|key| key.name).collect();
    assert_eq!(activity[0], "format", "the version has an error of its own");
    check(&ACTIVITY[1..], |key| format!("{key} = {DATE}"));
    check(START, |key| format!("[start]\n{key} = {DATE}"));
    check(MISTAKE, |key| {
        format!("[[step]]\nkind = \"do\"\nid = \"a\"\n[[step.mistake]]\n{key} = {DATE}")
    });
    check(SOLVE, |key| format!("[[solve]]\n{key} = {DATE}"));
    check(TRIAL, |key| format!("[[trial]]\n{key} = {DATE}"));
    check(COMPARE, |key| {
        format!("[[step]]\nid = \"a\"\nkind = \"look\"\ncompare.{key} = {DATE}")
    });
}

#[test]
fn every_key_of_a_step_is_read() {
    let step = |key: &str| {
        let kind = if key == "pass" || key == "question" {
            "quiz"
        } else {
            "do"
        };
        match key {
            "id" => format!("[[step]]\nid = {DATE}"),
            "kind" => format!("[[step]]\nid = \"a\"\nkind = {DATE}"),
            _ => format!("[[step]]\nid = \"a\"\nkind = \"{kind}\"\n{key} = {DATE}"),
        }
    };
    check(STEP, step);
    let beside = |key: &str| {
        if key == "truth" {
            "choices = [\"a\", \"b\"]"
        } else {
            ""
        }
    };
    check(ANSWER, |key| {
        let beside = beside(key);
        format!("[[step]]\nid = \"a\"\nkind = \"quiz\"\n{beside}\n{key} = {DATE}")
    });
    check(QUESTION, |key| {
        format!(
            "[[step]]\nid = \"a\"\nkind = \"quiz\"\n[[step.question]]\nnumber = 1\n{key} = {DATE}"
        )
    });
}

#[test]
fn every_key_of_a_condition_is_read() {
    for term in WHAT {
        let keys: Vec<&Key> = CHECK.iter().chain(NOT).chain(term.keys).collect();
        for key in keys {
            let beside = match (term.name, key.name) {
                ("config", "section") => ", line = \"x\"",
                ("config", "weight" | "check" | "words") => ", server = \"*\"",
                ("config", "running") => ", readable = true",
                _ => "",
            };
            let (what, key) = (term.name, key.name);
            let front = format!(
                "[[step]]\nid = \"a\"\nkind = \"do\"\ncheck = [{{ what = \"{what}\", {key} = {DATE}{beside} }}]"
            );
            assert!(
                is_noticed(&front),
                "`{what}`: `{key}` is in the vocabulary, but never read"
            );
        }
    }
}

#[test]
fn the_page_holds_every_row() {
    let page = page();
    for term in WHAT {
        assert!(
            page.contains(&format!("#### `what = \"{}\"`", term.name)),
            "{}",
            term.name
        );
    }
    for key in TABLES
        .iter()
        .flat_map(|table| table.keys.iter().copied().flatten())
    {
        assert!(page.contains(&format!("| `{}`", key.name)), "{}", key.name);
    }
}
