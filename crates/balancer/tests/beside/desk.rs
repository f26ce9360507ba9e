//! A balancer with a stats socket, and somebody who speaks to it.

use crate::engine::Lab;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;
use testkit::{WorkDir, eventually};

const SOON: Duration = Duration::from_secs(10);

pub(crate) struct Desk {
    pub(crate) lab: Lab,
    pub(crate) socket: PathBuf,
    _folder: WorkDir,
}

impl Desk {
    /// Runs a configuration, in which `{socket}` stands for the path of the stats socket.
    pub(crate) fn open(mut lab: Lab, config: &str) -> Self {
        let folder = WorkDir::new();
        let socket = folder.join("lab.sock");
        lab.run(&config.replace("{socket}", &socket.display().to_string()));
        eventually("the stats socket answers", SOON, || {
            UnixStream::connect(&socket).is_ok()
        });
        Self {
            lab,
            socket,
            _folder: folder,
        }
    }

    /// What comes back for these bytes until the balancer closes, without what differs from run to run.
    pub(crate) fn send(&self, bytes: &str) -> String {
        let mut stream = UnixStream::connect(&self.socket).expect("the socket is there");
        stream.set_read_timeout(Some(SOON)).expect("a time above 0");
        stream.write_all(bytes.as_bytes()).expect("it is read");
        let mut answer = Vec::new();
        stream
            .read_to_end(&mut answer)
            .expect("an answer, and an end");
        self.filter(&String::from_utf8_lossy(&answer))
    }

    fn filter(&self, answer: &str) -> String {
        let answer = answer.replace(&*self.socket.to_string_lossy(), "SOCKET");
        (1..=4).fold(answer, |answer, number| {
            let port = self.lab.server(number).port().to_string();
            answer.replace(&port, &format!("PORT{number}"))
        })
    }

    /// Each command with its answer below it.
    pub(crate) fn ask_all(&self, commands: &[&str]) -> Vec<String> {
        let told = |command: &&str| format!("{command}\n{}", self.send(&format!("{command}\n")));
        commands.iter().map(told).collect()
    }
}
