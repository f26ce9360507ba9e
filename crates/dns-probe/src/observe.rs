//! One question asked many times.

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use crate::Defaults;
use crate::advice;
use crate::ask::note::Note;
use crate::ask::target::Target;
use crate::ask::{Asked, Outcome, ask, query};
use crate::dig::{limits, parse_name};
use crate::dns::message::{Flags, Message, Record};
use crate::dns::name;
use crate::dns::rdata::{Field, Rdata};
use crate::dns::record_type::RecordType;
use crate::failure::Failure;
use crate::label::Label;
use crate::screen::Seen;
use crate::tally::{Observation, Reply};
use crate::text::message as text;
use crate::text::{Style, rdata};
use crate::vantage::Vantage;
use crate::words::{CommandLine, Lookup};

/// A question that is asked again and again.
pub(crate) struct Observer<'a> {
    pub(crate) line: &'a CommandLine,
    pub(crate) lookup: &'a Lookup,
    pub(crate) vantage: &'a Vantage,
    pub(crate) defaults: &'a Defaults,
}

/// What happened so far, after each question.
pub(crate) struct Step<'a> {
    pub(crate) seen: &'a Seen,
    /// The whole answer; `None` when nobody answered.
    pub(crate) message: Option<&'a Message>,
}

/// All that was seen, and who answered last.
pub(crate) struct Observed {
    pub(crate) seen: Seen,
    pub(crate) server: Option<Target>,
}

impl Observer<'_> {
    /// Asks `times` times and shows each step, until that breaks off.
    ///
    /// # Errors
    ///
    /// The name is none, or nobody answered the first question: then no more are asked.
    pub(crate) fn run(
        &self,
        times: u32,
        every: Option<Duration>,
        step: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Result<Observed, Failure> {
        let mut observed = Observed {
            seen: self.nothing_yet(),
            server: None,
        };
        for n in 1..=times {
            let started = Instant::now();
            let asked = self.once(n == 1)?;
            let reply = asked.as_ref().map(|(asked, truncated)| {
                let seen = &mut observed.seen;
                seen.remember(&asked.message, asked.tcp, n);
                observed.server = Some(asked.server.clone());
                self.reply(asked, *truncated)
            });
            observed.seen.observations.push(Observation { n, reply });
            let goes_on = step(Step {
                seen: &observed.seen,
                message: asked.as_ref().map(|(asked, _)| &asked.message),
            });
            if goes_on.is_break() {
                break;
            }
            if let Some(every) = every.filter(|_| n < times) {
                thread::sleep(every.saturating_sub(started.elapsed()));
            }
        }
        Ok(observed)
    }

    /// One question: the answer, and whether it was first cut off over UDP.
    fn once(&self, first: bool) -> Result<Option<(Asked, bool)>, Failure> {
        let name = parse_name(&self.line.program, &self.lookup.name)?;
        let query = query::build(self.lookup, name, self.vantage.kind.is_lab());
        let limits = limits(self.lookup, self.vantage.kind);
        let (mut lines, mut last, mut truncated) = (Vec::new(), None, false);
        let outcome = ask(query, self.vantage.pick(), limits, &mut |note: Note| {
            truncated |= note == Note::Truncated;
            lines.push(note.text().trim_end().to_owned());
            last = Some(note);
        });
        match outcome {
            Outcome::Answer(asked) => Ok(Some((*asked, truncated))),
            _ if !first => Ok(None),
            _ => {
                let program = &self.line.program;
                let mut failure =
                    advice::no_reply(program, self.vantage, self.defaults, last.as_ref(), limits);
                lines.push(";; no servers could be reached".to_owned());
                failure.what = lines;
                Err(failure)
            }
        }
    }

    /// The question as one that nobody answered, or only once.
    pub(crate) fn seen_once(&self, asked: Option<&Asked>) -> Seen {
        let mut seen = self.nothing_yet();
        let reply = asked.map(|asked| {
            seen.remember(&asked.message, asked.tcp, 1);
            self.reply(asked, false)
        });
        seen.observations.push(Observation { n: 1, reply });
        seen
    }

    fn nothing_yet(&self) -> Seen {
        Seen {
            name: match self.lookup.name.trim_end_matches('.') {
                "" => ".".to_owned(),
                name => name.to_owned(),
            },
            rtype: self.lookup.rtype.to_string(),
            kind: self.vantage.kind,
            servers: self.vantage.servers.iter().map(Target::text).collect(),
            authoritative: false,
            tcp: false,
            source: None,
            observations: Vec::new(),
        }
    }

    fn reply(&self, asked: &Asked, truncated: bool) -> Reply {
        let message = &asked.message;
        let wanted = self.lookup.rtype;
        let fits = |record: &&Record| record.rtype == wanted || wanted == RecordType::ANY;
        let style = self.lookup.style(&self.line.global).short();
        let found: Vec<&Record> = message.answers.iter().filter(fits).collect();
        Reply {
            ttl: found.first().map(|record| record.ttl),
            ms: asked.took.as_millis(),
            tcp: asked.tcp,
            truncated,
            rcode: message.rcode(),
            records: found.iter().map(|record| value(record, &style)).collect(),
            aliases: aliases(message, wanted),
            cache: label(message).cache,
            view: label(message).view,
        }
    }
}

impl Seen {
    /// Takes from an answer what belongs to all of them.
    fn remember(&mut self, message: &Message, tcp: bool, n: u32) {
        if n == 1 {
            self.authoritative = message.flags.has(Flags::AA);
            self.tcp = tcp;
        }
        if self.source.is_none() {
            self.source = label(message).source;
        }
    }
}

/// What the lab's server says about its answer.
pub(crate) fn label(message: &Message) -> Label {
    Label::parse(&text::label(message).unwrap_or_default())
}

fn value(record: &Record, style: &Style) -> String {
    rdata::text(record.rtype, record.class, &record.rdata, style)
}

/// The targets of the CNAME records on the way.
fn aliases(message: &Message, wanted: RecordType) -> Vec<(u32, String)> {
    let alias = |record: &Record| match &record.rdata {
        Rdata::Fields(fields) => match fields.as_slice() {
            [Field::Name(target)] => Some((record.ttl, name::text(target))),
            _ => None,
        },
        Rdata::Bytes(_) => None,
    };
    message
        .answers
        .iter()
        .filter(|record| record.rtype == RecordType::CNAME && wanted != RecordType::CNAME)
        .filter_map(alias)
        .collect()
}
