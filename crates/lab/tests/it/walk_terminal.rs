//! The walk in a real terminal: typed by lines, watched while others act.

use crate::support::Lab;
use crate::terminal::Terminal;
use std::num::NonZeroU16;
use std::process::Command;

fn rows(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

/// A tall terminal, in which nothing scrolls away.
fn open(lab: &Lab, words: &str) -> Terminal {
    Terminal::sized(&lab.command(words), rows(200), rows(100))
}

/// The pid of the walk, as the lock tells it.
fn pid(lab: &Lab) -> u32 {
    let holder = lab.dir.read(".lab/run/walk.lock");
    let (_, rest) = holder.split_once("pid ").unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn a_walk_waits_sees_and_never_goes_on_alone() {
    let lab = Lab::new(4);
    lab.done("reset 3.3 --yes");
    let mut walk = open(&lab, "activity 3.3 --force");
    walk.wait_for("your guess (a-d, or Enter for \"I do not know\")>");
    walk.press(b"a\n");
    walk.wait_for("We will see.");
    walk.press(b"\n");
    walk.wait_for(&format!("waiting: {} still answers", lab.server(2)));
    walk.press(b"h\n");
    walk.wait_for("hint 1 of 3");
    lab.done("kill server03");
    walk.wait_for("not yet: you stopped server03");
    walk.wait_for("next   lab start server03");
    lab.done("start server03");
    lab.done("kill server02");
    walk.wait_for("[x] server02 no longer listens");
    walk.wait_for("done.");
    assert!(
        !walk.text().contains("step 3 of 6"),
        "it waits:\n{}",
        walk.text()
    );
    walk.press(b"\n");
    walk.wait_for("step 3 of 6");
    lab.run("hit -n 14");
    walk.wait_for("You said");
    walk.wait_for("one line for your notebook (Enter to skip)>");
    walk.press(b"it keeps trying the dead one\n");
    walk.wait_for("noted in .lab/notebook.md");
    walk.press(b"q\n");
    walk.wait_for("left; all is saved.");
    assert_eq!(walk.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_save_is_met_within_a_second() {
    let lab = Lab::new(4);
    lab.done("reset 3.2 --yes");
    let mut walk = open(&lab, "activity 3.2 --force");
    walk.wait_for("waiting:");
    let file = lab.dir.read("myhaproxy.cfg");
    let first = format!("127.0.0.1:{}", lab.server(1));
    lab.dir.write(
        "myhaproxy.cfg",
        file.replace(&first, &format!("{first} wieght 4")),
    );
    walk.wait_for("not yet:");
    walk.press(b"q\n");
    walk.wait_for("left;");
}

#[test]
fn another_terminal_can_act_and_the_walk_follows() {
    let lab = Lab::new(1);
    let walk = open(&lab, "activity 3.3 --force");
    walk.wait_for("your guess");
    lab.done("answer b");
    walk.wait_for("done.");
    lab.done("next");
    walk.wait_for("step 2 of 6");
}

#[test]
fn a_second_walk_is_told_of_the_first() {
    let lab = Lab::new(1);
    let walk = open(&lab, "activity 3.3 --force");
    walk.wait_for("your guess");
    let second = open(&lab, "activity 3.3 --force");
    second.wait_for("error: a walk is open in this folder already");
    second.wait_for(&format!("pid {}", pid(&lab)));
    second.wait_for("act from here:  lab check");
}

#[test]
fn a_killed_walk_has_forgotten_nothing() {
    let lab = Lab::new(1);
    let steps: [(&str, &[u8], &str); 3] = [
        ("your guess", b"a\n", "We will see."),
        ("done.", b"\n", "step 2 of 6"),
        ("step 2 of 6", b"h\n", "hint 1 of 3"),
    ];
    for (begins, keys, ends) in steps {
        let mut walk = open(&lab, "activity 3.3 --force");
        walk.wait_for(begins);
        walk.press(keys);
        walk.wait_for(ends);
        let killed = Command::new("kill")
            .args(["-9", &pid(&lab).to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        walk.child.wait().unwrap();
    }
    let text = lab.dir.read(".lab/progress.toml");
    for kept in [
        "guess = { predict = \"a\" }",
        "hint = { kill = 1 }",
        "step = \"kill\"",
    ] {
        assert!(text.contains(kept), "{kept} in:\n{text}");
    }
}

#[test]
fn a_narrow_dumb_terminal_gets_plain_lines_that_fit() {
    let lab = Lab::new(1);
    let mut command = lab.command("activity 3.3 --force");
    command.env("TERM", "dumb");
    let walk = Terminal::sized(&command, rows(200), rows(60));
    walk.wait_for("your guess");
    let text = walk.text();
    assert!(text.lines().all(|line| line.chars().count() < 60), "{text}");
    assert!(text.contains("`Ctrl-C`"), "{text}");
}

#[test]
fn the_screen_of_a_running_lab_holds_back_what_an_open_guess_asks_for() {
    let lab = Lab::new(4);
    lab.done("reset 3.3 --yes");
    lab.run("activity 3.3 --force");
    let held = "what your open guess asks for is left out";
    let screen = open(&lab, "attach");
    screen.wait_for(held);
    assert!(!screen.text().contains("no check"), "{}", screen.text());
    lab.done("answer b");
    screen.wait_for("no check");
}
