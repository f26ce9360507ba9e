//! Marks of packets: `set-mark`, `set-tos`.

use socket2::SockRef;
use tokio::net::TcpStream;

/// What packets of a connection carry besides its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// Seen by this machine's firewall and routing alone; needs the right to administer them.
    Mark(u32),
    /// The type of service, or traffic class of IPv6.
    Tos(u8),
}

impl Marking {
    /// HAProxy does not tell either when the system refuses.
    pub(super) fn apply(self, socket: &TcpStream) {
        let socket = SockRef::from(socket);
        match self {
            Self::Mark(mark) => {
                let _ = socket.set_mark(mark);
            }
            // On a connection of the other family one of them fails.
            Self::Tos(tos) => {
                let _ = socket.set_tos_v4(tos.into());
                let _ = socket.set_tclass_v6(tos.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[tokio::test]
    async fn packets_get_their_type_of_service() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        Marking::Tos(0x10).apply(&ours);
        assert_eq!(SockRef::from(&ours).tos_v4().unwrap(), 0x10);
    }
}
