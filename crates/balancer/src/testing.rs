//! What unit tests of statistics and commands share: a live plan made of a configuration text.

use crate::logger::Logger;
use crate::plan::{self, Loaded, Names, Plan};
use crate::process::Process;
use diagnostics::Sources;
use lb_core::Uptime;
use lb_core::backend::{Carried, Demand, Outcome};
use lb_core::check::{CheckResult, CheckStatus};
use lb_core::server::ServerIndex;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A process that runs a text, and says nothing.
pub(crate) struct Bench {
    pub(crate) plan: Arc<Plan>,
    pub(crate) process: Arc<Process>,
    pub(crate) logger: Arc<Logger>,
}

/// Two servers with checks and one without behind `web`, and a page.
pub(crate) const LAB: &str = "\
global
    maxconn 500
    node bench
    stats socket /run/lab.sock level admin
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend web
    bind 127.0.0.1:3000
    default_backend app
backend app
    server s1 127.0.0.1:8080 check
    server s2 127.0.0.1:8081 check weight 3
    server s3 [::1]:8082
listen stats
    bind 127.0.0.1:8404
    stats enable
    stats uri /
";

impl Bench {
    #[track_caller]
    pub(crate) fn new(text: &str) -> Self {
        let plan = Arc::new(build(text, None));
        Self {
            process: Arc::new(Process::new(Arc::clone(&plan), 2, None)),
            plan,
            logger: Arc::new(Logger::new(false, "haproxy", None)),
        }
    }

    /// The plan of another text that takes over from this one.
    #[track_caller]
    pub(crate) fn reload(&self, text: &str) -> Plan {
        build(text, Some(&self.plan))
    }

    /// The plan alone.
    pub(crate) fn into_plan(self) -> Arc<Plan> {
        self.plan
    }

    /// Lets a server of `app` answer a check, or not.
    pub(crate) fn check(&self, server: usize, passed: bool, at: Uptime) {
        let (status, info) = if passed {
            (CheckStatus::L4Ok, "")
        } else {
            (CheckStatus::L4Connection, "Connection refused")
        };
        let result = CheckResult {
            status,
            code: None,
            info: info.into(),
            duration: Duration::from_millis(2),
        };
        let app = self.plan.backend("app").expect("the text has it");
        app.live().record_check(ServerIndex(server), result, at);
    }

    /// One request from start to end; tells which server answered.
    pub(crate) fn request(&self, at: Uptime) -> usize {
        let (web, app) = (
            self.plan.frontend("web").expect("the text has it"),
            self.plan.backend("app").expect("the text has it"),
        );
        assert!(web.live().try_reserve(u32::MAX));
        web.live().connection_opened(at);
        web.live().session_opened(at);
        web.live().request_begins(at);
        let mut live = app.live();
        live.request_begins(at);
        let admission = live.admit(Demand::default(), at);
        let server = admission.server().expect("a server is up");
        live.connected(server, Carried::New);
        live.traffic(Some(server), 82, 1123);
        let outcome = Outcome {
            status: Some(200),
            server_status: Some(200),
            ..Outcome::default()
        };
        live.request_ends(Some(server), true, &outcome);
        web.live().traffic(82, 1123);
        web.live().request_ends(Some(200), false);
        web.live().connection_closed();
        server.0
    }
}

#[track_caller]
fn build(text: &str, former: Option<&Plan>) -> Plan {
    let mut sources = Sources::default();
    sources.add("bench.cfg", text);
    let parsed = haproxy_config::parse(&sources, &haproxy_config::Environment::default());
    let config = parsed
        .config
        .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    let loaded = Loaded {
        hash: "0123456789abcdef".into(),
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        files: vec!["bench.cfg".into()],
        text: String::new(),
    };
    let material = crate::tls::load(&config, &sources).expect("no file is wrong");
    let names = Names {
        lookup: &|_| None,
        nameservers: &[],
        kept: None,
        tolerate: false,
    };
    let plan = plan::build(
        &config,
        loaded,
        material,
        &names,
        Some(500),
        former,
        Uptime::ZERO,
    );
    plan.expect("no name must have an address").plan
}
