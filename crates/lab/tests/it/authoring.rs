//! `lab validate` and what else an author of labs types.

use crate::support::Lab;
use testkit::Process;

/// A lab file with one step.
const SMALL: &str = r#"+++
format  = 1
id      = "small"
title   = "A small one"
minutes = 2

[[step]]
id    = "go"
kind  = "do"
check = [{ id = "up", what = "port", server = "server01", say = "server01 listens on {server01.port}" }]
+++

## go

Start a server.

### hint

    lab serve {server01.port}
"#;

#[test]
fn a_lab_file_without_mistakes() {
    let lab = Lab::new(1);
    lab.dir.write("labs/small.md", SMALL);
    let expected = "\
labs/small.md
  ok     front matter, 1 step, 1 hint, 0 mistakes, 0 trials
  ok     every step has text; every `do` and `look` has a check; every check says itself in words
0 errors, 0 warnings in 1 file
";
    for words in [
        "validate",
        "validate labs",
        "validate labs/",
        "validate labs/small.md",
    ] {
        assert_eq!(lab.done(words).stdout, expected, "{words}");
    }
    assert_eq!(
        lab.done("validate -q").stdout,
        "0 errors, 0 warnings in 1 file\n"
    );
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let lab = Lab::new(1);
    let wrong = SMALL
        .replace("on {server01.port}\" }", "on {server1.port}\" }")
        .replace("    lab serve {server01.port}", "Think.");
    lab.dir.write("labs/x/small.md", wrong);
    lab.dir
        .write("labs/x/files/wrong.cfg", "defaults\n    mode htttp\n");
    let said = lab.run("validate");
    let expected = "\
labs/x/small.md
  ok     front matter, 1 step, 1 hint, 0 mistakes, 0 trials
  ok     every step has text; every `do` and `look` has a check; every check says itself in words
  error  line 10: unknown placeholder {server1.port}
            |
         10 | ... \"server01 listens on {server1.port}\" }]
            |                          ^^^^^^^^^^^^^^ did you mean {server01.port}?
           next  all of them:  lab validate --vocabulary
  warn   line 17: step `go`: the last hint does not contain a command
labs/x/files/wrong.cfg
";
    assert!(said.stdout.starts_with(expected), "{}", said.stdout);
    assert!(said.stdout.contains("  error  line 2: "), "{}", said.stdout);
    assert!(
        said.stdout.ends_with("2 errors, 1 warning in 2 files\n"),
        "{}",
        said.stdout
    );
    assert_eq!(said.code, Some(4));
}

#[test]
fn programs_are_told_the_same() {
    let lab = Lab::new(1);
    lab.dir
        .write("labs/small.md", SMALL.replace("kind ", "knid "));
    let told = lab.json("validate");
    assert_eq!((&told["errors"], &told["warnings"]), (&2.into(), &0.into()));
    let file = &told["files"][0];
    assert_eq!(file["file"], "labs/small.md");
    assert_eq!(file["id"], "small");
    let problem = &file["problems"][1];
    assert_eq!(problem["code"], "unknown-key");
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&9.into(), &1.into())
    );
}

#[test]
fn the_labs_built_in_are_without_errors() {
    let lab = Lab::new(1);
    let told = lab.json("validate");
    assert_eq!(told["errors"], 0, "{told:#}");
    let ids: Vec<_> = told["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["id"])
        .collect();
    assert!(ids.contains(&&"3.3".into()), "{ids:?}");
}

#[test]
fn a_path_that_is_not_there_is_a_mistake_of_the_command_line() {
    let lab = Lab::new(1);
    let said = lab.run("validate nowhere");
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr
            .starts_with("error: there is no file or folder nowhere\n"),
        "{}",
        said.stderr
    );
}

#[test]
fn nothing_to_check_is_not_praised() {
    let lab = Lab::new(1);
    lab.dir.write("labs/notes.txt", "hi");
    for (words, expected) in [
        ("validate labs", "error: there is no lab file in labs\n"),
        (
            "validate labs/notes.txt",
            "error: notes.txt is no lab file\n",
        ),
    ] {
        let said = lab.run(words);
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{words}");
        assert!(said.stderr.starts_with(expected), "{}", said.stderr);
    }
}

