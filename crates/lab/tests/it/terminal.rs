//! `lab up` in a real terminal: the block is read from the screen, Ctrl-C is typed.

use crate::support::{Lab, with_each_engine};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use testkit::{SOON, eventually};

const ROWS: NonZeroU16 = NonZeroU16::new(30).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(110).unwrap();

/// A pseudo-terminal with one program in it, and what its screen shows.
pub(crate) struct Terminal {
    keys: File,
    screen: Arc<Mutex<vt100::Parser>>,
    pub(crate) child: Child,
}

impl Terminal {
    /// `setsid --ctty` makes the terminal the program's own, so that typed keys become signals.
    pub(crate) fn run(command: &Command) -> Self {
        Self::sized(command, ROWS, COLUMNS)
    }

    pub(crate) fn sized(command: &Command, rows: NonZeroU16, columns: NonZeroU16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_row: rows.get(),
            ws_col: columns.get(),
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let end = || Stdio::from(File::options().read(true).write(true).open(&name).unwrap());
        let mut inside = Command::new("setsid");
        inside
            .arg("--ctty")
            .arg("--wait")
            .arg(command.get_program())
            .args(command.get_args());
        inside
            .current_dir(command.get_current_dir().unwrap())
            .env_remove("CI")
            .env("TERM", "xterm-256color");
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                inside.env(name, value);
            }
        }
        let child = inside
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let keys = File::from(master);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let (mut output, seen) = (keys.try_clone().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..length]);
            }
        });
        Self {
            keys,
            screen,
            child,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, part: &str) {
        let found = std::cell::Cell::new(false);
        let look = || {
            found.set(self.text().contains(part));
            found.get()
        };
        let waited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually(part, SOON, look)
        }));
        assert!(
            waited.is_ok(),
            "no {part:?} on this screen:\n{}",
            self.text()
        );
    }

    pub(crate) fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CTRL_C: &[u8] = b"\x03";

#[test]
fn the_block_shows_a_killed_server_and_ctrl_c_frees_every_port() {
    with_each_engine(4, |lab| {
        let mut terminal = Terminal::run(&lab.command(&lab.up_words("")));
        terminal.wait_for("name      port   process");
        terminal.wait_for("0 requests, 0 errors --");
        lab.done("hit -n 8");
        terminal.wait_for("8 requests, 0 errors --");
        terminal.wait_for("25 %");
        let rules = |text: &str| text.matches("requests, 0 errors --").count();
        assert_eq!(
            rules(&terminal.text()),
            1,
            "one block only:\n{}",
            terminal.text()
        );
        lab.done("kill server02");
        terminal.wait_for(&format!("server02  {}  stopped", lab.server(2)));
        terminal.wait_for("server02  stopped by SIGINT (Ctrl-C), exit 0");
        terminal.press(CTRL_C);
        terminal.wait_for("all stopped in");
        assert_eq!(terminal.child.wait().unwrap().code(), Some(130));
        assert!(lab.ports_are_free());
    });
}

#[test]
fn without_colour_the_block_still_stays_in_its_place() {
    let lab = Lab::new(1);
    let mut command = lab.command(&lab.up_words(""));
    command.env("NO_COLOR", "1");
    let terminal = Terminal::run(&command);
    terminal.wait_for("name      port   process");
    lab.done("hit -n 3");
    terminal.wait_for("3 requests, 0 errors --");
    let text = terminal.text();
    assert_eq!(
        text.matches("errors --").count(),
        1,
        "one block only:\n{text}"
    );
    let colored = |screen: &vt100::Screen| {
        (0..ROWS.get()).any(|row| {
            screen
                .cell(row, 1)
                .is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
        })
    };
    assert!(!colored(terminal.screen.lock().unwrap().screen()));
}

#[test]
fn a_terminal_that_goes_away_ends_all() {
    let lab = Lab::new(2);
    let terminal = Terminal::run(&lab.command(&lab.up_words("")));
    terminal.wait_for("name      port   process");
    // Ending the session's leader is what closing a terminal window does to it.
    drop(terminal);
    lab.wait_until_gone();
}

#[test]
fn attach_shows_the_screen_and_leaves_the_lab_running() {
    let lab = Lab::new(2);
    lab.up_detached();
    let mut terminal = Terminal::run(&lab.command("attach"));
    terminal.wait_for("name      port   process");
    lab.done("hit -n 2");
    terminal.wait_for("2 requests, 0 errors --");
    terminal.press(CTRL_C);
    terminal.wait_for("[d]etach again or [s]top all?");
    terminal.press(b"d\n");
    terminal.wait_for("detached; it goes on");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
    lab.done("status");
}

#[test]
fn a_narrow_or_plain_terminal_gets_lines_only() {
    let lab = Lab::new(1);
    let terminal = Terminal::run(&lab.command(&lab.up_words("--plain")));
    terminal.wait_for("stop all: Ctrl-C");
    lab.done("hit -n 1");
    terminal.wait_for("lab hit");
    assert!(
        !terminal.text().contains("requests, "),
        "{}",
        terminal.text()
    );
}
