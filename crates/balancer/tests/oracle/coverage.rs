//! Every keyword of tiers A and B is compared with HAProxy in three scenarios or more.
//!
//! `keywords.txt` has a keyword a line. Behind a colon: `frame`, a line of the frame that every scenario runs in;
//! `beside`, compared in `tests/beside` and the tutorials too; `N of 3`, an exception that is known, and may
//! not get worse.

use std::fs;
use std::path::Path;

const ENOUGH: usize = 3;

#[test]
fn every_keyword_is_in_three_scenarios() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let list = fs::read_to_string(tests.join("oracle/keywords.txt")).unwrap();
    let scenarios = scenarios(&read_all(&tests.join("oracle/scenarios")));
    let beside = [
        read_all(&tests.join("beside")),
        read_all(&tests.join("tutorials")),
    ];
    let beside = beside.concat();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let complaints: Vec<_> = lines
        .filter_map(|line| {
            let (keyword, home) = line.split_once(": ").unwrap_or((line, ""));
            let used = scenarios.iter().filter(|text| mentions(text, keyword) > 0);
            let seen = used.count();
            match home {
                "frame" => None,
                "" => (seen < ENOUGH).then(|| format!("{keyword}: in {seen} scenarios")),
                "beside" => {
                    let seen = seen + mentions(&beside, keyword);
                    (seen < ENOUGH).then(|| format!("{keyword}: {seen} times here and beside"))
                }
                exception => {
                    let seen = seen + mentions(&beside, keyword);
                    let listed = exception.strip_suffix(" of 3").expect("N of 3");
                    let fewer = seen < listed.parse().unwrap();
                    fewer.then(|| format!("{keyword}: {seen} of {ENOUGH}, listed {exception}"))
                }
            }
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The text of each scenario without what was seen and comments.
fn scenarios(text: &str) -> Vec<String> {
    let told = |line: &&str| !line.starts_with(['>', '#']) && !line.starts_with("haproxy ");
    let parts = text.split("\nscenario: ").skip(1);
    let lines = parts.map(|part| part.lines().skip(1).filter(told));
    lines
        .map(|lines| lines.collect::<Vec<_>>().join("\n"))
        .collect()
}

/// Everything in a folder and those below it.
fn read_all(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap();
    let mut text = String::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &read_all(&path);
        } else {
            text += "\n";
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}

/// How often the keyword stands there, as words of its own.
fn mentions(text: &str, keyword: &str) -> usize {
    let part_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let found = text.match_indices(keyword);
    let alone = found.filter(|(at, _)| {
        let (before, after) = (&text[..*at], &text[at + keyword.len()..]);
        // `track-sc0` is told by its beginning.
        let goes_on = keyword.ends_with("-sc");
        !before.ends_with(part_of_word) && (goes_on || !after.starts_with(part_of_word))
    });
    alone.count()
}

#[test]
fn mentions_are_whole_words() {
    assert_eq!(
        mentions("http-check send\nhttp-check send-state", "http-check send"),
        1
    );
    assert_eq!(mentions("sc_rise rise 3", "rise"), 1);
    assert_eq!(
        mentions("http-request track-sc0 src", "http-request track-sc"),
        1
    );
}
