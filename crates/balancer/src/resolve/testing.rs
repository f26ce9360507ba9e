//! What the tests of lookups share.

use crate::plan::Resolvers;
use crate::testing::Bench;
use std::sync::Arc;

/// A section whose times all differ, and servers that live by it.
pub(super) const SITE: &str = "\
resolvers lab
    nameserver dns1 127.0.0.1:5300
    nameserver dns2 127.0.0.2:5300
    timeout resolve 1s
    timeout retry 200ms
    resolve_retries 3
    hold nx 2s
    hold refused 3s
    hold timeout 4s
    hold other 5s
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
    default-server init-addr none resolvers lab resolve-prefer ipv4
frontend web
    bind 127.0.0.1:3000
    default_backend app
backend app
    server-template s 3 site.lab:8080
backend alone
    server s1 site.lab:8080
";

/// The section of [`SITE`].
pub(super) fn policy() -> Resolvers {
    let plan = Arc::into_inner(Bench::new(SITE).into_plan()).expect("nobody else has it");
    let section = plan.resolvers.into_iter().next().expect("the text has it");
    Arc::into_inner(section).expect("nobody else has it")
}
