//! The same zone, the same questions: we answer as NSD does.

use std::net::SocketAddr;
use std::process::Command;

use hickory_proto::op::{Edns, Message};
use hickory_proto::rr::{Record, RecordType};
use testkit::{Port, Process, SOON, WorkDir, eventually, program};

use super::{Server, Stream, message, send};

const OURS: &str = r#"
ttl = 300
[[name]]
name = "lab."
SOA = { primary = "ns.lab.", contact = "hostmaster.lab.", minimum = 60 }
NS = ["ns.lab.", "ns2.lab."]
MX = ["10 mail.lab.", "20 mail.elsewhere."]
TXT = ["one text", "another; text \"quoted\""]
[[name]]
name = "ns.lab."
A = "192.0.2.53"
AAAA = "2001:db8::53"
[[name]]
name = "ns2.lab."
A = "192.0.2.54"
[[name]]
name = "mail.lab."
A = "192.0.2.25"
[[name]]
name = "one.lab."
ttl = 5
give = "fixed"
A = ["192.0.2.1", "192.0.2.2"]
[[name]]
name = "www.lab."
CNAME = "web.lab."
[[name]]
name = "web.lab."
ttl = 60
CNAME = "one.lab."
[[name]]
name = "lost.lab."
CNAME = "gone.lab."
[[name]]
name = "away.lab."
CNAME = "www.elsewhere."
[[name]]
name = "a.deep.lab."
A = "192.0.2.9"
"#;

const THEIRS: &str = r#"
$ORIGIN lab.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
  NS ns
  NS ns2
  MX 10 mail
  MX 20 mail.elsewhere.
  TXT "one text"
  TXT "another; text \"quoted\""
ns A 192.0.2.53
ns AAAA 2001:db8::53
ns2 A 192.0.2.54
mail A 192.0.2.25
one 5 A 192.0.2.1
one 5 A 192.0.2.2
www CNAME web
web 60 CNAME one
lost CNAME gone
away CNAME www.elsewhere.
a.deep A 192.0.2.9
"#;

struct Nsd {
    _process: Process,
    address: SocketAddr,
    _port: Port,
    _folder: WorkDir,
}

impl Nsd {
    fn start() -> Option<Self> {
        let nsd = program::find("nsd")?;
        let (folder, port) = (WorkDir::new(), Port::reserve());
        folder.write("lab.zone", THEIRS);
        let place = folder.path().display();
        let config = folder.write(
            "nsd.conf",
            format!(
                "server:\n  ip-address: 127.0.0.1@{}\n  username: \"\"\n  chroot: \"\"\n  pidfile: \"\"\n  \
                 database: \"\"\n  zonesdir: \"{place}\"\n  xfrdfile: \"{place}/xfrd\"\n  zonelistfile: \"{place}/zones\"\n  \
                 rrl-ratelimit: 0\nremote-control:\n  control-enable: no\nzone:\n  name: lab\n  zonefile: lab.zone\n",
                port.number()
            ),
        );
        let process = Process::spawn(Command::new(nsd).arg("-d").arg("-c").arg(config));
        let address = port.address();
        let question = message("lab.", RecordType::SOA).to_vec().unwrap();
        eventually("nsd", SOON, || send(address, &question).is_some());
        Some(Self {
            _process: process,
            address,
            _port: port,
            _folder: folder,
        })
    }
}

/// What must be the same: code, flags, and each section's records in any order.
fn in_words(answer: &Message) -> String {
    let header = answer.metadata;
    let section = |records: &[Record]| {
        let words =
            |r: &Record| format!("\n  {} {} {} {:?}", r.name, r.ttl, r.record_type(), r.data);
        let mut records: Vec<_> = records.iter().map(words).collect();
        records.sort();
        records.concat()
    };
    let edns = answer
        .edns
        .as_ref()
        .map(|edns| (edns.version(), edns.flags().dnssec_ok));
    // Of further addresses only those count that the answer itself makes one ask for.
    let asked_next = |a: &&Record| matches!(a.record_type(), RecordType::MX | RecordType::NS);
    let targets: Vec<_> = answer
        .answers
        .iter()
        .filter(asked_next)
        .map(|a| a.data.to_string())
        .collect();
    let named = |r: &&Record| {
        targets
            .iter()
            .any(|target| target.contains(&r.name.to_string()))
    };
    let additionals: Vec<_> = answer.additionals.iter().filter(named).cloned().collect();
    // NSD names its servers with every answer, which is allowed and not needed; the SOA of a negative answer is.
    let authorities: Vec<_> = answer
        .authorities
        .iter()
        .filter(|r| r.record_type() == RecordType::SOA)
        .cloned()
        .collect();
    format!(
        "{} aa {} tc {} rd {} ra {} opcode {:?} edns {edns:?}\nquestion {:?}\nanswer{}\nauthority{}\nadditional{}",
        u16::from(header.response_code),
        header.authoritative,
        header.truncation,
        header.recursion_desired,
        header.recursion_available,
        header.op_code,
        answer.queries,
        section(&answer.answers),
        section(&authorities),
        section(&additionals),
    )
}

