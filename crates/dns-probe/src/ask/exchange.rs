//! From a question to an answer, as dig gets there: every server in turn, tries, TCP after truncation.

use std::time::{Duration, Instant};

use super::note::Note;
use super::target::Target;
use super::{TryFailed, tcp, udp};
use crate::dns::edns::code;
use crate::dns::message::{Flags, HEADER, Malformed, Message};
use crate::dns::name;
use crate::dns::question::Query;
use crate::dns::rcode;

/// How hard is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// For one try.
    pub(crate) timeout: Duration,
    /// On the first server, at least 1; the others get what is left, at least one.
    pub(crate) tries: u32,
    pub(crate) tcp: bool,
    /// Take a truncated answer for good.
    pub(crate) ignore_truncation: bool,
    /// Take SERVFAIL for an answer.
    pub(crate) servfail_stops: bool,
    /// Ask again after BADVERS.
    pub(crate) negotiate: bool,
    /// Ask again after BADCOOKIE.
    pub(crate) returns_cookie: bool,
}

/// An answer, and how it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) message: Message,
    /// As last sent.
    pub(crate) query: Query,
    pub(crate) server: Target,
    pub(crate) tcp: bool,
    /// From sending the query that was answered to its answer.
    pub(crate) took: Duration,
}

/// How asking ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answer(Box<Asked>),
    /// Something came that cannot be read at all.
    Unreadable {
        why: Malformed,
        bytes: Vec<u8>,
    },
    /// Over TCP came what answers nothing that was asked; a note has said so. Nobody but the server can have sent it, so
    /// there is nothing to wait for.
    NotOurs,
    /// Nobody answered. `told` means that the last note has said so.
    NoReply {
        told: bool,
    },
}

/// Asks `servers`, which must not be empty, and tells `note` what happens.
pub(crate) fn ask(
    query: Query,
    servers: &[Target],
    limits: Limits,
    note: &mut dyn FnMut(Note),
) -> Outcome {
    let mut state = State {
        query,
        tcp: limits.tcp,
        tries: limits.tries,
        at: 0,
    };
    loop {
        let server = &servers[state.at];
        let started = Instant::now();
        let received = match attempt(&state, server, limits.timeout, note) {
            Ok(received) => received,
            Err(failed) => match state.after_failure(failed, servers, note) {
                Some(over) => return over,
                None => continue,
            },
        };
        let took = started.elapsed();
        let message = match received {
            Received::Message(message) => *message,
            Received::Unreadable(why, bytes) => return Outcome::Unreadable { why, bytes },
            Received::NotOurs => return Outcome::NotOurs,
        };
        if state.asks_again(&message, servers, limits, note) {
            continue;
        }
        return Outcome::Answer(Box::new(Asked {
            message,
            server: server.clone(),
            tcp: state.tcp,
            query: state.query,
            took,
        }));
    }
}

/// Where we are.
struct State {
    query: Query,
    tcp: bool,
    /// Tries left, the present one included.
    tries: u32,
    /// Index of the server.
    at: usize,
}

impl State {
    /// Chooses the next try; the outcome when there is none.
    fn after_failure(
        &mut self,
        failed: TryFailed,
        servers: &[Target],
        note: &mut dyn FnMut(Note),
    ) -> Option<Outcome> {
        let server = &servers[self.at];
        let again = self.tries > 1;
        let next = self.at + 1 < servers.len();
        let told = matches!(failed, TryFailed::Connect(_));
        note(match failed {
            TryFailed::Communication(why) => Note::Failed {
                server: server.address,
                why,
            },
            TryFailed::Connect(why) => Note::NotConnected {
                server: server.clone(),
                asked: name::text(&self.query.question.name)
                    .trim_end_matches('.')
                    .to_owned(),
                why,
                ends: again || !next,
            },
        });
        if again {
            self.tries -= 1;
        } else if next {
            self.at += 1;
        } else {
            return Some(Outcome::NoReply { told });
        }
        None
    }

