//! `log` lines, in `global` and in proxies.

use crate::address::{Address, Port, host, parse as parse_address};
use crate::model::{LogAddress, LogFraming, LogSample, LogTarget};
use crate::proxy::ProxyContext;
use crate::raw::{Line, Switch};
use crate::report::Report;
use diagnostics::{Diagnostic, Span, nearest};

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let log = &mut context.proxy.settings.log;
    if line.switch == Switch::No {
        match line.words.get(1) {
            None => log.clear(),
            Some(extra) => context.report.push(problem(
                line,
                extra.span,
                "`no log` takes no words",
                "'no log' does not expect arguments",
                context.report,
            )),
        }
        return;
    }
    if line.text(1) == "global" && line.words.len() == 2 {
        log.clone_from(&context.global.log);
        return;
    }
    if let Some(target) = target(line, "or global ", context.report) {
        log.push(target);
    }
}

/// `log-tag NAME`.
pub(super) fn tag(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        let words = "'log-tag' expects a tag for use in syslog.";
        context.report.push(
            Diagnostic::error("missing-value", "`log-tag` wants a name")
                .at(line.keyword().span, "")
                .haproxy(context.report.spaced(line.span, words)),
        );
        return;
    }
    context.proxy.settings.log_tag = Some(line.text(1).to_owned());
}

/// A `log` line of the `global` section.
pub(super) fn parse_global(targets: &mut Vec<LogTarget>, line: &Line, report: &mut Report<'_>) {
    if line.switch == Switch::No {
        targets.clear();
    } else if let Some(target) = target(line, " ", report) {
        targets.push(target);
    }
}

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2",
    "ftp", "ntp", "audit", "alert", "cron2", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];
pub(super) const LEVELS: [&str; 8] = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
];
const FRAMINGS: [(&str, LogFraming); 8] = [
    ("local", LogFraming::Local),
    ("rfc3164", LogFraming::Rfc3164),
    ("rfc5424", LogFraming::Rfc5424),
    ("priority", LogFraming::Priority),
    ("short", LogFraming::Short),
    ("timed", LogFraming::Timed),
    ("iso", LogFraming::Iso),
    ("raw", LogFraming::Raw),
];

fn target(line: &Line, or_global: &str, report: &mut Report<'_>) -> Option<LogTarget> {
    let reader = Reader { line, report };
    match reader.read(or_global) {
        Ok(target) => Some(target),
        Err(diagnostic) => {
            report.push(*diagnostic);
            None
        }
    }
}

struct Reader<'a, 'r> {
    line: &'a Line,
    report: &'a Report<'r>,
}

type Read<T> = Result<T, Box<Diagnostic>>;

impl Reader<'_, '_> {
    fn read(&self, or_global: &str) -> Read<LogTarget> {
        let line = self.line;
        let mut target = LogTarget {
            address: LogAddress::Stdout,
            len: 1024,
            format: LogFraming::Unsaid,
            facility: 0,
            level: 7,
            min_level: 0,
            sample: None,
            tag: None,
        };
        let at = self.options(&mut target)?;
        if line.text(1).is_empty() || line.text(at).is_empty() {
            let words = format!("expects <address> and <facility> {or_global}as arguments");
            return Err(self.wrong(0, "`log` wants an address and a facility", &words));
        }
        target.facility = self.code(&FACILITIES, at, "log facility")?;
        if line.words.len() > at + 1 {
            target.level = self.code(&LEVELS, at + 1, "optional log level")?;
        }
        if line.words.len() > at + 2 {
            target.min_level = self.code(&LEVELS, at + 2, "optional minimum log level")?;
        }
        if let Some(extra) = line.words.get(at + 3) {
            let what = format!("`{}` is one word too many for `log`", extra.text);
            let words = format!("cannot handle unexpected argument '{}'", extra.text);
            return Err(self.wrong(at + 3, &what, &words));
        }
        target.address = self.address()?;
        Ok(target)
    }

    /// `len N` and `format F`, in any order, then `sample RANGES:SIZE`; gives the index of the word after them.
    fn options(&self, target: &mut LogTarget) -> Read<usize> {
        let mut at = 2;
        loop {
            let value = self.line.text(at + 1);
            match self.line.text(at) {
                "len" => {
                    let read = value.parse().ok().filter(|len| (80..=65535).contains(len));
                    target.len = read.ok_or_else(|| {
                        let what = format!("`{value}` is not a length from 80 to 65535");
                        let words =
                            format!("invalid log length '{value}', must be between 80 and 65535");
                        self.wrong(at + 1, &what, &words)
                    })?;
                }
                "format" => {
                    let known = FRAMINGS.iter().find(|(name, _)| *name == value);
                    target.format = known.map(|(_, framing)| *framing).ok_or_else(|| {
                        let what = format!("`{value}` is not a log format");
                        self.wrong(at + 1, &what, &format!("unknown log format '{value}'"))
                    })?;
                }
                "sample" => {
                    target.sample = Some(self.sample(at + 1)?);
                    return Ok(at + 2);
                }
                _ => return Ok(at),
            }
            at += 2;
        }
    }

