//! Zones of one's own, and what is said of where an answer comes from.

use crate::support::Lab;
use std::fs;
use testkit::{Port, Process};

#[test]
fn names_of_a_zone_of_ones_own_are_asked_of_its_server() {
    let lab = Lab::new(1);
    let zone = "[[name]]\nname = \"class.example.\"\nA = [\"192.0.2.7\"]\n";
    lab.dir.write("class.toml", zone);
    let server = Process::spawn(&mut lab.command("nameserver --zone class.toml"));
    server.wait_for_line("name server: listening");
    let said = lab.done("dig class.example +short");
    assert_eq!(said.stdout, "192.0.2.7\n", "{said:?}");
    assert!(
        said.stderr.contains("the lab's own name server"),
        "{said:?}"
    );
}

#[test]
fn what_was_recorded_is_a_zone_that_says_when() {
    let lab = Lab::new(1);
    let zone = "[[name]]\nname = \"www.example.\"\nttl = 77\nCNAME = \"example.\"\n\
                [[name]]\nname = \"example.\"\ngive = \"one\"\nA = [\"192.0.2.7\", \"192.0.2.8\"]\n";
    lab.dir.write("live.toml", zone);
    let elsewhere = Port::reserve();
    let port = elsewhere.number();
    let live = format!("nameserver --zone live.toml --port {port}");
    let server = Process::spawn(&mut lab.command(&live));
    server.wait_for_line("name server: listening");
    let names = "www.example nobody.example";
    lab.done(&format!(
        "dig @127.0.0.1 -p {port} --record seen.toml {names}"
    ));
    let said = lab.done("nameserver --check --zone seen.toml");
    assert_eq!(said.stdout, "the zone is right: 2 names\n");
    let text = fs::read_to_string(lab.dir.path().join("seen.toml")).unwrap();
    assert!(text.contains("# nobody.example. had no address"), "{text}");
    let seen = Process::spawn(&mut lab.command("nameserver --zone seen.toml"));
    seen.wait_for_line("name server: listening");
    let said = lab.done("dig www.example +noall +answer");
    assert!(
        said.stdout
            .starts_with("www.example.\t\t77\tIN\tCNAME\texample.\n"),
        "{said:?}"
    );
    assert!(
        said.stderr.contains("from addresses recorded in 20"),
        "{said:?}"
    );
}

#[test]
fn the_labs_own_names_are_said_to_be_its_own() {
    let lab = Lab::new(1);
    let own = "note: answered by the lab's own name server from its own zone\n";
    for words in ["dig site.lab +short", "dig nobody.lab +short"] {
        assert_eq!(lab.done(words).stderr, own, "{words}");
    }
}

#[test]
fn a_name_with_ipv6_addresses_alone_is_hit_there() {
    let lab = Lab::new(1);
    let zone = "[[name]]\nname = \"six.example.\"\nAAAA = [\"::1\"]\n";
    lab.dir.write("six.toml", zone);
    let names = Process::spawn(&mut lab.command("nameserver --zone six.toml"));
    names.wait_for_line("name server: listening");
    let serve = format!("serve {} --bind ::1", lab.server(1));
    let server = Process::spawn(&mut lab.command(&serve));
    server.wait_for_line("server");
    let said = lab.run(&format!(
        "hit --by-name six.example:{} -n 2 --expect 2",
        lab.server(1)
    ));
    assert_eq!(said.code, Some(0), "{said:?}");
}
