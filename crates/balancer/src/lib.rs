//! The balancer: the IO around `lb-core`, configured by `haproxy.cfg`.
//!
//! [`run`] is the whole program. Reading order: [`cli`] and [`load`] turn words and files into a [`plan`];
//! [`control`] opens [`listener`]s and obeys signals; each [`worker`] is one core's runtime whose [`session`]s
//! carry the traffic.

pub mod access_log;
pub mod announce;
pub mod cache;
pub mod check;
pub mod cli;
pub mod control;
pub mod cookie;
pub mod daemon;
pub mod error_page;
pub mod h1;
pub mod http2;
pub mod listener;
pub mod load;
pub mod loads;
pub mod logger;
pub mod master;
pub mod messages;
pub mod plan;
pub mod process;
pub mod proxy_protocol;
pub mod report;
pub mod request;
pub mod resolve;
pub mod rules;
pub mod runtime_api;
pub mod server_state;
pub mod session;
pub mod snapshots;
pub mod start;
pub mod stats;
pub mod stats_socket;
pub mod stick;
pub mod streams;
#[cfg(test)]
mod testing;
pub mod tls;
pub mod unix_socket;
pub mod upstream;
pub mod version;
pub mod watch;
pub mod wire;
pub mod worker;

pub use start::{run, run_watched};
pub use watch::{HeldBack, Watch};
