//! Walks by commands alone, as from a second terminal or a script.

use crate::support::{Lab, with_each_engine};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Duration;
use testkit::{Said, WorkDir, eventually};

/// A lab that stands at the start of an activity, which is open.
fn at_start(lab: &Lab, id: &str) {
    lab.done(&format!("reset {id} --yes"));
    lab.run(&format!("activity {id} --force"));
}

#[track_caller]
fn says(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    for part in parts {
        assert!(
            said.stdout.contains(part),
            "no {part:?} in:\n{}",
            said.stdout
        );
    }
}

/// Looks again until the check says so.
#[track_caller]
fn check_says(lab: &Lab, code: i32, part: &str) {
    let mut last = String::new();
    let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually(part, Duration::from_secs(20), || {
            let said = lab.run("check");
            last.clone_from(&said.stdout);
            said.code == Some(code) && said.stdout.contains(part)
        });
    }));
    assert!(looked.is_ok(), "no {part:?} in:\n{last}");
}

#[test]
fn an_activity_from_end_to_end() {
    let lab = Lab::new(4);
    at_start(&lab, "3.3");
    let first = lab.run("activity");
    says(
        &first,
        1,
        &[
            "3.3  Kill one of the servers",
            "step 1 of 6, about 8 minutes",
            "PREDICT",
            "  a  the balancer notices",
        ],
    );
    says(
        &lab.run("next"),
        1,
        &["there is a question first:  lab answer a"],
    );
    says(&lab.run("answer a"), 0, &["kept: a", "We will see."]);
    says(
        &lab.run("next"),
        0,
        &["step 2 of 6", "[ ] server02 no longer listens on"],
    );
    says(
        &lab.run("check"),
        1,
        &[&format!("{} still answers", lab.server(2))],
    );
    says(
        &lab.run("hint"),
        0,
        &["hint 1 of 3", "Each server runs in its own terminal"],
    );
    lab.done("kill server03");
    check_says(&lab, 1, "not yet: you stopped server03");
    lab.done("start server03");
    lab.done("kill server02");
    check_says(&lab, 0, "done.");
    says(&lab.run("next"), 0, &["LOOK", "none so far"]);
    lab.run("hit -n 14");
    check_says(&lab, 0, "It was");
    says(&lab.run("note it waits"), 0, &["noted in .lab/notebook.md"]);
    says(&lab.run("next"), 0, &["REVEAL"]);
    says(&lab.run("next"), 0, &["1/3  Where did the 3 seconds go?"]);
    says(&lab.run("answer a"), 1, &["not quite."]);
    says(&lab.run("answer b"), 0, &["yes."]);
    says(&lab.run("answer 1"), 0, &["yes."]);
    says(&lab.run("answer"), 0, &["it is:  4", "done."]);
    says(&lab.run("next"), 0, &["step 6 of 6"]);
    check_says(&lab, 0, "done.");
    says(&lab.run("next"), 0, &["3.3 is done.", "lab activity 3.4"]);
    let notebook = lab.dir.read(".lab/notebook.md");
    assert!(
        notebook.contains("It was: the caller waits") && notebook.contains("\"it waits\""),
        "{notebook}"
    );
    says(
        &lab.run("activity --list"),
        0,
        &["3.3   Kill one of the servers"],
    );
    assert_eq!(lab.json("activity --list")["done"], 1);
}

#[test]
fn a_file_that_is_saved_and_not_loaded() {
    with_each_engine(4, |lab| {
        at_start(lab, "3.2");
        let file = lab.dir.read("myhaproxy.cfg");
        let first = format!("127.0.0.1:{}", lab.server(1));
        lab.dir.write(
            "myhaproxy.cfg",
            file.replace(&first, &format!("{first} weight=4")),
        );
        check_says(lab, 1, "not yet:");
        let weighted: Vec<String> = file
            .lines()
            .map(|line| match line.trim_start().starts_with("server ") {
                true => format!(
                    "{line} weight {}",
                    if line.contains(&first) { 4 } else { 1 }
                ),
                false => line.to_owned(),
            })
            .collect();
        lab.dir.write("myhaproxy.cfg", weighted.join("\n") + "\n");
        check_says(lab, 0, "done.");
        lab.done("next");
        check_says(lab, 1, "but the balancer runs the one of");
        lab.done("reload");
        check_says(lab, 0, "done.");
    });
}

