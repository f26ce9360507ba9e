//! A name server of other people's making, on a port of its own, with zones of ours.

use std::fs;
use std::process::Command;

use testkit::{Port, Process, WorkDir};

const ZONES: [(&str, &str); 3] = [
    ("lab.test", include_str!("zones/lab.test.zone")),
    (
        "2.0.192.in-addr.arpa",
        include_str!("zones/2.0.192.in-addr.arpa.zone"),
    ),
    (
        "8.b.d.0.1.0.0.2.ip6.arpa",
        include_str!("zones/8.b.d.0.1.0.0.2.ip6.arpa.zone"),
    ),
];

/// NSD, running until dropped.
pub(crate) struct Foreign {
    port: Port,
    _process: Process,
    _folder: WorkDir,
}

impl Foreign {
    /// Starts it; `None`, said by name, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let program = testkit::program::find("nsd")?;
        let (port, folder) = (Port::reserve(), WorkDir::new());
        for (name, text) in ZONES {
            fs::write(folder.path().join(name), text).expect("the folder is ours");
        }
        let configuration = folder.path().join("nsd.conf");
        fs::write(&configuration, configured(&port, &folder)).expect("the folder is ours");
        let process = Process::spawn(Command::new(program).arg("-d").arg("-c").arg(configuration));
        process.wait_for_line("nsd started");
        Some(Self {
            port,
            _process: process,
            _folder: folder,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }
}

/// One process as whoever runs the tests, all files in the folder, no limit on answers.
fn configured(port: &Port, folder: &WorkDir) -> String {
    let (port, folder) = (port.number(), folder.path().display());
    let zones = ZONES.map(|(name, _)| format!("zone:\n  name: {name}\n  zonefile: {name}\n"));
    format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{folder}\"\n  pidfile: \"{folder}/nsd.pid\"\n  zonelistfile: \"{folder}/zone.list\"\n  \
         xfrdfile: \"{folder}/xfrd.state\"\n  xfrdir: \"{folder}\"\n  rrl-ratelimit: 0\n  verbosity: 1\n\
         remote-control:\n  control-enable: no\n{}",
        zones.concat()
    )
}
