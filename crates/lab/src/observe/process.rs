//! The operating system's process table.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::path::PathBuf;

/// A number that, with the pid, names one process for ever: its start time as the system counts it.
///
/// `None` when there is no such process.
pub(crate) fn start_time(pid: u32) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        start_field(&stat)
    }
    #[cfg(not(target_os = "linux"))]
    {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let pid = pid.to_string();
        let ps = std::process::Command::new("ps")
            .args(["-o", "lstart=", "-p", &pid])
            .output()
            .ok()?;
        let mut hasher = DefaultHasher::new();
        ps.stdout.hash(&mut hasher);
        (!ps.stdout.is_empty()).then(|| hasher.finish())
    }
}

/// Field 22 of `/proc/PID/stat`; `None` for a zombie, which is gone but for its parent.
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "read on Linux only")
)]
fn start_field(stat: &str) -> Option<u64> {
    let after_name = stat.rsplit_once(") ")?.1;
    let mut fields = after_name.split(' ');
    let state = fields.next()?;
    if state == "Z" || state == "X" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Sends a signal to one process; `false` when it is not there or not ours.
pub(crate) fn send(pid: u32, signal: Signal) -> bool {
    raw(pid).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

/// Sends a signal to a whole process group; `false` when it is not there or not ours.
pub(crate) fn send_group(pid: u32, signal: Signal) -> bool {
    raw(pid).is_some_and(|pid| kill_process_group(pid, signal).is_ok())
}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// The file that would run for `name`, found as a shell finds it.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    // Debian keeps haproxy in a folder that is not on everybody's path.
    folders.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let runs = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_read_behind_a_name_with_spaces() {
        let stat = "77 (a ) b) S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 8842 10 20";
        assert_eq!(start_field(stat), Some(8842));
        assert_eq!(start_field(&stat.replace(") S", ") Z")), None);
    }

    #[test]
    fn no_process_has_no_start_time() {
        assert!(start_time(std::process::id()).is_some());
        assert_eq!(start_time(u32::MAX), None);
    }
}
