//! Any bytes on a stats socket: nothing panics, the connection ends, and each answer is text that ends with a line.

#![no_main]

use std::sync::Arc;
use std::time::SystemTime;

use balancer::logger::Logger;
use balancer::plan::Level;
use balancer::process::Process;
use balancer::runtime_api::{Arrival, serve_connection};
use balancer::streams::{Listener, Origin};
use diagnostics::Sources;
use haproxy_config::{Environment, parse};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::runtime::Builder;

/// Something of everything that commands are about.
const CONFIG: &str = "\
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend f
    bind 127.0.0.1:3000
    acl odd path /odd
    http-request track-sc0 src table t
    use_backend %[path,map_beg(m.map,b)]
    default_backend b
backend b
    cookie SRV insert
    server s1 127.0.0.1:8080 check agent-check agent-port 9 weight 3
    server s2 127.0.0.1:8081 check
    server s3 localhost:8082 disabled
backend t
    stick-table type ip size 10 expire 1m store gpc0,conn_cur,http_req_rate(1s),server_id
";

fn process() -> Process {
    let mut sources = Sources::new();
    sources.add("haproxy.cfg", CONFIG);
    let environment = Environment {
        read_file: |_| Some(b"/a b\n".to_vec()),
        ..Environment::default()
    };
    let parsed = parse(&sources, &environment);
    let config = parsed
        .config
        .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    Process::new(Arc::new(fuzz::plan(&config)), 1, None)
}

fuzz_target!(|bytes: &[u8]| {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let answers = String::from_utf8(runtime.block_on(exchange(bytes))).expect("answers are text");
    assert!(answers.is_empty() || answers.ends_with(['\n', ' ']));
});

/// What comes back for what is sent, until the balancer closes.
async fn exchange(bytes: &[u8]) -> Vec<u8> {
    let (ours, theirs) = UnixStream::pair().expect("two ends of a socket");
    let logger = Arc::new(Logger::new(false, "haproxy", None));
    let serve = serve_connection(theirs, arrival(), Arc::new(process()), logger);
    let (mut from, mut to) = ours.into_split();
    let send = async {
        // It may have had enough before all is sent.
        let _ = to.write_all(bytes).await;
        drop(to);
    };
    let receive = async {
        let mut answers = Vec::new();
        let _ = from.read_to_end(&mut answers).await;
        answers
    };
    tokio::join!(serve, send, receive).2
}

fn arrival() -> Arrival {
    let origin = Origin {
        listener: Listener::RuntimeApi(1),
        ends: None,
        socket: 3,
        http2: false,
        tls: false,
        accepted: SystemTime::UNIX_EPOCH,
    };
    Arrival {
        origin,
        level: Level::Admin,
        exposes_listeners: false,
    }
}
