//! `--record FILE NAME...`: today's answers, with their date, as a zone file for others who are offline.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::ops::ControlFlow;

use crate::Defaults;
use crate::dig::check_wishes;
use crate::dns::record_type::RecordType;
use crate::failure::{Failure, code};
use crate::observe::Observer;
use crate::output::Output;
use crate::report::Report;
use crate::screen::Seen;
use crate::tally::{ListOrder, Tally, Verdict};
use crate::vantage::Vantage;
use crate::words::{CommandLine, Lookup};

/// How often each name is asked unless told otherwise: enough to see how its answers turn.
const TIMES: u32 = 8;

/// Asks for every name and writes the file; the exit code.
///
/// The names are asked of the servers behind `@`, else of the system's resolver: what the lab itself has recorded is
/// never recorded again.
pub(crate) fn run(
    line: &CommandLine,
    defaults: &Defaults,
    output: &mut Output,
) -> Result<u8, Failure> {
    let path = line.lab.record.as_deref().unwrap_or_default();
    let mut file = create(path)?;
    match record(line, defaults, output) {
        Ok(text) => {
            file.write_all(text.as_bytes())
                .map_err(|error| cannot_write(path, &error))?;
            output.print(&format!(
                "written: {path}   look it over, then  lab nameserver --zone {path}\n"
            ));
            Ok(0)
        }
        Err(failure) => {
            // Nothing was recorded, so nothing stays behind.
            drop(file);
            let _ = std::fs::remove_file(path);
            Err(failure)
        }
    }
}

fn create(path: &str) -> Result<std::fs::File, Failure> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::new(code::FILE, format!("{path} exists already"))
                    .why("a recording never overwrites another file")
                    .next("choose a new name, and copy over what you want to keep")
            }
            _ => cannot_write(path, &error),
        })
}

fn cannot_write(path: &str, error: &io::Error) -> Failure {
    Failure::new(code::FILE, format!("cannot write {path}: {error}"))
        .next("choose a folder that exists and in which you may write")
}

fn record(line: &CommandLine, defaults: &Defaults, output: &mut Output) -> Result<String, Failure> {
    let mut live = line.clone();
    live.lab.live = line.lookups.iter().all(|lookup| lookup.servers.is_empty());
    let mut names = String::new();
    let mut written = Vec::new();
    let mut server = String::new();
    for lookup in &live.lookups {
        let vantage = Vantage::of(lookup, &live, defaults)?;
        check_wishes(&live, &vantage)?;
        if vantage.kind.is_lab() {
            return Err(
                Failure::usage("the lab's own answers are not recorded again")
                    .why("they would carry a new date and still be the old ones")
                    .next("ask a server of the internet, or none by name"),
            );
        }
        let recorded = Recorded {
            v4: watch(&live, lookup, &vantage, defaults, RecordType::A)?,
            v6: watch(&live, lookup, &vantage, defaults, RecordType::AAAA)?,
        };
        for seen in [&recorded.v4, &recorded.v6] {
            output.report(Report::of(seen, times(&live)));
        }
        server = vantage.servers[0].text();
        output.aside(&format!("asked {}\n", recorded.v4.name));
        names.push_str(&recorded.text(&mut written));
    }
    if written.is_empty() {
        let what = "nothing was recorded: no name of these has an address";
        return Err(Failure::new(code::NO_ANSWER, what)
            .why(format!("{server} was asked for A and AAAA"))
            .next(format!("look:  {} NAME --live", line.program)));
    }
    let date = jiff::Zoned::now().strftime("%Y-%m-%d");
    Ok(format!(
        "# Live answers, written by `{}`. The lab labels them with this date wherever it hands them out.\n\
         recorded = \"{date}\"\nsource   = \"live answers from {server}\"\n{}",
        line.program, names
    ))
}

