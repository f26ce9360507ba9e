//! The DNS as data: names, types, whole messages. Nothing here touches a socket or a clock.

pub(crate) mod name;
pub(crate) mod record_type;

pub(crate) mod rdata;

pub(crate) mod edns;
pub(crate) mod message;
pub(crate) mod question;
pub(crate) mod rcode;
