//! What a running lab shows: lines and a block, lines alone, JSON, or nothing. `lab up` and `lab attach` share it.

use super::event_line::{self, Ports};
use super::live::Live;
use super::{NARROWEST, Ui, block, paint, words};
use crate::plan::Plan;
use crate::supervisor::NAME_SERVER;
use crate::supervisor::protocol::{Event, What};
use crate::supervisor::snapshot::Snapshot;
use crate::walk::Spoilers;
use clap::ValueEnum;
use diagnostics::fold;
use serde_json::json;
use std::rc::Rc;
use std::time::Duration;

/// Requests shown one by one in a second; further ones are counted.
const FOLD_ABOVE: u32 = 20;

/// Which lines are shown besides the lab's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogChoice {
    /// Each request, as the balancer saw it
    #[default]
    Balancer,
    /// The servers' own lines
    Servers,
    /// Single health checks
    Checks,
    /// Changes only
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Lines above a block that is redrawn.
    Block,
    Lines,
    Json,
    Silent,
}

pub(crate) struct View {
    ui: Rc<Ui>,
    form: Form,
    log: LogChoice,
    live: Live,
    block: Vec<String>,
    ports: Vec<(String, u16)>,
    fold: Fold,
    /// What the block must not tell.
    spoilers: Option<Spoilers>,
}

impl View {
    pub(crate) fn new(ui: &Rc<Ui>, log: LogChoice, width: usize) -> Self {
        let form = match () {
            () if ui.json => Form::Json,
            () if ui.moving && width >= NARROWEST => Form::Block,
            () => Form::Lines,
        };
        Self {
            ui: Rc::clone(ui),
            form,
            log,
            live: Live::default(),
            block: Vec::new(),
            ports: Vec::new(),
            fold: Fold::default(),
            spoilers: None,
        }
    }

    /// The block leaves out what an open guess asks for.
    #[must_use]
    pub(crate) fn without(mut self, spoilers: Spoilers) -> Self {
        self.spoilers = Some(spoilers);
        self
    }

    /// A view that shows nothing: the lab runs in the background.
    pub(crate) fn silent(ui: &Rc<Ui>) -> Self {
        Self {
            form: Form::Silent,
            ..Self::new(ui, LogChoice::None, 0)
        }
    }

    /// The servers whose ports and colours are shown.
    #[must_use]
    pub(crate) fn with_ports(mut self, ports: Vec<(String, u16)>) -> Self {
        self.ports = ports;
        self
    }

    /// One more server.
    pub(crate) fn know(&mut self, name: String, port: u16) {
        self.ports.push((name, port));
    }

    pub(crate) fn is_moving(&self) -> bool {
        self.form == Form::Block
    }

    /// Everything is ready. A detached lab tells its parent, which waits for this.
    pub(crate) fn ready(&mut self, took: Duration, plan: &Plan) {
        let facts = json!({
            "ready": {
                "ms": took.as_secs_f64() * 1000.0,
                "pid": std::process::id(),
                "servers": plan.servers.iter().map(|s| json!({ "name": s.name, "port": s.address.port() })).collect::<Vec<_>>(),
                "balancer": plan.traffic().map(|bind| bind.address.port()),
                "statistics": plan.statistics().map(|bind| bind.address.port()),
                "nameserver": plan.names.as_ref().map(|names| names.server.port()),
            }
        });
        match self.form {
            Form::Json => self.ui.say(facts.to_string()),
            Form::Silent => {
                self.ui.say(facts.to_string());
                // From here on nobody reads: the terminal may be closed.
                let _ = std::fs::File::open("/dev/null").map(|null| {
                    rustix::stdio::dup2_stdout(&null)
                        .and_then(|()| rustix::stdio::dup2_stderr(&null))
                });
            }
            Form::Block | Form::Lines => {}
        }
    }

    pub(crate) fn event(&mut self, event: &Event) {
        if self.form == Form::Json {
            return self.ui.say_json(event);
        }
        if !wants(self.log, event, &self.ports) {
            return;
        }
        if matches!(event.what, What::Request(_)) {
            let (show, folded) = self.fold.request(event.time.as_second());
            self.tell_folded(folded);
            if !show {
                return;
            }
        }
        let line = event_line::line(event, &self.ports);
        self.line(&line);
    }