#[test]
fn an_author_sees_each_change() {
    let lab = Lab::new(1);
    lab.dir.write("labs/small.md", SMALL);
    let watching = Process::spawn(&mut lab.command("validate --watch"));
    watching.wait_for_line("0 errors, 0 warnings");
    lab.dir
        .write("labs/small.md", SMALL.replace("minutes", "minuts"));
    watching.wait_for_line("2 errors, 0 warnings");
}

#[test]
fn the_schema_is_json_and_knows_the_conditions() {
    let lab = Lab::new(1);
    let schema: serde_json::Value =
        serde_json::from_str(&lab.done("validate --schema").stdout).unwrap();
    let kinds = &schema["$defs"]["step"]["properties"]["kind"]["enum"];
    assert!(
        kinds.as_array().unwrap().contains(&"predict".into()),
        "{kinds}"
    );
}

#[test]
fn folder_and_language_of_the_labs_are_settings() {
    let lab = Lab::new(1);
    lab.dir.write("ours/small.md", SMALL);
    assert_eq!(lab.done("config labs ours").stdout, "labs = ours\n");
    assert!(lab.done("validate").stdout.starts_with("ours/small.md\n"));
    assert_eq!(lab.done("config lang es").stdout, "lang = es\n");
    assert_eq!(lab.done("config lang --unset").stdout, "lang = en\n");
}

#[test]
fn a_lab_to_begin_with_is_complete() {
    let lab = Lab::new(1);
    let said = lab.done("eject lab slow-cache");
    let expected = "\
wrote labs/slow-cache/slow-cache.md
wrote labs/slow-cache/files/start.cfg
check it:  lab validate labs/slow-cache/slow-cache.md
";
    assert_eq!(said.stdout, expected);
    let told = lab.json("validate");
    assert_eq!(
        (&told["errors"], &told["warnings"]),
        (&0.into(), &0.into()),
        "{told:#}"
    );
    assert_eq!(told["files"][0]["id"], "slow-cache");
    lab.dir.write("labs/slow-cache/slow-cache.md", "mine");
    let again = lab.run("eject lab slow-cache");
    assert_eq!(again.code, Some(3), "{again:?}");
    assert_eq!(lab.dir.read("labs/slow-cache/slow-cache.md"), "mine");
}

#[test]
fn the_course_can_be_changed() {
    let lab = Lab::new(1);
    assert_eq!(lab.done("eject course").stdout, "wrote labs/course.toml\n");
    let told = lab.json("validate");
    assert_eq!(told["errors"], 0, "its activities are built in: {told:#}");
    assert_eq!(told["files"][0]["kind"], "course");
    let course = lab
        .dir
        .read("labs/course.toml")
        .replace("\"3.3\"", "\"3.33\"");
    lab.dir.write("labs/course.toml", course);
    assert!(
        lab.run("validate")
            .stdout
            .contains("there is no activity `3.33`")
    );
}

#[test]
fn the_zone_can_be_changed() {
    let lab = Lab::new(1);
    lab.done("eject zone.toml");
    assert_eq!(lab.run("nameserver --zone zone.toml --check").code, Some(0));
}

/// What the page for authors shows is what happens.
#[test]
fn every_command_of_the_page_for_authors_does_what_is_shown() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/authoring.md");
    let page = std::fs::read_to_string(page).unwrap();
    let lab = Lab::new(1);
    let mut tried = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for (command, shown) in commands(block) {
            let mut shell = lab.command("");
            let program = std::path::PathBuf::from(shell.get_program());
            let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
            shell = std::process::Command::new("sh");
            shell
                .current_dir(lab.dir.path())
                .env("PATH", path)
                .env_remove("LAB_LANG");
            let said = Process::run(shell.arg("-c").arg(&command));
            assert_eq!(said.stdout, shown, "{command}\n{}", said.stderr);
            tried += 1;
        }
    }
    assert!(tried > 5, "only {tried} commands found");
}

/// `$ command`, a text for it up to `END` where it wants one, and what it writes.
fn commands(block: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut takes_text = false;
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            takes_text = command.ends_with("<<'END'");
            found.push((format!("{command}\n"), String::new()));
            continue;
        }
        let (command, shown) = found.last_mut().unwrap();
        let text = if takes_text { command } else { shown };
        text.push_str(line);
        text.push('\n');
        takes_text = takes_text && line != "END";
    }
    found
}
