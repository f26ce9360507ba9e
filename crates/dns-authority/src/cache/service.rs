//! A cache on its sockets.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hickory_proto::op::{self, ResponseCode};
use hickory_proto::rr::Record;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::store::{Kept, Question, Store};
use super::upstream;
use crate::answer::{Asker, refusal};
use crate::label;
use crate::log::Log;
use crate::query::Query;
use crate::response::{Item, Reason, Response, limit};
use crate::server::{self, Outcome, Service};
use crate::told::{FromCache, Sent, Way};

/// Questions that wait for the server behind at a time; more are told that it failed.
const MAX_WAITING: usize = 256;

/// One cache in front of one server.
pub(crate) struct Cache {
    server: SocketAddr,
    /// The port it listens on, which tells caches apart in the log.
    port: u16,
    store: RefCell<Store>,
    /// Who waits for what is being asked of the server behind: each question goes there once at a time.
    asking: RefCell<HashMap<Question, Vec<oneshot::Sender<Answer>>>>,
    waiting: Arc<Semaphore>,
    log: Log,
}

/// What the server behind said; `None` when it was silent.
type Answer = Option<Rc<Kept>>;

/// Somebody who waits.
struct Waits {
    told: oneshot::Receiver<Answer>,
    /// A place among those who wait, given back when dropped; that of the first goes to the asking itself.
    _place: Option<OwnedSemaphorePermit>,
}

impl Cache {
    pub(crate) fn new(server: SocketAddr, port: u16, log: Log) -> Rc<Self> {
        Rc::new(Self {
            server,
            port,
            store: RefCell::default(),
            asking: RefCell::default(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            log,
        })
    }

    /// The answer to who waits for it.
    async fn later(self: Rc<Self>, query: Query, asker: Asker, waits: Waits) -> Vec<u8> {
        let mut reply = Vec::new();
        match waits.told.await.ok().flatten() {
            Some(kept) => self.write(&query, asker, &kept, FromCache::Asked, &mut reply),
            None => self.fail(&query, asker, &mut reply),
        }
        reply
    }

    /// Asks the server behind, or waits with those who ask the same; `None` when too many wait.
    fn join(self: &Rc<Self>, question: &op::Query) -> Option<Waits> {
        let mut place = Some(self.waiting.clone().try_acquire_owned().ok()?);
        let (tell, told) = oneshot::channel();
        let key = Question::of(question);
        let mut asking = self.asking.borrow_mut();
        let together = asking.entry(key.clone()).or_default();
        together.push(tell);
        if together.len() == 1 {
            // On its own: whoever asked first may leave, the others still wait.
            let asking = self.clone().fetch(key, question.clone(), place.take());
            tokio::task::spawn_local(asking);
        }
        Some(Waits {
            told,
            _place: place,
        })
    }

    async fn fetch(
        self: Rc<Self>,
        key: Question,
        question: op::Query,
        _place: Option<OwnedSemaphorePermit>,
    ) {
        let kept = upstream::ask(self.server, &question).await.ok();
        if let Some(kept) = &kept {
            let mut store = self.store.borrow_mut();
            store.keep(key.clone(), kept.clone(), Instant::now());
        }
        let answer = kept.map(Rc::new);
        let waiting = self.asking.borrow_mut().remove(&key);
        for tell in waiting.unwrap_or_default() {
            // Who has left is not told.
            let _ = tell.send(answer.clone());
        }
    }

    fn fail(&self, query: &Query, asker: Asker, reply: &mut Vec<u8>) {
        let nothing = Kept::nothing(ResponseCode::ServFail);
        self.write(query, asker, &nothing, FromCache::Nowhere, reply);
    }

    fn write(&self, query: &Query, asker: Asker, kept: &Kept, how: FromCache, reply: &mut Vec<u8>) {
        let mut response = Response::to(query);
        response.header.recursion_available = true;
        // A server that answers for other names only is of no use to who asks: nobody found an answer.
        response.header.response_code = match kept.code {
            ResponseCode::NoError | ResponseCode::NXDomain => kept.code,
            _ => ResponseCode::ServFail,
        };
        let age = match how {
            FromCache::Hit { age, .. } => age,
            FromCache::Asked | FromCache::Nowhere => 0,
        };
        let items = |records| items(records, &query.question, age);
        response.answers = items(&kept.answers);
        response.authorities = items(&kept.authorities);
        response.additionals = items(&kept.additionals);
        if let Some(edns) = &mut response.edns {
            // The network of the asker is not told to the server behind, so nothing is chosen by it.
            edns.subnet = None;
            let wanted = query.edns.as_ref().is_some_and(|edns| edns.wants_label);
            let hit = matches!(how, FromCache::Hit { .. });
            edns.reason = (kept.code == ResponseCode::ServFail
                && matches!(how, FromCache::Nowhere))
            .then_some(Reason::NoReachableAuthority);
            edns.label = wanted.then(|| label::of_cache(kept.label.as_deref(), hit));
        }
        let truncated = response.write(limit(query, asker.transport), reply);
        self.log.answer(&Sent {
            query,
            response: &response,
            asker,
            truncated,
            way: self.way(how),
        });
    }

    fn way(&self, how: FromCache) -> Way {
        Way::Cache {
            port: self.port,
            how,
        }
    }
}

impl Service for Cache {
    fn answer(self: Rc<Self>, packet: &[u8], asker: Asker, reply: &mut Vec<u8>) -> Outcome {
        let query = match server::question(packet, asker, &self.log, reply) {
            Ok(query) => query,
            Err(outcome) => return outcome,
        };
        if let Some(code) = refusal(&query) {
            let mut response = Response::to(&query);
            response.header.response_code = code;
            let truncated = response.write(limit(&query, asker.transport), reply);
            self.log.answer(&Sent {
                query: &query,
                response: &response,
                asker,
                truncated,
                way: self.way(FromCache::Nowhere),
            });
            return Outcome::Reply;
        }
        let store = self.store.borrow();
        if let Some((kept, age, left)) = store.find(&Question::of(&query.question), Instant::now())
        {
            self.write(&query, asker, kept, FromCache::Hit { age, left }, reply);
            return Outcome::Reply;
        }
        if !query.header.recursion_desired {
            let nothing = Kept::nothing(ResponseCode::NoError);
            self.write(&query, asker, &nothing, FromCache::Nowhere, reply);
            return Outcome::Reply;
        }
        drop(store);
        match self.join(&query.question) {
            Some(waits) => Outcome::Later(Box::pin(self.later(query, asker, waits))),
            None => {
                self.fail(&query, asker, reply);
                Outcome::Reply
            }
        }
    }
}

/// Records with what is left of their TTL; the asked name in the asker's own letters.
fn items<'a>(records: &'a [Record], question: &'a op::Query, age: u32) -> Vec<Item<'a>> {
    let item = |record: &'a Record| Item {
        owner: if record.name == question.name {
            &question.name
        } else {
            &record.name
        },
        ttl: record.ttl.saturating_sub(age),
        data: &record.data,
    };
    records.iter().map(item).collect()
}