#[test]
fn nothing_is_told_while_a_guess_is_open() {
    let lab = Lab::new(4);
    at_start(&lab, "3.3");
    let open = lab.json("status");
    assert_eq!(open["held_back"], true);
    assert_eq!(open["servers"][0]["belief"], Value::Null);
    assert_eq!(lab.json("")["running"]["servers"][0]["belief"], Value::Null);
    lab.done("answer b");
    let told = lab.json("status");
    assert_eq!(told["servers"][0]["belief"]["status"], "no check");
}

#[test]
fn without_an_open_activity() {
    let lab = Lab::new(1);
    for words in ["check", "hint", "answer a", "next", "back"] {
        let said = lab.run(words);
        assert_eq!(
            said.stderr,
            "error: no activity is open\n  next  lab activity\n"
        );
        assert_eq!(said.code, Some(3));
    }
    let said = lab.run("activity slow-servr");
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr
            .contains("did you mean:  lab activity slow-server"),
        "{said:?}"
    );
    let said = lab.run("activity 3.4");
    assert_eq!(said.code, Some(1));
    assert!(
        said.stderr
            .contains("open it all the same:  lab activity 3.4 --force"),
        "{said:?}"
    );
    let said = lab.run("activity 3.3 --force --step obserf");
    assert!(
        said.stderr
            .contains("did you mean:  lab activity 3.3 --step observe"),
        "{said:?}"
    );
}

#[test]
fn screens_are_data_too() {
    let lab = Lab::new(1);
    let screen = &lab.json("activity 3.3 --force")["screen"];
    assert_eq!(screen["kind"], "predict");
    assert_eq!(screen["question"]["choices"][1]["letter"], "b");
    let answered = lab.json("answer b");
    assert_eq!(answered["reply"]["outcome"], "stayed");
    assert_eq!(answered["screen"]["passed"], true);
}

#[test]
fn a_reveal_before_its_time_is_asked_for_twice() {
    let lab = Lab::new(1);
    lab.run("activity 1 --step dig");
    let said = lab.run("reveal");
    match said.stdout.contains("nothing to reveal") {
        true => assert_eq!(said.code, Some(1)),
        false => {
            says(&said, 1, &["Show anyway?", "lab reveal --yes"]);
            says(&lab.run("reveal --yes"), 0, &["REVEAL"]);
            assert!(
                lab.dir.read(".lab/progress.toml").contains("revealed"),
                "noted"
            );
        }
    }
}

#[test]
fn the_course_speaks_spanish() {
    let lab = Lab::new(1);
    let said = lab.run("--lang es activity 3.3 --force");
    assert!(
        !said.stdout.contains("PREDICT") && !said.stdout.contains("the whole site is down"),
        "{said:?}"
    );
    let said = lab.run("activity --lang xx");
    assert_eq!(said.code, Some(2), "{said:?}");
}

#[test]
fn words_are_explained() {
    let lab = Lab::new(1);
    for word in [
        "round robin",
        "weight",
        "health check",
        "503",
        "TTL",
        "authoritative",
        "cache",
        "redispatch",
        "EADDRINUSE",
    ] {
        assert!(
            lab.done(&format!("explain {word}")).stdout.lines().count() > 1,
            "{word}"
        );
    }
    assert!(lab.done("explain errors").stdout.contains("port-busy"));
    assert!(lab.done("explain").stdout.contains("round robin"));
    let said = lab.run("explain wieght");
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr.contains("did you mean:  lab explain weight"),
        "{said:?}"
    );
}

#[test]
fn reports_of_one_and_of_a_class() {
    let lab = Lab::new(1);
    lab.run("activity 3.3 --force");
    lab.done("answer b");
    assert!(lab.done("report").stdout.contains("| 3.3 | predict |"));
    assert!(lab.done("report --html").stdout.contains("<h2>3.3"));
    let json = lab.json("report");
    assert_eq!(
        (&json["guesses"], &json["guesses_fitted"]),
        (&1.into(), &1.into())
    );
    let class = WorkDir::new();
    class.write("ana.json", json.to_string());
    class.write("bo.toml", lab.dir.read(".lab/progress.toml"));
    class.write("wrong.json", "{");
    let said = lab.done(&format!("report --collect {}", class.path().display()));
    assert!(
        said.stdout.contains(">ana</th>") && said.stdout.contains(">bo</th>"),
        "{said:?}"
    );
    assert!(said.stderr.contains("wrong.json is left out"), "{said:?}");
    let empty = WorkDir::new();
    let said = lab.run(&format!("report --collect {}", empty.path().display()));
    assert_eq!(said.code, Some(3));
}

