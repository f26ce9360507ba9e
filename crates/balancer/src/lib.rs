//! The balancer: the IO around `lb-core`, configured by `haproxy.cfg`.

pub mod logger;
pub mod plan;
pub mod process;
pub mod stats;
pub mod version;
pub mod worker;
