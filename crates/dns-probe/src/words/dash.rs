//! Options with one dash and one letter.

use super::{Command, Family, Parser, Took, number, reverse};
use crate::dns::record_type::{Class, RecordType};
use crate::failure::{Failure, code};

/// Letters that stand alone and may be run together, as in `-4u`.
const ALONE: &str = "46hruv";

/// Applies `-option`; `next` is the word behind it, the value unless that is in the same word.
pub(super) fn apply(
    parser: &mut Parser<'_>,
    option: &str,
    next: Option<&str>,
) -> Result<Took, Failure> {
    let mut rest = option;
    while let Some(letter) = rest.chars().next().filter(|c| ALONE.contains(*c)) {
        match letter {
            'h' => return Ok(Took::Ended(Command::Help)),
            'v' => return Ok(Took::Ended(Command::Version)),
            'u' => parser.current().microseconds = true,
            '4' => family(parser, Family::V4)?,
            '6' => family(parser, Family::V6)?,
            // -r: the file ~/.digrc is never read here.
            _ => {}
        }
        rest = &rest[1..];
        if rest.is_empty() {
            return Ok(Took::One);
        }
    }
    with_value(parser, option, rest, next)
}

fn family(parser: &mut Parser<'_>, family: Family) -> Result<(), Failure> {
    match parser.global.family.replace(family) {
        Some(before) if before != family => Err(Failure::usage(format!(
            "{}: only one of -4 and -6 allowed",
            parser.program
        ))),
        _ => Ok(()),
    }
}

fn with_value(
    parser: &mut Parser<'_>,
    option: &str,
    rest: &str,
    next: Option<&str>,
) -> Result<Took, Failure> {
    let mut letters = rest.chars();
    let letter = letters.next().ok_or_else(|| unknown(option))?;
    let (value, took) = match (letters.as_str(), next) {
        ("", Some(next)) => (next, Took::Two),
        ("", None) => return Err(unknown(option)),
        (value, _) => (value, Took::One),
    };
    match letter {
        'p' => parser.global.port = Some(port(parser.program, value)?),
        'q' => parser.add_name(value),
        'x' => add_reverse(parser, value),
        't' => set_type(parser, value)?,
        'c' => set_class(parser, value),
        'b' | 'f' | 'k' | 'm' | 'y' => return Err(lacking(letter)),
        _ => return Err(unknown(option)),
    }
    Ok(took)
}

fn port(program: &str, value: &str) -> Result<u16, Failure> {
    let refused =
        |line: String| Failure::usage(line).and(format!("{program}: Couldn't parse port number"));
    let port =
        number::parse(value, u32::from(u16::MAX), "port number").map_err(|e| refused(e.line))?;
    Ok(u16::try_from(port).expect("the number was held to 65535"))
}

fn add_reverse(parser: &mut Parser<'_>, address: &str) {
    parser.add_name(&reverse::name(address));
    let lookup = parser.current();
    if !lookup.rtype_set {
        lookup.rtype = RecordType::PTR;
    }
    if !lookup.class_set {
        lookup.class = Class::IN;
    }
}

fn set_type(parser: &mut Parser<'_>, value: &str) -> Result<(), Failure> {
    parser.open = false;
    match RecordType::parse(value) {
        Some(rtype) => parser.set_type(rtype),
        None => {
            let warning = format!(";; Warning, ignoring invalid type {value}");
            parser.warnings.push(warning);
            Ok(())
        }
    }
}

fn set_class(parser: &mut Parser<'_>, value: &str) {
    parser.open = false;
    match Class::parse(value) {
        Some(class) => parser.set_class(class),
        None => {
            let warning = format!(";; Warning, ignoring invalid class {value}");
            parser.warnings.push(warning);
        }
    }
}

fn unknown(option: &str) -> Failure {
    Failure::usage(format!("Invalid option: -{option}"))
        .next("known here: -4 -6 -c CLASS -p PORT -q NAME -t TYPE -u -x ADDRESS -h -v")
}

fn lacking(letter: char) -> Failure {
    let what = match letter {
        'b' => "-b (an address to ask from)",
        'f' => "-f (a file of questions)",
        'm' => "-m (memory debugging)",
        _ => "-k and -y (signed questions)",
    };
    Failure::new(
        code::USAGE,
        format!("{what} is dig's, and not to be had here"),
    )
    .next("several names in one command work:  @SERVER NAME1 NAME2")
}
