//! Where names of servers are looked up while the balancer runs.

use super::{AddressFamily, Host, Network};
use diagnostics::Span;
use std::time::Duration;

/// A `resolvers` section (manual, section 5.3.2).
#[derive(Clone, Debug)]
pub struct Resolvers {
    pub name: String,
    /// Of the name; `None`: nobody wrote it, it is the system's.
    pub span: Option<Span>,
    pub nameservers: Vec<Nameserver>,
    /// The longest answer in bytes; default 512.
    pub accepted_payload_size: u16,
    /// Questions before giving up; default 3. 0: it never gives up.
    pub retries: u32,
    pub timeout: ResolveTimeouts,
    pub hold: Hold,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nameserver {
    /// `nameserver NAME HOST:PORT`, over UDP.
    Given {
        name: String,
        /// Of the name.
        span: Span,
        host: Host,
        port: u16,
    },
    /// `parse-resolv-conf`: those of the system.
    System,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveTimeouts {
    /// The pause between two resolutions of a name.
    pub resolve: Duration,
    /// How long an answer is waited for.
    pub retry: Duration,
}

/// How long a name may go without a valid answer, by the kind of the last answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Only `do-resolve` looks at it.
    pub valid: Duration,
    pub nx: Duration,
    pub refused: Duration,
    pub timeout: Duration,
    pub other: Duration,
    /// How long an address stays that valid answers no longer hold.
    pub obsolete: Duration,
}

/// How a server gets its address from the answers of name servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Index into [`Config::resolvers`](super::Config::resolvers).
    pub resolvers: usize,
    /// `resolve-prefer`.
    pub prefer: AddressFamily,
    /// `resolve-net`, at most five.
    pub networks: Vec<Network>,
    /// `resolve-opts allow-dup-ip`: other servers of the backend may have the same address.
    pub duplicate_addresses: bool,
}
