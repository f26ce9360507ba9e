//! Any bytes as a question to the name server, and as an answer to its caches: nothing panics, and what is answered to
//! a question is a message that can be read, no longer than its asker takes.

#![no_main]

use std::sync::OnceLock;

use diagnostics::Sources;
use dns_authority::answer::{Asker, Memory, answer};
use dns_authority::cache::Kept;
use dns_authority::query::Incoming;
use dns_authority::response::{Transport, limit};
use dns_authority::zone::{self, Zone};
use hickory_proto::op::Message;
use libfuzzer_sys::fuzz_target;

fn zone() -> &'static Zone {
    static ZONE: OnceLock<Zone> = OnceLock::new();
    ZONE.get_or_init(|| {
        let mut sources = Sources::new();
        let id = sources.add("zone.toml", zone::BUILT_IN);
        zone::parse(&sources, id)
            .zone
            .expect("the built-in zone is right")
    })
}

fuzz_target!(|packet: &[u8]| {
    if let Ok(message) = Message::from_vec(packet) {
        let _ = Kept::of(message, None).lifetime();
    }
    let Incoming::Query(query) = Incoming::read(packet) else {
        return;
    };
    let mut memory = Memory::new(zone(), 1);
    for transport in [Transport::Udp, Transport::Tcp] {
        let asker = Asker {
            ip: [127, 0, 0, 1].into(),
            transport,
        };
        let response = answer(zone(), &mut memory, &query, asker);
        let mut reply = Vec::new();
        let limit = limit(&query, transport);
        response.write(limit, &mut reply);
        assert!(reply.len() <= usize::from(limit));
        let read = Message::from_vec(&reply).expect("an answer can be read");
        assert_eq!(
            read.queries[0].name.to_ascii(),
            query.question.name.to_ascii()
        );
    }
});
