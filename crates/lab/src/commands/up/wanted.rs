//! Ports and numbers: the flags, then `.lab/config.toml`, then the usual ones.

use super::UpArgs;
use crate::config_file::ConfigFile;
use crate::dns;
use crate::plan::{Ports, Wanted};
use crate::problem::{Problem, Result};
use crate::work_dir::settings::Settings;

pub(crate) const SERVERS: u16 = 8080;
pub(crate) const BALANCER: u16 = 3000;
pub(crate) const STATISTICS: u16 = 8404;

/// `--base-port 8090` moves all ports by 10: the servers to 8090, the balancer to 3010, the statistics to 8414. The name
/// server's is [`moved`] before.
pub(super) fn from(args: &UpArgs, settings: &Settings) -> Result<Wanted> {
    let ports = match (args.base_port, args.ports.as_slice()) {
        (Some(base), _) => Ports::From(base),
        (None, []) => Ports::From(settings.ports.servers.unwrap_or(SERVERS)),
        (None, ports) => Ports::Exactly(ports.to_vec()),
    };
    if let (Ports::Exactly(ports), Some(servers)) = (&ports, args.servers)
        && ports.len() != usize::from(servers)
    {
        return Err(Problem::usage(format!(
            "--servers {servers} and {} ports do not fit",
            ports.len()
        ))
        .next("name each port, or leave --servers out"));
    }
    let moved = |port: u16| match args.base_port {
        Some(base) => {
            let port = i32::from(port) + i32::from(base) - i32::from(SERVERS);
            u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
                Problem::usage(format!("with --base-port {base} the other ports would leave 1 to 65535"))
                    .next("name them:  lab config ports.balancer 3000      lab config ports.statistics 8404")
            })
        }
        None => Ok(port),
    };
    let port = |set: Option<u16>, usual| set.map_or_else(|| moved(usual), Ok);
    Ok(Wanted {
        servers: args
            .servers
            .or_else(|| u16::try_from(args.ports.len()).ok().filter(|n| *n > 0)),
        ports,
        balancer: port(settings.ports.balancer, BALANCER)?,
        statistics: port(settings.ports.statistics, STATISTICS)?,
    })
}

/// The settings as `--base-port` moves them: the name server goes along where its port is not set.
pub(super) fn moved(args: &UpArgs, settings: Settings) -> Settings {
    let mut settings = settings;
    if let (Some(base), None) = (args.base_port, settings.ports.nameserver) {
        let port = i32::from(dns::PORT) + i32::from(base) - i32::from(SERVERS);
        settings.ports.nameserver = u16::try_from(port).ok().filter(|port| *port > 0);
    }
    settings
}

/// A file that is there names the ports itself: flags that would say otherwise are a mistake.
pub(super) fn refuse_other_ports(args: &UpArgs, file: &ConfigFile) -> Result<()> {
    let flag = match (args.base_port, args.ports.is_empty()) {
        (Some(_), _) => "--base-port",
        (None, false) => "--ports",
        (None, true) => return Ok(()),
    };
    Err(Problem::usage(format!(
        "{} names the ports, so {flag} would change nothing",
        file.name()
    ))
    .next(format!("change the ports in {}", file.name()))
    .next("or use another file:  lab up --config FILE"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::work_dir::settings;
    use clap::Parser;

    fn up(line: &str) -> UpArgs {
        match Cli::parse_from(line.split(' ')).command {
            Some(Command::Up(args)) => *args,
            _ => panic!("not up"),
        }
    }

    fn wanted(line: &str, settings: &Settings) -> Result<Wanted> {
        from(&up(line), settings)
    }

    #[test]
    fn the_usual_ports_come_last() {
        let usual = wanted("lab up", &Settings::default()).unwrap();
        assert_eq!(
            (usual.balancer, usual.statistics, usual.ports),
            (3000, 8404, Ports::From(8080))
        );
        let ports = settings::Ports {
            servers: Some(9000),
            balancer: Some(3100),
            statistics: None,
            nameserver: None,
        };
        let settings = Settings {
            ports,
            ..Settings::default()
        };
        let set = wanted("lab up", &settings).unwrap();
        assert_eq!(
            (set.balancer, set.statistics, set.ports),
            (3100, 8404, Ports::From(9000))
        );
    }

    #[test]
    fn a_base_port_moves_all_by_as_much() {
        let moved = wanted("lab up --base-port 8090", &Settings::default()).unwrap();
        assert_eq!((moved.balancer, moved.statistics), (3010, 8414));
        assert!(wanted("lab up --base-port 65400", &Settings::default()).is_err());
    }

    #[test]
    fn the_name_server_moves_along_unless_its_port_is_set() {
        let names = |line: &str, settings: Settings| moved(&up(line), settings).ports.nameserver;
        assert_eq!(
            names("lab up --base-port 8090", Settings::default()),
            Some(5310)
        );
        assert_eq!(names("lab up", Settings::default()), None);
        let mut set = Settings::default();
        set.ports.nameserver = Some(5999);
        assert_eq!(names("lab up --base-port 8090", set), Some(5999));
    }

    #[test]
    fn named_ports_are_as_many_as_servers() {
        let named = wanted("lab up --ports 9001,9007", &Settings::default()).unwrap();
        assert_eq!(
            (named.servers, named.ports),
            (Some(2), Ports::Exactly(vec![9001, 9007]))
        );
        assert!(wanted("lab up --servers 3 --ports 9001", &Settings::default()).is_err());
    }
}
