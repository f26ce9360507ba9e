//! Addresses that are looked at.

use std::net::TcpListener;

use testkit::{Port, SOON, WorkDir, eventually};

use super::Server;

fn zone(port: u16) -> String {
    format!(
        "[[name]]\nname = \"site.test.\"\ngive = \"all\"\nA = [\"127.0.0.1\", \"127.0.0.2\"]\n\
         check = {{ port = {port}, every = \"100ms\", timeout = \"100ms\", rise = 2, fall = 2 }}\n"
    )
}

#[test]
fn an_address_on_which_nothing_listens_is_left_out_until_something_does() {
    let (folder, port) = (WorkDir::new(), Port::reserve());
    let _first = port.hold();
    let file = folder.write("zone.toml", zone(port.number()));
    let server = Server::start(&["--quiet", "--zone", file.to_str().unwrap()]);
    server
        .process
        .wait_for_line("127.0.0.2 is left out: nothing accepts connections on port");
    eventually("one address", SOON, || {
        server.values("site.test.") == ["127.0.0.1"]
    });
    let _second = TcpListener::bind(("127.0.0.2", port.number())).unwrap();
    server
        .process
        .wait_for_line("127.0.0.2 is handed out again");
    eventually("both addresses", SOON, || {
        server.values("site.test.").len() == 2
    });
}

#[test]
fn a_new_zone_remembers_who_was_ill() {
    let (folder, port) = (WorkDir::new(), Port::reserve());
    let _first = port.hold();
    let file = folder.write("zone.toml", zone(port.number()));
    let server = Server::start(&["--quiet", "--zone", file.to_str().unwrap()]);
    server.process.wait_for_line("127.0.0.2 is left out");
    folder.write(
        "zone.toml",
        format!(
            "{}\n[[name]]\nname = \"b.test.\"\nA = \"192.0.2.1\"\n",
            zone(port.number())
        ),
    );
    server.process.signal(testkit::Signal::HUP);
    server.process.wait_for_line("is loaded: 2 names");
    assert_eq!(server.values("site.test."), ["127.0.0.1"]);
    assert_eq!(server.process.stdout().matches("is left out").count(), 1);
}

#[test]
fn a_name_can_be_watched_without_a_word_in_its_zone() {
    let (folder, port) = (WorkDir::new(), Port::reserve());
    let _first = port.hold();
    let text = zone(port.number());
    let (addresses, _check) = text.split_once("check").unwrap();
    let file = folder.write("zone.toml", addresses);
    let watch = format!("site.test:{}", port.number());
    let server = Server::start(&[
        "--quiet",
        "--zone",
        file.to_str().unwrap(),
        "--watch",
        &watch,
    ]);
    assert_eq!(server.values("site.test.").len(), 2);
    server.process.wait_for_line("127.0.0.2 is left out");
    assert_eq!(server.values("site.test."), ["127.0.0.1"]);
}