    /// `1,3-4:10`
    fn sample(&self, at: usize) -> Read<LogSample> {
        let text = self.line.text(at);
        let wrong = |words: &str| self.wrong(at, &format!("`{text}`: {words}"), words);
        let (ranges, size) = text
            .split_once(':')
            .ok_or_else(|| wrong("Missing sample size"))?;
        if ranges.is_empty() {
            return Err(wrong("no sampling ranges given"));
        }
        let read = log_ranges(ranges).map_err(|words| wrong(&words))?;
        let size = match size.parse::<u32>() {
            Ok(size @ 1..) => size,
            _ => {
                let words = format!("wrong sample size '{size}' for sample range '{ranges}'");
                return Err(wrong(&words));
            }
        };
        let last = read.iter().map(|(_, high)| *high).max().unwrap_or(0);
        if last > size {
            return Err(wrong(&format!(
                "sample size {size} should be greater or equal to {last} the maximum of the high ranges limits"
            )));
        }
        Ok(LogSample::new(read, size))
    }

    /// The number that a name of a list stands for.
    fn code(&self, names: &[&str], at: usize, what: &str) -> Read<u8> {
        let text = self.line.text(at);
        let code = names.iter().position(|name| *name == text);
        code.and_then(|code| u8::try_from(code).ok())
            .ok_or_else(|| {
                let told = match nearest(text, names.iter().copied()) {
                    Some(name) => format!("unknown {what} `{text}`; did you mean `{name}`?"),
                    None => format!("unknown {what} `{text}`"),
                };
                self.wrong(at, &told, &format!("unknown {what} '{text}'"))
            })
    }

    fn address(&self) -> Read<LogAddress> {
        let text = self.line.text(1);
        address(text).map_err(|problem| match problem {
            AddressProblem::Refused(shown) => Box::new(super::refused(&shown, self.line.span(1))),
            AddressProblem::Wrong(words) => {
                self.wrong(1, &format!("cannot log to `{text}`"), &words)
            }
        })
    }

    fn wrong(&self, at: usize, what: &str, words: &str) -> Box<Diagnostic> {
        Box::new(problem(
            self.line,
            self.line.span(at),
            what,
            words,
            self.report,
        ))
    }
}

/// `1,3-4`; the error is HAProxy's.
fn log_ranges(text: &str) -> Result<Vec<(u32, u32)>, String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, after) = rest.split_once(',').unwrap_or((rest, ""));
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| digits)
        };
        let range = number(low).zip(number(high));
        let range = range.filter(|(low, high)| *low > 0 && low <= high);
        let range = range.ok_or_else(|| format!("wrong sample range '{rest}'"))?;
        if ranges
            .iter()
            .any(|known| known.0 <= range.1 && range.0 <= known.1)
        {
            return Err("ranges are overlapping".to_owned());
        }
        ranges.push(range);
        rest = after;
    }
    Ok(ranges)
}

enum AddressProblem {
    Refused(String),
    Wrong(String),
}

fn address(text: &str) -> Result<LogAddress, AddressProblem> {
    match text {
        "stdout" => return Ok(LogAddress::Stdout),
        "stderr" => return Ok(LogAddress::Stderr),
        _ if text.starts_with("ring@") => {
            return Err(AddressProblem::Refused("log ring@...".to_owned()));
        }
        _ => {}
    }
    match parse_address(text).map_err(|error| AddressProblem::Wrong(error.0 + "\n"))? {
        Address::Unix(path) => Ok(LogAddress::Unix(path.to_owned())),
        Address::Fd(fd) => Ok(LogAddress::Fd(fd)),
        Address::Abstract(_) => Err(AddressProblem::Refused("log abns@...".to_owned())),
        Address::Inet { host: name, port } => match port {
            Port::None => Ok(LogAddress::Udp(host(name), 514)),
            Port::Fixed(port) => Ok(LogAddress::Udp(host(name), port)),
            Port::Range(..) => Err(AddressProblem::Wrong(format!(
                "port range not permitted here in '{text}'"
            ))),
            Port::Offset(_) => Err(AddressProblem::Wrong(format!(
                "port offset not permitted here in '{text}'"
            ))),
        },
    }
}

fn problem(line: &Line, at: Span, what: &str, words: &str, report: &Report<'_>) -> Diagnostic {
    let words = format!("log : {words}");
    Diagnostic::error("bad-log", what)
        .at(at, "")
        .next("for example  log stdout format raw local0")
        .haproxy(report.spaced(line.span, &words))
}
