//! Sockets: questions in, answers out. What is answered is a [`Service`]'s affair.

pub(crate) mod bind;
pub(crate) mod tcp;
pub(crate) mod udp;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use hickory_proto::op::ResponseCode;

use crate::answer::Asker;
use crate::log::Log;
use crate::query::{Incoming, PLAIN_UDP, Query};
use crate::response::Response;

/// Something that answers questions: the authority, or a cache in front of it.
pub(crate) trait Service {
    /// Answers a packet into `reply`, or says why not.
    fn answer(self: Rc<Self>, packet: &[u8], asker: Asker, reply: &mut Vec<u8>) -> Outcome;
}

/// What became of a packet.
pub(crate) enum Outcome {
    /// The answer is in `reply`.
    Reply,
    /// Nobody is to be told anything.
    Silence,
    /// Somebody else must be asked first; what comes out is the answer.
    Later(Pin<Box<dyn Future<Output = Vec<u8>>>>),
}

/// The question in a packet; what is none is dealt with here, in the same way for all services.
pub(crate) fn question(
    packet: &[u8],
    asker: Asker,
    log: &Log,
    reply: &mut Vec<u8>,
) -> Result<Query, Outcome> {
    let (header, question, code) = match Incoming::read(packet) {
        Incoming::Query(query) => return Ok(query),
        Incoming::Noise => return Err(Outcome::Silence),
        Incoming::OtherOperation(header) => (header, None, ResponseCode::NotImp),
        Incoming::Malformed(header, question) => (header, question, ResponseCode::FormErr),
    };
    let mut response = Response::error(&header, code);
    response.question = question.as_ref();
    response.write(PLAIN_UDP, reply);
    log.odd(code, question.as_ref(), asker);
    Err(Outcome::Reply)
}
