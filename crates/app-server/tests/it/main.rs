//! The program as its users meet it: real processes, real sockets, raw bytes.

mod answers;
mod control;
mod lifetime;
mod refusals;
mod terminal;

use std::process::Command;

use testkit::{Client, Port, Process, Response};

/// A running server on a port of its own.
struct Server {
    process: Process,
    port: Port,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        Self::start_on(Port::reserve(), options)
    }

    fn start_on(port: Port, options: &[&str]) -> Self {
        let process = Process::spawn(program().arg(port.number().to_string()).args(options));
        process.wait_for_line("Ctrl-C here stops this server");
        Self { process, port }
    }

    fn client(&self) -> Client {
        Client::connect(self.port.address())
    }

    /// Sends one request with these header lines on a new connection.
    fn ask(&self, method_and_target: &str, header_lines: &[&str], body: &str) -> Response {
        let mut client = self.client();
        let lines: String = header_lines
            .iter()
            .map(|line| format!("{line}\r\n"))
            .collect();
        let length = body.len();
        client.send(format!(
            "{method_and_target} HTTP/1.1\r\nHost: {}\r\n{lines}Content-Length: {length}\r\n\r\n{body}",
            self.port.address()
        ));
        client.response()
    }

    fn get(&self, target: &str) -> Response {
        self.ask(&format!("GET {target}"), &[], "")
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_app-server"))
}
