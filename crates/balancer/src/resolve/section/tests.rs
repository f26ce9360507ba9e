use super::super::testing::SITE;
use super::*;
use crate::testing::Bench;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, Record};
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

/// A section that asks, and the servers that it asks for.
struct Scene {
    bench: Bench,
    section: Section,
    now: Uptime,
}

impl Scene {
    fn new() -> Self {
        let bench = Bench::new(SITE);
        let section = Section::new(&bench.plan, 0, &bench.logger, Uptime::ZERO).unwrap();
        Self {
            bench,
            section,
            now: Uptime::ZERO,
        }
    }

    /// Waits until questions are due, and takes them as sent to both name servers.
    fn asks(&mut self) -> Vec<Ask> {
        self.now = self.section.due().unwrap();
        let asks = self.section.wake(self.now, || 7);
        asks.iter()
            .for_each(|ask| self.section.was_sent(ask.lookup, 2));
        asks
    }

    /// The next question is answered by the first name server with these addresses.
    fn answer(&mut self, addresses: &[&str]) {
        let asks = self.asks();
        let packet = reply(&asks[0], |message| {
            let owner = message.queries[0].name.clone();
            for address in addresses {
                let data = RData::A(address.parse().unwrap());
                message.add_answer(Record::from_rdata(owner.clone(), 1, data));
            }
        });
        self.now += MS;
        assert_eq!(self.section.receive(0, &packet, self.now), None);
    }

    /// Both name servers answer every question with an error, until the section gives up.
    fn refuse(&mut self, code: ResponseCode) {
        let end = self.now + Duration::from_secs(1);
        while self.now < end {
            let mut asks = self.asks();
            while let Some(ask) = asks.pop() {
                let packet = reply(&ask, |message| message.metadata.response_code = code);
                for nameserver in 0..2 {
                    let next = self.section.receive(nameserver, &packet, self.now);
                    if let Some(ask) = &next {
                        self.section.was_sent(ask.lookup, 2);
                    }
                    asks.extend(next);
                }
            }
        }
    }

    /// Address and status of each server.
    fn servers(&self) -> Vec<String> {
        let mut all = Vec::new();
        for backend in &self.bench.plan.backends {
            for server in backend.servers.iter() {
                let ip = server.address.ip();
                let ip = ip.map_or_else(|| "-".to_owned(), |ip| ip.to_string());
                let status = backend.live().server(server.index).status();
                all.push(format!("{}/{} {ip} {status}", backend.name, server.name));
            }
        }
        all
    }

    fn counter(&self, nameserver: usize, name: &str) -> u64 {
        let counters = &self.section.policy.nameservers[nameserver].counters;
        counters.all().find(|(known, _)| *known == name).unwrap().1
    }
}

fn reply(ask: &Ask, change: impl FnOnce(&mut Message)) -> Vec<u8> {
    let mut message = Message::from_vec(&ask.packet).unwrap();
    change(&mut message);
    message.to_vec().unwrap()
}

const WAITING: &str = "- MAINT (resolution)";

#[test]
fn an_answer_fills_a_template_without_giving_an_address_twice() {
    let mut scene = Scene::new();
    assert!(
        scene
            .servers()
            .iter()
            .all(|server| server.ends_with(WAITING))
    );
    scene.answer(&["127.0.0.11", "127.0.0.12"]);
    assert_eq!(
        scene.servers(),
        [
            "app/s1 127.0.0.12 no check".to_owned(),
            "app/s2 127.0.0.11 no check".to_owned(),
            format!("app/s3 {WAITING}"),
            "alone/s1 127.0.0.12 no check".to_owned(),
        ]
    );
    assert_eq!(scene.counter(0, "valid"), 1);
    assert_eq!(
        scene.counter(0, "update"),
        1,
        "the others are from the cache"
    );
}

#[test]
fn a_new_address_goes_to_the_server_that_waits() {
    let mut scene = Scene::new();
    scene.answer(&["127.0.0.11", "127.0.0.12"]);
    scene.answer(&["127.0.0.11", "127.0.0.13"]);
    // hold obsolete is 0: the address that is gone is free at once, and s1 is asked first
    assert_eq!(
        scene.servers(),
        [
            "app/s1 127.0.0.13 no check".to_owned(),
            "app/s2 127.0.0.11 no check".to_owned(),
            format!("app/s3 {WAITING}"),
            "alone/s1 127.0.0.13 no check".to_owned(),
        ]
    );
}

#[test]
fn errors_take_servers_out_after_the_hold_time_only() {
    let mut scene = Scene::new();
    scene.answer(&["127.0.0.11"]);
    scene.refuse(ResponseCode::NXDomain);
    assert_eq!(
        scene.servers()[0],
        "app/s1 127.0.0.11 no check",
        "hold nx 2s"
    );
    scene.refuse(ResponseCode::NXDomain);
    scene.refuse(ResponseCode::NXDomain);
    assert!(
        scene
            .servers()
            .iter()
            .all(|server| server.ends_with(WAITING))
    );
    scene.answer(&["127.0.0.11"]);
    assert_eq!(scene.servers()[0], "app/s1 127.0.0.11 no check");
}

#[test]
fn the_first_valid_answer_counts_and_later_ones_are_outdated() {
    let mut scene = Scene::new();
    let asks = scene.asks();
    let address = |text: &str| {
        reply(&asks[0], |message| {
            let owner = message.queries[0].name.clone();
            let data = RData::A(text.parse().unwrap());
            message.add_answer(Record::from_rdata(owner, 1, data));
        })
    };
    assert_eq!(scene.section.receive(1, &address("127.0.0.2"), MS), None);
    assert_eq!(scene.section.receive(0, &address("127.0.0.1"), MS), None);
    assert_eq!(scene.servers()[0], "app/s1 127.0.0.2 no check");
    assert_eq!(
        (scene.counter(1, "valid"), scene.counter(0, "outdated")),
        (1, 1)
    );
}

#[test]
fn long_and_broken_packets_are_counted() {
    let mut scene = Scene::new();
    scene.asks();
    assert_eq!(scene.section.receive(0, &[0; 513], MS), None);
    assert_eq!(scene.section.receive(0, &[0], MS), None);
    assert_eq!(scene.section.receive(0, &[0, 7, 0], MS), None);
    assert_eq!(scene.counter(0, "too_big"), 1);
    assert_eq!(scene.counter(0, "invalid"), 2);
}

#[test]
fn a_server_with_another_name_is_looked_up_by_it() {
    let mut scene = Scene::new();
    scene.answer(&["127.0.0.11", "127.0.0.12"]);
    let server = &scene.bench.plan.backends[0].servers[0];
    server.address.named().unwrap().rename("Other.lab");
    scene.section.regroup(&scene.bench.plan, 0, scene.now);
    let due = scene.section.due();
    assert_eq!(due, Some(scene.now), "the new name at once");
    assert_eq!(
        scene.servers()[0],
        "app/s1 127.0.0.12 no check",
        "it keeps its address"
    );
    scene.answer(&["127.0.0.14"]);
    assert_eq!(scene.servers()[0], "app/s1 127.0.0.14 no check");
    assert_eq!(scene.servers()[1], "app/s2 127.0.0.11 no check");
}
