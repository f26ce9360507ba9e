//! A small caching resolver in front of one name server: what a learner's own resolver does, where it can be watched.
//!
//! [`Store`] decides (pure), `upstream` asks, `Cache` ties them to the sockets.

mod store;
pub use store::{Kept, Question, Store};

mod service;
pub(crate) use service::Cache;

mod upstream;
