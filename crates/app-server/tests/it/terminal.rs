use testkit::{Signal, filters};

use crate::Server;

#[test]
fn the_terminal_shows_where_it_listens_and_a_line_a_request() {
    let mut server = Server::start(&[]);
    server.ask("GET /", &["User-Agent: curl/7.88.1"], "");
    server.ask(
        "GET /no%20where?x=1",
        &["User-Agent: Mozilla/5.0 Firefox/132.0"],
        "",
    );
    server.ask("OPTIONS /", &[], "");
    let port = server.port.number();
    let said = server.process.end_with(Signal::INT);
    let shown = filters::times(&filters::pids(&filters::ports(
        &said.stdout,
        &[(port, "PORT")],
    )));
    let expected = "\
server [PORT]: listening on http://127.0.0.1:[PORT]   (pid [PID])   answers \"Hi!! from server [PORT]\"
Keep this terminal open: Ctrl-C here stops this server.
[TIME]  GET /   200   curl
[TIME]  GET /no%20where?x=1   404   Firefox
[TIME]  OPTIONS /   200   health check
";
    assert_eq!(shown, expected);
}

#[test]
fn headers_are_shown_on_request() {
    let mut server = Server::start(&["--headers"]);
    server.ask(
        "GET /",
        &["User-Agent: curl/7.88.1", "x-forwarded-for: 10.0.0.1"],
        "",
    );
    let address = server.port.address();
    let said = server.process.end_with(Signal::INT);
    let (_, shown) = said
        .stdout
        .split_once("this server.\n")
        .expect("the greeting");
    let expected = format!(
        "[TIME]  GET /   200   curl
          Host: {address}
          User-Agent: curl/7.88.1
          X-Forwarded-For: 10.0.0.1
          Content-Length: 0
"
    );
    assert_eq!(filters::times(shown), expected);
}

#[test]
fn quiet_shows_where_it_listens_and_no_more() {
    let mut server = Server::start(&["--quiet"]);
    server.get("/");
    assert_eq!(
        server.process.end_with(Signal::INT).stdout.lines().count(),
        2
    );
}
