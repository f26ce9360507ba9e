//! A world for tests: four servers behind a balancer, and what one may do to them.

use crate::facts::*;
use crate::judge::{Moments, Sight, Window};
use crate::words::Words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Seconds after noon.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    noon + SignedDuration::from_secs(seconds)
}

pub(crate) struct World {
    pub(crate) facts: Facts,
    pub(crate) moments: Moments,
    pub(crate) words: Words,
    pub(crate) zone: TimeZone,
}

pub(crate) const STEP: &str = "this";

impl World {
    /// Nothing runs, no file; the step was shown 100 s after noon, and now it is 200 s.
    pub(crate) fn empty() -> Self {
        let facts = Facts {
            now: at(200),
            ports: Ports {
                servers: 8080,
                balancer: 3000,
                statistics: 8404,
                nameserver: 5300,
            },
            file: File {
                name: "myhaproxy.cfg".into(),
                ..File::default()
            },
            urls: Urls {
                balancer: "http://127.0.0.1:3000".into(),
                statistics: "http://127.0.0.1:8404".into(),
            },
            ..Facts::default()
        };
        let moments = Moments {
            began: at(50),
            step: STEP.into(),
            shown: [(STEP.to_owned(), at(100))].into(),
            window: Window {
                since: at(100),
                ..Window::default()
            },
            ..Moments::default()
        };
        Self {
            facts,
            moments,
            words: Words::english(),
            zone: TimeZone::UTC,
        }
    }

    /// Four servers and the balancer with weights 4, 1, 1, 1, since noon; the file is what runs.
    pub(crate) fn four() -> Self {
        let mut world = Self::empty();
        for port in 8080..=8083 {
            world = world.serves(port);
        }
        let text = "backend nodes\n  balance roundrobin # in turn\n\
                    server server01 127.0.0.1:8080 weight 4\n  server server02 127.0.0.1:8081 cookie s2 weight 1\n\
                    server server03 127.0.0.1:8082 weight 1\n  server server04 127.0.0.1:8083 weight 1\n#    stats enable\n";
        let config = config(&[4, 1, 1, 1], None);
        world.facts.file.text = Some(text.into());
        world.facts.file.saved = Some(at(0));
        world.facts.file.config = Some(config.clone());
        world.facts.balancer = Some(Balancer {
            engine: "lab".into(),
            processes: vec![4520],
            since: Some(at(0)),
            loaded: Some(at(0)),
            config: Some(config),
            text: Some(text.into()),
            is_current: Some(true),
            file: Some("myhaproxy.cfg".into()),
            requests_seen: true,
            statistics_seen: true,
            terminal: Some("pts/4".into()),
        });
        for server in 1..=4 {
            world.facts.beliefs.push(belief(server, "no check"));
        }
        world
    }

    /// The same with `check` on each server, in the file and in what runs.
    pub(crate) fn checked() -> Self {
        let mut world = Self::four();
        let config = config(&[4, 1, 1, 1], Some(CHECK));
        world.facts.file.config = Some(config.clone());
        world.balancer().config = Some(config);
        world.facts.beliefs = (1..=4).map(|server| belief(server, "UP")).collect();
        world
    }

    pub(crate) fn balancer(&mut self) -> &mut Balancer {
        self.facts.balancer.as_mut().expect("it runs")
    }

    /// An echo server, by hand in terminal `pts/PORT`.
    pub(crate) fn serves(mut self, port: u16) -> Self {
        self.facts.listeners.push(Listener {
            address: ([127, 0, 0, 1], port).into(),
            pid: Some(u32::from(port) - 4000),
            command: "lab serve".into(),
            since: Some(at(0)),
            terminal: Some(format!("pts/{}", port - 8077)),
            of_lab: false,
            frozen: false,
            answer: Some(format!("Hi!! from server {port}")),
        });
        self
    }

    pub(crate) fn listener(&mut self, port: u16) -> &mut Listener {
        let listeners = self.facts.listeners.iter_mut();
        listeners
            .filter(|l| l.address.port() == port)
            .last()
            .expect("it listens")
    }

