//! A request and its answer over one server connection, both ways at the same time.

use super::body::{Broken, Flow, Limits, Transfer, Way};
use super::record::Record;
use super::scratch::Scratch;
use super::view::Moment;
use super::{dispatch, leaving};
use crate::cookie::{self, Situation};
use crate::h1::facts::{self, Facts};
use crate::h1::framing::{self, Framing};
use crate::h1::head::{RequestHead, ResponseHead, Version};
use crate::h1::{parse, write};
use crate::plan::{Backend, KeepAlive};
use crate::rules::{self, List, Verdict};
use crate::session::Session;
use crate::stick;
use crate::upstream::Link;
use crate::wire::Fault;
use lb_core::termination::{Cause, Phase, Termination};
use std::cell::Cell;
use std::future::poll_fn;
use std::io::IoSlice;
use std::pin::pin;
use std::sync::Arc;
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
    /// Nothing can be said any more.
    Cut(Termination),
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
    /// It ends when the client leaves before the answer.
    watched: bool,
    /// The answer has begun.
    begun: Cell<bool>,
}

impl Exchange {
    pub fn new(
        session: &Session,
        backend: &Backend,
        scratch: &Scratch,
        record: &Record,
        facts: &Facts,
    ) -> Self {
        Self {
            watched: record.is_watched(),
            begun: Cell::new(false),
            client_limit: session.frontend.timeouts.client,
            server_limit: backend.timeouts.server,
            client_stays: super::client_stays(session, scratch, facts),
            facts: *facts,
            client_was_served: session.has_served,
            server_stays: session.frontend.http.options.keep_alive == KeepAlive::Both
                && backend.http.options.keep_alive == KeepAlive::Both,
        }
    }

    /// Sends the request and passes the answer on.
    pub async fn run(
        self,
        session: &mut Session,
        scratch: &mut Scratch,
        record: &mut Record,
        link: &mut Link,
        upload: Transfer,
    ) -> End {
        let Scratch {
            request,
            response,
            up,
            down,
        } = scratch;
        let connection = match self.server_stays {
            true => framing::request_connection(request.version, &self.facts),
            // a request of version 1.0 need not say it
            false => (request.version == Version::Http11).then_some(&b"close"[..]),
        };
        name_server(request, record);
        write::request(request, connection, &mut up.lines);
        let now = Instant::now();
        let lost = record.server_lost();
        let ledger = record.ledger();
        let (tell_up, tell_down) = (|n| ledger.count(n, 0), |n| ledger.count(0, n));
        let (up_flow, down_flow) = (Flow::new(now, &tell_up), Flow::new(now, &tell_down));
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
                leaving::departure(upstream.from, &mut upstream.lane.buffer).await;
                if !self.begun.get() {
                    carried.set(Some(Err(Broken::SourceLeft)));
                }
            }
        };
        let ended = tokio::select! {
            ended = both(up, &carried, answer.pass_on()) => Some(ended),
            () = lost => None,
        };
        record.settle(&up_flow, &down_flow);
        match ended {
            Some((up, down)) => self.end(up, down, record),
            None => Self::server_lost(record, carried.get() == Some(Ok(()))),
        }
    }

    /// `on-marked-down shutdown-sessions`
    fn server_lost(record: &Record, upload_whole: bool) -> End {
        if record.status.is_some() {
            return End::Cut(Termination::new(Cause::Down, Phase::Data));
        }
        End::Refused {
            refusal: Termination::new(Cause::Down, Phase::Headers).into(),
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
            (_, Some(Err(Failure::Silent))) if self.client_was_served => End::Stale,
            (_, Some(Err(Failure::Silent))) => {
                refused(Termination::new(Cause::Server, Phase::Headers).into())
            }
            (_, Some(Err(Failure::Before(termination)))) => refused(termination.into()),
            (_, Some(Err(Failure::Within(termination)))) => End::Cut(termination),
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

/// What the client got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    Whole {
        client_stays: bool,
        server_stays: bool,
    },
    Tunnel,
}

