use super::*;
use crate::model::{Answer, RevealRule, Rules};
use crate::words::Sentence;
use diagnostics::{Style, full};

/// A lab file with this id and these needs.
fn lab(id: &str, needs: &str) -> String {
    format!(
        "+++\nformat = 1\nid = \"{id}\"\ntitle = \"T\"\nminutes = 1\nneeds = [{needs}]\n[[step]]\nid = \"read\"\nkind = \"explain\"\n+++\n## read\nText.\n"
    )
}

fn layer(name: &str, files: &[(&str, &str)]) -> Layer {
    let bytes = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    Layer {
        name: name.to_owned(),
        files: files.iter().map(bytes).collect(),
    }
}

/// Every diagnostic: its code, and the text that is underlined.
fn problems(catalog: &Catalog) -> Vec<(&'static str, String)> {
    let all = catalog.files.iter().flat_map(|file| &file.diagnostics);
    all.map(|problem| {
        (
            problem.code,
            problem
                .labels
                .first()
                .map_or("", |label| catalog.sources.text(label.span))
                .to_owned(),
        )
    })
    .collect()
}

fn read(layers: &[Layer]) -> Catalog {
    Catalog::read(layers, None)
}

fn ids(catalog: &Catalog) -> Vec<&str> {
    catalog
        .activities
        .iter()
        .map(|activity| activity.id.as_str())
        .collect()
}

const COURSE: &str = "format = 1\nid = \"c\"\ntitle = \"C\"\n";

#[test]
fn activities_come_in_the_order_of_the_course() {
    let course =
        format!("{COURSE}[[entry]]\nid = \"b\"\n[[entry]]\nid = \"a\"\ngroup = \"challenge\"\n");
    let (a, b, c) = (lab("a", ""), lab("b", ""), lab("c", ""));
    let files = [
        ("course.toml", course.as_str()),
        ("x/1.md", &a),
        ("x/2.md", &b),
        ("x/3.md", &c),
        ("README.md", "no lab"),
        ("x/notes.txt", "no lab"),
    ];
    let catalog = read(&[layer("labs", &files)]);
    assert_eq!(ids(&catalog), ["b", "a", "c"]);
    let groups: Vec<Group> = catalog
        .course
        .entries
        .iter()
        .map(|entry| entry.group)
        .collect();
    assert_eq!(groups, [Group::Activity, Group::Challenge, Group::Bonus]);
    assert_eq!(problems(&catalog), []);
}

#[test]
fn a_later_layer_adds_and_replaces() {
    let built_in = layer(
        "built in",
        &[("a.md", &lab("a", "")), ("b.md", &lab("b", ""))],
    );
    let changed = lab("b", "").replace("\"T\"", "\"Changed\"");
    let own = layer(
        "labs",
        &[("other-name.md", &changed), ("c.md", &lab("c", ""))],
    );
    let catalog = read(&[built_in, own]);
    assert_eq!(ids(&catalog), ["a", "c", "b"]);
    assert_eq!(
        catalog.activity("b").map(|b| b.title.as_str()),
        Some("Changed")
    );
    assert_eq!(
        catalog.file_of("b").map(|file| file.name.as_str()),
        Some("labs/other-name.md")
    );
}

#[test]
fn a_broken_file_does_not_give_way_to_the_one_it_replaces() {
    let built_in = layer("built in", &[("a.md", &lab("a", ""))]);
    let own = layer(
        "labs",
        &[("a.md", &lab("a", "").replace("explain", "explian"))],
    );
    let catalog = read(&[built_in, own]);
    assert_eq!(ids(&catalog), [""; 0]);
    assert!(catalog.file_of("a").is_some_and(LabFile::has_errors));
    assert_eq!(
        problems(&catalog),
        [("unknown-word", "\"explian\"".to_owned())]
    );
}

#[test]
fn a_file_that_is_not_text_is_one_mistake() {
    let mut labs = layer("labs", &[]);
    labs.files
        .insert("a.md".into(), b"+++\nformat = \xff\n+++\n".to_vec());
    let catalog = read(&[labs]);
    assert_eq!(problems(&catalog), [("not-text", String::new())]);
    assert_eq!(
        catalog.files[0].diagnostics[0].message,
        "this file is not text in UTF-8 (byte 13)"
    );
}

#[test]
fn two_files_with_one_id_are_reported() {
    let catalog = read(&[layer(
        "labs",
        &[("a.md", &lab("a", "")), ("b.md", &lab("a", ""))],
    )]);
    assert_eq!(problems(&catalog), [("duplicate-id", "\"a\"".to_owned())]);
    let problem = &catalog.files[1].diagnostics[0];
    let shown = full(problem, &catalog.sources, Style::PLAIN);
    assert!(
        shown.contains("labs/b.md:3:6") && shown.contains("labs/a.md:3:6"),
        "{shown}"
    );
}

