//! Socket files: who may connect is settled before anybody can.

use crate::load::os_text;
use crate::plan::SocketRights;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// Why a socket file cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error("cannot bind UNIX socket ({}) [{}]", os_text(source), path.display())]
    System {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("no such {kind}: `{name}`")]
    NoSuch { kind: &'static str, name: String },
}

/// Binds a socket of this path. A file left by a former process is replaced in one step, so that there is always one
/// to connect to.
///
/// # Errors
///
/// [`BindError`] with the system's reason.
pub fn bind(path: &Path, rights: &SocketRights) -> Result<UnixListener, BindError> {
    let fail = |source| BindError::System {
        path: path.to_path_buf(),
        source,
    };
    let temporary = temporary(path);
    let _ = std::fs::remove_file(&temporary);
    // Nobody else may connect between `bind` and `chmod`.
    let former = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(&temporary);
    rustix::process::umask(former);
    let listener = bound.map_err(fail)?;
    set_owner(&temporary, rights, fail)?;
    let mode = rights.mode.unwrap_or(0o777 & !former.bits());
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(mode)).map_err(fail)?;
    std::fs::rename(&temporary, path).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    Ok(listener)
}

/// As HAProxy names it: beside the final one.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    name.into()
}

fn set_owner(
    path: &Path,
    rights: &SocketRights,
    fail: impl Fn(io::Error) -> BindError,
) -> Result<(), BindError> {
    let user = rights
        .user
        .as_deref()
        .map(|name| id_of("user", name, "/etc/passwd"))
        .transpose()?;
    let group = rights
        .group
        .as_deref()
        .map(|name| id_of("group", name, "/etc/group"))
        .transpose()?;
    if user.is_none() && group.is_none() {
        return Ok(());
    }
    std::os::unix::fs::chown(path, user, group).map_err(fail)
}

/// The number of a user or group: given as such, or looked up in the system's file.
fn id_of(kind: &'static str, name: &str, file: &str) -> Result<u32, BindError> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let entries = std::fs::read_to_string(file).unwrap_or_default();
    let id = entries.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name))
            .then(|| fields.nth(1)?.parse().ok())
            .flatten()
    });
    id.ok_or_else(|| BindError::NoSuch {
        kind,
        name: name.to_string(),
    })
}