/// Why it did not get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// The server closed without a byte.
    Silent,
    /// Before the client got the first byte of an answer.
    Before(Termination),
    Within(Termination),
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

/// The way back.
struct Answer<'a> {
    way: Way<'a>,
    exchange: &'a Exchange,
    request: &'a RequestHead,
    response: &'a mut ResponseHead,
    record: &'a mut Record,
}

impl Answer<'_> {
    async fn pass_on(&mut self) -> Result<Answered, Failure> {
        let mut interim = false;
        let facts = loop {
            let facts = self.read_head(interim).await?;
            let is_interim = matches!(self.response.status, 100 | 102..=199);
            if !is_interim {
                break facts;
            }
            interim = true;
            self.pass_on_interim().await?;
        };
        self.pass_on_final(&facts).await
    }

    /// Reads the head of an answer into `self.response`.
    async fn read_head(&mut self, interim: bool) -> Result<Facts, Failure> {
        let invalid = Failure::Before(Termination::new(Cause::Proxy, Phase::Headers));
        loop {
            let buffer = &mut self.way.lane.buffer;
            match parse::response(buffer.filled(), self.response) {
                Ok(Some(length)) => {
                    buffer.consume(length);
                    return facts::of_response(self.response).map_err(|_| invalid);
                }
                Ok(None) if !buffer.is_full() => {}
                Ok(None) | Err(_) => return Err(invalid),
            }
            let silent = buffer.is_empty() && !interim;
            self.wait(silent).await?;
        }
    }

    async fn wait(&mut self, silent: bool) -> Result<(), Failure> {
        let cause = match self.way.fill().await {
            Ok(0) | Err(Fault::Io(_)) if silent => return Err(Failure::Silent),
            Ok(0) | Err(Fault::Io(_)) => Cause::Server,
            Ok(_) => return Ok(()),
            Err(Fault::Timeout) => Cause::ServerTimeout,
        };
        Err(Failure::Before(Termination::new(cause, Phase::Headers)))
    }

    async fn pass_on_interim(&mut self) -> Result<(), Failure> {
        let way = &mut self.way;
        write::response(self.response, None, &mut way.lane.lines);
        let mut slices = [IoSlice::new(&way.lane.lines)];
        let sent = way.to.write_all(&mut slices, way.alarm, way.limits.write);
        sent.await.map_err(|fault| {
            let cause = match fault {
                Fault::Timeout => Cause::ClientTimeout,
                Fault::Io(_) => Cause::Client,
            };
            Failure::Within(Termination::new(cause, Phase::Data))
        })?;
        way.lane.lines.clear();
        self.record.bytes_out += self.response.weight();
        Ok(())
    }

    /// Notes what the answer tells the client is to be remembered by.
    fn look_at_answer(&mut self) {
        let Some(backend) = self.record.backend.clone() else {
            return;
        };
        if backend.stick.is_empty() {
            return;
        }
        let mut stores = std::mem::take(&mut self.record.stores);
        let moment = Moment::new(self.record, &backend.name);
        let view = moment.view(self.request, &[], Some(self.response));
        stick::look_at_answer(&backend, &view, &mut stores);
        drop(moment);
        self.record.stores = stores;
    }

    /// Tells the client where to come back to.
    fn set_cookie(&mut self) {
        let record = &mut *self.record;
        let (Some(backend), Some(server)) = (&record.backend, record.server) else {
            return;
        };
        let Some(cookie) = &backend.cookie else {
            return;
        };
        let situation = Situation {
            server: cookie::value_of(Some(cookie), backend.server(server)),
            direct: record.bound,
            post: self.request.method() == b"POST",
            now: dispatch::unix_seconds(),
        };
        cookie::issue(cookie, self.response, &mut record.cookie, &situation);
    }

    /// The rules of the backend, then of the frontend, then cookies, then the rules for all answers.
    fn obey_rules(&mut self) -> Result<(), Failure> {
        let backend = self.record.backend.clone();
        let frontend = Arc::clone(&self.record.frontend);
        let of_backend = backend.as_ref().map(|backend| List {
            proxy: &backend.name,
            rules: &backend.http.response,
        });
        let of_frontend = List {
            proxy: &frontend.name,
            rules: &frontend.http.response,
        };
        let same = backend
            .as_ref()
            .is_some_and(|backend| backend.listen && backend.name == frontend.name);
        for list in of_backend
            .into_iter()
            .filter(|_| !same)
            .chain([of_frontend])
        {
            match rules::on_response(list, self.request, self.response, self.record) {
                Verdict::Pass => {}
                Verdict::Answer(answer, termination) => {
                    if termination.cause == Cause::Proxy {
                        self.record.response_denied();
                    }
                    self.record.answer = Some(answer);
                    return Err(Failure::Before(termination));
                }
                Verdict::Tarpit(_) | Verdict::Close | Verdict::Drop => {
                    return Err(Failure::Within(Termination::new(
                        Cause::Proxy,
                        Phase::Headers,
                    )));
                }
            }
        }
        self.set_cookie();
        rules::after_response(self.request, self.response, self.record);
        Ok(())
    }

    async fn pass_on_final(&mut self, facts: &Facts) -> Result<Answered, Failure> {
        // HAProxy counts what the server sent
        let weight = self.response.weight();
        let response = &*self.response;
        let invalid = Failure::Before(Termination::new(Cause::Proxy, Phase::Headers));
        let framing =
            framing::of_response(self.request, self.exchange.facts.upgrade, response, facts);
        if response.status == 101 && framing != Framing::Tunnel {
            return Err(invalid);
        }
        let transfer = Transfer::begin(framing, self.way.lane).map_err(|_| invalid)?;
        self.record
            .capture_response(response.status, &response.fields);
        self.look_at_answer();
        self.record.remember_server();
        if let Err(failure) = self.obey_rules() {
            // HAProxy counts what it had from the server beside what the client got instead
            self.record.bytes_out += weight + transfer.payload(self.way.lane).len() as u64;
            return Err(failure);
        }
        let response = &*self.response;
        // A server of version 1.0 that sends chunks does not know what it does: nothing after it is trusted.
        let odd = facts.chunked && response.version == Version::Http10;
        let ends = matches!(framing, Framing::Length(_) | Framing::Chunked);
        let client_stays = self.exchange.client_stays && ends && !odd && !self.record.is_last();
        let connection = match framing {
            Framing::Tunnel => None,
            _ => framing::response_connection(self.request.version, response.version, client_stays),
        };
        self.exchange.begun.set(true);
        self.record.status = Some(response.status);
        self.record.bytes_out += weight;
        self.record.mark_response();
        let buffered = transfer.payload(self.way.lane).len();
        self.record.log_early(buffered as u64);
        write::response(response, connection, &mut self.way.lane.lines);
        self.way.carry(transfer).await.map_err(within)?;
        if framing == Framing::Tunnel {
            return Ok(Answered::Tunnel);
        }
        let server_stays =
            self.exchange.server_stays && ends && framing::persists(response.version, facts);
        Ok(Answered::Whole {
            client_stays,
            // What a server says unasked belongs to no request.
            server_stays: server_stays && self.way.lane.buffer.is_empty(),
        })
    }
}

fn within(broken: Broken) -> Failure {
    let cause = match broken {
        Broken::SourceClosed | Broken::SourceLeft => Cause::Server,
        Broken::SourceTimeout => Cause::ServerTimeout,
        Broken::SourceInvalid => Cause::Proxy,
        Broken::SinkClosed => Cause::Client,
        Broken::SinkTimeout => Cause::ClientTimeout,
    };
    Failure::Within(Termination::new(cause, Phase::Data))
}
