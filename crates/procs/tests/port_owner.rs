//! Who holds a port, asked of the real system.
#![cfg(target_os = "linux")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process;
use std::time::{Duration, SystemTime};

use procs::{Process, port_owner};
use testkit::Port;

#[test]
fn this_process_is_found_by_its_port() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let owner = port_owner(address).expect("an owner");
    let found = owner.process.expect("a process");
    assert_eq!(found.pid, process::id());
    let program = std::env::args().next().expect("a program");
    let program = program.rsplit('/').next().expect("a name").to_owned();
    assert!(found.command.starts_with(&program), "{}", found.command);
    let age = SystemTime::now()
        .duration_since(found.since)
        .unwrap_or_default();
    assert!(age < Duration::from_secs(600), "{age:?}");
    assert_eq!(Some(&found), Process::read(process::id()).as_ref());
}

#[test]
fn a_listener_on_all_addresses_is_in_the_way_of_each() {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let owner = port_owner(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    assert_eq!(
        owner.and_then(|o| o.process).map(|p| p.pid),
        Some(process::id())
    );
}

#[test]
fn nobody_owns_a_free_port() {
    let port = Port::reserve();
    assert_eq!(port_owner(port.address()), None);
}
