//! Caches in front of the authority.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{RData, Record, RecordType};
use testkit::{Port, Process, SOON, Signal, WorkDir, eventually};

use super::{Server, ask, message, program, values};

/// An authority with caches on the ports after its own.
fn farm(caches: u16, options: &[&str]) -> (Server, Vec<SocketAddr>, Vec<Port>) {
    let mut row = Port::reserve_row(caches + 1);
    let rest = row.split_off(1);
    let count = caches.to_string();
    let own = row.pop().unwrap();
    let server = Server::start_on(own, &[&["--caches", &count], options].concat());
    let last = rest.last().expect("at least one cache");
    server
        .process
        .wait_for_line(&format!("cache: listening on 127.0.0.1#{}", last.number()));
    let addresses = rest.iter().map(Port::address).collect();
    (server, addresses, rest)
}

fn address_from(cache: SocketAddr, name: &str) -> Vec<String> {
    values(&ask(cache, &message(name, RecordType::A)))
}

fn label(answer: &Message) -> String {
    let edns = answer.edns.as_ref().expect("EDNS");
    let option = edns
        .option(EdnsCode::from(65_280))
        .expect("the lab's option");
    String::from_utf8(Vec::try_from(option).unwrap()).unwrap()
}

fn with_label(name: &str) -> Message {
    let mut message = message(name, RecordType::A);
    let mut edns = Edns::new();
    edns.options_mut()
        .insert(EdnsOption::Unknown(65_280, Vec::new()));
    message.set_edns(edns);
    message
}

#[test]
fn a_cache_hands_out_the_same_answer_and_says_so() {
    let (server, caches, _ports) = farm(1, &[]);
    let first = ask(caches[0], &with_label("google.com."));
    assert_eq!(
        label(&first),
        "source=recorded 2020-10;from=transcript in the original lab;cache=miss"
    );
    assert_eq!(first.answers[0].ttl, 300);
    assert!(first.metadata.recursion_available && !first.metadata.authoritative);
    let second = ask(caches[0], &with_label("GOOGLE.com."));
    assert_eq!(
        label(&second),
        "source=recorded 2020-10;from=transcript in the original lab;cache=hit"
    );
    assert_eq!(values(&first), values(&second));
    assert_eq!(second.answers[0].name.to_ascii(), "GOOGLE.com.");
    assert_ne!(
        server.values("google.com."),
        values(&first),
        "the authority itself goes on"
    );
}

#[test]
fn each_cache_of_a_farm_froze_its_own() {
    let (_server, caches, _ports) = farm(3, &[]);
    let frozen: Vec<_> = caches
        .iter()
        .flat_map(|cache| address_from(*cache, "google.com."))
        .collect();
    assert_eq!(
        frozen,
        ["216.58.203.174", "216.58.203.206", "172.217.166.174"]
    );
    let again: Vec<_> = caches
        .iter()
        .flat_map(|cache| address_from(*cache, "google.com."))
        .collect();
    assert_eq!(again, frozen);
}

#[test]
fn time_is_counted_down_and_the_end_asks_again() {
    let (_server, caches, _ports) = farm(1, &["--ttl", "2"]);
    let first = address_from(caches[0], "google.com.");
    eventually("a lower TTL", SOON, || {
        ask(caches[0], &message("google.com.", RecordType::A)).answers[0].ttl == 1
    });
    eventually("another address", SOON, || {
        address_from(caches[0], "google.com.") != first
    });
}

#[test]
fn negative_answers_are_kept_too() {
    let (server, caches, _ports) = farm(1, &[]);
    for _ in 0..3 {
        let answer = ask(caches[0], &message("nope.google.com.", RecordType::A));
        assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
        assert!(answer.authorities[0].ttl <= 60);
    }
    server.process.wait_for_line("kept");
    let asked = server
        .process
        .stdout()
        .matches("nope.google.com A -> NXDOMAIN  (127.0.0.1, UDP)\n")
        .count();
    assert_eq!(asked, 1, "the authority is asked once");
}

#[test]
fn what_is_too_long_for_udp_is_fetched_over_tcp() {
    let folder = testkit::WorkDir::new();
    let text = format!(
        "[[name]]\nname = \"a.test.\"\nTXT = [{}]\n",
        format!("\"{}\",", "x".repeat(200)).repeat(20)
    );
    let file = folder.write("zone.toml", text);
    let (_server, caches, _ports) = farm(1, &["--zone", file.to_str().unwrap()]);
    let mut stream = super::Stream::connect(caches[0]);
    stream.send(&message("a.test.", RecordType::TXT).to_vec().unwrap());
    assert_eq!(stream.receive().unwrap().answers.len(), 20);
    let cut = ask(caches[0], &message("a.test.", RecordType::TXT));
    assert!(cut.metadata.truncation);
}

