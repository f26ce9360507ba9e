//! A request and its answer over one server connection, both ways at the same time.

mod answer;
mod inspection;

use super::body::{Broken, Flow, Limits, Transfer, Way};
use super::leaving::{self, Departure};
use super::record::Record;
use super::scratch::Scratch;
use crate::h1::facts::Facts;
use crate::h1::framing;
use crate::h1::head::{RequestHead, Version};
use crate::h1::onward::Onward;
use crate::h1::write;
use crate::plan::{Backend, KeepAlive, RetryOn};
use crate::session::Session;
use crate::upstream::Link;
use answer::{Answer, Answered, Failure};
use lb_core::termination::{Cause, Phase, Termination};
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// How an exchange ended.
#[derive(Debug)]
pub enum End {
    Done {
        client_stays: bool,
        server_stays: bool,
    },
    /// Both sides have left HTTP.
    Tunnel,
    /// The server closed without a byte, and the client has had answers on its connection before.
    Stale,
    /// `retry-on` wants it to be asked once more.
    Again {
        /// The connection may carry another request.
        server_stays: bool,
    },
    /// Nothing can be said any more.
    Cut(Termination),
    /// A rule leaves the client in the dark.
    Dropped,
    /// The client has not got an answer yet.
    Refused {
        refusal: Refusal,
        /// The whole request was read.
        upload_whole: bool,
    },
}

/// What a client is told instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub termination: Termination,
    /// `None`: closed on without a word.
    pub status: Option<u16>,
}

impl From<Termination> for Refusal {
    fn from(termination: Termination) -> Self {
        Self {
            termination,
            status: termination.status(),
        }
    }
}

/// What is known before it begins.
#[derive(Debug)]
pub struct Exchange {
    client_limit: Option<Duration>,
    server_limit: Option<Duration>,
    /// The client may send another request afterwards.
    client_stays: bool,
    facts: Facts,
    client_was_served: bool,
    /// Its connection may serve another request.
    server_stays: bool,
    /// Its server speaks HTTP/2.
    http2: bool,
    /// It ends when the client leaves before the answer.
    watched: bool,
    /// It ends even after the answer has begun when the client takes its request back, which it can by HTTP/2.
    resets: bool,
    /// The answer has begun.
    begun: Cell<bool>,
    /// The client has got an interim answer.
    interim: Cell<bool>,
    /// When to ask once more; `None`: never.
    retry_on: Option<RetryOn>,
}

impl Exchange {
    pub fn new(
        session: &Session,
        backend: &Backend,
        scratch: &Scratch,
        record: &Record,
        link: &Link,
        facts: &Facts,
    ) -> Self {
        Self {
            retry_on: None,
            http2: link.is_http2(),
            interim: Cell::new(false),
            watched: record.is_watched(),
            resets: session.http_major > 1,
            begun: Cell::new(false),
            client_limit: session.frontend.timeouts.client,
            server_limit: record.server_timeout(backend),
            client_stays: super::client_stays(session, scratch, facts),
            facts: *facts,
            client_was_served: session.has_served,
            server_stays: session.frontend.http.options.keep_alive == KeepAlive::Both
                && backend.http.options.keep_alive == KeepAlive::Both,
        }
    }

    /// Asks once more where this says so.
    pub fn retrying(self, on: Option<RetryOn>) -> Self {
        Self {
            retry_on: on,
            ..self
        }
    }

