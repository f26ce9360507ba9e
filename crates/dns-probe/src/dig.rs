//! Each lookup asked once and shown as dig shows it.

use std::time::Duration;

use hickory_proto::rr::Name;

use crate::Defaults;
use crate::advice;
use crate::ask::exchange::Limits;
use crate::ask::note::{NO_SERVERS, Note};
use crate::ask::{Asked, Outcome, ask, query};
use crate::dns::message::{Malformed, Message};
use crate::dns::{name, rcode};
use crate::failure::{Failure, code};
use crate::label::Label;
use crate::observe::Observer;
use crate::output::Output;
use crate::report::Report;
use crate::text::message as text;
use crate::vantage::{Kind, Vantage};
use crate::words::{CommandLine, Lookup};

/// How long a resolver of the system may be silent when nobody said how long to wait.
const SYSTEM_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks all lookups in turn; the exit code.
pub(crate) fn run(
    mut line: CommandLine,
    defaults: &Defaults,
    output: &mut Output,
) -> Result<u8, Failure> {
    let mut greeting = line.greeting.take();
    let mut worst = 0;
    for lookup in &line.lookups {
        let vantage = Vantage::of(lookup, &line, defaults)?;
        check_wishes(&line, &vantage)?;
        let code = Dig {
            lookup,
            line: &line,
            defaults,
            vantage,
            greeting: greeting.take(),
            output: &mut *output,
        }
        .run()?;
        worst = worst.max(code);
    }
    Ok(worst)
}

/// One lookup on its way.
struct Dig<'a> {
    lookup: &'a Lookup,
    line: &'a CommandLine,
    defaults: &'a Defaults,
    vantage: Vantage,
    /// dig's first lines, until they are printed.
    greeting: Option<String>,
    output: &'a mut Output,
}

impl Dig<'_> {
    fn run(mut self) -> Result<u8, Failure> {
        let name = parse_name(&self.line.program, &self.lookup.name)?;
        let query = query::build(self.lookup, name, self.vantage.kind.is_lab());
        self.show_query(&query.to_bytes());
        let limits = limits(self.lookup, self.vantage.kind);
        let servers = self.vantage.pick().to_vec();
        let hide_comments = self.line.global.short || !self.lookup.sections.comments;
        let mut last = None;
        let outcome = ask(query, &servers, limits, &mut |note: Note| {
            if !(note.is_comment() && hide_comments) {
                self.output.print(&note.text());
            }
            last = Some(note);
        });
        match outcome {
            Outcome::Answer(asked) => {
                let code = self.answer(&asked);
                self.report(Some(&asked));
                Ok(code)
            }
            Outcome::Unreadable { why, bytes } => {
                self.output.print(&bad_packet(why, &bytes));
                Ok(0)
            }
            Outcome::NotOurs => Ok(0),
            Outcome::NoReply { told } => {
                let code = self.no_reply(told, last, limits);
                self.report(None);
                Ok(code)
            }
        }
    }

    fn report(&mut self, asked: Option<&Asked>) {
        let observer = Observer {
            line: self.line,
            lookup: self.lookup,
            vantage: &self.vantage,
            defaults: self.defaults,
        };
        let report = Report::of(&observer.seen_once(asked), 1);
        self.output.report(report);
    }

    fn answer(&mut self, asked: &Asked) -> u8 {
        let message = &asked.message;
        let lookup = self.lookup;
        let style = lookup.style(&self.line.global);
        if self.line.global.short {
            let tail = if lookup.identify {
                let name = &asked.server.name;
                format!(
                    " from server {name} in {}.",
                    duration(lookup, asked.took, "us", "ms")
                )
            } else {
                String::new()
            };
            if lookup.sections.answer {
                self.output.print(&text::short(message, &style, &tail));
            }
        } else {
            self.greet();
            let sent = query::asked(&asked.query);
            let body = text::received(message, &sent, lookup.sections, &style);
            self.output.print(&(body + &footer(lookup, asked)));
        }
        let label = Label::parse(&text::label(message).unwrap_or_default());
        if let Some(note) = self.vantage.note(&asked.server, &label) {
            self.output.aside(&note);
        }
        self.verdict(message)
    }

    /// The exit code of an answer.
    fn verdict(&self, message: &Message) -> u8 {
        let found = message
            .answers
            .iter()
            .any(|record| record.rtype == self.lookup.rtype);
        let missing = message.rcode() != rcode::NOERROR || !found;
        if self.line.lab.fail && missing {
            return code::NO_ANSWER;
        }
        0
    }

    fn show_query(&mut self, bytes: &[u8]) {
        if !self.lookup.query || self.line.global.short {
            return;
        }
        self.greet();
        let message = Message::parse(bytes).expect("what was built can be read");
        let style = self.lookup.style(&self.line.global);
        let mut shown = text::sent(&message, self.lookup.sections, &style);
        if self.lookup.stats {
            shown.push_str(&format!(";; QUERY SIZE: {}\n\n", bytes.len()));
        }
        self.output.print(&shown);
    }

    /// dig's first lines, unless `+nocmd` or `+short` came behind the name.
    fn greet(&mut self) {
        let greeting = self.greeting.take().unwrap_or_default();
        if self.line.global.cmd && !self.line.global.short {
            self.output.print(&greeting);
        }
    }

    fn no_reply(&mut self, told: bool, last: Option<Note>, limits: Limits) -> u8 {
        if !told {
            let greeting = self.greeting.take().unwrap_or_default();
            self.output.print(&(greeting + NO_SERVERS));
        }
        let failure = advice::no_reply(
            &self.line.program,
            &self.vantage,
            self.defaults,
            last.as_ref(),
            limits,
        );
        self.output.aside(&failure.text());
        code::NO_REPLY
    }
}

