//! `lab eject lab NAME`: a lab to begin with, which is complete and explains itself.

use super::File;
use crate::course::FOLDER;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use std::borrow::Cow;
use std::path::PathBuf;

const TEXT: &str = include_str!("lab.md");
const START: &str = include_str!("start.cfg");

/// The files of a lab with this name.
pub(super) fn files(name: Option<&str>, labs: Option<PathBuf>) -> Result<Vec<File>> {
    let name = name.ok_or_else(|| {
        Problem::usage("a lab needs a name").next("for example:  lab eject lab slow-cache")
    })?;
    if !course::file::is_activity_id(name) {
        return Err(Problem::new(
            "bad-name",
            Exit::Usage,
            format!("`{name}` cannot be the name of a lab"),
        )
        .why("small letters and digits, `-` and `.` between them")
        .next(format!("for example:  lab eject lab {}", tame(name))));
    }
    let folder = labs.unwrap_or_else(|| PathBuf::from(FOLDER)).join(name);
    let fill = |text: &str| Cow::Owned(text.replace("NAME", name).replace("TITLE", &title(name)));
    Ok(vec![
        File {
            path: folder.join(format!("{name}.md")),
            text: fill(TEXT),
        },
        File {
            path: folder.join("files/start.cfg"),
            text: fill(START),
        },
    ])
}

/// `slow-cache` is `Slow cache`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The nearest name that will do.
fn tame(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => "slow-cache".to_owned(),
        false => parts.join("-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_folder_id_and_title() {
        let files = files(Some("slow-cache"), None).unwrap();
        assert_eq!(
            files[0].path,
            PathBuf::from("labs/slow-cache/slow-cache.md")
        );
        assert!(files[0].text.contains("id      = \"slow-cache\""));
        assert!(files[0].text.contains("title   = \"Slow cache\""));
        assert!(files[1].text.starts_with("# The start of lab slow-cache:"));
    }

    #[test]
    fn a_name_that_will_not_do_is_told_with_one_that_will() {
        let problem = files(Some("My Lab!"), None).unwrap_err();
        assert_eq!(problem.next, ["for example:  lab eject lab my-lab"]);
        assert!(files(None, None).is_err());
    }
}
