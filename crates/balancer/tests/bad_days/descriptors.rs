//! No file descriptors left.

use super::balancer::nobody;
use super::{Balancer, SOON};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;
use testkit::eventually;

/// Descriptors that the process may have.
const FILES: usize = 40;

#[test]
fn without_descriptors_it_says_so_rests_and_recovers() {
    let server = nobody();
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_balancer");
    let limited = format!("ulimit -n {FILES} && exec \"$0\" \"$@\"");
    command.args(["-c", &limited, program]);
    let balancer = Balancer::start_with(command, "    maxconn 1000", "", server.address());
    let crowd: Vec<_> = (0..2 * FILES)
        .map(|_| TcpStream::connect(balancer.address()).unwrap())
        .collect();
    const WORDS: &str =
        "Proxy f reached process FD limit (maxsock=40). Please check 'ulimit-n' and restart.";
    let lacks = || balancer.process.stderr().matches(WORDS).count();
    eventually("it says what it lacks", SOON, || lacks() > 0);
    let (begin, said) = (balancer.usage().time, lacks());
    std::thread::sleep(Duration::from_secs(1));
    let spent = balancer.usage().time.saturating_sub(begin);
    assert!(
        spent < Duration::from_millis(200),
        "{spent:?} of a second without work"
    );
    assert!(
        lacks() <= said + 2,
        "it fills the screen: {}",
        balancer.process.stderr()
    );
    drop(crowd);
    balancer.serves();
}
