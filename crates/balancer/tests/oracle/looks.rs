//! What can be seen of a balancer at work beside its traffic: statistics, files, and what it says.

use super::engine::Running;
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for what is expected.
const PATIENCE: Duration = Duration::from_secs(8);

/// Without an expectation: how long a value settles.
const SETTLED: Duration = Duration::from_millis(80);

/// The row of `show stat` in a few columns, as soon as it is what is expected; a column `NAME=VALUE` says it itself.
pub(crate) fn stat(
    running: &Running,
    row: &str,
    columns: &[String],
    expected: Option<&str>,
) -> String {
    let start = Instant::now();
    loop {
        let csv = running.ask("show stat");
        let mut lines = csv.lines();
        let head: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
        let wanted = row.replace('/', ",") + ",";
        let line = lines.find(|line| line.starts_with(&wanted));
        let values: Vec<_> = line.expect("the row is there").split(',').collect();
        let mut told = format!("stat {row}");
        let mut as_said = true;
        for column in columns {
            let (name, said) = match column.split_once('=') {
                Some((name, said)) => (name, Some(said.replace('_', " "))),
                None => (column.as_str(), None),
            };
            let at = head.iter().position(|known| *known == name);
            let value = values[at.expect("a column of that name")];
            as_said &= said.is_none_or(|said| said == value);
            told += &format!(" {name}={value}");
        }
        let waits = columns.iter().any(|column| column.contains('='));
        let enough = match expected {
            Some(expected) if waits => told == expected || start.elapsed() > PATIENCE,
            Some(expected) => told == expected || start.elapsed() > PATIENCE / 4,
            None if waits => as_said || start.elapsed() > PATIENCE,
            None => start.elapsed() > SETTLED,
        };
        if enough {
            return told + "\n";
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Fields of `show info`.
pub(crate) fn info(running: &Running, fields: &[String]) -> String {
    let info = running.ask("show info");
    let value = |field: &String| {
        let mut lines = info.lines();
        let line = lines.find_map(|line| line.strip_prefix(&format!("{field}: ")));
        format!(" {field}={}", line.unwrap_or("missing"))
    };
    let values: String = fields.iter().map(value).collect();
    format!("info{values}\n")
}

/// Kind, permissions and owner of a file in the folder.
pub(crate) fn place(running: &Running, name: &str) -> String {
    match std::fs::symlink_metadata(running.folder().join(name)) {
        Ok(data) => format!(
            "place {name} mode={:o} user={} group={}\n",
            data.mode(),
            owner(data.uid()),
            owner(data.gid())
        ),
        Err(error) => format!("place {name} {}\n", error.kind()),
    }
}

/// A number of a user or group, or `own` for that of the test.
fn owner(number: u32) -> String {
    let me = [
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    ];
    match me.contains(&number) {
        true => "own".to_owned(),
        false => number.to_string(),
    }
}

/// What the program has said of the health of servers, as soon as it is what is expected.
pub(crate) fn said(running: &Running, expected: Option<&str>) -> String {
    let all = || -> String {
        let stderr = running.process.stderr();
        let lines = stderr.lines().filter_map(words);
        let about = [
            "WARNING Health check",
            "WARNING Server ",
            "NOTICE Health check",
        ];
        let health = lines.filter(|line| about.iter().any(|start| line.starts_with(start)));
        health
            .map(|line| format!("said {}\n", without_duration(&line)))
            .collect()
    };
    let expected = expected.map(|text| -> String {
        let lines = text.lines().filter(|line| line.starts_with("said "));
        lines.map(|line| format!("{line}\n")).collect()
    });
    let start = Instant::now();
    loop {
        let told = all();
        let enough = match &expected {
            Some(expected) => told == *expected || start.elapsed() > PATIENCE,
            None => start.elapsed() > SETTLED * 5,
        };
        if enough {
            return told;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// `[ALERT]    (123) : words` as `ALERT words`.
pub(crate) fn words(line: &str) -> Option<String> {
    let (label, words) = line.split_once(") : ")?;
    let level = label.strip_prefix('[')?.split(']').next()?;
    Some(format!("{level} {words}"))
}

/// Leaves out how long a check took.
fn without_duration(line: &str) -> String {
    const BEFORE: &str = "check duration: ";
    match line.split_once(BEFORE) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
            format!("{before}{BEFORE}N{after}")
        }
        None => line.to_owned(),
    }
}
