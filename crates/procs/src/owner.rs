use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;

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
    let listeners: Vec<Listener> = net_table::listeners()
        .into_iter()
        .filter(in_the_way)
        .collect();
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

/// Which processes hold these sockets, by the socket's number. A socket of a process that cannot be looked into (another
/// user's) has no entry.
pub fn holders(inodes: &BTreeSet<u64>) -> BTreeMap<u64, Vec<u32>> {
    let mut holders: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    let pid_of = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in processes.filter_map(pid_of) {
        for inode in sockets_of(pid).intersection(inodes) {
            holders.entry(*inode).or_default().push(pid);
        }
    }
    holders
}

/// Whether a process holds one of these sockets.
pub fn holds(pid: u32, inodes: &BTreeSet<u64>) -> bool {
    !inodes.is_empty() && !sockets_of(pid).is_disjoint(inodes)
}

/// The process that has been there longest of those that hold one of these sockets.
fn process_with_socket(listeners: &[Listener]) -> Option<Process> {
    holders(&listeners.iter().map(|l| l.inode).collect())
        .into_values()
        .flatten()
        .filter_map(Process::read)
        .min_by_key(|process| process.start_ticks)
}

/// The numbers of the sockets that a process holds; none of a process that cannot be looked into.
fn sockets_of(pid: u32) -> BTreeSet<u64> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let inode = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        let inode = target.to_str()?.strip_prefix("socket:[")?;
        inode.strip_suffix(']')?.parse().ok()
    };
    descriptors.flatten().filter_map(inode).collect()
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
