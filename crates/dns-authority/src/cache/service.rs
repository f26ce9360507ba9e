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
use crate::log::{self, Log};
use crate::query::Query;
use crate::response::{Item, Reason, Response, limit};
use crate::server::{self, Outcome, Service};

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

/// How the cache came by an answer.
#[derive(Clone, Copy)]
enum Way {
    /// Kept for so many seconds, with so many left.
    Hit {
        age: u32,
        left: u32,
    },
    Asked,
    /// Not asked for, since the question forbids it (RD 0), or since the server behind is silent.
    Nowhere,
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
                self.write(&query, asker, &kept, Way::Asked, &mut reply);
                let question = Question::of(&query.question);
                self.store.borrow_mut().keep(question, kept, Instant::now());
            }
            None => self.write(
                &query,
                asker,
                &Kept::nothing(ResponseCode::ServFail),
                Way::Nowhere,
                &mut reply,
            ),
        }
        reply
    }

    fn write(&self, query: &Query, asker: Asker, kept: &Kept, way: Way, reply: &mut Vec<u8>) {
        let mut response = Response::to(query);
        response.header.recursion_available = true;
        // A server that answers for other names only is of no use to who asks: nobody found an answer.
        response.header.response_code = match kept.code {
            ResponseCode::NoError | ResponseCode::NXDomain => kept.code,
            _ => ResponseCode::ServFail,
        };
        let age = match way {
            Way::Hit { age, .. } => age,
            Way::Asked | Way::Nowhere => 0,
        };
        let items = |records| items(records, &query.question, age);
        response.answers = items(&kept.answers);
        response.authorities = items(&kept.authorities);
        response.additionals = items(&kept.additionals);
        if let Some(edns) = &mut response.edns {
            // The network of the asker is not told to the server behind, so nothing is chosen by it.
            edns.subnet = None;
            let wanted = query.edns.as_ref().is_some_and(|edns| edns.wants_label);
            let hit = matches!(way, Way::Hit { .. });
            edns.reason = (kept.code == ResponseCode::ServFail && matches!(way, Way::Nowhere))
                .then_some(Reason::NoReachableAuthority);
            edns.label = wanted.then(|| label::of_cache(kept.label.as_deref(), hit));
        }
        let truncated = response.write(limit(query, asker.transport), reply);
        self.log
            .question(|| log::line(query, &response, asker, truncated, &self.note(way)));
    }

    fn note(&self, way: Way) -> String {
        let port = self.port;
        match way {
            Way::Hit { left, .. } => format!("; cache {port}: kept, {left} s left"),
            Way::Asked => format!("; cache {port}: asked the authority"),
            Way::Nowhere => format!("; cache {port}: found nothing"),
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
            response.write(limit(&query, asker.transport), reply);
            self.log
                .question(|| log::odd_line(code, Some(&query.question), asker));
            return Outcome::Reply;
        }
        let store = self.store.borrow();
        if let Some((kept, age, left)) = store.find(&Question::of(&query.question), Instant::now())
        {
            self.write(&query, asker, kept, Way::Hit { age, left }, reply);
            return Outcome::Reply;
        }
        if !query.header.recursion_desired {
            let nothing = Kept::nothing(ResponseCode::NoError);
            self.write(&query, asker, &nothing, Way::Nowhere, reply);
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
