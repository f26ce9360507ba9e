//! A line as a log format and as the expressions of an ACL, what follows it as a request and its answer: nothing panics,
//! and what is told of the same bytes is the same each time.

#![no_main]

use balancer::h1::head::{RequestHead, ResponseHead};
use balancer::h1::parse;
use diagnostics::Sources;
use haproxy_config::model::{Config, Frontend};
use haproxy_config::{Environment, parse as read};
use libfuzzer_sys::fuzz_target;
use samples::acl::applies;
use samples::{Format, Variables, View};
use std::cell::Cell;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let (Some(line), Some(message)) = (parts.next(), parts.next()) else {
        return;
    };
    let Ok(line) = std::str::from_utf8(line) else {
        return;
    };
    let message = Message::of(message);
    if let Some(config) = config(&format!(
        "log-format '{line}'\n    unique-id-format '{line}'"
    )) {
        let frontend = &config.frontends[0];
        for format in formats(frontend) {
            message.ask(|view| format.render(view));
        }
    }
    if let Some(config) = config(&format!("acl a {line}\n    use_backend b if a")) {
        for chosen in &config.frontends[0].use_backends {
            message.ask(|view| applies(chosen.condition.as_ref(), view));
        }
    }
});

fn config(lines: &str) -> Option<Config> {
    let mut sources = Sources::new();
    sources.add(
        "haproxy.cfg",
        format!(
            "defaults\n    mode http\nfrontend f\n    bind :80\n    {lines}\n    default_backend b\nbackend b\n\
             backend t\n    stick-table type ip size 1 store gpc0,http_req_rate(1s)\n"
        ),
    );
    let environment = Environment {
        read_file: |_| Some(b"/a b\n".to_vec()),
        ..Environment::default()
    };
    read(&sources, &environment).config
}

fn formats(frontend: &Frontend) -> impl Iterator<Item = &Format> {
    frontend
        .log_text
        .iter()
        .chain(&frontend.http.options.unique_id)
}

/// A request, its answer behind it, and the bytes of both.
struct Message<'a> {
    bytes: &'a [u8],
    request: Option<RequestHead>,
    body: &'a [u8],
    response: Option<ResponseHead>,
}

impl<'a> Message<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let mut request = RequestHead::default();
        let length = parse::request(bytes, &mut request).ok().flatten();
        let body = &bytes[length.unwrap_or(0)..];
        let mut response = ResponseHead::default();
        let answered = parse::response(body, &mut response).ok().flatten();
        Self {
            bytes,
            request: length.map(|_| request),
            body,
            response: answered.map(|_| response),
        }
    }

    /// Asks twice, of a message that is there and of one that still comes.
    fn ask<T: PartialEq>(&self, ask: impl Fn(&View<'_>) -> T) {
        let variables = Variables::default();
        let more = Cell::new(false);
        let view = View {
            request: self.request.as_ref().map(|it| it as _),
            response: self.response.as_ref().map(|it| it as _),
            body: self.body,
            ..fuzz::world::view(&variables)
        };
        assert!(
            ask(&view) == ask(&view),
            "the same bytes tell something else"
        );
        let bare = View {
            bytes: Some(self.bytes),
            response_bytes: Some(self.body),
            request_pending: true,
            more: Some(&more),
            ..fuzz::world::view(&variables)
        };
        assert!(
            ask(&bare) == ask(&bare),
            "the same bytes tell something else"
        );
    }
}
