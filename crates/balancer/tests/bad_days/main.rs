//! Bad days of a whole process: too many clients, clients that hold their memory or their descriptors, servers that talk
//! without end. What is looked at is what it costs (memory, processor time) and that everyone else is served meanwhile.
//!
//! What single clients and servers are told on bad days stands beside HAProxy in `../oracle/scenarios/bad_days.txt`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod balancer;
mod crowds;
mod descriptors;
mod floods;
mod http2;
mod sockets;

use balancer::{Balancer, Usage};
use std::time::Duration;

/// Enough for anything here, on a machine that has a lot else to do.
const SOON: Duration = Duration::from_secs(20);
