//! Every lab file under `tests/data`: its diagnostics, and the activity of those without errors, stand beside it as
//! `.txt`.

use course::file::{Parsed, parse};
use diagnostics::{Sources, Style, full};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const REWRITE: &str = "BLESS=1 cargo test -p course --test it";

#[test]
fn lab_files_read_as_written_beside_them() {
    let stale: Vec<String> = all().iter().filter_map(|path| stale(path)).collect();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn folders_tell_the_verdict() {
    for path in all() {
        let (_, parsed) = read(&path);
        let refused = path.parent().is_some_and(|folder| folder.ends_with("err"));
        assert_eq!(parsed.has_errors(), refused, "{}", path.display());
        assert_eq!(parsed.activity.is_none(), refused, "{}", path.display());
    }
}

pub(crate) fn all() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let folders = ["ok", "err"].map(|folder| data.join(folder));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder of fixtures"));
    let mut paths: Vec<PathBuf> = files
        .map(|file| file.expect("a readable folder").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
}

fn read(path: &Path) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let text = fs::read_to_string(path).expect("a readable fixture");
    let name = path.file_name().expect("a file").to_string_lossy();
    let id = sources.add(name, text);
    let beside = |other: &str| fs::read(path.with_file_name(other)).ok();
    let parsed = parse(&sources, id, &beside);
    (sources, parsed)
}

fn shown(path: &Path) -> String {
    let (sources, parsed) = read(path);
    let mut text = String::new();
    for diagnostic in &parsed.diagnostics {
        let _ = writeln!(
            text,
            "[{}]\n{}",
            diagnostic.code,
            full(diagnostic, &sources, Style::PLAIN)
        );
    }
    if let Some(activity) = &parsed.activity {
        let _ = writeln!(text, "{:#?}\n{activity:#?}", parsed.outline);
    }
    text
}

fn stale(path: &Path) -> Option<String> {
    let (expected, actual) = (path.with_extension("txt"), shown(path));
    if std::env::var_os("BLESS").is_some() {
        fs::write(expected, actual).expect("a writable file");
        return None;
    }
    let old = fs::read_to_string(&expected).unwrap_or_default();
    let (old_line, new_line) = first_difference(&old, &actual)?;
    let name = expected.display();
    Some(format!(
        "{name} is stale:\n  it has  {old_line}\n  now     {new_line}\n  if that is right:  {REWRITE}"
    ))
}

fn first_difference(old: &str, new: &str) -> Option<(String, String)> {
    let same = old
        .lines()
        .zip(new.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(end)").to_owned();
    (old != new).then(|| (line(old), line(new)))
}
