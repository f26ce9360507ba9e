//! The balancer's runtime API: one command over its stats socket (HAProxy's management guide, section 9.3).

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// Longest wait for an answer: the socket is local, so silence means that nobody serves it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which configuration a balancer runs, as far as it can be told from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    /// Of the process that answers: a master-worker HAProxy has a new one after each reload.
    pub(crate) pid: u32,
    /// Ours only: hash and load time (Unix seconds) of the text it runs.
    pub(crate) loaded: Option<(String, String)>,
}

pub(crate) async fn ask(socket: &Path, command: &str) -> io::Result<String> {
    let exchange = async {
        let mut stream = UnixStream::connect(socket).await?;
        stream.write_all(format!("{command}\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    };
    timeout(PATIENCE, exchange)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Who answers, and with which configuration.
pub(crate) async fn running(socket: &Path) -> io::Result<Running> {
    let info = ask(socket, "show info").await?;
    parse_info(&info).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse_info(info: &str) -> Option<Running> {
    let lines: HashMap<&str, &str> = info
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect();
    let loaded = lines.get("Config_hash").zip(lines.get("Config_loaded"));
    Some(Running {
        pid: lines.get("Pid")?.parse().ok()?,
        loaded: loaded.map(|(hash, time)| ((*hash).to_owned(), (*time).to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn haproxy_tells_its_pid_and_ours_its_configuration_too() {
        let haproxy = parse_info("Name: HAProxy\nPid: 4520\nUptime: 0d 0h00m04s\n\n").unwrap();
        assert_eq!(
            haproxy,
            Running {
                pid: 4520,
                loaded: None
            }
        );
        let ours = parse_info("Pid: 7\nConfig_hash: ab12\nConfig_loaded: 1763800000\n").unwrap();
        assert_eq!(
            ours.loaded,
            Some(("ab12".to_owned(), "1763800000".to_owned()))
        );
        assert_eq!(parse_info("Unknown command.\n"), None);
    }
}
