//! The lab's own screens on their way to the terminal: `--repeat`, `--type`, `--json`, `--compare`.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::Defaults;
use crate::dig::check_wishes;
use crate::failure::{Failure, code};
use crate::label::Label;
use crate::observe::{Observed, Observer, Step};
use crate::output::Output;
use crate::report::Report;
use crate::screen::repeat::{self, Width};
use crate::screen::{Seen, compare, json};
use crate::tally::{Tally, Verdict};
use crate::text::message as text;
use crate::vantage::Vantage;
use crate::words::{CommandLine, Lookup};

/// When a run is called long, and how often it then says how far it is.
const PATIENCE: Duration = Duration::from_secs(1);
/// The same where lines cannot be written over.
const PLAIN_PATIENCE: Duration = Duration::from_secs(10);

/// Asks all lookups as often as said and shows what was seen; the exit code.
pub(crate) fn run(
    line: &CommandLine,
    defaults: &Defaults,
    output: &mut Output,
) -> Result<u8, Failure> {
    if line.lab.compare {
        return compare_all(line, defaults, output);
    }
    let mut worst = 0;
    let mut first = true;
    let mut notes = Notes::default();
    for lookup in lookups(line) {
        let vantage = Vantage::of(&lookup, line, defaults)?;
        check_wishes(line, &vantage)?;
        let observer = Observer {
            line,
            lookup: &lookup,
            vantage: &vantage,
            defaults,
        };
        if !first && shows_table(line) {
            output.print("\n");
        }
        first = false;
        let observed = show(&observer, output);
        report(&observer, &observed, output);
        let observed = observed?;
        notes.add(&vantage, &observed, line.lab.ttl);
        worst = worst.max(verdict(line, &observed.seen));
    }
    notes.tell(line, output);
    Ok(worst)
}

fn shows_table(line: &CommandLine) -> bool {
    !(line.lab.json || line.lab.short || line.global.short)
}

/// Each name with each of the types of `--type`.
fn lookups(line: &CommandLine) -> Vec<Lookup> {
    let with_types = |lookup: &Lookup| match line.lab.types.as_slice() {
        [] => vec![lookup.clone()],
        types => types
            .iter()
            .map(|rtype| Lookup {
                rtype: *rtype,
                ..lookup.clone()
            })
            .collect(),
    };
    line.lookups.iter().flat_map(with_types).collect()
}

fn report(observer: &Observer<'_>, observed: &Result<Observed, Failure>, output: &mut Output) {
    let times = observer.line.lab.times();
    output.report(match observed {
        Ok(observed) => Report::of(&observed.seen, times),
        Err(_) => Report::of(&observer.seen_once(None), times),
    });
}

fn show(observer: &Observer<'_>, output: &mut Output) -> Result<Observed, Failure> {
    let line = observer.line;
    let times = line.lab.times();
    let every = line.lab.every;
    if line.lab.json {
        let observed = quietly(observer, output)?;
        output.print(&json::text(&observed.seen));
        return Ok(observed);
    }
    if line.lab.short || line.global.short {
        let style = observer.lookup.style(&line.global);
        return observer.run(times, every, &mut |step: Step<'_>| {
            if let Some(message) = step.message {
                output.print(&text::short(message, &style, ""));
            }
            output.goes_on()
        });
    }
    let observed = if every.is_some() {
        line_by_line(observer, output)?
    } else {
        let observed = quietly(observer, output)?;
        let seen = &observed.seen;
        let width = Width::of(seen);
        let rows = (0..seen.observations.len()).map(|i| repeat::row(seen, i, width));
        let table = repeat::head(seen, times) + &rows.collect::<String>();
        output.print(&table);
        observed
    };
    output.print(&repeat::foot(&observed.seen, is_plain(line)));
    Ok(observed)
}

/// Each line as soon as its answer is there: somebody watches a clock.
fn line_by_line(observer: &Observer<'_>, output: &mut Output) -> Result<Observed, Failure> {
    let times = observer.line.lab.times();
    let mut width = None;
    observer.run(times, observer.line.lab.every, &mut |step: Step<'_>| {
        let index = step.seen.observations.len() - 1;
        if index == 0 {
            output.print(&repeat::head(step.seen, times));
        }
        let width = *width.get_or_insert_with(|| Width::to_come(step.seen));
        output.print(&repeat::row(step.seen, index, width));
        output.goes_on()
    })
}

