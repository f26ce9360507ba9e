//! `tcp-request` and `tcp-response`: rules on connections and their first bytes.

use super::change::{self, Change};
use crate::h1::head::{RequestHead, ResponseHead};
use crate::h1::parse;
use crate::plan::{Direction, HttpAction, TcpAction, TcpRule};
use crate::request::record::Record;
use crate::request::view::Moment;
use crate::session::Session;
use samples::View;
use samples::acl::Outcome;
use std::cell::Cell;

/// How a list of rules ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// More bytes may decide otherwise.
    Wait,
    Reject,
    /// The server's connection is closed.
    Close,
    /// The client is left in the dark.
    Drop,
}

/// Carries out `tcp-request connection` or `session`; tells in `proxied` whether a PROXY header is to be expected.
pub fn on_session(rules: &[TcpRule], session: &mut Session, proxied: &mut bool) -> Verdict {
    let plan = session.worker.plan();
    for rule in rules {
        let step = {
            let moment = Moment::of_session(session, &plan);
            step(rule, &moment.bare())
        };
        match step {
            Step::Nothing | Step::Capture(..) | Step::LogLevel(_) => {}
            Step::Change(change) => {
                change.make(session);
            }
            Step::ExpectProxy => *proxied = true,
            Step::End(verdict) => return verdict,
        }
    }
    Verdict::Pass
}

/// What `content` rules look at.
pub enum Content<'a> {
    /// Whatever has come; `final` once nothing more is waited for.
    Bytes {
        bytes: &'a [u8],
        is_final: bool,
    },
    Request(&'a RequestHead),
    /// What the server has said.
    Answer {
        bytes: &'a [u8],
        is_final: bool,
    },
    /// In HTTP mode: the head of an answer, once it has come.
    Response {
        head: Option<&'a ResponseHead>,
        is_final: bool,
    },
}

/// Carries out `content` rules of a section.
pub fn on_content(
    proxy: &str,
    rules: &[TcpRule],
    content: &Content<'_>,
    record: &mut Record,
) -> Verdict {
    let mut head = RequestHead::default();
    let is_request = match content {
        Content::Bytes { bytes, .. } => parse::request(bytes, &mut head),
        _ => Ok(None),
    };
    let pending = matches!((content, &is_request), (Content::Bytes { .. }, Ok(None)));
    let head = match (content, is_request) {
        (Content::Request(head), _) => Some(*head),
        (_, Ok(Some(_))) => Some(&head),
        _ => None,
    };
    for rule in rules {
        let step = {
            let moment = Moment::new(record, proxy);
            let more = Cell::new(false);
            let mut view = moment.bare();
            view.request = head.map(|head| head as &dyn samples::view::Request);
            match content {
                Content::Bytes { bytes, is_final } => {
                    view.request_pending = pending;
                    view.bytes = Some(bytes);
                    view.more = (!is_final).then_some(&more);
                }
                Content::Answer { bytes, is_final } => {
                    view.response_bytes = Some(bytes);
                    view.more = (!is_final).then_some(&more);
                }
                Content::Response { head, is_final } => {
                    view.response = head.map(|head| head as &dyn samples::view::Response);
                    view.response_pending = head.is_none() && !is_final;
                    view.more = (!is_final).then_some(&more);
                }
                Content::Request(_) => {}
            }
            step(rule, &view)
        };
        match step {
            Step::Nothing | Step::ExpectProxy => {}
            Step::Change(change) => {
                change.make(record);
            }
            Step::Capture(place, value) => record.fill_capture(Direction::Request, place, &value),
            Step::LogLevel(level) => record.level = Some(level),
            Step::End(verdict) => return verdict,
        }
    }
    Verdict::Pass
}

/// What a rule does.
enum Step {
    Nothing,
    Change(Change),
    Capture(usize, Vec<u8>),
    LogLevel(Option<u8>),
    ExpectProxy,
    End(Verdict),
}

fn step(rule: &TcpRule, view: &View<'_>) -> Step {
    let condition = rule.condition.as_ref();
    match condition.map_or(Outcome::Holds, |condition| condition.outcome(view)) {
        Outcome::Fails => return Step::Nothing,
        Outcome::Open => return Step::End(Verdict::Wait),
        Outcome::Holds => {}
    }
    match &rule.action {
        TcpAction::Accept => Step::End(Verdict::Pass),
        TcpAction::Reject => Step::End(Verdict::Reject),
        TcpAction::Close => Step::End(Verdict::Close),
        TcpAction::SilentDrop => Step::End(Verdict::Drop),
        TcpAction::ExpectProxy => Step::ExpectProxy,
        TcpAction::Common(action) => common(action, view),
    }
}

fn common(action: &HttpAction, view: &View<'_>) -> Step {
    if let Some(more) = view.more {
        more.set(false);
    }
    match action {
        HttpAction::Capture { place, value } => {
            let value = value.evaluate(view);
            value.map_or(Step::Nothing, |value| {
                Step::Capture(*place, value.into_text().into_owned())
            })
        }
        HttpAction::SetLogLevel(level) => Step::LogLevel(*level),
        other => match change::of(other, view) {
            Some(change) => Step::Change(change),
            // What is to be tracked may be known later.
            None if matches!(other, HttpAction::Track { .. })
                && view.more.is_some_and(Cell::get) =>
            {
                Step::End(Verdict::Wait)
            }
            None => Step::Nothing,
        },
    }
}
