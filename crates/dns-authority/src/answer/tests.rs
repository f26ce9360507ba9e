use super::*;

use diagnostics::Sources;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query as Question};
use hickory_proto::rr::rdata::opt::{ClientSubnet, EdnsCode, EdnsOption};

use crate::query::Incoming;
use crate::response::limit;
use crate::zone::parse;

const ZONE: &str = r#"
[[name]]
name = "one.test."
recorded = "2020-10"
source = "a transcript"
A = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
MX = ["10 mail.one.test."]
TXT = ["short"]

[[name]]
name = "all.test."
illustrative = true
ttl = 60
give = "all"
A = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]

[[name]]
name = "www.all.test."
ttl = 3600
CNAME = "web.all.test."

[[name]]
name = "web.all.test."
CNAME = "all.test."

[[name]]
name = "lost.all.test."
CNAME = "gone.all.test."

[[name]]
name = "away.all.test."
CNAME = "www.elsewhere.test."

[[name]]
name = "a.deep.all.test."
A = ["192.0.2.9"]

[[name]]
name = "mail.one.test."
A = ["192.0.2.25"]
AAAA = ["2001:db8::25"]

[[name]]
name = "soa.test."
NS = ["ns.soa.test."]
SOA = { primary = "ns.soa.test.", contact = "me.soa.test.", serial = 7, minimum = 20 }

[[name]]
name = "seen.soa.test."
ttl = 5
A = ["192.0.2.80"]
AAAA = ["2001:db8::80"]
[[name.view]]
label = "Europe"
from = ["198.51.100.0/24", "2001:db8:e::/48"]
ttl = 7
A = ["198.51.100.80"]
[[name.view]]
from = ["203.0.113.0/24"]
A = ["203.0.113.80"]

[[name]]
name = "checked.soa.test."
give = "all"
check = { port = 80 }
A = ["192.0.2.1", "192.0.2.2"]
"#;

/// A name server on which nothing listens.
struct Server {
    zone: Zone,
    memory: Memory,
    asker: Asker,
}

impl Server {
    fn new() -> Self {
        let mut sources = Sources::new();
        let id = sources.add("test.toml", ZONE);
        let parsed = parse(&sources, id);
        let zone = parsed
            .zone
            .unwrap_or_else(|| panic!("{:#?}", parsed.problems));
        Self {
            memory: Memory::new(&zone, 1),
            zone,
            asker: Asker {
                ip: "127.0.0.1".parse().unwrap(),
                transport: Transport::Udp,
            },
        }
    }

    fn over_tcp() -> Self {
        let mut server = Self::new();
        server.asker.transport = Transport::Tcp;
        server
    }

    /// The answer to a message, through the wire both ways.
    fn send(&mut self, message: &Message) -> Message {
        let Incoming::Query(query) = Incoming::read(&message.to_vec().unwrap()) else {
            panic!("no question: {message}");
        };
        let response = answer(&self.zone, &mut self.memory, &query, self.asker);
        let mut packet = Vec::new();
        response.write(limit(&query, self.asker.transport), &mut packet);
        Message::from_vec(&packet).unwrap()
    }

    fn ask(&mut self, name: &str, kind: RecordType) -> Message {
        self.send(&message(name, kind))
    }

    /// `NOERROR aa | answers | authorities | additionals`, records as `name ttl type data`.
    #[track_caller]
    fn check(&mut self, name: &str, kind: RecordType, expected: &str) {
        let answer = self.ask(name, kind);
        assert_eq!(in_words(&answer), expected, "{name} {kind}");
    }
}

fn message(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Question::query(Name::from_ascii(name).unwrap(), kind));
    message
}

fn with_edns(name: &str, options: Vec<EdnsOption>) -> Message {
    let mut message = message(name, RecordType::A);
    let mut edns = Edns::new();
    options
        .into_iter()
        .for_each(|option| edns.options_mut().insert(option));
    message.set_edns(edns);
    message
}

fn in_words(answer: &Message) -> String {
    let header = answer.metadata;
    assert!(header.id == 4711 && header.message_type == MessageType::Response);
    assert!(header.recursion_desired && !header.recursion_available);
    let section = |records: &[hickory_proto::rr::Record]| {
        let records = records
            .iter()
            .map(|r| format!("{} {} {} {}", r.name, r.ttl, r.record_type(), r.data));
        records.collect::<Vec<_>>().join(", ")
    };
    let code = u16::from(header.response_code);
    let flag = if header.authoritative { " aa" } else { "" };
    let sections = [&answer.answers, &answer.authorities, &answer.additionals].map(|s| section(s));
    format!("{code}{flag} | {}", sections.join(" | "))
        .trim_end()
        .to_owned()
}

