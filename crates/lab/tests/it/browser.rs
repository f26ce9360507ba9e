//! A real browser without a window, steered over its DevTools socket.

use serde_json::{Value, json};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;
use testkit::{Process, WorkDir, eventually, program};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket, connect};

/// Longest time for a page to show what it should: browsers are slow on a busy machine.
const SOON: Duration = Duration::from_secs(30);

pub(crate) struct Browser {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    sent: u64,
    _process: Process,
    _profile: WorkDir,
}

impl Browser {
    /// `None` where Chromium is not installed.
    pub(crate) fn open(url: &str) -> Option<Self> {
        let chromium = program::find("chromium")?;
        let profile = WorkDir::new();
        let mut command = Command::new(chromium);
        command
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args(["--disable-dev-shm-usage", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url);
        let process = Process::spawn(&mut command);
        let line = process.wait_for_line("DevTools listening on ws://");
        let start = line.find("127.0.0.1:").expect("it listens on this machine");
        let place = line[start..].split('/').next().unwrap().parse().unwrap();
        let mut target = String::new();
        eventually("a page in the browser", SOON, || {
            let pages = testkit::get(place, "/json/list").text();
            let pages: Value = serde_json::from_str(&pages).unwrap_or_default();
            let page = pages
                .as_array()
                .into_iter()
                .flatten()
                .find(|page| page["type"] == "page");
            target = page
                .and_then(|page| page["webSocketDebuggerUrl"].as_str())
                .unwrap_or_default()
                .to_owned();
            !target.is_empty()
        });
        let (socket, _) = connect(&target).unwrap();
        Some(Self {
            socket,
            sent: 0,
            _process: process,
            _profile: profile,
        })
    }

    /// What an expression is worth in the page.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let told = self.command(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        );
        assert!(
            told.get("exceptionDetails").is_none(),
            "{expression}: {told}"
        );
        told["result"]["value"].clone()
    }

    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, expression: &str) {
        eventually(what, SOON, || self.value(expression) == true);
    }

    /// Presses a key, as a keyboard does.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let text = if key == "Enter" { "\r" } else { "" };
            self.command(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text }),
            );
        }
    }

    pub(crate) fn width(&mut self, columns: u32) {
        self.command(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": columns, "height": 800, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    fn command(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let order = json!({ "id": self.sent, "method": method, "params": params });
        self.socket.send(Message::text(order.to_string())).unwrap();
        loop {
            let message = self.socket.read().unwrap();
            let told: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            if told["id"] == self.sent {
                return told["result"].clone();
            }
        }
    }
}
