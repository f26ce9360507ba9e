//! Who may use the stats socket.

use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::process::Command;
use testkit::{Port, Process, WorkDir, eventually};

/// Mode, user and group of the stats socket under a umask.
fn made(words: &str, umask: &str) -> (u32, u32, u32) {
    let (files, port) = (WorkDir::new(), Port::reserve());
    let path = files.join("stats.sock");
    let text = format!(
        "global\n    stats socket {} {words}\nfrontend f\n    mode http\n    timeout client 1s\n    bind {}\n",
        path.display(),
        port.address()
    );
    let file = files.write("haproxy.cfg", text);
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_balancer");
    let masked = format!("umask {umask} && exec \"$0\" \"$@\"");
    command
        .args(["-c", &masked, program, "-db", "-f"])
        .arg(file);
    let _process = Process::spawn(&mut command);
    eventually("the socket answers", super::SOON, || {
        UnixStream::connect(&path).is_ok()
    });
    let about = std::fs::metadata(&path).unwrap();
    assert!(about.file_type().is_socket());
    (
        about.permissions().mode() & 0o7777,
        about.uid(),
        about.gid(),
    )
}

#[test]
fn a_stats_socket_is_its_owners_alone_whatever_the_umask() {
    let me = (
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    );
    for umask in ["000", "022", "077"] {
        assert_eq!(
            made("level admin", umask),
            (0o600, me.0, me.1),
            "umask {umask}"
        );
    }
}

#[test]
fn a_stats_socket_has_the_mode_and_owner_asked_for() {
    for umask in ["000", "077"] {
        assert_eq!(made("mode 660", umask).0, 0o660, "umask {umask}");
    }
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    // Only root may give a file away.
    let wanted = if user.is_root() {
        (1, 2)
    } else {
        (user.as_raw(), group.as_raw())
    };
    let words = format!("mode 640 uid {} gid {}", wanted.0, wanted.1);
    assert_eq!(made(&words, "022"), (0o640, wanted.0, wanted.1));
    if user.is_root() {
        assert_eq!(made("mode 600 user root group root", "022"), (0o600, 0, 0));
    }
}
