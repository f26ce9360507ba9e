//! The way back: a server's answer, read, changed by rules, and passed on.

use super::Exchange;
use crate::cookie::{self, Situation};
use crate::h1::facts::{self, Facts};
use crate::h1::framing::{self, Framing};
use crate::h1::head::{RequestHead, ResponseHead, Version};
use crate::h1::onward::Onward;
use crate::h1::{Invalid, fault, parse, write};
use crate::plan::Direction;
use crate::request::body::{Broken, Transfer, Way};
use crate::request::dispatch;
use crate::request::record::Record;
use crate::request::room;
use crate::request::view::Moment;
use crate::rules::{self, Verdict};
use crate::snapshots::{Side, Snapshot};
use crate::stick;
use crate::wire::{Buffer, Fault};
use lb_core::counters::Fault as Failed;
use lb_core::termination::{Cause, Phase, Termination};
use std::io::IoSlice;

/// What the client got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    Whole {
        client_stays: bool,
        server_stays: bool,
    },
    Tunnel,
}

/// Why it did not get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server closed without a byte.
    Silent,
    /// The server reset the connection before the client got a byte; `silent`: without one of its own.
    Reset {
        silent: bool,
    },
    /// Before the client got the first byte of an answer.
    Before(Termination),
    Within(Termination),
    /// A rule leaves the client in the dark.
    Dropped,
    /// The server's answer is one that `retry-on` does not want.
    Status {
        /// All of it has come, and the connection may carry another request.
        server_stays: bool,
    },
}

/// The way back.
pub(super) struct Answer<'a> {
    pub(super) way: Way<'a>,
    pub(super) exchange: &'a Exchange,
    pub(super) request: &'a RequestHead,
    pub(super) response: &'a mut ResponseHead,
    pub(super) record: &'a mut Record,
}

