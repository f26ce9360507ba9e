//! A cache on its sockets.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hickory_proto::op::{self, ResponseCode};
use hickory_proto::rr::Record;
use tokio::sync::Semaphore;

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
    waiting: Arc<Semaphore>,
    log: Log,
}

impl Cache {
    pub(crate) fn new(server: SocketAddr, port: u16, log: Log) -> Rc<Self> {
        Rc::new(Self {
            server,
            port,
            store: RefCell::default(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            log,
        })
    }

    async fn ask(self: Rc<Self>, query: Query, asker: Asker) -> Vec<u8> {
        let mut reply = Vec::new();
        let place = self.waiting.try_acquire();
        let kept = match place {
            Ok(_) => upstream::ask(self.server, &query.question).await.ok(),
            Err(_) => None,
        };
        match kept {
            Some(kept) => {
                self.write(&query, asker, &kept, FromCache::Asked, &mut reply);
                let question = Question::of(&query.question);
                self.store.borrow_mut().keep(question, kept, Instant::now());
            }
            None => self.write(
                &query,
                asker,
                &Kept::nothing(ResponseCode::ServFail),
                FromCache::Nowhere,
                &mut reply,
            ),
        }
        reply
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
        Outcome::Later(Box::pin(self.ask(query, asker)))
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
