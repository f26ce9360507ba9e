//! `http-request`, `http-response` and `http-after-response`, carried out rule by rule.
//!
//! Each rule is looked at twice: `step` asks what it does to the message as it stands, and then that is done. So
//! that a rule sees what the rules before it have changed.

mod answer;
mod change;
mod edit;
mod patterns;
mod redirect;
pub mod tcp;
mod uri;

pub use answer::{Answer, reason};

use crate::error_page::Pages;
use crate::h1::head::{RequestHead, ResponseHead};
use crate::plan::{BodyWait, Direction, HttpAction, HttpRule, HttpRules, Service};
use crate::request::record::Record;
use crate::request::view::Moment;
use edit::Edit;
use lb_core::counters::Fault;
use lb_core::termination::{Cause, Phase, Termination};
use samples::{Format, View, acl};
use std::sync::Arc;

/// How a list of rules ended.
#[derive(Debug)]
pub enum Verdict {
    /// The message goes on its way.
    Pass,
    /// The client gets this.
    Answer(Answer, Termination),
    /// The client is asked who it is.
    Unauthorized(Answer),
    /// The body is waited for; so many rules, this one among them, are done.
    WaitForBody(BodyWait, usize),
    /// The client gets this ahead of the answer; so many rules, this one among them, are done.
    EarlyHint(ResponseHead, usize),
    /// A change does not fit: the client gets an error.
    Failed,
    /// The client gets what a service of the balancer's says.
    Serve(Service),
    /// The client gets this after a while.
    Tarpit(Answer),
    /// The connection is closed without a word.
    Close,
    /// The client is left in the dark.
    Drop,
}

/// What a rule does.
enum Step {
    Nothing,
    Edit(Edit),
    End(Verdict),
}

/// A section's name and its rules.
#[derive(Clone, Copy)]
pub struct List<'a> {
    pub proxy: &'a str,
    pub rules: &'a [HttpRule],
}

/// Carries out the rules of a section on a request.
pub fn on_request(
    list: List<'_>,
    head: &mut RequestHead,
    body: &[u8],
    record: &mut Record,
) -> Verdict {
    for (index, rule) in list.rules.iter().enumerate() {
        let step = {
            let moment = Moment::new(record, list.proxy);
            let view = moment.view(head, body, None);
            step(rule, &view, list.proxy, Direction::Request, &record.pages())
        };
        match step {
            Step::Nothing => {}
            Step::Edit(edit) => {
                if !edit.request(head, record) {
                    record.failed(Fault::Rewrite);
                    if !record.lenient.request {
                        return Verdict::Failed;
                    }
                }
            }
            Step::End(Verdict::WaitForBody(wait, _)) => {
                return Verdict::WaitForBody(wait, index + 1);
            }
            Step::End(Verdict::EarlyHint(hint, _)) => {
                return Verdict::EarlyHint(hint, index + 1);
            }
            Step::End(verdict) => return verdict,
        }
    }
    Verdict::Pass
}

/// Carries out the rules of a section on a server's answer.
pub fn on_response(
    list: List<'_>,
    request: &RequestHead,
    head: &mut ResponseHead,
    record: &mut Record,
) -> Verdict {
    for rule in list.rules {
        let step = {
            let moment = Moment::new(record, list.proxy);
            let view = moment.view(request, &[], Some(head));
            step(
                rule,
                &view,
                list.proxy,
                Direction::Response,
                &record.pages(),
            )
        };
        match step {
            Step::Nothing => {}
            Step::Edit(edit) => {
                if !edit.response(head, record) {
                    record.failed(Fault::Rewrite);
                    if !record.lenient.response {
                        return Verdict::Failed;
                    }
                }
            }
            Step::End(verdict) => return verdict,
        }
    }
    Verdict::Pass
}

/// Carries out `http-response` of the backend and the frontend on an answer.
pub fn on_answer(request: &RequestHead, head: &mut ResponseHead, record: &mut Record) -> Verdict {
    both_lists(request, head, record, |rules| &rules.response)
}

