//! What is told of an answered question to whoever runs this server: values, not text.

use std::net::IpAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RData;

use crate::answer::Asker;
use crate::log::{code_word, without_dot};
use crate::query::Query;
use crate::response::{Response, Transport};

pub use crate::label::AskedBy;

/// One question, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// As it was asked, without the last dot.
    pub name: String,
    /// `A`, `AAAA`, `TXT`...
    pub kind: String,
    /// dig's word for the outcome, and `NODATA` where the name exists and holds nothing of this kind.
    pub outcome: String,
    /// The addresses in the order of the answer, aliases followed.
    pub addresses: Vec<IpAddr>,
    /// Seconds for which the first record of the answer may be kept.
    pub ttl: Option<u32>,
    pub way: Way,
    pub transport: Transport,
    pub client: IpAddr,
    /// On whose behalf.
    pub asked_by: AskedBy,
}

/// How the answer was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the zone.
    Authority,
    /// By the cache that listens on `port`.
    Cache { port: u16, how: FromCache },
}

/// How a cache came by an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromCache {
    /// Kept for so many seconds, with so many left.
    Hit { age: u32, left: u32 },
    /// It asked the server behind it.
    Asked,
    /// Not asked for, since the question forbids it (RD 0) or asks what no cache answers, or since the server behind is
    /// silent.
    Nowhere,
}

/// An answer on its way out, with all that can be told of it.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) query: &'a Query,
    pub(crate) response: &'a Response<'a>,
    pub(crate) asker: Asker,
    pub(crate) truncated: bool,
    pub(crate) way: Way,
}

impl Sent<'_> {
    /// The same as values that can be kept.
    pub(crate) fn answered(&self) -> Answered {
        let items = &self.response.answers;
        let address = |data: &RData| match data {
            RData::A(address) => Some(address.0.into()),
            RData::AAAA(address) => Some(address.0.into()),
            _ => None,
        };
        let edns = self.query.edns.as_ref();
        Answered {
            name: without_dot(&self.query.question.name),
            kind: self.query.question.query_type.to_string(),
            outcome: self.outcome(),
            addresses: items.iter().filter_map(|item| address(item.data)).collect(),
            ttl: items.first().map(|item| item.ttl),
            way: self.way,
            transport: self.asker.transport,
            client: self.asker.ip.to_canonical(),
            asked_by: edns.map_or(AskedBy::Client, |edns| edns.asked_by),
        }
    }

    /// `NOERROR`, `NODATA`, `NXDOMAIN`...
    pub(crate) fn outcome(&self) -> String {
        match self.response.header.response_code {
            ResponseCode::NoError if self.response.answers.is_empty() => "NODATA".to_owned(),
            code => code_word(code),
        }
    }
}
