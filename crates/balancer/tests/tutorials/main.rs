//! Configurations of the shapes that tutorials teach, whole: each loads on both programs and behaves alike.
//!
//! A tutorial is a `NAME.cfg` and a `NAME.talk` beside it. Words in braces are filled in, so that every run has ports of
//! its own: `{app1}`, `{app2}` ... are web servers that answer with their name and the request that reached them,
//! `{primary}` and `{replica}` speak a little of Redis, `{folder}` holds copies of the files in `NAME.files/`, `{certificates}` is `tests/tls`, any other
//! word is a free port of the balancer.
//!
//! The talk is shell lines, with what must be in their output below:
//!
//! ```text
//! $ curl -si http://127.0.0.1:{web}/
//! > app1
//! ```
//!
//! Times and dates are blanked; all else that is printed must be the same with both. `{wait} COMMAND` instead of `$`
//! repeats the command until what must be there is.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod stage;
mod talk;

use stage::Stage;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use talk::Line;
use testkit::program;

#[test]
fn tutorials_behave_alike_on_both() {
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_balancer"));
    let Some(haproxy) = program::find("haproxy") else {
        return;
    };
    if program::find("curl").is_none() {
        return;
    }
    let failures: Vec<String> = thread::scope(|scope| {
        let (haproxy, ours) = (&haproxy, &ours);
        let running: Vec<_> = tutorials()
            .into_iter()
            .map(|cfg| scope.spawn(move || compare(&cfg, haproxy, ours)))
            .collect();
        let ended = running.into_iter();
        ended.filter_map(|one| one.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn tutorials() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tutorials");
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|kind| kind == "cfg"))
        .collect();
    files.sort();
    files
}

/// What went wrong, if anything did.
fn compare(cfg: &Path, haproxy: &Path, ours: &Path) -> Option<String> {
    let name = cfg.file_stem().unwrap().to_string_lossy();
    let lines = talk::read(&cfg.with_extension("talk"));
    let [told, answered] = thread::scope(|scope| {
        [haproxy, ours]
            .map(|program| scope.spawn(|| tell(cfg, program, &lines)))
            .map(|story| story.join().unwrap())
    });
    let (told, answered) = match (told, answered) {
        (Ok(told), Ok(answered)) => (told, answered),
        (told, answered) => {
            let [told, answered] = [told, answered].map(|story| story.err().unwrap_or_default());
            return Some(format!("{name}\n  HAProxy: {told}\n  ours: {answered}"));
        }
    };
    let pairs = lines.iter().zip(told.iter().zip(&answered));
    let differences: String = pairs
        .filter(|(_, (haproxy, ours))| haproxy != ours)
        .map(|(line, (haproxy, ours))| {
            let [left, right] =
                [(haproxy, ours), (ours, haproxy)].map(|(one, other)| only(one, other));
            format!("{line}\n--- only HAProxy\n{left}\n--- only ours\n{right}\n")
        })
        .collect();
    (!differences.is_empty()).then(|| format!("{name}\n{differences}"))
}

/// The lines that the other lacks.
fn only(one: &str, other: &str) -> String {
    let lacking: Vec<_> = one
        .lines()
        .filter(|line| !other.lines().any(|known| known == *line))
        .collect();
    match lacking.is_empty() {
        true => "(every line is there)".to_owned(),
        false => lacking.join("\n"),
    }
}

/// The output of each line.
fn tell(cfg: &Path, program: &Path, lines: &[Line]) -> Result<Vec<String>, String> {
    let stage = Stage::build(cfg, program)?;
    lines.iter().map(|line| line.say(&stage)).collect()
}