#[test]
fn needs_must_exist_and_not_go_in_a_circle() {
    let files = [
        ("a.md", lab("a", "\"c\"")),
        ("b.md", lab("b", "\"a\"")),
        ("c.md", lab("c", "\"b\"")),
        ("d.md", lab("d", "\"a\", \"e2\"")),
        ("e.md", lab("ee", "\"ee\"")),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let catalog = read(&[layer("labs", &files)]);
    let circular = |id: &str| ("circular-needs", format!("\"{id}\""));
    let expected = [
        circular("c"),
        circular("a"),
        circular("b"),
        ("unknown-activity", "\"e2\"".to_owned()),
        circular("ee"),
    ];
    assert_eq!(problems(&catalog), expected);
    let first = &catalog.files[0].diagnostics[0].message;
    assert_eq!(first, "`a` needs itself: a needs c needs b needs a");
}

#[test]
fn the_course_file_is_read_with_its_rules() {
    let course = format!(
        "{COURSE}[rules]\nreveal = \"after-pass\"\nskip = false\nname = true\n[[entry]]\nid = \"a\"\n"
    );
    let catalog = read(&[layer(
        "labs",
        &[("course.toml", &course), ("a.md", &lab("a", ""))],
    )]);
    assert_eq!(problems(&catalog), []);
    let rules = Rules {
        reveal: RevealRule::AfterPass,
        skip: false,
        name: true,
    };
    assert_eq!(catalog.course.rules, rules);
    assert_eq!(Catalog::default().course.rules, Rules::default());
}

#[test]
fn mistakes_of_the_course_file_are_all_told() {
    let course = "format = 1\nid = \"c\"\ntitel = \"C\"\nrules = 3\n[[entry]]\nid = \"aa\"\n[[entry]]\nid = \"a\"\ngrup = \"x\"\n[[entry]]\nid = \"a\"\ngroup = \"bonsu\"\n";
    let catalog = read(&[layer(
        "labs",
        &[("course.toml", course), ("a.md", &lab("a", ""))],
    )]);
    let expected = [
        ("missing-key", ""),
        ("unknown-key", "titel"),
        ("wrong-type", "3"),
        ("unknown-key", "grup"),
        ("duplicate-id", "\"a\""),
        ("unknown-word", "\"bonsu\""),
        ("unknown-activity", "\"aa\""),
    ];
    assert_eq!(
        problems(&catalog),
        expected.map(|(code, text)| (code, text.to_owned()))
    );
    assert_eq!(
        ids(&catalog),
        ["a", "a"],
        "the activity is there all the same"
    );
}

#[test]
fn files_are_found_from_the_folder_of_the_one_that_names_them() {
    assert_eq!(
        beside("x/a.md", "files/b.cfg").as_deref(),
        Some("x/files/b.cfg")
    );
    assert_eq!(beside("x/a.md", "./../y/b.cfg").as_deref(), Some("y/b.cfg"));
    assert_eq!(beside("a.md", "../b.cfg"), None);
}

/// Two steps with everything that can be translated.
const ORIGINAL: &str = r#"+++
format = 1
id = "a"
title = "A title"
minutes = 1
[[step]]
id = "guess"
kind = "predict"
choices = ["one", "two"]
truth = 1
[[step]]
id = "go"
kind = "do"
check = [{ id = "up", what = "port", server = "server01", say = "it listens" }]
compare = "guess"
note = "a line"
[[step.mistake]]
id = "gone"
if = [{ what = "ended", server = "*" }]
say = "it ended"
next = ["lab start server01", "then go on"]
[[step]]
id = "quiz"
kind = "quiz"
[[step.question]]
ask = "What?"
contains = "word"
because = "So."
[[trial]]
step = "go"
do = "kill server01"
mistake = "gone"
+++
## guess
Guess.
## go
Go.
### hint
`lab serve {server01.port}`
## quiz
Answer.
"#;

const SPANISH: &str = r#"+++
title = "Un título"
[step.guess]
choices = ["uno", "dos"]
[step.go]
check.up = "escucha"
note = "una línea"
mistake.gone = { say = "terminó", next = ["lab start server01", "y sigue"] }
[[step.quiz.question]]
ask = "¿Qué?"
contains = ["palabra"]
because = "Porque sí."
+++
## guess
Adivina.
## go
Ve.
### hint
`lab serve {server01.port}`
## quiz
Responde.
"#;

fn translated(spanish: &str) -> Catalog {
    let files = [("a.md", ORIGINAL), ("a.es.md", spanish)];
    Catalog::read(&[layer("labs", &files)], Some("es"))
}

#[test]
fn a_translation_stands_for_every_text() {
    let catalog = translated(SPANISH);
    assert_eq!(problems(&catalog), []);
    assert_eq!(catalog.languages, ["es"]);
    let shown = format!("{:#?}", catalog.activity("a"));
    for english in [
        "A title",
        "one",
        "it listens",
        "a line",
        "it ended",
        "What?",
        "So.",
        "Guess.",
        "Go.",
    ] {
        assert!(
            !shown.contains(&format!("\"{english}\"")),
            "{english}: {shown}"
        );
    }
    let words = ["word".to_owned(), "palabra".to_owned()];
    let quiz = &catalog.activities[0].steps[2].questions[0].answer;
    assert!(matches!(quiz, Answer::Words { contains } if *contains == words));
    let file = &catalog.files[1];
    let kind = FileKind::Translation {
        of: Some("a".into()),
        lang: "es".into(),
        texts: 14,
        translated: 14,
    };
    assert_eq!(file.kind, kind);
}

#[test]
fn what_a_translation_lacks_stays_and_is_told() {
    let spanish = SPANISH.replace("choices = [\"uno\", \"dos\"]", "choices = [\"uno\"]");
    let spanish = spanish
        .replace("check.up", "check.upp")
        .replace("## go\nVe.", "## gone\nVe.");
    let catalog = translated(&spanish);
    let warnings: Vec<&str> = catalog.files[1]
        .diagnostics
        .iter()
        .map(|d| d.message.as_str())
        .collect();
    let expected = [
        "`step.guess.choices.2` is not translated yet",
        "`step.go.check.up` is not translated yet",
        "step `go` has no text yet",
        "`step.go.check.upp` is not in the original",
        "`## gone ### hint 1` is not in the original",
        "`## gone` is not in the original",
    ];
    assert_eq!(warnings.len(), expected.len(), "{warnings:#?}");
    assert!(
        expected.iter().all(|line| warnings.contains(line)),
        "{warnings:#?}"
    );
    let activity = catalog.activity("a").unwrap();
    assert_eq!(activity.steps[1].text, "Go.");
    assert_eq!(activity.title, "Un título");
}

#[test]
fn an_activity_without_a_translation_is_told_where_others_have_one() {
    let other = lab("b", "");
    let own = layer(
        "labs",
        &[("a.md", ORIGINAL), ("a.es.md", SPANISH), ("x/b.md", &other)],
    );
    let built_in = layer("built in", &[("c.md", &lab("c", ""))]);
    let catalog = read(&[built_in, own]);
    assert_eq!(problems(&catalog), [("not-translated", String::new())]);
    let file = catalog.file_of("b").unwrap();
    assert_eq!(
        file.diagnostics[0].message,
        "there is no b.es.md beside it yet"
    );
    assert!(!file.has_errors() && catalog.activity("b").is_some());
}

#[test]
fn a_wrong_translation_leaves_the_original() {
    let catalog = translated("+++\ntitle = Un título\n+++\n");
    assert_eq!(problems(&catalog)[0].0, "bad-toml");
    assert_eq!(
        catalog.activity("a").map(|a| a.title.as_str()),
        Some("A title")
    );
    let placeholders = translated(&SPANISH.replace("escucha", "escucha {server1.port}"));
    assert_eq!(
        problems(&placeholders),
        [("unknown-placeholder", "{server1.port}".to_owned())]
    );
    let other = Catalog::read(
        &[layer("labs", &[("a.md", ORIGINAL), ("a.es.md", SPANISH)])],
        Some("fr"),
    );
    assert_eq!(
        other.activity("a").map(|a| a.title.as_str()),
        Some("A title")
    );
}

#[test]
fn a_translation_of_a_file_built_in_may_lie_in_the_work_folder() {
    let built_in = layer("built in", &[("x/a.md", ORIGINAL)]);
    let own = layer("labs", &[("x/a.es.md", SPANISH), ("x/b.es.md", SPANISH)]);
    let catalog = Catalog::read(&[built_in, own], Some("es"));
    assert_eq!(catalog.activities[0].title, "Un título");
    let orphan = &catalog.files[2];
    assert_eq!(
        (orphan.name.as_str(), orphan.diagnostics[0].code),
        ("labs/x/b.es.md", "no-original")
    );
}

#[test]
fn the_programs_own_sentences_speak_the_language_too() {
    let spanish = "still-answers = \"{ports} sigue\"\nstill-answer-manyy = \"x\"\nby-signal = \"con {señal}\"\n";
    let built_in = layer(
        "built in",
        &[(
            "i18n/es.toml",
            "by-ctrl-c = \"con Ctrl-C\"\nwith-exit = \"{code}\"\n",
        )],
    );
    let own = layer(
        "labs",
        &[("i18n/es.toml", "by-ctrl-c = \"con las teclas\"\n")],
    );
    let catalog = Catalog::read(&[built_in, own], Some("es"));
    assert_eq!(catalog.languages, ["es"]);
    let said = |sentence| catalog.words.say(sentence, &[("code", &"exit 0")]);
    assert_eq!(said(Sentence::ByCtrlC), "con las teclas");
    assert_eq!(said(Sentence::WithExit), "exit 0");

    let wrong = Catalog::read(&[layer("labs", &[("i18n/es.toml", spanish)])], Some("es"));
    let told = problems(&wrong);
    assert!(
        told.contains(&("not-in-original", "still-answer-manyy".to_owned())),
        "{told:?}"
    );
    assert!(
        told.contains(&("unknown-placeholder", "\"con {señal}\"".to_owned())),
        "{told:?}"
    );
    let missing = told
        .iter()
        .filter(|(code, _)| *code == "not-translated")
        .count();
    assert_eq!(missing, Sentence::ALL.len() - 1);
    let other = Catalog::read(&[layer("labs", &[("i18n/es.toml", spanish)])], None);
    assert_eq!(other.words.missing().count(), Sentence::ALL.len());
}
