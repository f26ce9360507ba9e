//! The addresses of a name, asked anew each time: no cache stands between.

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{Name, RData, RecordType};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// The lab's own EDNS option: its data says on whose behalf a question is asked.
const LAB_OPTION: u16 = 65_280;
/// A name server that does not answer by then will not.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a name has no address.
#[derive(Debug)]
pub(crate) enum NoAddress {
    /// The name server did not answer.
    Silent(io::Error),
    /// It answered that there is none: `NXDOMAIN`, `REFUSED`, or no address among the records.
    None(&'static str),
}

/// The IPv4 addresses of a name in the order of the answer; never empty.
///
/// # Errors
/// There is no answer, or no address in it.
pub(crate) async fn addresses(server: SocketAddr, name: &Name) -> Result<Vec<IpAddr>, NoAddress> {
    let answer = timeout(PATIENCE, exchange(server, &query(name, RecordType::A)))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map_err(NoAddress::Silent)?;
    match answer.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Err(NoAddress::None("there is no such name (NXDOMAIN)")),
        ResponseCode::Refused => {
            return Err(NoAddress::None(
                "it answers only for names of its own zone (REFUSED)",
            ));
        }
        _ => return Err(NoAddress::None("it could not answer (SERVFAIL)")),
    }
    let addresses: Vec<IpAddr> = answer
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::A(address) => Some(address.0.into()),
            _ => None,
        })
        .collect();
    match addresses.is_empty() {
        true => Err(NoAddress::None("the name has no IPv4 address (NODATA)")),
        false => Ok(addresses),
    }
}

/// Whether a name server of the lab answers for this name, be it that there is no such name.
pub(crate) fn answers_for(server: SocketAddr, mut name: Name) -> bool {
    /// On this machine an answer takes less than a millisecond.
    const AT_ONCE: Duration = Duration::from_millis(300);
    name.set_fqdn(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let asked = async {
        timeout(AT_ONCE, exchange(server, &look(&name)))
            .await
            .ok()?
            .ok()
    };
    let answer = runtime.ok().and_then(|runtime| runtime.block_on(asked));
    let codes = [ResponseCode::NoError, ResponseCode::NXDomain];
    answer.is_some_and(|answer| codes.contains(&answer.metadata.response_code))
}

fn query(name: &Name, rtype: RecordType) -> Message {
    let mut query = Message::query();
    query.add_query(Query::query(name.clone(), rtype));
    query
}

/// A look that counts for nothing: nobody's turn is taken for it, and the server is told to keep it to itself.
fn look(name: &Name) -> Message {
    let mut edns = Edns::new();
    let own = EdnsOption::Unknown(LAB_OPTION, b"probe".to_vec());
    edns.options_mut().insert(own);
    let mut query = query(name, RecordType::SOA);
    query.set_edns(edns);
    query
}

async fn exchange(server: SocketAddr, query: &Message) -> io::Result<Message> {
    let packet = query.to_vec().map_err(io::Error::other)?;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.connect(server).await?;
    socket.send(&packet).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let Ok(answer) = Message::from_vec(&buffer[..length]) else {
            continue;
        };
        let is_mine = answer.metadata.id == query.metadata.id
            && answer.metadata.message_type == MessageType::Response
            && answer.queries == query.queries;
        if is_mine {
            return Ok(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::rr::Record;

    /// What comes of one question that is answered so.
    async fn asked(edit: impl FnOnce(&mut Message)) -> Result<Vec<IpAddr>, NoAddress> {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let name = Name::from_ascii("site.lab.").unwrap();
        let answer = async {
            let mut buffer = [0; 512];
            let (length, asker) = server.recv_from(&mut buffer).await.unwrap();
            let mut message = Message::from_vec(&buffer[..length]).unwrap();
            message.metadata.message_type = MessageType::Response;
            edit(&mut message);
            let packet = message.to_vec().unwrap();
            server.send_to(b"no message at all", asker).await.unwrap();
            server.send_to(&packet, asker).await.unwrap();
        };
        tokio::join!(addresses(address, &name), answer).0
    }

    fn record(data: RData) -> Record {
        Record::from_rdata(Name::from_ascii("site.lab.").unwrap(), 5, data)
    }

    #[tokio::test]
    async fn addresses_come_in_the_order_of_the_answer() {
        let found = asked(|message| {
            for ip in [[127, 0, 0, 2], [127, 0, 0, 1]] {
                message.add_answer(record(RData::A(Ipv4Addr::from(ip).into())));
            }
        });
        let expected: [IpAddr; 2] = [[127, 0, 0, 2].into(), [127, 0, 0, 1].into()];
        assert_eq!(found.await.unwrap(), expected);
    }

    #[tokio::test]
    async fn no_address_is_told_with_its_reason() {
        let nobody = asked(|message| message.metadata.response_code = ResponseCode::NXDomain).await;
        assert!(matches!(nobody, Err(NoAddress::None(why)) if why.contains("NXDOMAIN")));
        let empty = asked(|_| {}).await;
        assert!(matches!(empty, Err(NoAddress::None(why)) if why.contains("NODATA")));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_silent() {
        let gone = UdpSocket::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let found = addresses(gone, &Name::root()).await;
        assert!(matches!(found, Err(NoAddress::Silent(_))), "{found:?}");
    }
}
