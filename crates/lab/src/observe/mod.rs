//! Looking at the world from outside: processes, ports, the wire, and the balancer's public faces.

pub(crate) mod answer;
pub(crate) mod http_log;
pub(crate) mod outside;
pub(crate) mod port;
pub(crate) mod process;
pub(crate) mod runtime_api;
pub(crate) mod stat_csv;
