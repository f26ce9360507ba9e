//! Looking at the world from outside: processes, ports, the wire, and the balancer's public faces.

pub(crate) mod facts;
pub(crate) mod watch;

pub(crate) mod answer;
pub(crate) mod caller;
pub(crate) mod http_log;
pub(crate) mod log_socket;
pub(crate) mod outside;
pub(crate) mod port;
pub(crate) mod process;
pub(crate) mod runtime_api;
pub(crate) mod sockets;
pub(crate) mod stat_csv;
pub(crate) mod state_change;
