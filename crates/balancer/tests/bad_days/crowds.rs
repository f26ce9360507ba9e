//! More clients than anybody wants.

use super::balancer::nobody;
use super::{Balancer, SOON};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::TcpStream;
use std::time::Duration;
use testkit::{Client, eventually};

/// Far more than a learner will ever have.
const CROWD: usize = 10_000;

/// What a connection that rests may cost: its task, its socket's registration, its seat. Measured: 6.6 kB.
const BYTES_EACH: u64 = 9 * 1024;

#[test]
fn ten_thousand_idle_connections_cost_little_and_keep_nobody_from_being_served() {
    let wanted = CROWD as u64 + 100;
    if !may_open(wanted) {
        println!("skipped: the system lets a process have fewer than {wanted} open files");
        return;
    }
    let server = nobody();
    let balancer = Balancer::start("    maxconn 10100", "", server.address());
    let before = balancer.usage();
    let crowd: Vec<_> = (0..CROWD)
        .map(|_| TcpStream::connect(balancer.address()).unwrap())
        .collect();
    balancer.serves();
    let filled = balancer.usage();
    let each = filled.memory.saturating_sub(before.memory) / CROWD as u64;
    println!("an idle connection takes {each} bytes");
    assert!(each < BYTES_EACH, "{each} bytes for an idle connection");
    std::thread::sleep(Duration::from_secs(1));
    let idled = balancer.usage().time.saturating_sub(filled.time);
    assert!(
        idled < Duration::from_millis(200),
        "{idled:?} of a second to do nothing"
    );
    balancer.serves();
    drop(crowd);
    balancer.serves();
}

/// Raises this process's limit where it may; the balancer raises its own.
fn may_open(files: u64) -> bool {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).is_ok() && limit.maximum.is_none_or(|most| most >= files)
}

#[test]
fn who_comes_beyond_maxconn_waits_in_the_kernel_and_is_served_in_turn() {
    let server = nobody();
    let balancer = Balancer::start("", "    maxconn 2", server.address());
    let mut seated: Vec<_> = (0..2).map(|_| balancer.connect()).collect();
    let mut waiting: Vec<_> = (0..50).map(|_| balancer.connect()).collect();
    for client in &mut waiting {
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    for client in &mut seated {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.response().text(), "good");
    }
    eventually("the first ones are in the log", SOON, || {
        balancer.logged(" 200 ") >= 3
    });
    assert_eq!(balancer.logged(" 200 "), 3, "those who wait were served");
    drop(seated);
    for client in &mut waiting {
        assert_eq!(client.response().text(), "good");
    }
}

#[test]
fn a_full_accept_queue_delays_and_is_emptied() {
    let server = nobody();
    let balancer = Balancer::start("", "    maxconn 1", server.address());
    let seated = balancer.connect();
    // The kernel keeps as many as the listener asked for; whoever comes then is asked to try again by silence.
    let deadline = Duration::from_millis(300);
    let mut queue = Vec::new();
    let address = balancer.address();
    while queue.len() < 3_000 {
        match TcpStream::connect_timeout(&address, deadline) {
            Ok(stream) => queue.push(stream),
            Err(_) => break,
        }
    }
    assert!(queue.len() < 3_000, "the queue has no end");
    drop((seated, queue));
    eventually("the next one is served", SOON, || {
        let Ok(mut client) = Client::try_connect(address) else {
            return false;
        };
        client.try_send("GET / HTTP/1.0\r\n\r\n").is_ok() && client.response().status == 200
    });
}
