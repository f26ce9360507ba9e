//! Our balancer beside the installed HAProxy: the same files, the same traffic, at the same time.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod agent;
mod binds;
mod certificates;
mod checks;
mod checks_secure;
mod clients;
mod command_line;
mod course;
mod desk;
mod dynamic;
mod engine;
mod errors;
mod global_words;
mod gotchas;
mod handed;
mod handshakes;
mod nameserver;
mod patterns;
mod program;
mod rates;
mod resolution;
mod runtime_api;
#[path = "../oracle/secure.rs"]
#[expect(dead_code, reason = "some of it plays in the oracle only")]
mod secure;
mod server_place;
mod server_states;
mod sessions;
mod story;
mod track;
mod unresolved;
