//! Words of `bind` that change nothing here: their values are looked at all the same.

use crate::value::lenient_integer;

/// What HAProxy says of a value that it takes.
///
/// # Errors
///
/// What is wrong with the value, in HAProxy's words.
pub(super) fn check(name: &str, value: &str) -> Result<Option<String>, String> {
    match name {
        "level" => one_of(
            "level",
            value,
            &["user", "operator", "admin"],
            "'user', 'operator', and 'admin'",
        )?,
        "severity-output" => one_of(
            "severity-output",
            value,
            &["none", "number", "string"],
            "'none', 'number', and 'string'",
        )?,
        "process" => return processes(value).map(Some),
        "thread" => threads(value)?,
        "shards" => shards(value)?,
        "nice" => nice(value)?,
        "id" => id(value)?,
        _ => {}
    }
    Ok(None)
}

fn one_of(name: &str, value: &str, known: &[&str], list: &str) -> Result<(), String> {
    match known.contains(&value) {
        true => Ok(()),
        false => Err(format!("'{name}' only supports {list} (got '{value}')")),
    }
}

/// `all`, `odd`, `even`, a number or a range, from 1 on.
fn numbers(list: &str, most: i64) -> Result<(), String> {
    if matches!(list, "all" | "odd" | "even") {
        return Ok(());
    }
    let (low, high) = list.split_once('-').unwrap_or((list, list));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(low) || !is_number(high) {
        return Err(format!("'{list}' is not a valid number/range."));
    }
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let high = if high.is_empty() && list.ends_with('-') {
        most
    } else {
        number(high)
    };
    let (low, high) = (number(low).min(high), number(low).max(high));
    match low < 1 || high > most {
        true => Err(format!(
            "'{list}' is not a valid number/range. It supports numbers from 1 to {most}.\n"
        )),
        false => Ok(()),
    }
}

/// Most threads that HAProxy can be built for.
const MOST_THREADS: i64 = 64;

/// `1`, `all/1-4`
fn processes(value: &str) -> Result<String, String> {
    let (processes, threads) = value.split_once('/').unwrap_or((value, ""));
    let wrong = |words| format!("'process' : {words}");
    numbers(processes, 1).map_err(wrong)?;
    let mut told =
        format!("'process {value}' on 'bind' lines is deprecated and will be removed in 2.7.");
    if !threads.is_empty() {
        numbers(threads, MOST_THREADS).map_err(wrong)?;
        told += &format!(" Please use 'thread {threads}' instead.");
    }
    Ok(told)
}

/// `1-4`, `1/1-4`: there is one group.
fn threads(value: &str) -> Result<(), String> {
    let list = match value.split_once('/') {
        None => value,
        Some((group, list)) => match lenient_integer(group).0 {
            1 => list,
            other => {
                return Err(format!(
                    "'{value}' thread-group number must be between 1 and 1 (was {other})"
                ));
            }
        },
    };
    numbers(list, MOST_THREADS).map_err(|words| format!("'{value}' : {words}"))
}

fn shards(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("'shards' : missing value".to_owned());
    }
    let (number, _) = lenient_integer(value);
    match value == "by-thread" || (1..=MOST_THREADS).contains(&number) {
        true => Ok(()),
        false => Err(format!(
            "'shards' : invalid value {number}, allowed range is 1..{MOST_THREADS} or 'by-thread'"
        )),
    }
}

fn nice(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("'nice' : missing value".to_owned());
    }
    let (number, _) = lenient_integer(value);
    match (-1024..=1024).contains(&number) {
        true => Ok(()),
        false => Err(format!(
            "'nice' : invalid value {number}, allowed range is -1024..1024"
        )),
    }
}

fn id(value: &str) -> Result<(), String> {
    match lenient_integer(value) {
        _ if value.is_empty() => Err("'id' : expects an integer argument".to_owned()),
        (_, false) => Err(format!(
            "'id' : expects an integer argument, found '{value}'"
        )),
        (..=0, true) => Err("'id' : custom id has to be > 0".to_owned()),
        _ => Ok(()),
    }
}