fn addresses(answer: &Message) -> Vec<String> {
    answer
        .answers
        .iter()
        .map(|record| record.data.to_string())
        .collect()
}

const SOA: &str = "soa.test. 20 SOA ns.soa.test. me.soa.test. 7 3600 600 86400 20";

#[test]
fn one_address_at_a_time_in_turn() {
    let mut server = Server::new();
    let given: Vec<_> = (0..4)
        .flat_map(|_| addresses(&server.ask("one.test.", RecordType::A)))
        .collect();
    assert_eq!(given, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1"]);
}

#[test]
fn a_list_turned_by_one_each_time() {
    let mut server = Server::new();
    assert_eq!(
        addresses(&server.ask("all.test.", RecordType::A)),
        ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    );
    assert_eq!(
        addresses(&server.ask("all.test.", RecordType::A)),
        ["192.0.2.2", "192.0.2.3", "192.0.2.1"]
    );
}

#[test]
fn each_type_is_answered_as_it_is_written() {
    let mut server = Server::new();
    server.check(
        "one.test.",
        RecordType::A,
        "0 aa | one.test. 300 A 192.0.2.1 |  |",
    );
    server.check(
        "one.test.",
        RecordType::TXT,
        "0 aa | one.test. 300 TXT short |  |",
    );
    server.check(
        "www.all.test.",
        RecordType::CNAME,
        "0 aa | www.all.test. 3600 CNAME web.all.test. |  |",
    );
    let soa = "0 aa | soa.test. 300 SOA ns.soa.test. me.soa.test. 7 3600 600 86400 20 |  |";
    server.check("soa.test.", RecordType::SOA, soa);
}

#[test]
fn a_mail_exchange_comes_with_its_addresses() {
    let expected = "0 aa | one.test. 300 MX 10 mail.one.test. |  | \
                    mail.one.test. 300 A 192.0.2.25, mail.one.test. 300 AAAA 2001:db8::25";
    Server::new().check("one.test.", RecordType::MX, expected);
}

#[test]
fn aliases_are_followed_to_the_end() {
    let mut server = Server::new();
    let both = "www.all.test. 3600 CNAME web.all.test., web.all.test. 300 CNAME all.test.";
    let list = "all.test. 60 A 192.0.2.1, all.test. 60 A 192.0.2.2, all.test. 60 A 192.0.2.3";
    server.check(
        "www.all.test.",
        RecordType::A,
        &format!("0 aa | {both}, {list} |  |"),
    );
    let soa = "all.test. 60 SOA all.test. hostmaster.all.test. 1 3600 600 86400 60";
    server.check(
        "www.all.test.",
        RecordType::AAAA,
        &format!("0 aa | {both} | {soa} |"),
    );
    let lost = "lost.all.test. 300 CNAME gone.all.test.";
    server.check(
        "lost.all.test.",
        RecordType::A,
        &format!("3 aa | {lost} | {soa} |"),
    );
    server.check(
        "away.all.test.",
        RecordType::A,
        "0 aa | away.all.test. 300 CNAME www.elsewhere.test. |  |",
    );
}

#[test]
fn what_is_not_there_is_told_from_what_is_not_ours() {
    let mut server = Server::new();
    server.check(
        "nope.soa.test.",
        RecordType::A,
        &format!("3 aa |  | {SOA} |"),
    );
    server.check(
        "nope.nope.soa.test.",
        RecordType::A,
        &format!("3 aa |  | {SOA} |"),
    );
    server.check(
        "seen.soa.test.",
        RecordType::TXT,
        &format!("0 aa |  | {SOA} |"),
    );
    server.check("elsewhere.test.", RecordType::A, "5 |  |  |");
    server.check("test.", RecordType::A, "5 |  |  |");
    server.check(".", RecordType::NS, "5 |  |  |");
}

#[test]
fn a_name_above_others_exists_though_it_holds_nothing() {
    let soa = "all.test. 60 SOA all.test. hostmaster.all.test. 1 3600 600 86400 60";
    Server::new().check(
        "deep.all.test.",
        RecordType::A,
        &format!("0 aa |  | {soa} |"),
    );
}

#[test]
fn the_letters_of_the_question_come_back() {
    let answer = Server::new().ask("oNE.tEST.", RecordType::A);
    assert_eq!(answer.queries[0].name.to_ascii(), "oNE.tEST.");
    assert_eq!(answer.answers[0].name.to_ascii(), "oNE.tEST.");
}

#[test]
fn any_is_everything_over_tcp_and_one_kind_over_udp() {
    let udp = Server::new().ask("one.test.", RecordType::ANY);
    assert_eq!(addresses(&udp), ["192.0.2.1"]);
    let tcp = Server::over_tcp().ask("one.test.", RecordType::ANY);
    let kinds: Vec<_> = tcp
        .answers
        .iter()
        .map(|record| record.record_type().to_string())
        .collect();
    assert_eq!(kinds, ["A", "MX", "TXT", "SOA"]);
    let alias = Server::over_tcp().ask("www.all.test.", RecordType::ANY);
    assert_eq!(addresses(&alias), ["web.all.test."]);
}

#[test]
fn questions_that_cannot_be_answered_say_why() {
    let mut server = Server::new();
    let mut code = |change: &dyn Fn(&mut Message)| {
        let mut message = message("one.test.", RecordType::A);
        change(&mut message);
        u16::from(server.send(&message).metadata.response_code)
    };
    let kind = |number: u16| {
        move |message: &mut Message| message.queries[0].query_type = RecordType::from(number)
    };
    assert_eq!(code(&kind(252)), 5, "AXFR");
    assert_eq!(code(&kind(251)), 5, "IXFR");
    assert_eq!(code(&kind(250)), 4, "TSIG");
    assert_eq!(code(&kind(41)), 1, "OPT");
    assert_eq!(code(&kind(65_000)), 0, "a type of the future");
    assert_eq!(
        code(&|message| message.queries[0].query_class = DNSClass::CH),
        5,
        "class CH"
    );
    let version = |message: &mut Message| {
        let mut edns = Edns::new();
        edns.set_version(1);
        message.set_edns(edns);
    };
    assert_eq!(code(&version), 16, "EDNS version 1");
}

#[test]
fn a_view_is_chosen_by_the_askers_address() {
    let mut server = Server::new();
    server.asker.ip = "198.51.100.7".parse().unwrap();
    server.check(
        "seen.soa.test.",
        RecordType::A,
        "0 aa | seen.soa.test. 7 A 198.51.100.80 |  |",
    );
    // What the view does not hold comes from the name itself.
    server.check(
        "seen.soa.test.",
        RecordType::AAAA,
        "0 aa | seen.soa.test. 5 AAAA 2001:db8::80 |  |",
    );
    server.asker.ip = "::ffff:203.0.113.9".parse().unwrap();
    server.check(
        "seen.soa.test.",
        RecordType::A,
        "0 aa | seen.soa.test. 5 A 203.0.113.80 |  |",
    );
    server.asker.ip = "192.0.2.9".parse().unwrap();
    server.check(
        "seen.soa.test.",
        RecordType::A,
        "0 aa | seen.soa.test. 5 A 192.0.2.80 |  |",
    );
}

#[test]
fn a_view_is_chosen_by_the_network_a_resolver_tells() {
    let check = |network: &str, length: u8, address: &str, scope: u8| {
        let mut server = Server::new();
        server.asker.ip = "203.0.113.9".parse().unwrap();
        let subnet = ClientSubnet::new(network.parse().unwrap(), length, 0);
        let answer = server.send(&with_edns(
            "seen.soa.test.",
            vec![EdnsOption::Subnet(subnet)],
        ));
        assert_eq!(addresses(&answer), [address], "{network}/{length}");
        let edns = answer.edns.unwrap();
        let Some(EdnsOption::Subnet(told)) = edns.option(EdnsCode::Subnet) else {
            panic!("no subnet in {edns}");
        };
        assert_eq!((told.addr(), told.source_prefix()), (subnet.addr(), length));
        assert_eq!(told.scope_prefix(), scope, "{network}/{length}");
    };
    check("198.51.100.0", 24, "198.51.100.80", 24);
    check("2001:db8:e::", 56, "198.51.100.80", 48);
    check("192.0.2.0", 24, "192.0.2.80", 6);
    check("0.0.0.0", 0, "192.0.2.80", 0);
}

#[test]
fn a_name_without_views_answers_for_everybody() {
    let subnet = ClientSubnet::new("198.51.100.0".parse().unwrap(), 24, 0);
    let answer = Server::new().send(&with_edns("one.test.", vec![EdnsOption::Subnet(subnet)]));
    let edns = answer.edns.unwrap();
    let Some(EdnsOption::Subnet(told)) = edns.option(EdnsCode::Subnet) else {
        panic!()
    };
    assert_eq!(told.scope_prefix(), 0);
}

#[test]
fn the_origin_is_told_to_those_who_ask_for_it() {
    let told = |name: &str, ip: &str, text: &[u8]| {
        let mut server = Server::new();
        server.asker.ip = ip.parse().unwrap();
        let option = EdnsOption::Unknown(label::OPTION_CODE, text.to_vec());
        let edns = server.send(&with_edns(name, vec![option])).edns.unwrap();
        let option = edns.option(EdnsCode::from(label::OPTION_CODE))?.clone();
        Some(String::from_utf8(Vec::try_from(&option).unwrap()).unwrap())
    };
    let one = told("one.test.", "127.0.0.1", b"");
    assert_eq!(
        one.as_deref(),
        Some("source=recorded 2020-10;from=a transcript")
    );
    assert_eq!(
        told("all.test.", "127.0.0.1", b"").as_deref(),
        Some("source=illustrative")
    );
    assert_eq!(
        told("seen.soa.test.", "198.51.100.1", b"").as_deref(),
        Some("source=own;view=Europe")
    );
    assert_eq!(
        told("elsewhere.test.", "127.0.0.1", b"").as_deref(),
        Some("source=own")
    );
    assert_eq!(told("one.test.", "127.0.0.1", b"x"), None);
    assert!(Server::new().ask("one.test.", RecordType::A).edns.is_none());
}

#[test]
fn the_sick_are_left_out_until_all_are() {
    let mut server = Server::new();
    let targets: Vec<_> = TargetId::all(&server.zone).collect();
    server.memory.set_sick(targets[0], true);
    assert_eq!(
        addresses(&server.ask("checked.soa.test.", RecordType::A)),
        ["192.0.2.2"]
    );
    server.memory.set_sick(targets[1], true);
    assert_eq!(
        server.ask("checked.soa.test.", RecordType::A).answers.len(),
        2
    );
    server.memory.set_sick(targets[1], false);
    assert_eq!(
        addresses(&server.ask("checked.soa.test.", RecordType::A)),
        ["192.0.2.2"]
    );
}

#[test]
fn the_built_in_zone_is_right_and_honest() {
    let mut sources = Sources::new();
    let id = sources.add("zone.toml", crate::zone::BUILT_IN);
    let parsed = parse(&sources, id);
    assert_eq!(parsed.problems, []);
    let zone = parsed.zone.unwrap();
    let documentation = [
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "127.0.0.0/8",
        "::1/128",
    ];
    let documentation = documentation.map(|net| net.parse::<ipnet::IpNet>().unwrap());
    for name in zone.names() {
        let own = [name.pools]
            .into_iter()
            .chain(name.views.iter().map(|view| view.pools));
        let pools = own.flat_map(|pools| [pools.v4, pools.v6]).flatten();
        let addresses = pools.flat_map(|id| &zone.pool(id).addresses);
        for address in addresses {
            let invented = documentation.iter().any(|net| net.contains(&address.ip));
            let recorded = matches!(name.origin.source, label::Source::Recorded(_));
            assert!(invented != recorded, "{} {}", name.name, address.ip);
        }
    }
}

#[test]
fn answers_that_count_as_given_move_every_turn() {
    let first = |skipped: u32| {
        let mut server = Server::new();
        server.memory.skip(&server.zone, skipped);
        let answer = server.ask("checked.soa.test.", RecordType::A);
        addresses(&answer)[0].clone()
    };
    assert_eq!([first(0), first(1)], ["192.0.2.1", "192.0.2.2"]);
    assert_eq!([first(1000), first(u32::MAX)], ["192.0.2.1", "192.0.2.2"]);
}

#[test]
fn a_look_of_the_lab_sees_all_and_takes_nobodys_turn() {
    let mut server = Server::new();
    let option = |word: &[u8]| EdnsOption::Unknown(label::OPTION_CODE, word.to_vec());
    let mut ask = |word: &[u8]| {
        let message = with_edns("one.test.", vec![option(word)]);
        addresses(&server.send(&message))
    };
    let first = ask(b"");
    let all = ask(b"probe");
    assert!(all.len() > 1 && first.len() == 1, "{first:?} {all:?}");
    assert_eq!(ask(b"probe"), all);
    let at = all.iter().position(|address| *address == first[0]).unwrap();
    assert_eq!(ask(b"")[0], all[(at + 1) % all.len()]);
}
