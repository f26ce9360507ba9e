//! What can be seen of a balancer at work beside its traffic: statistics, files, and what it says.

use super::engine::Running;
use super::scenario::escape;
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

/// Fields of `show info`, as soon as they are what is expected.
pub(crate) fn info(running: &Running, fields: &[String], expected: Option<&str>) -> String {
    once_as(expected, || {
        let info = running.ask("show info");
        let value = |field: &String| {
            let mut lines = info.lines();
            let line = lines.find_map(|line| line.strip_prefix(&format!("{field}: ")));
            format!(" {field}={}", line.unwrap_or("missing"))
        };
        let values: String = fields.iter().map(value).collect();
        format!("info{values}\n")
    })
}

/// What the runtime API answers; a command that only shows is given until the answer is what is expected.
pub(crate) fn api(running: &Running, command: &str, expected: Option<&str>) -> String {
    let expected = expected.filter(|_| command.starts_with("show "));
    once_as(expected, || {
        let answer = running.ask(command);
        format!("api {}\n", escape(blank_entries(&answer).as_bytes()))
    })
}

/// Looks until a line is seen that is expected, and tells what is seen at last.
fn once_as(expected: Option<&str>, look: impl Fn() -> String) -> String {
    let start = Instant::now();
    loop {
        let told = look();
        let as_expected = expected.is_none_or(|line| told.trim_end_matches('\n') == line);
        if as_expected || start.elapsed() > PATIENCE / 4 {
            return told;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Entries of tables without their addresses, and the time they have left.
fn blank_entries(answer: &str) -> String {
    let lines = answer.split('\n').map(|line| {
        let Some((_, entry)) = line.strip_prefix("0x").and_then(|l| l.split_once(": ")) else {
            return line.to_owned();
        };
        let words = entry
            .split(' ')
            .map(|word| match word.strip_prefix("exp=") {
                Some("0") | None => word,
                Some(_) => "exp=T",
            });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
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
