use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::{SOON, eventually};

/// A child process in a process group of its own, with its output kept.
///
/// Dropping it kills the whole group and reaps the child, so nothing outlives a test.
pub struct Process {
    child: Child,
    name: String,
    output: Arc<Output>,
    status: Option<ExitStatus>,
}

/// All that an ended process said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The whole standard output.
    pub stdout: String,
    /// The whole standard error.
    pub stderr: String,
}

impl Process {
    /// Starts a program. Its standard input is open and empty until [`Process::type_in`] or [`Process::close_input`].
    #[track_caller]
    pub fn spawn(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {name}: {e}"));
        let output = Arc::new(Output::default());
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        output.keep(stdout, |texts| &mut texts.stdout);
        output.keep(stderr, |texts| &mut texts.stderr);
        Self {
            child,
            name,
            output,
            status: None,
        }
    }

    /// Runs a program to its end with no input and returns all that it said.
    #[track_caller]
    pub fn run(command: &mut Command) -> Said {
        let mut process = Self::spawn(command);
        process.close_input();
        process.ended()
    }

    /// Its process id, which is the id of its group too.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard output so far.
    pub fn stdout(&self) -> String {
        text(&self.output.texts().stdout)
    }

    /// What it has written to standard error so far.
    pub fn stderr(&self) -> String {
        text(&self.output.texts().stderr)
    }

    /// Waits for a line, of either output, that contains `part`, and returns it without its line end.
    #[track_caller]
    pub fn wait_for_line(&self, part: &str) -> String {
        let start = Instant::now();
        let mut texts = self.output.texts();
        loop {
            if let Some(line) = texts.line_with(part) {
                return line;
            }
            let left = SOON.saturating_sub(start.elapsed());
            let over = texts.open == 0 || left.is_zero();
            let said = format!(
                "stdout: {}\nstderr: {}",
                text(&texts.stdout),
                text(&texts.stderr)
            );
            assert!(!over, "{}: no line with {part:?} came.\n{said}", self.name);
            texts = self.output.changed(texts, left);
        }
    }

    /// Writes to its standard input.
    #[track_caller]
    pub fn type_in(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("the input is still open");
        stdin
            .write_all(text.as_bytes())
            .expect("the program reads its input");
    }

    /// Ends its standard input.
    pub fn close_input(&mut self) {
        self.child.stdin = None;
    }

    /// Sends a signal to it alone, as `kill` does.
    pub fn signal(&self, signal: Signal) {
        // Once it is reaped its id may be another's.
        if self.status.is_none() {
            let _ = rustix::process::kill_process(self.id(), signal);
        }
    }

    /// Sends a signal to its whole group, as Ctrl-C in a terminal does.
    pub fn signal_group(&self, signal: Signal) {
        let _ = rustix::process::kill_process_group(self.id(), signal);
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("a child can be waited for");
        }
        self.status.is_none()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        self.wait_for(SOON)
    }

    /// Waits for its end, but no longer than this.
    #[track_caller]
    pub fn wait_for(&mut self, deadline: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        eventually(&what, deadline, || !self.is_running());
        self.status.expect("it has ended")
    }

    /// Waits for its end and returns all that it said.
    #[track_caller]
    pub fn ended(&mut self) -> Said {
        let code = self.wait().code();
        eventually("the end of its output", SOON, || {
            self.output.texts().open == 0
        });
        Said {
            code,
            stdout: self.stdout(),
            stderr: self.stderr(),
        }
    }

    /// Sends a signal, waits for the end and returns all that was said.
    #[track_caller]
    pub fn end_with(&mut self, signal: Signal) -> Said {
        self.signal(signal);
        self.ended()
    }

    fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal_group(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Both outputs of a process, filled by a thread each.
#[derive(Default)]
struct Output {
    texts: Mutex<Texts>,
    changed: Condvar,
}

#[derive(Default)]
struct Texts {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// How many of the two may still grow.
    open: usize,
}

impl Output {
    fn keep(
        self: &Arc<Self>,
        from: impl Read + Send + 'static,
        place: fn(&mut Texts) -> &mut Vec<u8>,
    ) {
        self.texts().open += 1;
        let output = Arc::clone(self);
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            while let Ok(bytes) = from.fill_buf()
                && !bytes.is_empty()
            {
                place(&mut output.texts()).extend_from_slice(bytes);
                let length = bytes.len();
                from.consume(length);
                output.changed.notify_all();
            }
            output.texts().open -= 1;
            output.changed.notify_all();
        });
    }

    fn texts(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().expect("no holder of this lock panics")
    }

    fn changed<'a>(&self, texts: MutexGuard<'a, Texts>, within: Duration) -> MutexGuard<'a, Texts> {
        let waited = self.changed.wait_timeout(texts, within);
        waited.expect("no holder of this lock panics").0
    }
}

impl Texts {
    /// The first whole line with `part` in it.
    fn line_with(&self, part: &str) -> Option<String> {
        [&self.stdout, &self.stderr].into_iter().find_map(|bytes| {
            let text = text(bytes);
            let whole = &text[..text.rfind('\n')? + 1];
            whole
                .lines()
                .find(|line| line.contains(part))
                .map(str::to_owned)
        })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn tells_output_and_code_of_an_ended_program() {
        let said = Process::run(&mut shell("echo out; echo err >&2; exit 3"));
        let expected = Said {
            code: Some(3),
            stdout: "out\n".into(),
            stderr: "err\n".into(),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn waits_for_a_line_and_takes_input() {
        let mut process = Process::spawn(&mut shell("echo ready; read x; echo got $x; read y"));
        assert_eq!(process.wait_for_line("ready"), "ready");
        process.type_in("this\n");
        assert_eq!(process.wait_for_line("got"), "got this");
        assert!(process.is_running());
        assert_eq!(process.end_with(Signal::TERM).code, None);
    }

    #[test]
    #[should_panic(expected = "no line with \"never\" came")]
    fn tells_at_once_that_a_line_cannot_come() {
        Process::spawn(&mut shell("echo other")).wait_for_line("never");
    }

    #[test]
    fn dropping_ends_grandchildren_too() {
        let process = Process::spawn(&mut shell("sleep 600 & echo child $!; wait"));
        let line = process.wait_for_line("child");
        let grandchild: i32 = line["child ".len()..].parse().expect("a pid");
        let grandchild = Pid::from_raw(grandchild).expect("a pid");
        drop(process);
        eventually("the end of the grandchild", SOON, || {
            is_gone_or_zombie(grandchild)
        });
    }

    /// An orphan stays a zombie for as long as the system's first process likes.
    fn is_gone_or_zombie(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        match stat {
            Ok(stat) => stat
                .rsplit(") ")
                .next()
                .is_some_and(|rest| rest.starts_with('Z')),
            Err(_) => rustix::process::test_kill_process(pid).is_err(),
        }
    }
}
