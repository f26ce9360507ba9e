//! A machine of one's own, so to speak: a network that reaches nobody, in which the usual ports are free.

use std::process::Command;
use testkit::{Process, program};

/// Where the learner works: in a network of their own, where the system allows it, so that nothing outside can be asked.
pub(super) enum Machine {
    /// Linux namespaces, for as long as this process lives.
    Alone(Process),
    Shared,
}

/// What makes the network: loopback, and a `/run` in which `ip netns` may write.
const PREPARE: &str =
    "ip link set lo up && mount -t tmpfs none /run && echo ready && exec cat >/dev/null";

impl Machine {
    pub(super) fn new() -> Self {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "--mount", "sh", "-c", PREPARE]);
        command.env("PATH", path());
        if !is_allowed() {
            return Self::Shared;
        }
        let holder = Process::spawn(&mut command);
        holder.wait_for_line("ready");
        Self::Alone(holder)
    }

    pub(super) fn is_alone(&self) -> bool {
        matches!(self, Self::Alone(_))
    }

    /// A program, to be run there.
    pub(super) fn command(&self, program: &str) -> Command {
        let Self::Alone(holder) = self else {
            return Command::new(program);
        };
        let mut command = Command::new("nsenter");
        command
            .args(["--user", "--net", "--mount", "--preserve-credentials"])
            // Another mount namespace begins at its root.
            .arg("--wd=.")
            .args(["--target", &holder.pid().to_string(), program])
            .env("PATH", path());
        command
    }
}

fn is_allowed() -> bool {
    let tools = ["unshare", "nsenter", "ip"];
    let mut attempt = Command::new("unshare");
    attempt.args(["--map-root-user", "--net", "--mount", "true"]);
    tools.iter().all(|name| program::find(name).is_some())
        && Process::run(&mut attempt).code == Some(0)
}

/// `ip` is where only the administrator looks.
fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/local/sbin:/usr/sbin:/sbin")
}
