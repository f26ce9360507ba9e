//! The addresses of a name: asked anew each time, as by a caller that comes for the first time, or only looked at.

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
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
    Silent(String),
    /// It answered that there is none: `NXDOMAIN`, `REFUSED`, or no address among the records.
    None(&'static str),
}

/// The addresses of a name in the order of the answer, IPv6 ones where it has no others; never empty. Answers that are cut
/// short are asked for again over TCP.
///
/// # Errors
/// There is no answer, or no address in it.
pub(crate) async fn addresses(server: SocketAddr, name: &Name) -> Result<Vec<IpAddr>, NoAddress> {
    // One for each question: a resolver that is used again lets questions at the same time share one answer, and it is
    // the turns of the answers that are to be seen.
    let resolver = resolver(server)?;
    let mut found = Vec::new();
    for rtype in [RecordType::A, RecordType::AAAA] {
        found = match resolver.lookup(name.clone(), rtype).await {
            Ok(lookup) => of_records(lookup.answers()),
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if none.response_code == ResponseCode::NoError =>
            {
                Vec::new()
            }
            Err(error) => return Err(why(&error)),
        };
        if !found.is_empty() {
            break;
        }
    }
    match found.is_empty() {
        true => Err(NoAddress::None("the name has no address (NODATA)")),
        false => Ok(found),
    }
}

/// A resolver that asks nobody but this server, and forgets what it was told.
fn resolver(server: SocketAddr) -> Result<TokioResolver, NoAddress> {
    let on_its_port = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(on_its_port);
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    let provider = TokioRuntimeProvider::default();
    let mut builder = TokioResolver::builder_with_config(config, provider);
    let options = builder.options_mut();
    options.timeout = PATIENCE / 2;
    options.attempts = 1;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build().map_err(|error| why(&error))
}

fn why(error: &NetError) -> NoAddress {
    let NetError::Dns(error) = error else {
        return NoAddress::Silent(error.to_string());
    };
    let code = match error {
        DnsError::ResponseCode(code) => *code,
        DnsError::NoRecordsFound(none) => none.response_code,
        _ => ResponseCode::ServFail,
    };
    NoAddress::None(match code {
        ResponseCode::NXDomain => "there is no such name (NXDOMAIN)",
        ResponseCode::Refused => "it answers only for names of its own zone (REFUSED)",
        _ => "it could not answer (SERVFAIL)",
    })
}

fn of_records(records: &[Record]) -> Vec<IpAddr> {
    let address = |record: &Record| match &record.data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    };
    records.iter().filter_map(address).collect()
}

/// All addresses that a name server of the lab has for a name. Nobody's turn is taken for such a look, and it counts nowhere.
///
/// # Errors
/// It does not answer.
pub(crate) async fn looked_at(server: SocketAddr, name: &Name) -> io::Result<Vec<IpAddr>> {
    let mut found = Vec::new();
    for rtype in [RecordType::A, RecordType::AAAA] {
        let look = look(name, rtype);
        let answer = timeout(PATIENCE, exchange(server, &look)).await??;
        found.extend(of_records(&answer.answers));
    }
    Ok(found)
}

/// Whether a name server of the lab answers for this name, be it that there is no such name.
pub(crate) fn answers_for(server: SocketAddr, mut name: Name) -> bool {
    /// On this machine an answer takes less than a millisecond.
    const AT_ONCE: Duration = Duration::from_millis(300);
    name.set_fqdn(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let look = look(&name, RecordType::SOA);
    let asked = async { timeout(AT_ONCE, exchange(server, &look)).await.ok()?.ok() };
    let answer = runtime.ok().and_then(|runtime| runtime.block_on(asked));
    let codes = [ResponseCode::NoError, ResponseCode::NXDomain];
    answer.is_some_and(|answer| codes.contains(&answer.metadata.response_code))
}

/// Whether the system's resolver finds names of the internet.
///
/// # Errors
/// It does not, in words.
pub(crate) async fn internet() -> Result<(), String> {
    let nobody = |error: NetError| format!("the system names no resolver ({error})");
    let resolver = TokioResolver::builder_tokio().and_then(ResolverBuilder::build);
    let resolver = resolver.map_err(nobody)?;
    match timeout(PATIENCE, resolver.lookup_ip("example.com.")).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) => Err("the system's resolver finds no names of the internet".to_owned()),
        Err(_) => Err(format!(
            "the system's resolver did not answer in {} s",
            PATIENCE.as_secs()
        )),
    }
}

/// A question that tells the lab's server to take nobody's turn for it, and to keep it to itself.
fn look(name: &Name, rtype: RecordType) -> Message {
    let mut query = Message::query();
    query.add_query(Query::query(name.clone(), rtype));
    let mut edns = Edns::new();
    let own = EdnsOption::Unknown(LAB_OPTION, b"probe".to_vec());
    edns.options_mut().insert(own);
    query.set_edns(edns);
    query
}

async fn exchange(server: SocketAddr, query: &Message) -> io::Result<Message> {
    let own: IpAddr = match server.is_ipv4() {
        true => Ipv4Addr::UNSPECIFIED.into(),
        false => Ipv6Addr::UNSPECIFIED.into(),
    };
    let packet = query.to_vec().map_err(io::Error::other)?;
    let socket = UdpSocket::bind((own, 0)).await?;
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

    /// What comes of questions that are answered so; noise comes first.
    async fn asked(edit: impl Fn(&mut Message)) -> Result<Vec<IpAddr>, NoAddress> {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let name = Name::from_ascii("site.lab.").unwrap();
        let answers = async {
            let mut buffer = [0; 512];
            loop {
                let (length, asker) = server.recv_from(&mut buffer).await.unwrap();
                let mut message = Message::from_vec(&buffer[..length]).unwrap();
                message.metadata.message_type = MessageType::Response;
                edit(&mut message);
                let packet = message.to_vec().unwrap();
                server.send_to(b"no message at all", asker).await.unwrap();
                server.send_to(&packet, asker).await.unwrap();
            }
        };
        tokio::select! {
            found = addresses(address, &name) => found,
            () = answers => unreachable!("the server goes on for ever"),
        }
    }

    fn record(data: RData) -> Record {
        Record::from_rdata(Name::from_ascii("site.lab.").unwrap(), 5, data)
    }

    fn asks_for(message: &Message, rtype: RecordType) -> bool {
        message.queries[0].query_type == rtype
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
    async fn a_name_without_ipv4_addresses_has_others() {
        let found = asked(|message| {
            if asks_for(message, RecordType::AAAA) {
                message.add_answer(record(RData::AAAA(Ipv6Addr::LOCALHOST.into())));
            }
        });
        assert_eq!(found.await.unwrap(), [Ipv6Addr::LOCALHOST]);
    }

    #[tokio::test]
    async fn no_address_is_told_with_its_reason() {
        for (code, word) in [
            (ResponseCode::NXDomain, "NXDOMAIN"),
            (ResponseCode::NoError, "NODATA"),
            (ResponseCode::Refused, "REFUSED"),
            (ResponseCode::ServFail, "SERVFAIL"),
        ] {
            let found = asked(|message| message.metadata.response_code = code).await;
            assert!(
                matches!(&found, Err(NoAddress::None(why)) if why.contains(word)),
                "{word}: {found:?}"
            );
        }
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
