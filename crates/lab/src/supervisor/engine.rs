//! The command lines of the children.

use super::child::CommandLine;
use crate::dns;
use crate::exit::Exit;
use crate::observe::process;
use crate::problem::{Problem, Result};
use clap::ValueEnum;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What `--engine` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// The balancer in this program
    #[default]
    Lab,
    /// The installed HAProxy
    Haproxy,
}

/// The program that balances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Lab,
    Haproxy(PathBuf),
}

impl Engine {
    pub(crate) fn find(name: EngineName) -> Result<Self> {
        match name {
            EngineName::Lab => Ok(Self::Lab),
            EngineName::Haproxy => installed_haproxy().map(Self::Haproxy),
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Haproxy(_) => "haproxy",
        }
    }

    /// `lab balancer -f FILE`, or HAProxy under its own master, which reloads on SIGUSR2 as ours does.
    pub(crate) fn command(&self, lab: &Path, file: &Path) -> CommandLine {
        // `-db`: `daemon` in the file would take it away from its supervisor.
        let args: Vec<OsString> = match self {
            Self::Lab => vec!["balancer".into(), "-db".into(), "-f".into(), file.into()],
            Self::Haproxy(haproxy) => {
                vec![
                    "__exec".into(),
                    haproxy.into(),
                    "-W".into(),
                    "-db".into(),
                    "-f".into(),
                    file.into(),
                ]
            }
        };
        CommandLine {
            program: lab.to_owned(),
            args,
        }
    }
}

/// The program `haproxy` of this machine.
///
/// # Errors
/// It is not installed.
pub(crate) fn installed_haproxy() -> Result<PathBuf> {
    process::in_path("haproxy").ok_or_else(|| {
        Problem::new(
            "engine-missing",
            Exit::NotReady,
            "there is no `haproxy` on this machine",
        )
        .next("install it, for example:  sudo apt install haproxy")
        .next("or run the lab's own balancer:  lab up --engine lab")
    })
}

/// `lab nameserver --port PORT --caches 3`, and `--watch site.lab:PORT` where its site is checked.
pub(crate) fn name_server(lab: &Path, address: SocketAddr, watched: Option<u16>) -> CommandLine {
    let words = ["nameserver", "--port"].map(OsString::from);
    let port = address.port().to_string().into();
    let caches = ["--caches".into(), dns::CACHES.to_string().into()];
    let watched = watched.into_iter().flat_map(|port| {
        let site = format!("{}:{port}", dns::zone::SITE);
        ["--watch".into(), site.into()]
    });
    let words = words.into_iter().chain([port]).chain(caches);
    CommandLine {
        program: lab.to_owned(),
        args: words.chain(watched).collect(),
    }
}

/// `lab page --port PORT`.
pub(crate) fn page(lab: &Path, address: SocketAddr) -> CommandLine {
    let port = address.port().to_string();
    CommandLine {
        program: lab.to_owned(),
        args: ["page", "--port", &port].map(OsString::from).to_vec(),
    }
}

/// `lab serve PORT --name NAME`.
pub(crate) fn server(lab: &Path, name: &str, address: SocketAddr, plain: bool) -> CommandLine {
    let mut args: Vec<OsString> = vec![
        "serve".into(),
        address.port().to_string().into(),
        "--name".into(),
        name.into(),
    ];
    if address.ip() != std::net::Ipv4Addr::LOCALHOST {
        args.extend(["--bind".into(), address.ip().to_string().into()]);
    }
    if plain {
        args.extend(["--echo".into(), "plain".into()]);
    }
    CommandLine {
        program: lab.to_owned(),
        args,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &CommandLine) -> String {
        let args = command.args.iter().map(|arg| arg.to_string_lossy());
        args.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn children_are_the_lab_itself() {
        let (lab, file) = (Path::new("/bin/lab"), Path::new("x.cfg"));
        assert_eq!(
            words(&Engine::Lab.command(lab, file)),
            "balancer -db -f x.cfg"
        );
        let haproxy = Engine::Haproxy("/usr/sbin/haproxy".into());
        assert_eq!(
            words(&haproxy.command(lab, file)),
            "__exec /usr/sbin/haproxy -W -db -f x.cfg"
        );
        let address = "127.0.0.1:8080".parse().unwrap();
        assert_eq!(
            words(&server(lab, "server01", address, false)),
            "serve 8080 --name server01"
        );
    }

    #[test]
    fn another_loopback_address_is_named() {
        let address = "127.0.0.2:8080".parse().unwrap();
        let command = server(Path::new("/bin/lab"), "s", address, true);
        assert_eq!(
            words(&command),
            "serve 8080 --name s --bind 127.0.0.2 --echo plain"
        );
    }
}
