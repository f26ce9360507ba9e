//! The words that begin a section.

use super::{ANY, Keyword, Sections, Support, row};

/// What a supported section becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionKind {
    Global,
    Defaults,
    Frontend,
    Backend,
    Listen,
    Resolvers,
    Userlist,
    HttpErrors,
    Cache,
}

use SectionKind::{
    Backend, Cache, Defaults, Frontend, Global, HttpErrors, Listen, Resolvers, Userlist,
};
use Support::{Full, Ignored, Refused};

/// A section stands in no other.
const NONE: Sections = Sections::NONE;

/// In the order HAProxy offers them as suggestions.
#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<SectionKind>] = &[
    row("listen", NONE, 3, Full(Listen), "a frontend and a backend in one"),
    row("frontend", NONE, 3, Full(Frontend), "how clients reach the balancer"),
    row("backend", NONE, 3, Full(Backend), "the servers behind it"),
    row("defaults", NONE, 3, Full(Defaults), "settings the following sections begin with"),
    row("global", NONE, 0, Full(Global), "settings of the whole process"),
    row("userlist", NONE, 1, Full(Userlist), "users and groups for `http_auth()`"),
    row("peers", NONE, ANY, Refused, "other balancers to share stick tables with"),
    row("mailers", NONE, ANY, Ignored, "mail servers for `email-alert`, which is refused where used"),
    row("namespace_list", NONE, ANY, Ignored, "network namespaces, refused where used"),
    row("resolvers", NONE, 1, Full(Resolvers), "name servers that are asked again and again for the addresses of servers"),
    row("http-errors", NONE, ANY, Full(HttpErrors), "a group of error pages for `errorfiles`"),
    row("cache", NONE, 1, Full(Cache), "a memory for answers, for `cache-use` and `cache-store`"),
    row("ring", NONE, ANY, Refused, "a buffer that log lines are sent through"),
    row("log-forward", NONE, ANY, Refused, "a relay for syslog messages"),
    row("fcgi-app", NONE, ANY, Ignored, "a FastCGI program for `use-fcgi-app`, which is refused where used"),
    row("program", NONE, ANY, Refused, "a program the master starts beside the workers"),
];

pub(crate) fn find(name: &str) -> Option<&'static Keyword<SectionKind>> {
    super::find(&[TABLE], name)
}
