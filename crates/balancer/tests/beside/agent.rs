//! Agents: what each line of theirs does, with both programs.

use crate::engine::{Program, tell_both};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Port, Process, WorkDir};

const SOON: Duration = Duration::from_secs(10);

const LINES: &[&str] = &[
    "ready 50%\n",
    "drain\n",
    "ready\n",
    "maint\n",
    "ready\n",
    "down # bad thing\r\n",
    "up\n",
    "garbage\n",
    "75%\n",
    "up garbage\n",
    "5000%\n",
    "0%\n",
    "ready up 100% maxconn:30\n",
    "stopped#x y\n",
    "UP, 10%\n",
    "",
    "drain down\n",
    "ready up\n",
    "50\n",
    "#only\n",
    "50%x\n",
    "maxconn:x\n",
    "fail\n",
    "Up\n",
];

const COMMANDS: &[&str] = &[
    "disable agent l/s1",
    "disable agent l/s2",
    "enable agent l/s1",
    "enable agent l/s2",
    "enable agent",
    "set server l/s1 agent foo",
    "set server l/s1 agent",
    "set server l/s2 agent up",
    "set server l/s1 agent-addr",
    "set server l/s2 agent-addr 127.0.0.1",
    "set server l/s1 agent-port",
    "set server l/s1 agent-port x",
    "set server l/s2 agent-port 1",
    "set server l/s2 agent-send x",
    "help enable agent",
];

#[test]
fn each_line_of_an_agent_does_the_same() {
    let Some([haproxy, ours]) = tell_both(tell) else {
        return;
    };
    let differences = haproxy.iter().zip(&ours).filter(|(h, o)| h != o);
    let differences: Vec<_> = differences
        .map(|(haproxy, ours)| format!("  HAProxy: {haproxy}\n  ours:    {ours}\n"))
        .collect();
    assert!(differences.is_empty(), "{}", differences.concat());
    assert_eq!(haproxy.len(), ours.len());
}

fn tell(program: &Program) -> Vec<String> {
    let (work, port, agent) = (WorkDir::new(), Port::reserve(), Agent::start());
    let socket = work.join("s.sock");
    let config = format!(
        "global\n  stats socket {} level admin\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n  \
         timeout server 5s\n  timeout check 10s\nlisten l\n  bind {}\n  server s1 127.0.0.1:1 weight 4 agent-check agent-port {} \
         agent-inter 100ms agent-send hello\\n\n  server s2 127.0.0.1:1\n",
        socket.display(),
        port.address(),
        agent.port,
    );
    let mut command = Command::new(&program.1);
    let file = work.write("haproxy.cfg", config);
    let process = Process::spawn(command.args(["-db", "-f"]).arg(file));
    testkit::eventually("the socket", SOON, || UnixStream::connect(&socket).is_ok());
    let mut told = Vec::new();
    for line in LINES {
        agent.says(line);
        told.push(format!("{line:?} {}", row(&socket)));
    }
    for command in COMMANDS {
        told.push(format!("{command} {:?}", ask(&socket, command)));
    }
    let said = process.stderr();
    let changes = said.lines().filter_map(|line| line.split_once("Server l/"));
    told.extend(changes.map(|(_, change)| {
        let mut parts = change.splitn(2, "check duration: ");
        let (before, after) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        format!(
            "{before}{}",
            after.trim_start_matches(|c: char| c.is_ascii_digit())
        )
    }));
    told.push(format!("asked {:?}", agent.asked.lock().unwrap().first()));
    told
}

fn ask(socket: &Path, command: &str) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.write_all(format!("{command}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The row between two questions: while one is under way, HAProxy has forgotten the last answer's words.
fn row(socket: &Path) -> String {
    const COLUMNS: [&str; 11] = [
        "status",
        "weight",
        "uweight",
        "slim",
        "agent_status",
        "agent_code",
        "last_agt",
        "agent_desc",
        "agent_rise",
        "agent_fall",
        "agent_health",
    ];
    loop {
        let csv = ask(socket, "show stat");
        let mut lines = csv.lines();
        let names: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
        let line = lines.find(|line| line.starts_with("l,s1,")).unwrap();
        let cells: Vec<_> = line.split(',').collect();
        let cell = |name: &str| {
            let at = names.iter().position(|known| *known == name);
            cells[at.expect("a column of that name")]
        };
        if !cell("agent_status").starts_with('*') {
            return COLUMNS
                .map(|name| format!("{name}={}", cell(name)))
                .join(" ");
        }
    }
}

/// Says the same line to whoever asks.
struct Agent {
    port: u16,
    line: Arc<Mutex<String>>,
    answers: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Agent {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let agent = Self {
            port: listener.local_addr().unwrap().port(),
            line: Arc::new(Mutex::new("up\n".into())),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let (line, answers) = (Arc::clone(&agent.line), Arc::clone(&agent.answers));
        let asked = Arc::clone(&agent.asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut bytes = [0; 64];
                let length = stream.read(&mut bytes).unwrap_or(0);
                asked
                    .lock()
                    .unwrap()
                    .push(bytes[..length].escape_ascii().to_string());
                let line = line.lock().unwrap().clone();
                // One that hangs up does not want to hear.
                let _ = stream.write_all(line.as_bytes());
                drop(stream);
                answers.fetch_add(1, Ordering::SeqCst);
            }
        });
        agent
    }

    /// From now on; returns when it has been heard: the one after the next has asked.
    fn says(&self, line: &str) {
        line.clone_into(&mut self.line.lock().unwrap());
        let heard = self.answers.load(Ordering::SeqCst) + 3;
        let begin = Instant::now();
        while self.answers.load(Ordering::SeqCst) < heard {
            assert!(begin.elapsed() < SOON, "nobody asks the agent");
            thread::sleep(Duration::from_millis(2));
        }
    }
}
