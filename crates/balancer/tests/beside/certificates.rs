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

/// What a check says of a file whose `bind` lines are given, `FOLDER` standing for the one of the lists.
fn checked(binds: &[String], lists: &[(String, &str)]) -> Option<[(Option<i32>, Vec<String>); 2]> {
    let pem = folder().display().to_string();
    let binds: String = binds
        .iter()
        .map(|words| format!(" bind 127.0.0.1:8443 ssl {words}\n"))
        .collect();
    tell_both(|program| {
        let work = WorkDir::new();
        for (name, content) in lists {
            work.write(name, content);
        }
        let here = work.path().display().to_string();
        let config = format!(
            "global\n crt-base {pem}\n ca-base {pem}\ndefaults\n mode http\n timeout client 1s\n timeout connect 1s\n\
             \x20timeout server 1s\nfrontend f\n{}",
            binds.replace("FOLDER", &here)
        );
        let file = work.write("haproxy.cfg", &config);
        let mut command = Command::new(&program.1);
        let said = Process::run(command.arg("-c").arg("-f").arg(&file));
        let lines = told(&said.stderr);
        let lines = lines.iter().map(|line| line.replace(&here, "FOLDER"));
        (said.code, lines.collect())
    })
}

#[test]
fn what_is_wrong_with_a_list_is_told_in_the_same_words() {
    let contents = [
        "first.pem [alpn h2",
        "\nfirst.pem [alpn h2]] x\n",
        "first.pem [[alpn h2]\n",
        "[alpn h2] first.pem\n",
        "first.pem [foo]\n",
        "first.pem [alpn]\n",
        "first.pem ]\n",
        "# x\n\n  \nnope.pem\n",
        "make.sh\n",
        "first.pem",
        "first.pem [verify foo]\n",
        "first.pem [ssl-min-ver TLSv9]\n",
        "first.pem [ca-file nope]\n",
        "first.pem [crl-file nope]\n",
        "first.pem [ca-verify-file nope ca-file authority.pem]\n",
        "first.pem [strict-sni]\n",
        "first.pem [alpn h2 verify]\n",
        " # indented\nfirst.pem\n",
        "mixed.pem\nnope\n",
        "first.pem a.test [alpn h2]\n",
    ];
    let named = (0..).map(|number| format!("l{number}"));
    let lists: Vec<(String, &str)> = named.zip(contents).collect();
    let mut binds: Vec<_> = lists
        .iter()
        .map(|(name, _)| format!("crt-list FOLDER/{name}"))
        .collect();
    binds.push("crt-list /nope".to_owned());
    let Some([haproxy, ours]) = checked(&binds, &lists) else {
        return;
    };
    assert_eq!(ours, haproxy);
    assert!(ours.1.len() > contents.len(), "{ours:#?}");
}

#[test]
fn odd_lists_are_taken_with_the_same_words() {
    for content in ["first.pem a.test [alpn h2]\n", "first.pem [alpn h2\n"] {
        let lists = [("l".to_owned(), content)];
        let said = checked(&["crt-list FOLDER/l".to_owned()], &lists);
        let Some([haproxy, ours]) = said else { return };
        assert_eq!(ours, haproxy);
        assert_eq!(ours.0, Some(0));
    }
    for words in [
        "crt-list /dev/null",
        "crt-list /dev/null strict-sni",
        "strict-sni",
    ] {
        let said = checked(&[words.to_owned()], &[]);
        let Some([haproxy, ours]) = said else { return };
        assert_eq!(ours, haproxy);
    }
}

#[test]
fn wrong_words_about_certificates_of_clients_are_told_alike() {
    let binds = [
        "crt first.pem ca-verify-file",
        "crt first.pem crl-file",
        "crt first.pem crt-ignore-err",
        "crt first.pem crt-ignore-err foo",
        "crt first.pem ca-ignore-err 10,99",
        "crt-list",
    ];
    let Some([haproxy, ours]) = checked(&binds.map(str::to_owned), &[]) else {
        return;
    };
    assert_eq!(ours, haproxy);
    let binds = [
        "crt first.pem verify required ca-verify-file nope",
        "crt first.pem verify required ca-file authority.pem crl-file nope",
    ];
    let Some([haproxy, ours]) = checked(&binds.map(str::to_owned), &[]) else {
        return;
    };
    assert_eq!(ours, haproxy);
    assert_eq!(ours.1.len(), 4, "{ours:#?}");
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
