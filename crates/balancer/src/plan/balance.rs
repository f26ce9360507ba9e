//! How a backend chooses servers: the words of the file as `lb-core` takes them, and what is to be hashed.

use haproxy_config::model::{self, HashFunction};
use lb_core::algorithm::{self, Balance, Hashing, Layout};
use std::hash::{BuildHasher, Hasher, RandomState};

/// What requests are balanced by, and how it is hashed.
#[derive(Debug)]
pub struct Key {
    pub of: KeyOf,
    pub hashing: Hashing,
}

/// What is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOf {
    /// The client's address.
    Source,
    Uri {
        /// The query too.
        whole: bool,
        /// Without scheme and host.
        path_only: bool,
        /// So many bytes of it.
        len: Option<usize>,
        /// So many directories deep.
        depth: Option<u32>,
    },
    UrlParam {
        name: String,
        /// Bytes of a posted body that are waited for.
        post: Option<u64>,
    },
    Header {
        /// Lower case.
        name: String,
        /// Of a host name, only the part before the top level.
        domain_only: bool,
    },
}

/// What the requests of a backend are hashed by, if they are.
pub(super) fn key(backend: &model::Backend) -> Option<Key> {
    let of = match &backend.balance {
        model::Balance::Source => KeyOf::Source,
        model::Balance::Uri {
            whole,
            path_only,
            len,
            depth,
        } => KeyOf::Uri {
            whole: *whole,
            path_only: *path_only,
            len: len.and_then(|len| usize::try_from(len.get()).ok()),
            depth: depth.map(|depth| depth.get()),
        },
        model::Balance::UrlParam { name, post } => KeyOf::UrlParam {
            name: name.clone(),
            post: *post,
        },
        model::Balance::Header { name, domain_only } => KeyOf::Header {
            name: name.clone(),
            domain_only: *domain_only,
        },
        _ => return None,
    };
    let hashing = Hashing {
        function: match backend.hash.function {
            HashFunction::Sdbm => algorithm::HashFunction::Sdbm,
            HashFunction::Djb2 => algorithm::HashFunction::Djb2,
            HashFunction::Wt6 => algorithm::HashFunction::Wt6,
            HashFunction::Crc32 => algorithm::HashFunction::Crc32,
        },
        avalanche: backend.hash.avalanche,
    };
    Some(Key { of, hashing })
}

pub(super) fn balance(backend: &model::Backend) -> Balance {
    let by_key = |name| Balance::Key {
        name,
        layout: match backend.hash.consistent {
            true => Layout::Ring {
                factor: backend.hash.factor,
            },
            false => Layout::Map,
        },
    };
    match &backend.balance {
        model::Balance::RoundRobin => Balance::RoundRobin,
        model::Balance::StaticRoundRobin => Balance::StaticRoundRobin,
        model::Balance::LeastConnections => Balance::LeastConnections,
        model::Balance::First => Balance::First,
        model::Balance::Random { draws } => Balance::Random {
            draws: *draws,
            seed: RandomState::new().build_hasher().finish() as u32,
        },
        model::Balance::Source => by_key("source"),
        model::Balance::Uri { .. } => by_key("uri"),
        model::Balance::UrlParam { .. } => by_key("url_param"),
        model::Balance::Header { .. } => by_key("hdr"),
    }
}