fn watch(
    line: &CommandLine,
    lookup: &Lookup,
    vantage: &Vantage,
    defaults: &Defaults,
    rtype: RecordType,
) -> Result<Seen, Failure> {
    let lookup = Lookup {
        rtype,
        ..lookup.clone()
    };
    let observer = Observer {
        line,
        lookup: &lookup,
        vantage,
        defaults,
    };
    let observed = observer.run(times(line), line.lab.every, &mut |_| {
        ControlFlow::Continue(())
    })?;
    Ok(observed.seen)
}

fn times(line: &CommandLine) -> u32 {
    line.lab.repeat.unwrap_or(TIMES)
}

/// One name as it was seen.
struct Recorded {
    v4: Seen,
    v6: Seen,
}

impl Recorded {
    /// Its tables in the zone file: an alias each, then the name that has the addresses. What `written` holds is there
    /// already.
    fn text(&self, written: &mut Vec<String>) -> String {
        let mut text = String::new();
        let mut owner = format!("{}.", self.v4.name.trim_end_matches('.'));
        for (ttl, alias) in self.aliases() {
            if first_time(written, &owner) {
                text.push_str(&format!("{}CNAME  = \"{alias}\"\n", table(&owner, ttl)));
            }
            owner = alias;
        }
        if !self.has_addresses() {
            text.push_str(&format!("\n# {owner} had no address\n"));
        } else if first_time(written, &owner) {
            text.push_str(&self.addresses(&owner));
        }
        text
    }

    fn has_addresses(&self) -> bool {
        let replies = self.v4.observations.iter().chain(&self.v6.observations);
        let mut replies = replies.filter_map(|o| o.reply.as_ref());
        replies.any(|reply| !reply.records.is_empty())
    }

    fn addresses(&self, owner: &str) -> String {
        let v4 = Tally::of(&self.v4.observations);
        let v6 = Tally::of(&self.v6.observations);
        let give = give(if v4.counts.is_empty() { &v6 } else { &v4 });
        let mut text = format!("{}give   = \"{give}\"\n", table(owner, self.ttl()));
        for (key, tally) in [("A     ", &v4), ("AAAA  ", &v6)] {
            if !tally.counts.is_empty() {
                text.push_str(&format!("{key} = [{}]\n", list(tally)));
            }
        }
        text
    }

    fn aliases(&self) -> Vec<(u32, String)> {
        let replies = self.v4.observations.iter().chain(&self.v6.observations);
        let mut aliases = replies.filter_map(|o| o.reply.as_ref());
        aliases
            .find(|reply| !reply.aliases.is_empty())
            .map(|reply| reply.aliases.clone())
            .unwrap_or_default()
    }

    /// The longest that was seen: a cache on the way only ever shortens it.
    fn ttl(&self) -> u32 {
        let replies = self.v4.observations.iter().chain(&self.v6.observations);
        let ttls = replies.filter_map(|o| o.reply.as_ref()?.ttl);
        ttls.max().unwrap_or(300)
    }
}

fn table(owner: &str, ttl: u32) -> String {
    format!("\n[[name]]\nname   = \"{owner}\"\nttl    = {ttl}\n")
}

/// Whether a name is not in the file yet; from then on it is.
fn first_time(written: &mut Vec<String>, owner: &str) -> bool {
    let new = !written.iter().any(|name| name.eq_ignore_ascii_case(owner));
    if new {
        written.push(owner.to_owned());
    }
    new
}

/// How the zone is to hand them out, to look as they were seen.
fn give(tally: &Tally) -> &'static str {
    match tally.verdict {
        Verdict::Pool(_) => "one",
        Verdict::List(ListOrder::TurnedByOne | ListOrder::Turned) => "all",
        Verdict::List(ListOrder::Shuffled) | Verdict::Lists => "random",
        Verdict::List(ListOrder::Fixed) | Verdict::One | Verdict::Nothing => "fixed",
    }
}

fn list(tally: &Tally) -> String {
    let values = tally.counts.iter().map(|c| format!("\"{}\"", c.value));
    values.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
