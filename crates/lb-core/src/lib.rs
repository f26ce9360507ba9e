//! Every decision of the balancer: whose turn it is, who is up, what is counted.
//!
//! Pure: no socket, clock, task or random source. Whoever calls says what time it is, as the time
//! since the process started ([`Uptime`]), so that every rule is tested in microseconds.

pub mod agent;
pub mod algorithm;
pub mod backend;
pub mod cache;
pub mod check;
pub mod cookie;
pub mod counters;
pub mod frontend;
pub mod health;
pub mod queue;
pub mod rate;
pub mod schedule;
pub mod server;
pub mod stick;
pub mod termination;
pub mod transition;
pub mod xxh64;

/// Time since the process started.
pub type Uptime = std::time::Duration;