/// Carries out `http-after-response` of the backend and the frontend on whatever the client will get; false: a change
/// does not fit.
pub fn after_response(request: &RequestHead, head: &mut ResponseHead, record: &mut Record) -> bool {
    // the only other verdict they can come to is to stop
    let verdict = both_lists(request, head, record, |rules| &rules.after_response);
    !matches!(verdict, Verdict::Failed)
}

/// The rules of the backend, then, unless they stop it, those of the frontend.
fn both_lists(
    request: &RequestHead,
    head: &mut ResponseHead,
    record: &mut Record,
    pick: fn(&HttpRules) -> &[HttpRule],
) -> Verdict {
    let frontend = Arc::clone(&record.frontend);
    if let Some(backend) = record.backend.clone() {
        let list = List {
            proxy: &backend.name,
            rules: pick(&backend.http),
        };
        let verdict = on_response(list, request, head, record);
        // a `listen` has one list, which is carried out once
        let same = backend.listen && backend.name == frontend.name;
        if same || !matches!(verdict, Verdict::Pass) {
            return verdict;
        }
    }
    let list = List {
        proxy: &frontend.name,
        rules: pick(&frontend.http),
    };
    on_response(list, request, head, record)
}

fn step(
    rule: &HttpRule,
    view: &View<'_>,
    proxy: &str,
    direction: Direction,
    pages: &Pages<'_>,
) -> Step {
    if !acl::applies(rule.condition.as_ref(), view) {
        return Step::Nothing;
    }
    let refused = match direction {
        Direction::Request => Termination::new(Cause::Proxy, Phase::Request),
        Direction::Response => Termination::new(Cause::Proxy, Phase::Headers),
    };
    let local = match direction {
        Direction::Request => Termination::new(Cause::Local, Phase::Request),
        Direction::Response => Termination::new(Cause::Local, Phase::Headers),
    };
    Step::End(match &rule.action {
        HttpAction::Allow => Verdict::Pass,
        HttpAction::Deny(reply) => Verdict::Answer(Answer::of(reply, view, pages), refused),
        HttpAction::Return(reply) => Verdict::Answer(Answer::of(reply, view, pages), local),
        HttpAction::Tarpit(reply) => Verdict::Tarpit(Answer::of(reply, view, pages)),
        HttpAction::Auth { realm } => {
            let realm = realm.as_ref().map(|realm| realm.render(view));
            let realm = realm.unwrap_or_else(|| proxy.as_bytes().to_vec());
            Verdict::Unauthorized(Answer::unauthorized(&realm, view, pages))
        }
        HttpAction::Redirect(redirect) => match redirect::answer(redirect, view) {
            Some(answer) => Verdict::Answer(answer, local),
            None => return Step::Nothing,
        },
        HttpAction::WaitForBody(wait) => Verdict::WaitForBody(*wait, 0),
        HttpAction::UseService(service) => Verdict::Serve(*service),
        HttpAction::Reject => Verdict::Close,
        HttpAction::SilentDrop => Verdict::Drop,
        HttpAction::EarlyHint { name, value } => {
            return early_hint(name, value, view);
        }
        action => return edit::of(action, view).map_or(Step::Nothing, Step::Edit),
    })
}

/// A 103 (RFC 8297) with one field; a client of version 1.0 knows no interim answers.
fn early_hint(name: &str, value: &Format, view: &View<'_>) -> Step {
    match view.request.map(|head| head.version()) {
        Some(b"HTTP/1.0" | b"HTTP/0.9") | None => return Step::Nothing,
        Some(_) => {}
    }
    let mut head = ResponseHead::default();
    head.begin(103, reason(103).as_bytes());
    head.fields.append(name.as_bytes(), &value.render(view));
    Step::End(Verdict::EarlyHint(head, 0))
}
