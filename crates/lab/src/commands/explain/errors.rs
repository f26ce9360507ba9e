//! `lab explain errors`: every code of `error:` in `--json`, and what it means.

use crate::ui::Ui;
use serde_json::json;

/// Codes in the order of the alphabet.
const CODES: &[(&str, &str)] = &[
    (
        "act",
        "a verb of a lab's plays is wrong, or nothing fits it",
    ),
    ("act-failed", "a verb of a lab's plays could not be done"),
    (
        "already-running",
        "a lab runs in this folder; one is enough",
    ),
    ("bad-name", "an author's file cannot have this name"),
    (
        "balancer-stopped",
        "the balancer does not run, so there is nothing to load a file into",
    ),
    (
        "config-missing",
        "there is no configuration file; `lab eject myhaproxy.cfg` writes one",
    ),
    ("config-not-text", "the configuration file is not text"),
    (
        "config-wrong",
        "the configuration file has errors; each is quoted with its line",
    ),
    ("editor-missing", "no editor is known: set EDITOR"),
    (
        "engine-missing",
        "the balancer that --engine names is not installed",
    ),
    ("file-exists", "a file of yours would be written over"),
    ("io", "the system refused to read or write something"),
    (
        "lab-file-wrong",
        "a file of the course has errors; `lab validate` shows them",
    ),
    (
        "nameserver-missing",
        "the lab's name server cannot be reached",
    ),
    ("no-activity", "no activity is open"),
    ("no-address", "a name has no address to send requests to"),
    (
        "no-lab-file",
        "there is no lab file where one was looked for",
    ),
    ("no-such-activity", "there is no activity with this id"),
    ("no-such-address", "what was typed is no address"),
    ("no-such-file", "there is no such file"),
    ("no-such-lab", "there is no lab with this id to play"),
    (
        "no-such-language",
        "the course is not translated into this language",
    ),
    ("no-such-log", "nobody by this name writes a log"),
    ("no-such-server", "there is no server by this name"),
    ("no-such-step", "the activity has no such step"),
    ("no-such-template", "there is no file by this name to write"),
    ("not-ours", "what runs there was not started by the lab"),
    ("not-ready", "a new server did not answer in time"),
    ("not-running", "it does not run"),
    (
        "not-yet",
        "an activity builds on another one that is not done",
    ),
    ("nothing-handed-in", "the folder holds no reports"),
    (
        "nothing-listens",
        "nobody listens where the requests would go",
    ),
    ("nothing-running", "nothing runs in this folder"),
    (
        "nothing-to-run",
        "what was asked for needs neither a server nor a balancer",
    ),
    (
        "nothing-to-undo",
        "no reset was done here, or it was taken back",
    ),
    (
        "orphaned",
        "a supervised program was started without its lab",
    ),
    ("play", "a lab cannot be played here"),
    ("port-busy", "a port is taken; its holder is named"),
    (
        "port-other-user",
        "a program of another user, which is not yours to stop",
    ),
    (
        "port-privileged",
        "a port below 1024, which is the administrator's",
    ),
    ("port-unusable", "a port cannot be used for another reason"),
    (
        "progress-locked",
        "another lab is writing the progress just now",
    ),
    (
        "progress-not-saved",
        "the progress cannot be written: full disk, or a folder that is not yours",
    ),
    (
        "reload-failed",
        "a file was not loaded; the balancer goes on with the one before",
    ),
    ("reload-running", "another reload is under way"),
    ("reset-refused", "nothing was put back"),
    ("settings-wrong", ".lab/config.toml has errors"),
    ("start-failed", "a program did not start"),
    (
        "state-from-newer-version",
        "the progress was written by a newer lab",
    ),
    ("unknown-word", "the glossary does not have this word"),
    ("usage", "the command line was wrong"),
    ("walk-open", "a walk is open in this folder already"),
];

pub(super) fn show(ui: &Ui) {
    if ui.json {
        let codes: Vec<_> = CODES
            .iter()
            .map(|(code, meaning)| json!({ "code": code, "meaning": meaning }))
            .collect();
        return ui.say_json(&codes);
    }
    for (code, meaning) in CODES {
        ui.say(format!("  {code:<26} {meaning}"));
    }
}

/// What one code means.
pub(super) fn find(code: &str) -> Option<String> {
    let (code, meaning) = CODES.iter().find(|(known, _)| *known == code)?;
    Some(format!("{code}\n  {meaning}"))
}

#[cfg(test)]
mod tests {
    use super::CODES;
    use std::fs;
    use std::path::Path;

    /// The codes in the sources of a folder.
    fn used(folder: &Path, codes: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                used(&path, codes);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default();
            for after in text.split("Problem::new(").skip(1) {
                if let Some(code) = after.trim_start().strip_prefix('"') {
                    codes.extend(code.split('"').next().map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn every_code_that_is_used_is_listed_and_no_other() {
        let mut codes = vec!["io".to_owned(), "usage".to_owned()];
        used(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut codes,
        );
        codes.sort_unstable();
        codes.dedup();
        let listed: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, listed);
    }
}