    /// Whether this answer sends us off once more, and prepares for that.
    fn asks_again(
        &mut self,
        message: &Message,
        servers: &[Target],
        limits: Limits,
        note: &mut dyn FnMut(Note),
    ) -> bool {
        if message.is_truncated() && !self.tcp && !limits.ignore_truncation {
            note(Note::Truncated);
            self.tcp = true;
            return true;
        }
        if message.rcode() == rcode::BADVERS && limits.negotiate {
            let offered = message.edns.as_ref().map_or(0, |edns| edns.version);
            if let Some(edns) = self.query.edns.as_mut().filter(|e| offered < e.version) {
                edns.version = offered;
                note(Note::BadVersion(offered));
                return true;
            }
        }
        if message.rcode() == rcode::BADCOOKIE
            && !self.tcp
            && limits.returns_cookie
            && self.takes_cookie(message)
        {
            note(Note::BadCookie);
            return true;
        }
        if message.rcode() == rcode::SERVFAIL && !limits.servfail_stops {
            let more = self.at + 1 < servers.len();
            note(Note::ServFail {
                server: servers[self.at].address,
                more,
            });
            self.at += usize::from(more);
            return more;
        }
        false
    }
}

impl State {
    /// Takes the server's cookie into the query; false when it is not one that goes with ours, or was sent already.
    fn takes_cookie(&mut self, message: &Message) -> bool {
        let given = message.edns.as_ref().and_then(|e| e.option(code::COOKIE));
        let sent = self.query.edns.as_mut().map(|edns| &mut edns.options);
        let sent = sent.and_then(|all| all.iter_mut().find(|(c, _)| *c == code::COOKIE));
        match (given, sent) {
            (Some(given), Some((_, sent)))
                if given != sent.as_slice() && given.get(..8) == sent.get(..8) =>
            {
                *sent = given.to_vec();
                self.query.expects_edns = true;
                true
            }
            _ => false,
        }
    }
}

/// What came.
enum Received {
    Message(Box<Message>),
    Unreadable(Malformed, Vec<u8>),
    NotOurs,
}

fn attempt(
    state: &State,
    server: &Target,
    timeout: Duration,
    note: &mut dyn FnMut(Note),
) -> Result<Received, TryFailed> {
    let bytes = state.query.to_bytes();
    let accept = |bytes: &[u8]| examine(&state.query, bytes, state.tcp, note);
    if state.tcp {
        tcp::attempt(server.address, &bytes, timeout, accept)
    } else {
        udp::attempt(server.address, &bytes, timeout, accept)
    }
}

/// Whether these bytes answer the query; `None` goes on waiting.
fn examine(query: &Query, bytes: &[u8], tcp: bool, note: &mut dyn FnMut(Note)) -> Option<Received> {
    // A datagram may be forged, or late: the answer may still come.
    let not_ours = tcp.then_some(Received::NotOurs);
    if bytes.len() < HEADER {
        note(Note::Short { tcp });
        return not_ours;
    }
    let got = u16::from_be_bytes([bytes[0], bytes[1]]);
    if got != query.id {
        let expected = query.id;
        note(Note::OtherId { expected, got, tcp });
        return not_ours;
    }
    let message = match Message::parse(bytes) {
        Ok(message) => message,
        Err(why) => return Some(Received::Unreadable(why, bytes.to_vec())),
    };
    if !message.flags.has(Flags::QR) {
        note(Note::NotAnAnswer);
    }
    if message.cut_short {
        note(Note::CutShort);
    }
    let other = message
        .questions
        .iter()
        .find(|asked| !asked.matches(&query.question));
    if let Some(other) = other {
        note(Note::OtherQuestion(other.clone()));
        return not_ours;
    }
    if query.expects_edns && message.edns.is_none() {
        note(Note::NoEdns);
    }
    if other_cookie(query, &message) {
        note(Note::OtherCookie);
    }
    Some(Received::Message(Box::new(message)))
}

fn other_cookie(query: &Query, message: &Message) -> bool {
    let cookie = |edns: &Option<crate::dns::edns::Edns>| {
        let cookie = edns.as_ref()?.option(code::COOKIE)?;
        Some(cookie[..cookie.len().min(8)].to_vec())
    };
    match (cookie(&query.edns), cookie(&message.edns)) {
        (Some(ours), Some(theirs)) => ours != theirs,
        _ => false,
    }
}
