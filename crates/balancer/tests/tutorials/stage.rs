//! Where one tutorial runs: servers, ports, files, and one of the two programs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Asked, Client, Origin, Port, Process, Reply, WorkDir};

/// Of `first.test`, `second.test` and others, and of the authority that vouches for them.
const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls");

const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Stage {
    words: RefCell<Words>,
    balancer: Option<Process>,
}

/// What stands for each word in braces.
struct Words {
    folder: WorkDir,
    servers: BTreeMap<String, Origin>,
    redis: BTreeMap<String, u16>,
    ports: BTreeMap<String, Port>,
}

impl Stage {
    /// Starts everything; the balancer listens on every port that its file names.
    pub(crate) fn build(cfg: &Path, program: &Path) -> Result<Self, String> {
        let mut words = Words {
            folder: WorkDir::new(),
            servers: BTreeMap::new(),
            redis: BTreeMap::new(),
            ports: BTreeMap::new(),
        };
        words.copy_files(&cfg.with_extension("files"));
        let text = words.fill(&fs::read_to_string(cfg).unwrap());
        let file = words.folder.write("haproxy.cfg", text);
        let mut command = Command::new(program);
        command.current_dir(words.folder.path());
        let mut balancer = Process::spawn(command.args(["-db", "-f"]).arg(file));
        let begin = Instant::now();
        for port in words.ports.values() {
            while Client::try_connect(port.address()).is_err() {
                if begin.elapsed() > SOON || !balancer.is_running() {
                    return Err(format!("it does not run: {}", balancer.stderr()));
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(Self {
            words: RefCell::new(words),
            balancer: Some(balancer),
        })
    }

    /// The text with its words in braces filled in.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.words.borrow_mut().fill(text)
    }

    /// What a process said, with the words in braces back in place of what stood for them.
    pub(crate) fn blank(&self, output: &str) -> String {
        let words = self.words.borrow();
        let servers = words.servers.iter();
        let servers = servers.map(|(name, server)| (server.address().port(), name.as_str()));
        let ports = words.ports.iter();
        let ports = ports.map(|(name, port)| (port.number(), name.as_str()));
        let redis = words
            .redis
            .iter()
            .map(|(name, port)| (*port, name.as_str()));
        let names: Vec<_> = servers.chain(redis).chain(ports).collect();
        let output = output.replace(&words.folder.path().display().to_string(), "[folder]");
        testkit::filters::ports(&output, &names)
    }

    /// `{kill app1}`: that server is no more.
    pub(crate) fn kill(&self, server: &str) {
        let ended = self.words.borrow_mut().servers.remove(server);
        assert!(ended.is_some(), "there is no {server}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Before its servers and files.
        self.balancer = None;
    }
}

impl Words {
    fn copy_files(&self, from: &Path) {
        let Ok(entries) = fs::read_dir(from) else {
            return;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let text = fs::read(entry.path()).unwrap();
            let name = entry.file_name();
            self.folder.write(&name.to_string_lossy(), text);
        }
    }

    fn fill(&mut self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled += before;
            let length = after.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
            match length {
                Some(length) if length > 0 && after[length..].starts_with('}') => {
                    filled += &self.value(&after[..length]);
                    rest = &after[length + 1..];
                }
                _ => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled + rest
    }

    fn value(&mut self, word: &str) -> String {
        match word {
            "folder" => self.folder.path().display().to_string(),
            "certificates" => CERTIFICATES.to_owned(),
            "primary" => self.redis(word, "master"),
            "replica" => self.redis(word, "slave"),
            app if app.starts_with("app") => {
                let name = app.to_owned();
                self.server(word, move |asked| echo(&name, asked))
            }
            _ => {
                let port = self.ports.entry(word.to_owned());
                port.or_insert_with(Port::reserve).number().to_string()
            }
        }
    }

    fn server(
        &mut self,
        word: &str,
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> String {
        let server = self.servers.entry(word.to_owned());
        let server = server.or_insert_with(|| Origin::start(script));
        server.address().port().to_string()
    }

    fn redis(&mut self, word: &str, role: &'static str) -> String {
        let port = self.redis.entry(word.to_owned());
        port.or_insert_with(|| redis(role)).to_string()
    }
}

/// Starts what answers `PING`, `info replication` and `QUIT` as Redis does, until the test ends.
fn redis(role: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || speak_redis(stream, role));
        }
    });
    port
}

fn speak_redis(stream: TcpStream, role: &str) {
    let mut writer = stream.try_clone().unwrap();
    for line in BufReader::new(stream).lines() {
        let answer = match line.unwrap_or_default().trim() {
            "PING" => "+PONG\r\n".to_owned(),
            "info replication" => format!("$11\r\nrole:{role}\r\n"),
            "QUIT" => "+OK\r\n".to_owned(),
            _ => "-ERR unknown command\r\n".to_owned(),
        };
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Who answers, and what reached it.
fn echo(name: &str, asked: &Asked) -> Reply {
    let head = asked.text().replace('\r', "");
    Reply::ok(&format!("{name} was asked\n{head}"))
}
