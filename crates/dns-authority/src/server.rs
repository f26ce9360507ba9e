//! Sockets: questions in, answers out. What is answered is a [`Service`]'s affair.

pub(crate) mod bind;
pub(crate) mod tcp;
pub(crate) mod udp;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::answer::Asker;

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
