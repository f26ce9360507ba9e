//! What is told to somebody whose command cannot be done: whole texts and exit codes.

use std::net::UdpSocket;

use testkit::{Port, Process, Said, WorkDir, filters};

use super::program;

fn run(args: &[&str]) -> Said {
    Process::run(program().args(args))
}

#[track_caller]
fn check(args: &[&str], code: i32, stderr: &str) {
    let said = run(args);
    assert_eq!(said.stderr, stderr, "{args:?}");
    assert_eq!(said.code, Some(code), "{args:?}");
    assert_eq!(said.stdout, "", "{args:?}");
}

#[test]
fn a_mistyped_option() {
    check(
        &["--prot", "5300"],
        2,
        "error: there is no option `--prot`\n  \
         why   did you mean `--port`?\n  \
         next  dns-authority --help\n",
    );
}

#[test]
fn an_address_for_everybody() {
    check(
        &["--bind", "0.0.0.0"],
        2,
        "error: `--bind 0.0.0.0` cannot be\n  \
         why   it must be one address of this machine: an answer has to leave from where its question came\n        \
         in\n  \
         next  dns-authority --bind 127.0.0.1\n",
    );
}

#[test]
fn a_port_that_somebody_has() {
    let port = Port::reserve();
    let _holder = port.hold();
    let number = port.number().to_string();
    let said = run(&["--port", &number]);
    assert_eq!(said.code, Some(3));
    assert_eq!(
        said.stdout, "",
        "nobody is told of a server that is not there"
    );
    let text = filters::ports(&said.stderr, &[(port.number(), "BUSY")]);
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "error: port [BUSY] of 127.0.0.1 is already in use (tcp; EADDRINUSE, \"Address already in use\")"
        )
    );
    assert!(lines.next().unwrap().starts_with("  why   `"), "{text}");
    // The name of the program that runs this test may be so long that the line is wrapped.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("listens there (pid "), "{text}");
    assert!(
        text.contains("\n  next  choose a free one:   dns-authority --port "),
        "{text}"
    );
}

#[test]
fn a_port_of_a_cache_that_somebody_has() {
    let row = Port::reserve_row(2);
    let _holder = UdpSocket::bind(row[1].address()).unwrap();
    let said = run(&["--port", &row[0].number().to_string(), "--caches", "1"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(3), ""));
    assert!(said.stderr.contains("(udp; EADDRINUSE"), "{}", said.stderr);
    assert!(
        said.stderr
            .contains("dns-authority --caches 1 --cache-port "),
        "{}",
        said.stderr
    );
}

#[test]
fn a_zone_with_mistakes() {
    let folder = WorkDir::new();
    folder.write(
        "zone.toml",
        "[[name]]\nname = \"a.test\"\nA = [\"192.0.2.256\"]\n",
    );
    let mut command = program();
    command
        .current_dir(folder.path())
        .args(["--check", "--zone", "zone.toml"]);
    let said = Process::run(&mut command);
    assert_eq!((said.code, said.stdout.as_str()), (Some(3), ""));
    let expected = r#"error: `a.test` lacks its final dot
 --> zone.toml:2:8
  |
2 | name = "a.test"
  |        ^^^^^^^^ ends without a dot
  why   names in a zone are written whole, up to the root, which is the dot at the end
  next  write "a.test."
error: `192.0.2.256` is not an address
 --> zone.toml:3:6
  |
3 | A = ["192.0.2.256"]
  |      ^^^^^^^^^^^^^ not for `A`
  why   an IPv4 address is four numbers from 0 to 255 with dots between them
  next  for example "192.0.2.1"
error: zone.toml was not loaded: 2 mistakes are shown above
  next  dns-authority --check --zone zone.toml      after each change
"#;
    assert_eq!(said.stderr, expected);
}

#[test]
fn a_zone_that_is_not_there() {
    let said = run(&["--zone", "no-such-file.toml"]);
    assert_eq!(said.code, Some(3));
    assert!(
        said.stderr
            .starts_with("error: cannot read the zone file no-such-file.toml\n"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_right_zone_and_the_help() {
    let said = run(&["--check"]);
    assert_eq!(said.code, Some(0));
    assert!(
        said.stdout.starts_with("the zone is right: "),
        "{}",
        said.stdout
    );
    let said = run(&["--help"]);
    assert_eq!(said.code, Some(0));
    assert!(
        said.stdout.contains("usage: dns-authority [OPTION]..."),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        said.stdout
    );
}

#[test]
fn a_name_without_addresses_to_watch() {
    check(
        &["--watch", "sitte.lab:8080"],
        3,
        "error: `sitte.lab.` has no addresses to watch\n  \
         why   only addresses that the zone itself holds for this name can be left out of its answers\n  \
         next  dns-authority --watch site.lab:8080\n",
    );
}
