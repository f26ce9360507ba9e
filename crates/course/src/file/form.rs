//! The closed lists of words, and the shapes that values may have.

use crate::model::{Caller, Group, Hidden, Kind, RevealRule, Role, Starter, Via};

/// A type whose values are written as single words.
pub(crate) trait Word: Clone + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

/// All words of a type, in the order in which they are told.
pub(crate) fn words<T: Word>() -> Vec<&'static str> {
    T::WORDS.iter().map(|(word, _)| *word).collect()
}

macro_rules! words {
    ($($type:ident { $($word:literal => $value:ident),+ $(,)? })+) => {
        $(impl Word for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),+];
        })+
    };
}

words! {
    Kind {
        "explain" => Explain, "do" => Do, "predict" => Predict, "look" => Look, "reveal" => Reveal, "quiz" => Quiz,
        "find" => Find,
    }
    Hidden { "balancer-opinion" => BalancerOpinion, "shares" => Shares, "dns-answers" => DnsAnswers }
    Role { "balancer" => Balancer, "statistics" => Statistics, "nameserver" => NameServer }
    Starter { "learner" => Learner, "lab" => Lab, "any" => Any }
    Caller { "learner" => Learner, "browser" => Browser, "hit" => Hit, "curl" => Curl, "no-browser" => NoBrowser }
    Via { "any" => Any, "authority" => Authority, "cache" => Cache, "farm" => Farm }
    Group { "intro" => Intro, "activity" => Activity, "challenge" => Challenge, "bonus" => Bonus, "end" => End }
    RevealRule { "after-pass" => AfterPass, "any" => Any }
}

/// What the value of a key may look like: for the reference page and the schema of editors.
#[derive(Clone, Copy)]
pub enum Form {
    /// Text in quotes, not empty.
    Text,
    /// A list of texts, or one alone.
    Texts,
    /// `true` or `false`.
    Flag,
    /// `true`, and nothing else: what is asked for by being there.
    Yes,
    /// A whole number, from the first to the second.
    Whole(u32, u32),
    /// A list of whole numbers.
    Wholes,
    /// Any number.
    Number,
    /// One of these words.
    OneOf(fn() -> Vec<&'static str>),
    /// A list of them.
    SomeOf(fn() -> Vec<&'static str>),
    /// `3`, `">=2"`, `"<=1"`.
    Count,
    /// `"server02"`, `"!server02"`, `"*"`, `"echo"`.
    Server,
    /// `"step"`, `"activity"`, `"ever"`, or the id of an earlier step.
    Since,
    /// `"3s"`, `"500ms"`, `"2m"`.
    Time,
    /// Kebab-case.
    Id,
    /// Tables of conditions: `[{ what = "port", .. }]`.
    Conditions,
    /// The same about the file alone: `what` may be left out.
    Sayings,
    /// Conditions with `id` and `say`.
    Checks,
    /// A list of tables, of this name in the vocabulary.
    Tables(&'static str),
    /// One table of this name.
    Table(&'static str),
    /// Any of these.
    Either(&'static [Form]),
}

impl Form {
    /// In words, with an example's form: for the reference page.
    pub fn words(self) -> String {
        let quoted = |words: Vec<&str>| {
            let quoted: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
            quoted.join(", ")
        };
        match self {
            Self::Text => "text".to_owned(),
            Self::Texts => "texts".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Yes => "`true`".to_owned(),
            Self::Whole(low, high) if low == high => format!("`{low}`"),
            Self::Whole(low, high) if high == u32::MAX => format!("number from {low}"),
            Self::Whole(low, high) => format!("number, {low} to {high}"),
            Self::Wholes => "list of numbers".to_owned(),
            Self::Number => "number".to_owned(),
            Self::OneOf(words) => quoted(words()),
            Self::SomeOf(words) => format!("list of {}", quoted(words())),
            Self::Count => "count: `3`, `\">=2\"`, `\"<=1\"`".to_owned(),
            Self::Server => {
                "server: `\"server02\"`, `\"!server02\"`, `\"*\"`, `\"echo\"`".to_owned()
            }
            Self::Since => {
                "`\"step\"`, `\"activity\"`, `\"ever\"`, or an earlier step's id".to_owned()
            }
            Self::Time => "time: `\"500ms\"`, `\"3s\"`, `\"2m\"`".to_owned(),
            Self::Id => "id: small letters, digits, `-`".to_owned(),
            Self::Conditions | Self::Sayings => "list of conditions".to_owned(),
            Self::Checks => "list of conditions with `id` and `say`".to_owned(),
            Self::Tables(name) => format!("`[[{name}]]` tables"),
            Self::Table(name) => format!("`[{name}]` table"),
            Self::Either(forms) => {
                let forms: Vec<String> = forms.iter().map(|form| form.words()).collect();
                forms.join("; or ")
            }
        }
    }
}
