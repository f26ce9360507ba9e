//! Every sentence of the engine, by key, so that another language can stand in its place.
//!
//! What authors write (texts, checks, mistakes) is not here: it is in their files.

mod table;

pub use table::Sentence;

use std::collections::BTreeMap;
use std::fmt::Display;

/// The sentences in one language; English where a translation has a gap.
#[derive(Clone, Debug, Default)]
pub struct Words {
    own: BTreeMap<&'static str, String>,
}

/// Why a line of a translation cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is no sentence with this key.
    UnknownKey(String),
    /// It names a placeholder that the sentence does not have.
    UnknownPlaceholder { key: String, name: String },
}

impl Words {
    /// The sentences as they are written here.
    pub fn english() -> Self {
        Self::default()
    }

    /// The sentences of another language, and what of it cannot be used. Gaps stay English, see [`Words::missing`].
    pub fn translated(texts: impl IntoIterator<Item = (String, String)>) -> (Self, Vec<Unusable>) {
        let mut words = Self::default();
        let mut unusable = Vec::new();
        for (key, text) in texts {
            match fit(&key, &text) {
                Ok(sentence) => {
                    words.own.insert(sentence.key(), text);
                }
                Err(why) => unusable.push(why),
            }
        }
        (words, unusable)
    }

    /// The sentences that have no translation.
    pub fn missing(&self) -> impl Iterator<Item = Sentence> + '_ {
        let known = |sentence: &Sentence| self.own.contains_key(sentence.key());
        Sentence::ALL.iter().copied().filter(move |s| !known(s))
    }

    /// One sentence with its values filled in. A value that the sentence does not name is left out.
    pub fn say(&self, sentence: Sentence, values: &[(&str, &dyn Display)]) -> String {
        let text = self.own.get(sentence.key());
        let text = text.map_or(sentence.english(), String::as_str);
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some((before, name, after)) = placeholder(rest) {
            out.push_str(before);
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                out.push_str(&value.to_string());
            }
            rest = after;
        }
        out + rest
    }

    /// `a`, `a and b`, `a, b and c`.
    pub fn list<T: Display>(&self, items: &[T]) -> String {
        match items {
            [] => String::new(),
            [one] => one.to_string(),
            [first @ .., last] => {
                let first: Vec<String> = first.iter().map(T::to_string).collect();
                self.say(
                    Sentence::ListEnd,
                    &[("first", &first.join(", ")), ("last", last)],
                )
            }
        }
    }

    /// The sentence for one thing or for several; both know `{n}`.
    pub fn count(&self, n: u64, one: Sentence, many: Sentence) -> String {
        self.say(if n == 1 { one } else { many }, &[("n", &n)])
    }
}

/// The sentence that a translated line belongs to.
fn fit(key: &str, text: &str) -> Result<Sentence, Unusable> {
    let sentence = Sentence::by_key(key).ok_or_else(|| Unusable::UnknownKey(key.to_owned()))?;
    let known = names(sentence.english());
    match names(text).into_iter().find(|name| !known.contains(name)) {
        Some(name) => Err(Unusable::UnknownPlaceholder {
            key: key.to_owned(),
            name: name.to_owned(),
        }),
        None => Ok(sentence),
    }
}

fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = placeholder(rest) {
        names.push(name);
        rest = after;
    }
    names
}

/// What stands before the first `{name}`, the name, and what stands behind it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// `say!(words, StillAnswers, ports = "8081")`: a sentence with named values.
#[macro_export]
macro_rules! say {
    ($words:expr, $sentence:ident $(, $name:ident = $value:expr)* $(,)?) => {
        $words.say(
            $crate::words::Sentence::$sentence,
            &[$((stringify!($name), &$value as &dyn std::fmt::Display)),*],
        )
    };
}
pub use say;

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, text: &str) -> (String, String) {
        (key.to_owned(), text.to_owned())
    }

    #[test]
    fn a_translation_stands_in_place_and_gaps_stay_english() {
        let (words, unusable) = Words::translated([pair("still-answers", "{ports} sigue")]);
        assert_eq!(unusable, []);
        assert_eq!(say!(words, StillAnswers, ports = 8081), "8081 sigue");
        assert_eq!(words.list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(words.missing().count(), Sentence::ALL.len() - 1);
    }

    #[test]
    fn a_line_that_fits_nothing_is_named() {
        let (_, unusable) = Words::translated([
            pair("still-answer", "x"),
            pair("still-answers", "{puertos} sigue"),
        ]);
        let expected = [
            Unusable::UnknownKey("still-answer".into()),
            Unusable::UnknownPlaceholder {
                key: "still-answers".into(),
                name: "puertos".into(),
            },
        ];
        assert_eq!(unusable, expected);
    }

    #[test]
    fn keys_are_unique_and_kebab_case() {
        let mut keys: Vec<&str> = Sentence::ALL.iter().map(|s| s.key()).collect();
        assert!(
            keys.iter()
                .all(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        );
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Sentence::ALL.len());
    }
}
