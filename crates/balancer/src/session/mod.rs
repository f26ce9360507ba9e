//! One client connection.

use crate::plan::Frontend;
use crate::worker::Worker;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

/// A connection as it was accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub peer: SocketAddr,
    pub local: SocketAddr,
    pub frontend: Arc<Frontend>,
}

/// Serves a client until it leaves.
pub async fn serve(stream: tokio::net::TcpStream, accepted: Accepted, worker: Rc<Worker>) {
    let _ = (stream, accepted, worker);
}
