//! Where a `bind` listens: families of addresses, and interfaces.

use crate::engine::tell_both;
use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};
use std::process::Command;
use std::time::Duration;
use testkit::{Port, Process, WorkDir, eventually};

const SOON: Duration = Duration::from_secs(10);

fn config(bind: &str) -> String {
    format!(
        "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\nfrontend f\n bind {bind}\n"
    )
}

#[test]
fn ipv4_comes_in_by_an_ipv6_socket_unless_it_is_v6only() {
    for (words, expected) in [
        ("", true),
        ("v4v6", true),
        ("v6only", false),
        ("v6only v4v6", false),
    ] {
        let told = tell_both(|program| {
            let (work, port) = (WorkDir::new(), Port::reserve());
            let bind = format!(":::{} {words}", port.number());
            let file = work.write("haproxy.cfg", config(&bind));
            let mut command = Command::new(&program.1);
            let _process = Process::spawn(command.args(["-db", "-f"]).arg(file));
            eventually("it listens", SOON, || {
                TcpStream::connect((Ipv6Addr::LOCALHOST, port.number())).is_ok()
            });
            TcpStream::connect((Ipv4Addr::LOCALHOST, port.number())).is_ok()
        });
        let Some([haproxy, ours]) = told else { return };
        assert_eq!((haproxy, ours), (expected, expected), "{words}");
    }
}

/// HAProxy says the same and listens on all interfaces.
#[test]
fn an_interface_that_is_not_there_is_told_in_the_same_words() {
    let words = "cannot bind receiver to device 'nosuch0' (No such device) for [127.0.0.1:PORT]";
    let told = tell_both(|program| {
        let (work, port) = (WorkDir::new(), Port::reserve());
        let bind = format!("127.0.0.1:{} interface nosuch0", port.number());
        let file = work.write("haproxy.cfg", config(&bind));
        let mut command = Command::new(&program.1);
        let process = Process::spawn(command.args(["-db", "-f"]).arg(file));
        let words = words.replace("PORT", &port.number().to_string());
        eventually("the complaint", SOON, || process.stderr().contains(&words));
        TcpStream::connect(port.address()).is_err()
    });
    let Some([_, nobody_listens]) = told else {
        return;
    };
    assert!(nobody_listens);
}