#[test]
fn a_reset_can_be_taken_back() {
    let lab = Lab::new(4);
    at_start(&lab, "3.3");
    lab.done("answer b");
    lab.dir.write("myhaproxy.cfg", "# mine\n");
    let said = lab.run("reset 3.3");
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("3.3: 1 of 6 steps -> 0"), "{said:?}");
    assert_eq!(lab.dir.read("myhaproxy.cfg"), "# mine\n");
    lab.done("reset 3.3 --yes");
    assert!(lab.dir.read("myhaproxy.cfg").contains("server01"));
    assert!(!lab.dir.read(".lab/progress.toml").contains("guess"));
    lab.done("reset --undo");
    assert_eq!(lab.dir.read("myhaproxy.cfg"), "# mine\n");
    assert!(lab.dir.read(".lab/progress.toml").contains("guess"));
    let all = lab.done("reset --all --yes").stdout;
    assert!(all.contains("undo: lab reset --undo"), "{all}");
    assert!(!lab.dir.join(".lab/progress.toml").exists());
    lab.done("reset --undo");
    assert!(lab.dir.read(".lab/progress.toml").contains("guess"));
}

#[test]
fn a_reset_starts_what_was_stopped() {
    let lab = Lab::new(4);
    at_start(&lab, "3.3");
    lab.done("kill server02");
    let said = lab.done("reset 3.3 --yes");
    assert!(
        said.stderr.contains("server02 would be started again"),
        "{said:?}"
    );
    assert!(
        said.stderr.contains("it already fits the start of 3.3"),
        "{said:?}"
    );
    lab.done("status");
}

#[test]
fn progress_of_other_formats_and_broken_progress() {
    let lab = Lab::new(1);
    lab.run("activity 3.3 --force");
    lab.done("answer b");
    lab.done("next");
    let good = lab.dir.read(".lab/progress.toml");
    lab.dir.write(
        ".lab/progress.toml",
        good.replace("format = 1", "format = 2"),
    );
    let said = lab.run("next");
    assert_eq!(said.code, Some(4));
    assert!(
        said.stderr
            .contains("error: .lab/progress.toml was made by lab 0."),
        "{said:?}"
    );
    assert!(said.stderr.contains("lab reset --all"), "{said:?}");
    lab.dir.write(
        ".lab/progress.toml",
        good.replace("format = 1", "format = 0"),
    );
    let said = lab.run("activity 3.3 --force");
    assert!(
        said.stderr
            .contains("of an old format (0; this lab reads 1)"),
        "{said:?}"
    );
    assert!(!lab.dir.read(".lab/progress.toml").contains("guess"));
    lab.dir.write(".lab/progress.toml", good);
    lab.done("back");
    lab.dir.write(".lab/progress.toml", "format = 1\n[");
    let said = lab.run("hint");
    assert!(
        said.stderr.contains("is broken: line 2") && said.stderr.contains("the last good one"),
        "{said:?}"
    );
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let lab = Lab::new(1);
    lab.run("activity 3.3 --force");
    let before = lab.dir.read(".lab/progress.toml");
    // A shell sets the limit; a signal for passing it is ignored, so that the write fails as on a full disk.
    let mut limited = Command::new("bash");
    let program = lab.command("answer b");
    limited
        .current_dir(lab.dir.path())
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 0; exec \"$0\" answer b")
        .arg(program.get_program());
    let said = testkit::Process::run(&mut limited);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(
        said.stderr.contains("error: cannot save progress: "),
        "{said:?}"
    );
    assert_eq!(lab.dir.read(".lab/progress.toml"), before);
    lab.done("answer b");
}

#[test]
fn a_killed_command_leaves_the_progress_whole() {
    let lab = Lab::new(1);
    lab.run("activity 3.3 --force");
    for delay in 0..24 {
        let mut command = lab.command(["answer b", "next", "hint", "back"][delay % 4]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // How far it comes is left to chance: at each point the file must be whole.
        std::thread::sleep(Duration::from_millis(delay as u64 * 4));
        child.kill().unwrap();
        child.wait().unwrap();
        let text = lab.dir.read(".lab/progress.toml");
        let table: toml::Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{error}:\n{text}"));
        assert_eq!(table["current"]["activity"].as_str(), Some("3.3"), "{text}");
    }
    lab.run("answer b");
    lab.done("activity --list");
}
