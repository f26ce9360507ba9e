//! Our balancer beside the installed HAProxy: the same files, the same traffic, at the same time.

mod course;
mod engine;
mod nameserver;
mod program;
mod resolution;
mod runtime_api;
