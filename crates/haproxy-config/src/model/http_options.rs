//! What is added to requests on their way, and how long connections are kept.

use super::Network;
use samples::{Condition, Format};

/// Of one section.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// `option forwardfor`.
    pub forwarded_for: Option<Forwarding>,
    /// `option originalto`.
    pub original_to: Option<Forwarding>,
    pub keep_alive: KeepAlive,
    /// `option http-buffer-request`.
    pub whole_bodies: bool,
    /// `option http-restrict-req-hdr-names`.
    pub odd_names: OddNames,
    /// `http-send-name-header`, in lower case.
    pub name_header: Option<String>,
    /// `monitor-uri`.
    pub monitor_uri: Option<String>,
    /// `monitor fail`: one of them is enough.
    pub monitor_fail: Vec<Condition>,
    /// `unique-id-format`.
    pub unique_id: Option<Format>,
    /// `unique-id-header`, in lower case.
    pub unique_id_header: Option<String>,
}

/// What becomes of fields of requests whose names have other letters than `a-z`, `0-9` and `-`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OddNames {
    #[default]
    Preserve,
    /// They are taken out.
    Delete,
    /// Their request is refused.
    Reject,
}

/// An address in a header of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// In lower case; `None`: the usual name.
    pub header: Option<String>,
    /// Addresses that are not told.
    pub except: Option<Network>,
    /// Only where the request has no such header yet.
    pub if_none: bool,
}

/// Which connections outlive a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeepAlive {
    /// Those of clients and of servers.
    #[default]
    Both,
    /// `option http-server-close`.
    Client,
    /// `option httpclose`.
    None,
}