    /// Sends the request and passes the answer on.
    pub async fn run(
        self,
        session: &mut Session,
        scratch: &mut Scratch,
        record: &mut Record,
        link: &mut Link,
        upload: &mut Transfer,
    ) -> End {
        let Scratch {
            request,
            response,
            up,
            down,
        } = scratch;
        let connection = match self.server_stays {
            // HAProxy leaves the field of whoever speaks of an upgrade alone
            _ if self.facts.names_upgrade => None,
            true => framing::request_connection(request.version, &self.facts),
            // a request of version 1.0 need not say it
            false => (request.version == Version::Http11).then_some(&b"close"[..]),
        };
        name_server(request, record);
        // An attempt before this one may have left something.
        up.lines.clear();
        let onward = Onward::to_server(request, framing::of_request(&self.facts));
        upload.goes_as(&onward);
        if onward.drops_length {
            request.fields.retain(|name, _| name != b"content-length");
        }
        let added = write::Added {
            connection,
            chunks: onward.chunks_unsaid,
        };
        let target = match self.http2 {
            true => request.target(),
            false => request.target_for_http1(),
        };
        write::request(request, target, added, &mut up.lines);
        let now = Instant::now();
        let lost = record.ended_by_others();
        let ledger = record.ledger();
        let (tell_up, tell_down) = (|n| ledger.count(n, 0), |n| ledger.count(0, n));
        let stream = record.stream();
        let seen = stream.as_deref();
        let up_flow = Flow::new(now, &tell_up, seen);
        let down_flow = Flow::new(now, &tell_down, seen);
        let mut upstream = Way {
            from: &mut session.client.reader,
            to: &mut link.stream.writer,
            lane: up,
            alarm: &mut session.alarm,
            limits: Limits {
                read: self.client_limit,
                write: self.server_limit,
            },
            flow: &up_flow,
            other: &down_flow,
            is_shut: false,
        };
        let mut answer = Answer {
            way: Way {
                from: &mut link.stream.reader,
                to: &mut session.client.writer,
                lane: down,
                alarm: &mut session.other_alarm,
                limits: Limits {
                    read: self.server_limit,
                    write: self.client_limit,
                },
                flow: &down_flow,
                other: &up_flow,
                is_shut: false,
            },
            exchange: &self,
            request,
            response,
            record: &mut *record,
        };
        let carried = Cell::new(None);
        let up = async {
            carried.set(Some(upstream.carry(upload).await));
            if self.watched && carried.get() == Some(Ok(())) {
                let departure = leaving::departure(upstream.from, &mut upstream.lane.buffer);
                let broken = match departure.await {
                    // The answer is whole.
                    Departure::Closed if self.resets => return,
                    Departure::Closed => Broken::SourceLeft,
                    Departure::Reset => Broken::SourceClosed,
                };
                if !self.begun.get() || self.resets {
                    carried.set(Some(Err(broken)));
                }
            }
        };
        let ended = tokio::select! {
            ended = both(up, &carried, answer.pass_on()) => Ok(ended),
            why = lost => Err(why),
        };
        let end = match ended {
            Ok((up, down)) => self.end(up, down, record),
            Err(why) => Self::server_lost(record, why, carried.get() == Some(Ok(()))),
        };
        if !matches!(end, End::Again { .. }) {
            record.settle(&up_flow, &down_flow);
        }
        end
    }

    /// The sessions of its server are to end.
    fn server_lost(record: &Record, why: Cause, upload_whole: bool) -> End {
        if record.status.is_some() {
            return End::Cut(Termination::new(why, Phase::Data));
        }
        if !upload_whole {
            return End::Cut(Termination::new(why, Phase::Done));
        }
        End::Refused {
            refusal: Termination::new(why, Phase::Headers).into(),
            upload_whole,
        }
    }

