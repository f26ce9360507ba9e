use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use crate::Process;
use crate::net_table::{self, Listener};
use crate::process::user_name;

/// Who listens on a TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The user whose socket it is: the name, or the number where it has none.
    pub user: String,
    /// The process; `None` when it belongs to another user (or container) whose processes cannot be looked into.
    pub process: Option<Process>,
}

/// Finds who listens where `address` would be bound: on that address, or on all addresses with that port.
///
/// `None` when nobody is seen there, which outside Linux is always so.
pub fn port_owner(address: SocketAddr) -> Option<Owner> {
    let in_the_way = |listener: &Listener| listener.excludes(address);
    let listeners: Vec<Listener> = net_table::read().into_iter().filter(in_the_way).collect();
    let uid = listeners.first()?.uid;
    let process = process_with_socket(&listeners);
    let user = process
        .as_ref()
        .map_or_else(|| user_name(uid), |process| process.user.clone());
    Some(Owner { user, process })
}

impl Owner {
    /// The program in words: `` `lab serve 8080` ``, or "a program of another user (alice)".
    pub fn name(&self) -> String {
        match &self.process {
            Some(process) => format!("`{}`", process.command),
            None => format!("a program of another user ({})", self.user),
        }
    }

    /// What else is known, with a space before it: ` (pid 4312, since 12:02, terminal pts/3)`, or nothing.
    pub fn details(&self) -> String {
        let details = self
            .process
            .as_ref()
            .map(|process| format!(" ({})", process.details()));
        details.unwrap_or_default()
    }
}

/// The process that has been there longest of those that hold one of these sockets.
fn process_with_socket(listeners: &[Listener]) -> Option<Process> {
    let sockets: Vec<String> = listeners
        .iter()
        .map(|l| format!("socket:[{}]", l.inode))
        .collect();
    let pid_of = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| pid_of(entry.ok()?))
        .filter(|pid| holds_one_of(*pid, &sockets))
        .filter_map(Process::read)
        .min_by_key(|process| process.start_ticks)
}

fn holds_one_of(pid: u32, sockets: &[String]) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    let is_one = |target: &Path| {
        target
            .to_str()
            .is_some_and(|t| sockets.iter().any(|s| s == t))
    };
    descriptors
        .flatten()
        .any(|entry| fs::read_link(entry.path()).is_ok_and(|t| is_one(&t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_that_cannot_be_looked_into_is_named_by_its_user() {
        let owner = Owner {
            user: "alice".into(),
            process: None,
        };
        assert_eq!(owner.name(), "a program of another user (alice)");
        assert_eq!(owner.details(), "");
    }
}
