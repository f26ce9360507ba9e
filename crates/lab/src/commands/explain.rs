//! `lab explain WORD`: the words of the course, and the codes of errors.

mod errors;

use crate::cli::Labs;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::ui::{Ui, width};
use crate::work_dir::WorkDir;
use course::text::wrap;
use serde::{Deserialize, Serialize};

/// As wide as it reads well.
const WIDTH: usize = 80;

fn room() -> usize {
    match width() {
        0 => WIDTH,
        width => width.min(WIDTH),
    }
}

#[derive(Deserialize)]
struct Glossary {
    #[serde(default)]
    word: Vec<Word>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Word {
    term: String,
    #[serde(default)]
    aliases: Vec<String>,
    text: String,
}

pub(crate) fn run(wanted: &str, ui: &Ui, work: &WorkDir, labs: &Labs) -> Result {
    if wanted.eq_ignore_ascii_case("errors") {
        errors::show(ui);
        return Ok(Exit::Done);
    }
    let mut words: Vec<Word> = Vec::new();
    for text in crate::course::glossaries(labs, work)? {
        let glossary: Glossary = toml::from_str(&text).map_err(|error| {
            Problem::new(
                "lab-file-wrong",
                Exit::FileWrong,
                format!("glossary.toml cannot be read: {}", error.message()),
            )
            .next("correct it, or take it away")
        })?;
        words.extend(glossary.word);
    }
    if wanted.is_empty() {
        list(ui, &words);
        return Ok(Exit::Done);
    }
    if let Some(error) = errors::find(wanted) {
        ui.say(error);
        return Ok(Exit::Done);
    }
    let word = find(&words, wanted).ok_or_else(|| unknown(&words, wanted))?;
    if ui.json {
        ui.say_json(word);
    } else {
        ui.say(told(word));
    }
    Ok(Exit::Done)
}

fn told(word: &Word) -> String {
    let head = match word.aliases.is_empty() {
        true => word.term.clone(),
        false => format!("{}   ({})", word.term, word.aliases.join(", ")),
    };
    let lines = wrap(&word.text, room().saturating_sub(2));
    let lines: Vec<String> = lines.into_iter().map(|line| format!("  {line}")).collect();
    format!("{head}\n{}", lines.join("\n"))
}

fn list(ui: &Ui, words: &[Word]) {
    let mut terms: Vec<&str> = words.iter().map(|word| word.term.as_str()).collect();
    terms.sort_unstable();
    terms.dedup();
    if ui.json {
        return ui.say_json(&terms);
    }
    let text = wrap(&terms.join(",  "), room()).join("\n");
    ui.say(format!(
        "{text}\n\none of them:  lab explain round robin      all error codes:  lab explain errors"
    ));
}

/// By its name or another name, whatever the case and with - or blanks.
fn find<'w>(words: &'w [Word], wanted: &str) -> Option<&'w Word> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], " ");
    let wanted = plain(wanted);
    let by_name = words.iter().find(|word| plain(&word.term) == wanted);
    by_name.or_else(|| {
        words
            .iter()
            .find(|word| word.aliases.iter().any(|alias| plain(alias) == wanted))
    })
}

fn unknown(words: &[Word], wanted: &str) -> Problem {
    let names = || {
        words
            .iter()
            .flat_map(|word| std::iter::once(&word.term).chain(&word.aliases))
    };
    let problem = Problem::new(
        "unknown-word",
        Exit::Usage,
        format!("`{wanted}` is not in the glossary"),
    );
    match diagnostics::nearest(wanted, names().map(String::as_str)) {
        Some(near) => problem.next(format!("did you mean:  lab explain {near}")),
        None => problem.next("all words:  lab explain"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_any_of_their_names() {
        let words = [Word {
            term: "health check".into(),
            aliases: vec!["check".into()],
            text: "Looks.".into(),
        }];
        for wanted in ["health check", "Health-Check", "CHECK"] {
            assert!(find(&words, wanted).is_some(), "{wanted}");
        }
        assert_eq!(
            unknown(&words, "chekc").next,
            ["did you mean:  lab explain check"]
        );
        assert_eq!(told(&words[0]), "health check   (check)\n  Looks.");
    }
}