    fn end(
        &self,
        up: Option<Result<(), Broken>>,
        down: Option<Result<Answered, Failure>>,
        record: &Record,
    ) -> End {
        let refused = |refusal| End::Refused {
            refusal,
            upload_whole: up == Some(Ok(())),
        };
        match (up, down) {
            (Some(Err(Broken::SourceClosed)), None) => {
                End::Cut(Termination::new(Cause::Client, Phase::Data))
            }
            (Some(Err(Broken::SourceInvalid)), None) if record.status.is_some() => {
                End::Cut(Termination::new(Cause::Proxy, Phase::Data))
            }
            (Some(Err(Broken::SourceInvalid)), None) => refused(Refusal {
                termination: Termination::new(Cause::Proxy, Phase::Headers),
                status: Some(400),
            }),
            (Some(Err(Broken::SourceLeft)), _) => {
                refused(Termination::new(Cause::Client, Phase::Headers).into())
            }
            (_, Some(Err(failure)))
                if let Some(server_stays) = self.asks_again(failure, record) =>
            {
                End::Again { server_stays }
            }
            (_, Some(Err(Failure::Silent | Failure::Reset { silent: true })))
                if self.client_was_served =>
            {
                End::Stale
            }
            // HAProxy finds the way up broken, and says no more.
            (up, Some(Err(Failure::Reset { .. }))) if up != Some(Ok(())) => {
                End::Cut(Termination::new(Cause::Server, Phase::Data))
            }
            (_, Some(Err(Failure::Silent | Failure::Reset { .. }))) => {
                refused(Termination::new(Cause::Server, Phase::Headers).into())
            }
            (_, Some(Err(Failure::Before(termination)))) => refused(termination.into()),
            (_, Some(Err(Failure::Within(termination)))) => End::Cut(termination),
            (_, Some(Err(Failure::Dropped))) => End::Dropped,
            (_, Some(Err(Failure::Status { .. }))) => {
                End::Cut(Termination::new(Cause::Internal, Phase::Headers))
            }
            (_, Some(Ok(Answered::Tunnel))) => End::Tunnel,
            (Some(Err(Broken::SourceTimeout)), Some(Ok(_))) => {
                End::Cut(Termination::new(Cause::ClientTimeout, Phase::Data))
            }
            (
                up,
                Some(Ok(Answered::Whole {
                    client_stays,
                    server_stays,
                })),
            ) => {
                let request_whole = up == Some(Ok(()));
                End::Done {
                    client_stays: client_stays && request_whole,
                    server_stays: server_stays && request_whole,
                }
            }
            (_, None) => End::Cut(Termination::new(Cause::Internal, Phase::Data)),
        }
    }
}

impl Exchange {
    /// Whether a failure is one to ask again after, and then whether the connection may be used again.
    fn asks_again(&self, failure: Failure, record: &Record) -> Option<bool> {
        let on = self.retry_on.as_ref().filter(|_| !self.interim.get())?;
        let wanted = match failure {
            Failure::Status { server_stays } => return Some(server_stays),
            Failure::Silent | Failure::Reset { .. } => on.empty_response,
            // A rule has said what the client gets.
            Failure::Before(_) if record.answer.is_some() => false,
            Failure::Before(Termination { cause, .. }) => match cause {
                Cause::Server => on.empty_response,
                Cause::ServerTimeout => on.response_timeout,
                Cause::Proxy => on.junk_response,
                _ => false,
            },
            Failure::Within(_) | Failure::Dropped => false,
        };
        wanted.then_some(false)
    }

    /// Whether an answer of this status is to be asked for again.
    fn rejects(&self, status: u16) -> bool {
        let on = self.retry_on.as_ref().filter(|_| !self.interim.get());
        on.is_some_and(|on| on.statuses.contains(&status))
    }
}

/// `http-send-name-header`: the server learns what it is called here.
fn name_server(request: &mut RequestHead, record: &Record) {
    let Some((backend, server)) = record.backend.as_ref().zip(record.server) else {
        return;
    };
    if let Some(name) = &backend.http.options.name_header {
        let name = name.as_bytes();
        request.fields.retain(|known, _| known != name);
        let server = backend.server(server).name.as_bytes();
        request.fields.append(name, server);
    }
}

/// Runs both ways until both have ended, or one of them makes the other pointless. The way up tells in `carried` what
/// became of the request; afterwards it may go on looking after the client.
async fn both(
    up: impl Future<Output = ()>,
    carried: &Cell<Option<Result<(), Broken>>>,
    down: impl Future<Output = Result<Answered, Failure>>,
) -> (
    Option<Result<(), Broken>>,
    Option<Result<Answered, Failure>>,
) {
    let (mut up, mut down) = (pin!(up), pin!(down));
    let (mut up_over, mut down_ended) = (false, None);
    poll_fn(|cx| {
        up_over = up_over || up.as_mut().poll(cx).is_ready();
        let up_ended = carried.get();
        // A client that left, or sends nonsense, is not waited for. One that stalls still gets its answer.
        let pointless = matches!(
            up_ended,
            Some(Err(Broken::SourceClosed
                | Broken::SourceInvalid
                | Broken::SourceLeft))
        );
        if !pointless
            && down_ended.is_none()
            && let Poll::Ready(ended) = down.as_mut().poll(cx)
        {
            down_ended = Some(ended);
        }
        let failed = matches!(down_ended, Some(Err(_)));
        if pointless || failed || (up_ended.is_some() && down_ended.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    (carried.get(), down_ended)
}
