//! `o`: the configuration file in the learner's own editor.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::walk::Session;
use std::process::Command;

pub(super) fn open(session: &Session) -> Result<()> {
    let file = crate::commands::status::file(&session.work)?;
    let editor = editor(|name| std::env::var(name).ok()).ok_or_else(|| {
        Problem::new("editor-missing", Exit::NotReady, "no editor is known here")
            .why("neither VISUAL nor EDITOR is set")
            .next(format!("open {} in your editor yourself", file.display()))
    })?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    Command::new(program)
        .args(words)
        .arg(&file)
        .status()
        .map(drop)
        .map_err(|error| {
            Problem::io(&format!("start the editor `{editor}`"), &error)
                .next(format!("open {} in your editor yourself", file.display()))
        })
}

/// `$VISUAL`, `$EDITOR`, or the editor around this terminal.
fn editor(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let around = || match (set("TERM_PROGRAM").as_deref(), set("ZELLIJ")) {
        (Some("vscode"), _) => Some("code".to_owned()),
        (_, Some(_)) => Some("zellij edit".to_owned()),
        _ => None,
    };
    set("VISUAL").or_else(|| set("EDITOR")).or_else(around)
}

#[cfg(test)]
mod tests {
    use super::editor;

    #[test]
    fn the_learners_choice_comes_first() {
        let check = |set: &[(&str, &str)], expected: Option<&str>| {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(editor(variable).as_deref(), expected);
        };
        check(&[("EDITOR", "nano"), ("VISUAL", "vim -p")], Some("vim -p"));
        check(
            &[("EDITOR", "nano"), ("TERM_PROGRAM", "vscode")],
            Some("nano"),
        );
        check(&[("VISUAL", " "), ("TERM_PROGRAM", "vscode")], Some("code"));
        check(&[("ZELLIJ", "0")], Some("zellij edit"));
        check(&[], None);
    }
}
