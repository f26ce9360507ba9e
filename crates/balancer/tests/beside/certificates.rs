//! Files of certificates: what is said of wrong ones, and what a reload makes of new ones.

use crate::engine::tell_both;
use crate::secure::{Hello, Wire, folder};
use rustix::process::Signal;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;
use testkit::{Port, Process, WorkDir, eventually};

const SOON: Duration = Duration::from_secs(10);

/// The lines of a check, without the process's number and what only frames them.
fn told(stderr: &str) -> Vec<String> {
    let words = stderr.lines().filter_map(|line| line.split_once(" : "));
    let told = words.map(|(_, told)| told.to_owned());
    let frames = [
        "haproxy version",
        "path to executable",
        "Error(s) found",
        "Fatal errors",
    ];
    told.filter(|line| frames.iter().all(|frame| !line.contains(frame)))
        .collect()
}

#[test]
fn what_is_wrong_with_a_file_is_told_in_the_same_words() {
    let config = format!(
        "global\n crt-base {0}\ndefaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n\
         frontend f\n bind 127.0.0.1:8443 ssl crt nope.pem\n bind 127.0.0.1:8443 ssl crt authority.pem\n\
         \x20bind 127.0.0.1:8443 ssl crt make.sh\n bind 127.0.0.1:8443 ssl crt mixed.pem\n\
         \x20bind 127.0.0.1:8443 ssl crt first.pem ca-file {0}/make.sh verify required\n\
         \x20bind 127.0.0.1:8443 ssl crt first.pem ca-file /nope verify optional\n default_backend b\n\
         backend b\n server s1 127.0.0.1:1 ssl ca-file /nope\n",
        folder().display()
    );
    let said = tell_both(|program| {
        let work = WorkDir::new();
        let file = work.write("haproxy.cfg", &config);
        let mut command = Command::new(&program.1);
        let said = Process::run(command.arg("-c").arg("-f").arg(&file));
        let lines = told(&said.stderr);
        let file = file.display().to_string();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| line.replace(&file, "FILE"))
            .collect();
        (said.code, lines)
    });
    let Some([haproxy, ours]) = said else { return };
    assert_eq!(ours, haproxy);
    assert_eq!(ours.1.len(), 10, "{ours:#?}");
}

/// The certificate that a client is shown.
fn shown(address: SocketAddr) -> String {
    let Ok(stream) = TcpStream::connect(address) else {
        return "nobody listens".to_owned();
    };
    let (_, told) = Wire::Plain(stream).secure(&Hello::parse("unknown.test"));
    told
}

#[test]
fn a_reload_reads_certificates_anew_and_a_wrong_one_changes_nothing() {
    let (work, port) = (WorkDir::new(), Port::reserve());
    let pem = work.path().join("site.pem");
    std::fs::copy(folder().join("first.pem"), &pem).expect("it is there");
    let text = format!(
        "defaults\n mode http\n timeout client 5s\nfrontend f\n bind {} ssl crt {}\n",
        port.address(),
        pem.display()
    );
    let file = work.write("haproxy.cfg", text);
    let mut command = Command::new(env!("CARGO_BIN_EXE_balancer"));
    let mut process = Process::spawn(command.args(["-db", "-f"]).arg(file));
    eventually("the first certificate", SOON, || {
        shown(port.address()) == "[first.pem -]"
    });
    std::fs::copy(folder().join("stranger.pem"), &pem).expect("it is there");
    process.signal(Signal::USR2);
    eventually("the second one", SOON, || {
        shown(port.address()) == "[stranger.pem -]"
    });
    std::fs::copy(folder().join("mixed.pem"), &pem).expect("it is there");
    process.signal(Signal::USR2);
    eventually("the complaint", SOON, || {
        process.stderr().contains("are not a pair")
    });
    assert_eq!(shown(port.address()), "[stranger.pem -]");
    process.end_with(Signal::TERM);
}