    /// Ctrl-C in the terminal of a server.
    pub(crate) fn killed(mut self, port: u16, seconds: i64) -> Self {
        self.facts
            .listeners
            .retain(|listener| listener.address.port() != port);
        self.happened(
            seconds,
            Happened::Ended {
                port,
                pid: None,
                command: "lab serve".into(),
                how: Some("SIGINT".into()),
                terminal: Some("pts/6".into()),
            },
        )
    }

    pub(crate) fn restarted(self, port: u16, seconds: i64) -> Self {
        self.serves(port).happened(
            seconds,
            Happened::Started {
                port,
                pid: None,
                command: "lab serve".into(),
                terminal: None,
                of_lab: false,
            },
        )
    }

    pub(crate) fn happened(mut self, seconds: i64, what: Happened) -> Self {
        self.facts.events.push(Event {
            time: at(seconds),
            what,
        });
        self.facts.events.sort_by_key(|event| event.time);
        self
    }

    pub(crate) fn saved(self, seconds: i64, change: &str) -> Self {
        let mut world = self.happened(
            seconds,
            Happened::Saved {
                file: "myhaproxy.cfg".into(),
                change: Some(change.into()),
            },
        );
        world.facts.file.saved = Some(at(seconds));
        world
    }

    /// Requests of `lab hit`, one a server: a port that answered, or 503 at 8081 for a negative one.
    pub(crate) fn hits(self, seconds: i64, ports: &[i32]) -> Self {
        self.requests(seconds, "hit", ports)
    }

    pub(crate) fn requests(mut self, seconds: i64, caller: &str, ports: &[i32]) -> Self {
        for port in ports {
            let port16 = u16::try_from(port.abs()).expect("a port");
            let failed = *port < 0;
            self = self.request(
                seconds,
                Request {
                    caller: caller.into(),
                    path: "/".into(),
                    backend: "nodes".into(),
                    server: Some(format!("server{:02}", port16 - 8079)),
                    port: Some(port16),
                    status: Some(if failed { 503 } else { 200 }),
                    ms: if failed { 3000 } else { 1 },
                    termination: if failed { "SC--" } else { "--NI" }.into(),
                    count: 1,
                    ..Request::default()
                },
            );
        }
        self
    }

    pub(crate) fn request(self, seconds: i64, request: Request) -> Self {
        self.happened(seconds, Happened::Request(request))
    }

    pub(crate) fn asked(self, seconds: i64, name: &str, via: &str, answers: &[&str]) -> Self {
        self.happened(
            seconds,
            Happened::Dns {
                name: name.into(),
                kind: "A".into(),
                via: via.into(),
                answers: answers.iter().map(|&answer| answer.into()).collect(),
                count: 1,
            },
        )
    }

    pub(crate) fn believes(mut self, server: usize, status: &str, changed: u64) -> Self {
        let belief = &mut self.facts.beliefs[server - 1];
        belief.status = status.into();
        belief.changed = Some(changed);
        self
    }

    pub(crate) fn sight(&self) -> Sight<'_> {
        Sight {
            facts: &self.facts,
            moments: &self.moments,
            words: &self.words,
            zone: &self.zone,
        }
    }
}

/// HAProxy's defaults.
pub(crate) const CHECK: Check = Check {
    inter_ms: 2000,
    rise: 2,
    fall: 3,
};

/// Servers 01, 02 ... from port 8080 on.
pub(crate) fn config(weights: &[u32], check: Option<Check>) -> Config {
    let server = |(at, weight): (u16, &u32)| Server {
        backend: "nodes".into(),
        name: format!("server{:02}", at + 1),
        address: "127.0.0.1".into(),
        port: 8080 + at,
        weight: *weight,
        check,
        line: usize::from(at) + 3,
    };
    Config {
        servers: (0..).zip(weights).map(server).collect(),
        binds: vec![([127, 0, 0, 1], 3000).into()],
        statistics: Vec::new(),
        retries: 3,
    }
}

fn belief(server: u16, status: &str) -> Belief {
    Belief {
        backend: "nodes".into(),
        server: format!("server{server:02}"),
        status: status.into(),
        changed: Some(200),
        columns: vec![
            ("stot".into(), "31".into()),
            ("chkdown".into(), "1".into()),
            ("last_chk".into(), "L4OK in 0ms".into()),
        ],
    }
}