fn over_udp(server: SocketAddr, packet: &[u8]) -> Option<Message> {
    send(server, packet).map(|answer| Message::from_vec(&answer).unwrap())
}

fn over_tcp(server: SocketAddr, packet: &[u8]) -> Option<Message> {
    let mut stream = Stream::connect(server);
    stream.send(packet);
    stream.receive()
}

fn check_all(questions: &[(String, Vec<u8>)]) {
    let Some(nsd) = Nsd::start() else { return };
    let folder = WorkDir::new();
    let file = folder.write("zone.toml", OURS);
    let ours = Server::start(&["--quiet", "--zone", file.to_str().unwrap()]);
    for (name, packet) in questions {
        for (transport, ask) in [("UDP", over_udp as fn(_, &[u8]) -> _), ("TCP", over_tcp)] {
            let words = |server| ask(server, packet).map(|answer| in_words(&answer));
            let (own, other) = (words(ours.address()), words(nsd.address));
            assert_eq!(own, other, "{name} over {transport}: ours, then NSD's");
        }
    }
}

#[test]
fn every_kind_of_answer_is_the_same() {
    use RecordType::{A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT};
    let questions = [
        ("one.lab.", A),
        ("one.lab.", AAAA),
        ("ONE.lAb.", A),
        ("ns.lab.", AAAA),
        ("lab.", SOA),
        ("lab.", NS),
        ("lab.", MX),
        ("lab.", TXT),
        ("lab.", A),
        ("www.lab.", A),
        ("www.lab.", AAAA),
        ("www.lab.", CNAME),
        ("www.lab.", MX),
        ("web.lab.", A),
        ("lost.lab.", A),
        ("lost.lab.", TXT),
        ("away.lab.", A),
        ("deep.lab.", A),
        ("a.deep.lab.", A),
        ("b.deep.lab.", A),
        ("nope.lab.", A),
        ("x.nope.lab.", MX),
        ("x.one.lab.", A),
        ("one.lab.", SRV),
        ("one.lab.", PTR),
        ("one.lab.", SOA),
        ("one.lab.", RecordType::from(65_000)),
        ("lab2.", A),
        ("elsewhere.", A),
        (".", NS),
        (".", A),
    ];
    let packets = questions.map(|(name, kind)| {
        let packet = message(name, kind).to_vec().unwrap();
        (format!("{name} {kind}"), packet)
    });
    check_all(&packets);
}

#[test]
fn edns_and_flags_are_the_same() {
    let question = || message("one.lab.", RecordType::A);
    let mut cases: Vec<(&str, Message)> = Vec::new();
    let mut edns = question();
    edns.set_edns(Edns::new());
    cases.push(("EDNS", edns));
    let mut future = question();
    let mut record = Edns::new();
    record.set_version(7);
    future.set_edns(record);
    cases.push(("EDNS version 7", future));
    let mut dnssec = question();
    let mut record = Edns::new();
    record.set_dnssec_ok(true);
    dnssec.set_edns(record);
    cases.push(("DNSSEC wanted", dnssec));
    let mut iterative = question();
    iterative.metadata.recursion_desired = false;
    cases.push(("no recursion", iterative));
    let packets: Vec<_> = cases
        .iter()
        .map(|(name, message)| ((*name).to_owned(), message.to_vec().unwrap()))
        .collect();
    check_all(&packets);
}