impl Answer<'_> {
    pub(super) async fn pass_on(&mut self) -> Result<Answered, Failure> {
        let mut interim = false;
        let mut inspection = self.begin_inspection()?;
        let facts = loop {
            let facts = match inspection.take() {
                Some(deadline) => self.read_inspected(deadline).await?,
                None => self.read_head(interim).await?,
            };
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
    pub(super) async fn read_head(&mut self, interim: bool) -> Result<Facts, Failure> {
        let invalid = Failure::Before(Termination::new(Cause::Proxy, Phase::Headers));
        let sizes = self.record.plan.global.sizes;
        loop {
            let buffer = &mut self.way.lane.buffer;
            let read = parse::response(buffer.filled(), self.response);
            let wrong = match read {
                Ok(Some(length)) => match facts::of_response(self.response) {
                    Ok(_)
                        if !room::for_head(
                            self.response.weight(),
                            &self.response.fields,
                            sizes,
                        ) =>
                    {
                        Some(Invalid::TooLarge)
                    }
                    Ok(facts) => {
                        buffer.consume(length);
                        if self.exchange.http2 {
                            // HTTP/2 knows no chunks: neither do rules.
                            let fields = &mut self.response.fields;
                            fields.retain(|name, _| name != b"transfer-encoding");
                        }
                        return Ok(facts);
                    }
                    Err(wrong) => Some(wrong),
                },
                Ok(None) => buffer.is_full().then_some(Invalid::TooLarge),
                Err(wrong) => Some(wrong),
            };
            if let Some(wrong) = wrong {
                keep(buffer, wrong, self.response.fields.most, self.record);
                return Err(invalid);
            }
            let silent = buffer.is_empty() && !interim;
            self.wait(silent).await?;
        }
    }

    async fn wait(&mut self, silent: bool) -> Result<(), Failure> {
        let cause = match self.way.fill().await {
            Err(Fault::Io(_)) => return Err(Failure::Reset { silent }),
            Ok(0) if silent => return Err(Failure::Silent),
            Ok(0) => Cause::Server,
            Ok(_) => return Ok(()),
            Err(Fault::Timeout) => Cause::ServerTimeout,
        };
        Err(Failure::Before(Termination::new(cause, Phase::Headers)))
    }

    async fn pass_on_interim(&mut self) -> Result<(), Failure> {
        self.exchange.interim.set(true);
        let way = &mut self.way;
        write::response(self.response, write::Added::default(), &mut way.lane.lines);
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
            post: self.request.compared_method() == b"POST",
            now: dispatch::unix_seconds(),
        };
        cookie::issue(cookie, self.response, &mut record.cookie, &situation);
    }

    /// The rules of the backend, then of the frontend, then cookies, then the rules for all answers.
    fn obey_rules(&mut self) -> Result<(), Failure> {
        let verdict = rules::on_answer(self.request, self.response, self.record);
        self.way.to.mark_all(&mut self.record.markings);
        match verdict {
            Verdict::Pass => {}
            Verdict::Answer(answer, termination) => {
                if termination.cause == Cause::Proxy {
                    self.record.response_denied();
                }
                self.record.answer = Some(answer);
                return Err(Failure::Before(termination));
            }
            Verdict::Failed => return Err(self.does_not_fit(false)),
            Verdict::Unauthorized(_)
            | Verdict::WaitForBody(..)
            | Verdict::EarlyHint(..)
            | Verdict::Serve(_)
            | Verdict::Tarpit(_)
            | Verdict::Close
            | Verdict::Drop => {
                return Err(Failure::Within(Termination::new(
                    Cause::Proxy,
                    Phase::Headers,
                )));
            }
        }
        let fields = &self.response.fields;
        self.record.capture_cookie(Direction::Response, fields);
        self.set_cookie();
        if !rules::after_response(self.request, self.response, self.record) {
            return Err(self.does_not_fit(true));
        }
        Ok(())
    }

    /// Rules have made more of the answer than a buffer holds: the client gets an error instead.
    /// `last`: those for all answers have.
    fn does_not_fit(&mut self, last: bool) -> Failure {
        self.record.failed(Failed::Internal);
        let mut page = {
            let moment = Moment::new(self.record, &self.record.frontend.name);
            let view = moment.view(self.request, &[], None);
            self.record.pages().answer(500, &view)
        };
        page.last = last;
        self.record.answer = Some(page);
        Failure::Before(Termination::new(Cause::Proxy, Phase::Headers))
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
        let mut transfer = Transfer::begin(framing, self.way.lane).map_err(|_| invalid)?;
        transfer.end_is_no_byte(self.exchange.http2);
        if self.exchange.rejects(self.response.status) {
            transfer.discard(self.way.lane);
            let over = transfer.is_whole() && self.way.lane.buffer.is_empty();
            let stays = self.exchange.server_stays
                && framing != Framing::Close
                && framing::persists(self.response.version, facts);
            return Err(Failure::Status {
                server_stays: over && stays,
            });
        }
        self.record
            .capture_response(response.status, &response.fields);
        self.look_at_answer();
        self.record.remember_server();
        if let Err(failure) = self.obey_rules() {
            // HAProxy counts what it had from the server beside what the client got instead
            self.record.bytes_out += weight + transfer.payload(self.way.lane).len() as u64;
            return Err(failure);
        }
        if let Some(keeper) = self.record.keeper.take() {
            transfer.copy_to(keeper);
        }
        let onward = Onward::to_client(self.request, self.response, framing);
        transfer.goes_as(&onward);
        if onward.drops_length {
            let fields = &mut self.response.fields;
            fields.retain(|name, _| name != b"content-length");
        }
        let response = &*self.response;
        // A server of version 1.0 that sends chunks does not know what it does: nothing after it is trusted.
        let odd = facts.chunked && response.version == Version::Http10;
        let ends = matches!(framing, Framing::Length(_) | Framing::Chunked);
        let client_stays =
            self.exchange.client_stays && ends && !odd && !onward.unmet && !self.record.is_last();
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
        let added = write::Added {
            connection,
            chunks: onward.chunks_unsaid,
        };
        write::response(response, added, &mut self.way.lane.lines);
        self.way.carry(&mut transfer).await.map_err(within)?;
        transfer.is_copied(framing, &self.way.lane.trailers);
        if framing == Framing::Close {
            // The end of the body is the end of what the client hears.
            self.way.to.finish().await;
        }
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

/// Keeps a head that is none for whoever wants to see why.
fn keep(buffer: &Buffer, wrong: Invalid, most: usize, record: &Record) {
    let (Some(backend), Some(index)) = (&record.backend, record.server) else {
        return;
    };
    let (frontend, server) = (&record.frontend, backend.server(index));
    let head = buffer.filled();
    let fault = fault::of_response(head, wrong, most);
    let snapshot = Snapshot {
        exchange: Some([
            (frontend.name.clone(), frontend.id),
            (server.name.clone(), server.id),
        ]),
        too_large: wrong == Invalid::TooLarge,
        ..Snapshot::now(record.client, head, buffer.size(), fault)
    };
    let snapshots = &record.worker.process.snapshots;
    snapshots.take(Side::Response, &backend.name, snapshot);
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
