//! Where an answer comes from, told with the answer: the lab's own EDNS option.
//!
//! A question that carries EDNS option [`OPTION_CODE`] (from the range that RFC 6891 section 9 keeps for local use)
//! with no data in it, or with a word of [`AskedBy`], gets the same option back, filled: UTF-8 text of `key=value` pairs, separated by `;`. Without the
//! option in the question there is none in the answer, so other programs never see it. Keys, each at most once:
//!
//! | pair | meaning |
//! |---|---|
//! | `source=recorded 2020-10` | the addresses were seen in that month, day or year |
//! | `source=illustrative` | the addresses were made up for teaching, from the ranges kept for documentation |
//! | `source=own` | the zone says nothing more: its owner's own addresses, or no such name |
//! | `from=transcript in the original lab` | what the zone file names as the place of the recording |
//! | `view=Europe` | the answer was chosen by the asker's network; the name of the view |
//! | `cache=miss` | a cache answered, and asked the authority for it |
//! | `cache=hit` | a cache answered from what it kept |
//!
//! The two keys of the authority's answer travel through the lab's caches with what they keep.

use std::fmt::Write;

/// The code of the option, asked for and answered.
pub const OPTION_CODE: u16 = 65_280;

/// No text in an option gets longer than this many bytes.
const MAX_TEXT: usize = 160;

/// On whose behalf a question is asked: said in the question's option, so that a lab which counts what people ask does
/// not count what it asks itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskedBy {
    /// Whoever it is; without the option, or with an empty one.
    #[default]
    Client,
    /// `cache`: a cache of the lab, for somebody whose question is counted there.
    Cache,
    /// `probe`: the lab, for a look at the zone. All addresses are told, and nobody's turn is taken for it.
    Probe,
}

impl AskedBy {
    /// The data of a question's option; `None` when it is not ours.
    pub fn read(data: &[u8]) -> Option<Self> {
        [Self::Client, Self::Cache, Self::Probe]
            .into_iter()
            .find(|asked_by| asked_by.word().as_bytes() == data)
    }

    /// The data that says so.
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "",
            Self::Cache => "cache",
            Self::Probe => "probe",
        }
    }
}

/// What the zone file says of where a name's data is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub source: Source,
    /// The `source` key of the file.
    pub from: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Seen in the real DNS at this time: `2020`, `2020-10` or `2020-10-04`.
    Recorded(String),
    /// Made up for teaching.
    Illustrative,
    /// Nothing is said of it: the owner's own.
    Own,
}

impl Origin {
    pub const UNKNOWN: Self = Self {
        source: Source::Own,
        from: None,
    };
}

/// The text of the authority's option.
pub fn of_authority(origin: &Origin, view: Option<&str>) -> String {
    let mut text = match &origin.source {
        Source::Recorded(time) => format!("source=recorded {time}"),
        Source::Illustrative => "source=illustrative".to_owned(),
        Source::Own => "source=own".to_owned(),
    };
    for (key, value) in [("from", origin.from.as_deref()), ("view", view)] {
        if let Some(value) = value {
            let _ = write!(text, ";{key}={}", plain(value));
        }
    }
    text
}

/// The text of a cache's option: what the authority said of the answer, and how the cache came by it.
pub fn of_cache(authority: Option<&str>, hit: bool) -> String {
    let own = if hit { "cache=hit" } else { "cache=miss" };
    match authority {
        Some(text) if !text.is_empty() => format!("{text};{own}"),
        _ => own.to_owned(),
    }
}

/// A value that cannot be taken for a further pair.
fn plain(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        let letter = match letter {
            ';' => ',',
            letter if letter.is_control() => ' ',
            letter => letter,
        };
        if text.len() + letter.len_utf8() > MAX_TEXT {
            break;
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_tells_time_place_and_view() {
        let origin = Origin {
            source: Source::Recorded("2020-10".into()),
            from: Some("a; b".into()),
        };
        assert_eq!(
            of_authority(&origin, Some("Europe")),
            "source=recorded 2020-10;from=a, b;view=Europe"
        );
        assert_eq!(of_authority(&Origin::UNKNOWN, None), "source=own");
    }

    #[test]
    fn a_cache_adds_how_it_came_by_the_answer() {
        assert_eq!(
            of_cache(Some("source=illustrative"), true),
            "source=illustrative;cache=hit"
        );
        assert_eq!(of_cache(None, false), "cache=miss");
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let text = plain(&"é".repeat(200));
        assert_eq!(text.len(), 160);
    }
}