/// All answers first; on a long run, how far it is goes to standard error.
fn quietly(observer: &Observer<'_>, output: &mut Output) -> Result<Observed, Failure> {
    let times = observer.line.lab.times();
    let overwrites = std::io::stderr().is_terminal() && !is_plain(observer.line);
    let patience = if overwrites { PATIENCE } else { PLAIN_PATIENCE };
    let (mut told, mut width) = (Instant::now(), 0);
    let observed = observer.run(times, observer.line.lab.every, &mut |step: Step<'_>| {
        if told.elapsed() < patience {
            return ControlFlow::Continue(());
        }
        told = Instant::now();
        let progress = format!("asked {} of {times}", step.seen.observations.len());
        width = progress.len();
        if overwrites {
            output.aside(&format!("\r{progress}"));
        } else {
            output.aside(&format!("{progress}\n"));
        }
        ControlFlow::Continue(())
    });
    if overwrites && width > 0 {
        output.aside(&format!("\r{:width$}\r", ""));
    }
    observed
}

/// Who answered, for standard error: always told, each once; and whether a wish was not heard.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, vantage: &Vantage, observed: &Observed, wish: Option<u32>) {
        let seen = &observed.seen;
        let label = Label::of_source(seen.source.as_deref());
        let server = observed.server.as_ref();
        self.push(server.and_then(|server| vantage.note(server, &label)));
        let replies = seen.observations.iter();
        let given = replies.filter_map(|o| o.reply.as_ref()?.ttl).max();
        if let (Some(wish), Some(given)) = (wish, given) {
            let missed = (given > wish).then(|| {
                format!(
                    "note: this server gave a TTL of {given} s, not the {wish} s of --ttl; one that does:  \
                     lab nameserver --ttl {wish}\n"
                )
            });
            self.push(missed);
        }
    }

    fn push(&mut self, note: Option<String>) {
        self.0.extend(note.filter(|note| !self.0.contains(note)));
    }

    fn tell(&self, line: &CommandLine, output: &mut Output) {
        if shows_table(line) && !self.0.is_empty() {
            output.aside("\n");
        }
        output.aside(&self.0.concat());
    }
}

fn verdict(line: &CommandLine, seen: &Seen) -> u8 {
    let tally = Tally::of(&seen.observations);
    if tally.replies == 0 {
        return code::NO_REPLY;
    }
    if line.lab.fail && tally.verdict == Verdict::Nothing {
        return code::NO_ANSWER;
    }
    0
}

/// `--compare`: recorded rows, and with `--live` today's below each.
fn compare_all(
    line: &CommandLine,
    defaults: &Defaults,
    output: &mut Output,
) -> Result<u8, Failure> {
    let mut recorded = line.clone();
    recorded.lab.live = false;
    let mut rows = Vec::new();
    let mut failed = None;
    let mut notes = Notes::default();
    for lookup in lookups(line) {
        let mut lines = vec![&recorded];
        if line.lab.live {
            lines.push(line);
        }
        for line in lines {
            let vantage = Vantage::of(&lookup, line, defaults)?;
            check_wishes(line, &vantage)?;
            // A name that is not in the zone was asked live already.
            let again = line.lab.live && rows.last().is_some_and(|seen| asked_live(seen, &lookup));
            if again {
                continue;
            }
            let observer = Observer {
                line,
                lookup: &lookup,
                vantage: &vantage,
                defaults,
            };
            let observed = quietly(&observer, output);
            report(&observer, &observed, output);
            match observed {
                Ok(observed) => {
                    notes.add(&vantage, &observed, line.lab.ttl);
                    rows.push(observed.seen);
                }
                Err(failure) if rows.is_empty() && !line.lab.live => return Err(failure),
                Err(failure) => failed = Some(failure),
            }
        }
    }
    if line.lab.json {
        output.print(&rows.iter().map(json::text).collect::<String>());
    } else {
        output.print(&compare::text(&rows, line.lab.times()));
    }
    notes.tell(line, output);
    failed.map_or(Ok(0), Err)
}

fn asked_live(seen: &Seen, lookup: &Lookup) -> bool {
    seen.kind == crate::vantage::Kind::System
        && seen.name == lookup.name.trim_end_matches('.')
        && seen.rtype == lookup.rtype.to_string()
}

/// No bars and no lines written over: by `--plain`, and where nobody would see them.
fn is_plain(line: &CommandLine) -> bool {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|v| v == value);
    line.lab.plain
        || is("LAB_PLAIN", "1")
        || is("TERM", "dumb")
        || is("CI", "true")
        || !std::io::stdout().is_terminal()
}
