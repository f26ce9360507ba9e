use std::time::{Duration, Instant};

use testkit::Response;

use crate::Server;

const JSON: &str = "Content-Type: application/json";

fn control(server: &Server, change: &str) -> Response {
    server.ask("POST /control", &[JSON], change)
}

#[test]
fn health_follows_what_was_said_last() {
    let server = Server::start(&[]);
    assert_eq!(
        (
            server.get("/health").status,
            server.get("/health").text().as_str()
        ),
        (200, "up\n")
    );
    let answer = control(&server, r#"{"health":"down"}"#);
    assert_eq!(
        answer.text(),
        r#"{"latency":"0ms","error_rate":"0%","health":"down"}"#
    );
    assert_eq!(server.get("/health").status, 503);
    assert_eq!(server.get("/").status, 200);
    control(&server, r#"{"health":"up"}"#);
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn errors_and_waits_begin_and_end_live() {
    let server = Server::start(&[]);
    control(&server, r#"{"error_rate":"100%","latency":"60ms"}"#);
    let start = Instant::now();
    let response = server.get("/");
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert_eq!(response.status, 500);
    let port = server.port.number();
    assert_eq!(
        response.text(),
        format!("server {port} fails on purpose (error rate 100%)\n")
    );
    assert_eq!(
        server.get("/health").status,
        200,
        "health is a matter of its own"
    );
    control(&server, r#"{"error_rate":"0%","latency":"0ms"}"#);
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn what_was_said_on_the_command_line_holds_from_the_start() {
    let server = Server::start(&["--error-rate", "100%", "--latency", "10ms..20ms"]);
    assert_eq!(server.get("/").status, 500);
    let settings = server.get("/control").text();
    assert_eq!(
        settings,
        r#"{"latency":"10ms..20ms","error_rate":"100%","health":"up"}"#
    );
}

#[test]
fn a_wrong_change_is_refused_whole() {
    let server = Server::start(&[]);
    let wrong = control(&server, r#"{"health":"down","latncy":"1s"}"#);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("latncy"), "{}", wrong.text());
    assert_eq!(control(&server, r#"{"latency":"5"}"#).status, 422);
    assert_eq!(control(&server, "{").status, 400);
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn another_site_in_a_browser_cannot_control_the_server() {
    let server = Server::start(&[]);
    let plain = server.ask(
        "POST /control",
        &["Content-Type: text/plain"],
        r#"{"health":"down"}"#,
    );
    assert_eq!(plain.status, 415);
    assert_eq!(
        server
            .ask("OPTIONS /control", &["Origin: http://example.org"], "")
            .status,
        405
    );
}