#[test]
fn without_recursion_only_what_is_kept_is_told() {
    let (_server, caches, _ports) = farm(1, &[]);
    let mut question = message("facebook.com.", RecordType::A);
    question.metadata.recursion_desired = false;
    assert_eq!(values(&ask(caches[0], &question)).len(), 0);
    address_from(caches[0], "facebook.com.");
    assert_eq!(values(&ask(caches[0], &question)), ["203.0.113.35"]);
}

#[test]
fn a_name_that_the_authority_refuses_is_not_found() {
    let (_server, caches, _ports) = farm(1, &[]);
    let answer = ask(caches[0], &message("example.org.", RecordType::A));
    assert_eq!(answer.metadata.response_code, ResponseCode::ServFail);
}

#[test]
fn a_cache_alone_goes_on_without_its_authority_while_it_can() {
    let mut authority = Server::start(&["--quiet"]);
    let behind = format!("127.0.0.1#{}", authority.port.number());
    let cache = Server::start(&["--cache-of", &behind]);
    let told = cache.values("google.com.");
    assert_eq!(authority.process.end_with(Signal::TERM).code, Some(0));
    assert_eq!(cache.values("google.com."), told);
    let mut stream = super::Stream::connect(cache.address());
    stream.send(&message("yahoo.com.", RecordType::A).to_vec().unwrap());
    let answer = stream.receive().unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::ServFail);
}

#[test]
fn who_asks_the_same_at_the_same_time_shares_one_answer() {
    // A server behind that waits until all have asked.
    let behind = UdpSocket::bind("127.0.0.1:0").unwrap();
    behind.set_read_timeout(Some(SOON)).unwrap();
    let server = behind.local_addr().unwrap();
    let of = format!("127.0.0.1#{}", server.port());
    let port = Port::reserve();
    let number = port.number().to_string();
    let cache = Process::spawn(program().args(["--cache-of", &of, "--port", &number]));
    cache.wait_for_line("cache: listening");
    let askers: Vec<UdpSocket> = (0..3)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let question = message("a.test.", RecordType::A).to_vec().unwrap();
    for asker in &askers {
        asker.send_to(&question, port.address()).unwrap();
    }
    let mut buffer = [0; 512];
    let (length, from) = behind.recv_from(&mut buffer).unwrap();
    let mut answer = Message::from_vec(&buffer[..length]).unwrap();
    answer.metadata.message_type = MessageType::Response;
    let name = answer.queries[0].name.clone();
    let address = RData::A(std::net::Ipv4Addr::new(192, 0, 2, 1).into());
    answer.add_answer(Record::from_rdata(name, 60, address));
    behind.send_to(&answer.to_vec().unwrap(), from).unwrap();
    for asker in &askers {
        let reply = super::receive(asker, SOON).expect("an answer");
        assert_eq!(
            values(&Message::from_vec(&reply).unwrap()),
            ["192.0.2.1"],
            "{}",
            cache.stdout()
        );
    }
    behind.set_nonblocking(true).unwrap();
    assert!(behind.recv_from(&mut buffer).is_err(), "asked once more");
}

#[test]
fn a_cache_goes_on_with_an_address_that_is_left_out_until_its_time_is_over() {
    /// Seconds; enough for the first half of this test on a busy machine, and no longer to wait for than that.
    const TTL: u32 = 4;
    let (folder, port) = (WorkDir::new(), Port::reserve());
    let on_port = |ip: &str| TcpListener::bind((ip, port.number())).unwrap();
    let (_first, second) = (port.hold(), on_port("127.0.0.2"));
    let zone = format!(
        "[[name]]\nname = \"site.test.\"\nttl = {TTL}\ngive = \"all\"\nA = [\"127.0.0.1\", \"127.0.0.2\"]\n\
         check = {{ port = {}, every = \"100ms\", timeout = \"100ms\", rise = 2, fall = 2 }}\n",
        port.number()
    );
    let file = folder.write("zone.toml", zone);
    let (server, caches, _ports) = farm(1, &["--quiet", "--zone", file.to_str().unwrap()]);
    // The cache keeps both addresses, then one of them is left out.
    assert_eq!(address_from(caches[0], "site.test.").len(), 2);
    let kept_since = Instant::now();
    drop(second);
    server.process.wait_for_line("127.0.0.2 is left out");
    assert_eq!(server.values("site.test."), ["127.0.0.1"]);
    let still = address_from(caches[0], "site.test.");
    if kept_since.elapsed() < Duration::from_secs(TTL.into()) {
        assert!(still.contains(&"127.0.0.2".to_owned()), "{still:?}");
    }
    eventually("the cache has forgotten", SOON, || {
        address_from(caches[0], "site.test.") == ["127.0.0.1"]
    });
    assert!(kept_since.elapsed() >= Duration::from_secs((TTL - 1).into()));
}