/// Refuses wishes that only the lab's server can grant, when it is another that is asked.
pub(crate) fn check_wishes(line: &CommandLine, vantage: &Vantage) -> Result<(), Failure> {
    if line.lab.ttl.is_some() && !vantage.kind.is_lab() {
        return Err(Failure::usage("--ttl is for names of the lab's zone")
            .why("no other server lets the asker choose how long an answer may be kept")
            .next("leave --ttl away"));
    }
    Ok(())
}

/// A name, or dig's refusal.
pub(crate) fn parse_name(program: &str, typed: &str) -> Result<Name, Failure> {
    let refuse = |why: name::NotAName| {
        Failure::new(
            code::FATAL,
            format!("{program}: '{typed}' is not a legal name ({why})"),
        )
    };
    if typed.is_empty() {
        return Err(refuse(name::NotAName::UnexpectedEnd));
    }
    name::parse(typed).map_err(refuse)
}

/// How hard a lookup is tried.
pub(crate) fn limits(lookup: &Lookup, kind: Kind) -> Limits {
    let impatient = matches!(kind, Kind::System | Kind::Live);
    let (timeout, tries) = if impatient {
        (SYSTEM_TIMEOUT, 1)
    } else {
        (crate::words::lookup::TIMEOUT, crate::words::lookup::TRIES)
    };
    Limits {
        timeout: lookup.timeout.unwrap_or(timeout),
        tries: lookup.tries.unwrap_or(tries),
        tcp: lookup.tcp,
        ignore_truncation: lookup.ignore_truncation,
        servfail_stops: lookup.servfail_stops,
        negotiate: lookup.edns.negotiate,
        returns_cookie: lookup.edns.returns_cookie,
    }
}

fn duration(lookup: &Lookup, took: Duration, micro: &str, milli: &str) -> String {
    if lookup.microseconds {
        format!("{} {micro}", took.as_micros())
    } else {
        format!("{} {milli}", took.as_millis())
    }
}

/// The four lines below an answer, or the one of `+nostats +identify`.
fn footer(lookup: &Lookup, asked: &Asked) -> String {
    let server = format!("{}({})", asked.server.text(), asked.server.name);
    let size = asked.message.size;
    if lookup.stats {
        let took = duration(lookup, asked.took, "usec", "msec");
        let transport = if asked.tcp { "TCP" } else { "UDP" };
        let when = jiff::Zoned::now().strftime("%a %b %d %H:%M:%S %Z %Y");
        format!(
            ";; Query time: {took}\n;; SERVER: {server} ({transport})\n;; WHEN: {when}\n;; MSG SIZE  rcvd: {size}\n\n"
        )
    } else if lookup.identify {
        let took = duration(lookup, asked.took, "us", "ms");
        format!(";; Received {size} bytes from {server} in {took}\n\n")
    } else {
        String::new()
    }
}

/// Bytes that are no message, sixteen a line.
fn bad_packet(why: Malformed, bytes: &[u8]) -> String {
    let mut text = format!(";; Got bad packet: {why}\n{} bytes\n", bytes.len());
    for line in bytes.chunks(16) {
        let hex: String = line.iter().map(|byte| format!("{byte:02x} ")).collect();
        let letters: String = line
            .iter()
            .map(|byte| match byte {
                0x20..=0x7e => char::from(*byte),
                _ => '.',
            })
            .collect();
        text.push_str(&format!("{hex:<48}         {letters}\n"));
    }
    text
}
