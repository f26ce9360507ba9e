//! Any bytes on a stats socket: nothing panics, the connection ends, and each answer is text that ends with a line.

#![no_main]

use std::sync::Arc;

use balancer::logger::Logger;
use balancer::plan::Level;
use balancer::process::Process;
use balancer::runtime_api::serve_connection;
use diagnostics::Sources;
use haproxy_config::{Environment, parse};
use libfuzzer_sys::fuzz_target;
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
    let config = parsed.config.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    Process::new(Arc::new(fuzz::plan(&config)), 1)
}

fuzz_target!(|bytes: &[u8]| {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut answers = Vec::new();
    let stream = tokio::io::join(bytes, &mut answers);
    let logger = Arc::new(Logger::new(false, "haproxy"));
    runtime.block_on(serve_connection(stream, Level::Admin, Arc::new(process()), logger));
    let answers = String::from_utf8(answers).expect("answers are text");
    assert!(answers.is_empty() || answers.ends_with(['\n', ' ']));
});