    /// A new state. Comes at most a few times a second.
    pub(crate) fn snapshot(&mut self, snapshot: &Snapshot) {
        if self.form == Form::Json {
            return;
        }
        let folded = self.fold.over(snapshot.time.as_second());
        self.tell_folded(folded);
        if self.form == Form::Block {
            let width = super::width();
            self.block = if width < NARROWEST {
                Vec::new()
            } else {
                let mut shown = snapshot.clone();
                if let Some(spoilers) = &mut self.spoilers {
                    shown.hold_back(spoilers.now());
                }
                block::live(&shown, width)
            };
            let bytes = self.live.frame(&self.block, width);
            self.ui.draw(&bytes);
        }
    }

    pub(crate) fn line(&mut self, line: &str) {
        match self.form {
            Form::Block => {
                let width = super::width();
                for line in fold(line, width).lines() {
                    self.live.line(line);
                }
                let bytes = self.live.frame(&self.block, width);
                self.ui.draw(&bytes);
            }
            Form::Lines => self.ui.say(line),
            Form::Json | Form::Silent => {}
        }
    }

    /// The last line: the block stays as it was.
    pub(crate) fn last_line(&mut self, line: &str) {
        self.block.clear();
        self.line(line);
    }

    fn tell_folded(&mut self, folded: u32) {
        if folded > 0 {
            let line = format!(
                "          + {} in the last second",
                words::count(folded.into(), "request")
            );
            self.line(&paint::dim(&line));
        }
    }
}

/// Whether an event is among those that were asked for.
fn wants(log: LogChoice, event: &Event, ports: &Ports) -> bool {
    match &event.what {
        What::Notice(_) => true,
        What::Request(request) => {
            log == LogChoice::Balancer && !request.statistics && !request.is_empty()
        }
        What::Wrote(text) => match log {
            LogChoice::Servers => {
                event.source == NAME_SERVER || ports.iter().any(|(name, _)| *name == event.source)
            }
            LogChoice::Checks => text.starts_with("Health check for"),
            LogChoice::Balancer | LogChoice::None => false,
        },
    }
}

/// Counts requests a second, so that a flood does not bury the rest.
#[derive(Debug, Default)]
struct Fold {
    second: i64,
    shown: u32,
    hidden: u32,
}

impl Fold {
    /// Whether this one is shown, and how many of an earlier second were not.
    fn request(&mut self, second: i64) -> (bool, u32) {
        let folded = self.over(second);
        self.second = second;
        if self.shown < FOLD_ABOVE {
            self.shown += 1;
            (true, folded)
        } else {
            self.hidden += 1;
            (false, folded)
        }
    }

    /// How many were hidden in a second that is over.
    fn over(&mut self, now: i64) -> u32 {
        if now <= self.second {
            return 0;
        }
        self.shown = 0;
        std::mem::take(&mut self.hidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::http_log::Request;
    use jiff::Timestamp;

    #[test]
    fn a_flood_is_folded_and_told_when_its_second_is_over() {
        let mut fold = Fold::default();
        let shown = (0..332).filter(|_| fold.request(7).0).count();
        assert_eq!(shown, 20);
        assert_eq!(fold.over(7), 0);
        assert_eq!(fold.over(8), 312);
        assert_eq!(fold.over(9), 0);
        assert_eq!(fold.request(9), (true, 0));
    }

    #[test]
    fn each_choice_shows_its_own_lines() {
        let ports = [("server01".to_owned(), 8080)];
        let event = |source: &str, what| Event {
            time: Timestamp::now(),
            source: source.into(),
            what,
        };
        let request = event("balancer", What::Request(Request::default()));
        let page = event(
            "balancer",
            What::Request(Request {
                statistics: true,
                ..Request::default()
            }),
        );
        let own = event("server01", What::Wrote("GET /  200".into()));
        let asked = event(NAME_SERVER, What::Wrote("google.com A -> 192.0.2.1".into()));
        assert!(wants(LogChoice::Servers, &asked, &ports));
        assert!(!wants(LogChoice::Balancer, &asked, &ports));
        let check = event(
            "balancer",
            What::Wrote("Health check for server a/b failed".into()),
        );
        let notice = event("server01", What::Notice("stopped".into()));
        for (log, shown) in [
            (LogChoice::Balancer, [true, false, false, false, true]),
            (LogChoice::Servers, [false, false, true, false, true]),
            (LogChoice::Checks, [false, false, false, true, true]),
            (LogChoice::None, [false, false, false, false, true]),
        ] {
            let wanted =
                [&request, &page, &own, &check, &notice].map(|event| wants(log, event, &ports));
            assert_eq!(wanted, shown, "{log:?}");
        }
    }
}
