//! What an activity begins with: the file, the servers, the balancer, and how to get there.

use crate::exit::Exit;
use crate::observe::facts::expected_ports;
use crate::plan::template::on_ports;
use crate::problem::{Problem, Result};
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request};
use crate::walk::Session;
use crate::work_dir::write_whole;
use course::judge::{Holds, Moments, Sight};
use course::model::Activity;
use std::path::PathBuf;
use std::process::Command;

/// What is to be done.
pub(super) struct Making {
    id: String,
    pub(super) path: PathBuf,
    /// The text that replaces the file; `None`: it is kept.
    pub(super) file: Option<String>,
    has_file: bool,
    fits: bool,
    /// Servers that were stopped, by name.
    stopped: Vec<String>,
    servers: u16,
    running: usize,
    balancer: bool,
    balancer_runs: bool,
    supervised: bool,
}

impl Making {
    pub(super) fn plan(activity: &Activity, session: &Session) -> Result<Self> {
        let facts = session.facts();
        let moments = Moments::default();
        let sight = Sight {
            facts: &facts,
            moments: &moments,
            words: &session.words,
            zone: &session.zone,
        };
        let start = &activity.start;
        let has_file = facts.file.text.is_some();
        let fits = has_file
            && start
                .config
                .iter()
                .all(|condition| sight.look(condition).holds == Holds::Yes);
        let fallback = start.fallback.clone().filter(|_| !fits);
        let listed = facts.file.config.iter().flat_map(|config| &config.servers);
        let open = |port: u16| {
            facts
                .listeners
                .iter()
                .any(|listener| listener.address.port() == port)
        };
        let stopped = listed
            .filter(|server| !open(server.port))
            .map(|server| server.name.clone());
        Ok(Self {
            id: activity.id.clone(),
            path: crate::commands::status::file(&session.work)?,
            file: fallback,
            has_file,
            fits,
            stopped: stopped.collect(),
            servers: start.servers,
            running: facts
                .listeners
                .iter()
                .filter(|listener| listener.answer.is_some())
                .count(),
            balancer: start.balancer,
            balancer_runs: facts.balancer.is_some(),
            supervised: Client::connect(&session.work).is_some(),
        })
    }

    pub(super) fn told(&self) -> Vec<String> {
        let file = self.path.display();
        let mut lines = Vec::new();
        lines.push(match (&self.file, self.has_file, self.fits) {
            (Some(_), true, _) => format!(
                "  {file} would be replaced by the one that {} starts from (a copy is kept)",
                self.id
            ),
            (Some(_), false, _) => {
                format!("  {file} would be written as {} starts from it", self.id)
            }
            (None, true, true) => format!(
                "  {file} would be kept; it already fits the start of {}",
                self.id
            ),
            (None, ..) => format!("  {file} would be left as it is"),
        });
        if self.servers > 0 {
            lines.push(match (self.supervised, self.stopped.is_empty()) {
                (true, false) => format!(
                    "  servers       {} would be started again",
                    self.stopped.join(", ")
                ),
                _ if self.running >= usize::from(self.servers) => {
                    format!("  servers       {} answer; nothing to do", self.running)
                }
                _ => format!(
                    "  servers       {} would be started in the background",
                    self.servers
                ),
            });
        }
        if self.balancer {
            lines.push(match self.balancer_runs {
                true => "  balancer      would load the file".to_owned(),
                false => "  balancer      would be started".to_owned(),
            });
        }
        lines
    }

    /// Makes it so.
    pub(super) fn make(&self, session: &Session) -> Result<()> {
        if let Some(text) = &self.file {
            let text = on_ports(text, &expected_ports(&session.work));
            write_whole(&self.path, &text)
                .map_err(|error| Problem::io(&format!("write {}", self.path.display()), &error))?;
        }
        if self.servers == 0 && !self.balancer {
            return Ok(());
        }
        match Client::connect(&session.work) {
            Some(client) => self.restart(client, session),
            None => self.up(session),
        }
    }

    /// In a lab that runs: all its servers, the balancer, the file.
    fn restart(&self, client: Client, session: &Session) -> Result<()> {
        drop(client);
        let mut names = self.stopped.clone();
        if self.balancer && !self.balancer_runs {
            names.push("balancer".to_owned());
        }
        for target in names {
            let mut client = Client::required(&session.work)?;
            // A server of the file that this lab does not hold is somebody else's.
            if let Ok(Reply::Problem(problem)) = client.ask(&Request::Start { target }) {
                session.ui.talk(problem.render());
            }
        }
        if self.balancer && self.balancer_runs {
            Client::required(&session.work)?.ask(&Request::Reload)?;
        }
        Ok(())
    }

    /// Where nothing runs: in the background, beside what is there.
    fn up(&self, session: &Session) -> Result<()> {
        let enough = self.running >= usize::from(self.servers);
        if enough && (!self.balancer || self.balancer_runs) {
            return Ok(());
        }
        let program = std::env::current_exe()
            .map_err(|error| Problem::io("find the program `lab`", &error))?;
        let mut command = Command::new(program);
        command.args([
            "up",
            "--detach",
            "--adopt",
            "--quiet",
            "--servers",
            &self.servers.to_string(),
        ]);
        if !self.balancer {
            command.arg("--no-balancer");
        }
        let said = command
            .output()
            .map_err(|error| Problem::io("start `lab up`", &error))?;
        if said.status.success() {
            return Ok(());
        }
        session.ui.talk(String::from_utf8_lossy(&said.stderr));
        Err(Problem::new(
            "start-failed",
            Exit::NotReady,
            "the file and the progress are put back, but not all could be started",
        )
        .next(format!("lab up --servers {}", self.servers)))
    }
}
