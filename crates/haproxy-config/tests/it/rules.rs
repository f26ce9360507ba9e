//! Lines of rules one by one, with what is said of them: by us, and by the installed HAProxy, in the same words.
//!
//! `tests/data/rules.txt` has a line of a frontend (or `backend: ` and a line of a backend), below it the answers. Where
//! we part from HAProxy on purpose, its own stand below `haproxy: `.

use crate::data::expect_file;
use crate::oracle::{Opinion, haproxy, ours};
use std::path::{Path, PathBuf};

#[test]
fn rules_are_answered_as_written() {
    let text: String = cases()
        .iter()
        .map(|case| case.text(&opinion(case, ours)))
        .collect();
    let rewrite = "BLESS=1 cargo test -p haproxy-config --test it";
    expect_file(&path(), &text, rewrite).unwrap_or_else(|stale| panic!("{stale}"));
}

#[test]
fn haproxy_answers_rules_in_the_same_words() {
    if std::process::Command::new("haproxy")
        .arg("-v")
        .output()
        .is_err()
    {
        println!(
            "skipped: rules::haproxy_answers_rules_in_the_same_words (no haproxy on this machine)"
        );
        return;
    }
    let folder = std::env::temp_dir().join(format!("rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let file = folder.join(NAME);
    let mut wrong = String::new();
    for case in cases() {
        let of_haproxy = |_: &str, text: &str| {
            std::fs::write(&file, text).expect("a file can be written");
            haproxy(&file)
        };
        let (theirs, ours) = (opinion(&case, of_haproxy), opinion(&case, ours));
        let expected = if case.differs.is_empty() {
            &ours
        } else {
            &case.differs
        };
        if theirs != *expected {
            wrong += &format!(
                "{}\n  HAProxy:  {}\n  expected: {}\n",
                case.line,
                theirs.join("\n            "),
                expected.join("\n            ")
            );
        }
    }
    std::fs::remove_dir_all(&folder).expect("our own folder can go");
    assert!(wrong.is_empty(), "{wrong}");
}

const NAME: &str = "rules.cfg";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rules.txt")
}

/// A line and what HAProxy says of it where we say another thing.
struct Case {
    line: String,
    differs: Vec<String>,
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(path()).expect("a readable file");
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("  haproxy: ") {
            let case = cases.last_mut().expect("a line comes before its answers");
            case.differs.push(words.to_owned());
        } else if !line.starts_with("  ") && !line.is_empty() {
            cases.push(Case {
                line: line.to_owned(),
                differs: Vec::new(),
            });
        }
    }
    cases
}

impl Case {
    fn text(&self, ours: &[String]) -> String {
        let mut text = format!("{}\n", self.line);
        for words in ours {
            text += &format!("  {words}\n");
        }
        for words in &self.differs {
            text += &format!("  haproxy: {words}\n");
        }
        text
    }

    fn config(&self) -> String {
        let (frontend, backend) = match self.line.strip_prefix("backend: ") {
            Some(line) => ("", line),
            None => (self.line.as_str(), ""),
        };
        let [frontend, backend] = [frontend, backend].map(|lines| lines.replace(" ;; ", "\n    "));
        // a backend in TCP mode is looked at by the lines that name it alone
        let tcp = match self.line.contains("tc") {
            true => "backend tc\n    mode tcp\n",
            false => "",
        };
        // and the same goes for a table
        let table = match self.line.contains("counts") {
            true => "backend counts\n    stick-table type ip size 10 store gpc0,conn_cur\n",
            false => "",
        };
        format!(
            "userlist u\n    user a insecure-password b\n\
             defaults\n    mode http\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n\
             {tcp}{table}\
             frontend f\n    bind 127.0.0.1:20000\n    {frontend}\n\
             backend b\n    {backend}\n    server s 127.0.0.1:1\n"
        )
    }
}

/// The answers to a line without their place in the file; the verdict last.
fn opinion(case: &Case, ask: impl Fn(&str, &str) -> Opinion) -> Vec<String> {
    let opinion = ask(NAME, &case.config());
    let lines = opinion.lines.iter();
    let mut words: Vec<String> = lines
        .map(|line| {
            line.replace("config : ", "")
                .replace(&format!("[{NAME}:"), "[:")
        })
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    if words.is_empty() {
        let verdict = if opinion.refused { "refused" } else { "fine" };
        words.push(verdict.to_owned());
    }
    words
}
