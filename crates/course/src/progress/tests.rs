use super::*;

const AS_IN_THE_MANUAL: &str = r#"# .lab/progress.toml, written by lab 0.3.0; safe to copy to another machine
format  = 1
course  = "load-balancing"
current = { activity = "3.3", step = "observe" }

[activity."3.3"]
started = 2026-11-22T12:55:10Z
steps   = { predict = 2026-11-22T12:55:31Z, kill = 2026-11-22T12:58:56Z }
guess   = { predict = "a" }
hints   = 1
"#;

#[test]
fn the_file_of_the_manual_is_read() {
    let progress = Progress::read(AS_IN_THE_MANUAL).unwrap();
    let record = progress.record("3.3").unwrap();
    assert_eq!(progress.current.as_ref().unwrap().step, "observe");
    assert_eq!(
        record.steps["kill"],
        At("2026-11-22T12:58:56Z".parse().unwrap())
    );
    assert_eq!(record.guess["predict"].at(0), Some("a"));
    assert_eq!(record.hints, 1);
}

#[test]
fn what_is_written_is_read_back() {
    let mut progress = Progress::read(AS_IN_THE_MANUAL).unwrap();
    let record = progress.activities.get_mut("3.3").unwrap();
    let time: Timestamp = "2026-11-22T12:59:01.250Z".parse().unwrap();
    record.shown.insert("observe".into(), At(time));
    record
        .note
        .insert("observe".into(), "it \"waits\"\nand waits".into());
    record
        .ticks
        .entry("observe".into())
        .or_default()
        .insert("enough".into());
    record
        .marks
        .insert("quiz".into(), vec![Mark::Right, Mark::Told]);
    let text = progress.to_text("0.3.0");
    assert_eq!(Progress::read(&text), Ok(progress), "{text}");
    assert!(
        text.contains("shown = { observe = 2026-11-22T12:59:01.25Z }"),
        "{text}"
    );
    let expected = "current = { activity = \"3.3\", step = \"observe\" }\n";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_no_lab_knows_is_kept() {
    let text = format!(
        "{AS_IN_THE_MANUAL}colour = \"blue\"\nseen = 2026-11-22T12:55:10Z\n\n[activity.\"my own\"]\nsteps = {{ gone-step = 2026-11-22T12:55:31Z }}\n\n[extra]\nx = 1\n"
    );
    let progress = Progress::read(&text).unwrap();
    let again = progress.to_text("0.3.0");
    for kept in [
        "colour = \"blue\"",
        "seen = 2026-11-22T12:55:10Z",
        "[activity.\"my own\"]",
        "gone-step",
        "extra = { x = 1 }",
    ] {
        assert!(again.contains(kept), "{kept} in {again}");
    }
    assert_eq!(Progress::read(&again), Ok(progress));
}

#[test]
fn other_formats_are_told_apart() {
    let with = |format: &str| Progress::read(&AS_IN_THE_MANUAL.replace("format  = 1", format));
    let newer = with("format = 2").unwrap_err();
    assert_eq!(
        newer.to_string(),
        "made by lab 0.3.0 (format 2; this one reads 1)"
    );
    let older = with("format = 0").unwrap_err();
    assert_eq!(older, Unreadable::Older { format: 0 });
    assert_eq!(older.to_string(), "of an old format (0; this lab reads 1)");
    let none = with("").unwrap_err();
    assert_eq!(none.to_string(), "broken: it does not say its `format`");
}

#[test]
fn a_broken_file_names_its_line() {
    let broken = AS_IN_THE_MANUAL.replace("hints   = 1", "hints   = ");
    let Err(Unreadable::Broken { line, .. }) = Progress::read(&broken) else {
        panic!("it was read");
    };
    assert_eq!(line, Some(10));
    let wrong = AS_IN_THE_MANUAL.replace("hints   = 1", "hints   = \"many\"");
    assert!(matches!(
        Progress::read(&wrong),
        Err(Unreadable::Broken { .. })
    ));
    assert!(matches!(
        Progress::read("\0\0\0"),
        Err(Unreadable::Broken { .. })
    ));
}

#[test]
fn answers_grow_question_by_question() {
    let one = Given::set(None, 0, "a".into());
    assert_eq!(one, Given::One("a".into()));
    let two = Given::set(Some(one), 1, "7".into());
    assert_eq!(two.all(), ["a", "7"]);
    assert_eq!(Given::set(Some(two), 0, "b".into()).all(), ["b", "7"]);
}

#[test]
fn the_keys_are_those_of_the_fields() {
    let mut progress = Progress::read(AS_IN_THE_MANUAL).unwrap();
    progress.learner = Some("Ana".into());
    let record = progress.activities.get_mut("3.3").unwrap();
    let given = Given::One("1".into());
    record.finished = record.started;
    record.shown = record.steps.clone();
    record.answer.insert("quiz".into(), given);
    record.marks.insert("quiz".into(), vec![Mark::Missed]);
    record.misses.insert("quiz".into(), 1);
    record
        .ticks
        .entry("kill".into())
        .or_default()
        .insert("gone".into());
    record.was.insert("kill".into(), vec!["b".into()]);
    record.note.insert("kill".into(), String::new());
    record.hint.insert("kill".into(), 1);
    for set in [
        &mut record.revealed,
        &mut record.skipped,
        &mut record.trusted,
    ] {
        set.insert("kill".into());
    }
    let again = Progress::read(&progress.to_text("0.3.0")).unwrap();
    assert_eq!(again, progress);
    let table = write::table(&progress.activities["3.3"]);
    let mut keys = Record::KEYS;
    keys.sort_unstable();
    assert!(table.keys().eq(keys.iter()), "{table:?}");
}
