//! Every key that a lab file may hold, one row each: readers, the reference page and the schema of editors share it.

mod conditions;
mod page;

pub use conditions::{ASKED, CHECK, NOT, Term, WHAT};
pub(crate) use conditions::{classes, lists, states, whats};

pub use page::page;

use super::form::{Form, words};
use crate::model::{Group, Hidden, Kind, RevealRule};

/// One key of a table.
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    pub needed: bool,
    /// What it says, in a few words.
    pub about: &'static str,
}

const fn key(name: &'static str, form: Form, about: &'static str) -> Key {
    Key {
        name,
        form,
        needed: false,
        about,
    }
}

const fn needed(name: &'static str, form: Form, about: &'static str) -> Key {
    Key {
        needed: true,
        ..key(name, form, about)
    }
}

/// A table of the front matter: its name as it is typed, and its keys.
pub struct Table {
    pub name: &'static str,
    pub keys: &'static [&'static [Key]],
}

/// All tables of an activity file, in the order of the file; conditions are in [`WHAT`].
pub const TABLES: [Table; 8] = [
    Table {
        name: "",
        keys: &[ACTIVITY],
    },
    Table {
        name: "start",
        keys: &[START],
    },
    Table {
        name: "step",
        keys: &[STEP, ANSWER],
    },
    Table {
        name: "step.mistake",
        keys: &[MISTAKE],
    },
    Table {
        name: "step.question",
        keys: &[QUESTION, ANSWER],
    },
    Table {
        name: "compare",
        keys: &[COMPARE],
    },
    Table {
        name: "solve",
        keys: &[SOLVE],
    },
    Table {
        name: "trial",
        keys: &[TRIAL],
    },
];

pub(crate) const ACTIVITY: &[Key] = &[
    needed("format", Form::Whole(1, 1), "the version of this form: 1"),
    needed(
        "id",
        Form::Text,
        "what the activity is called on the command line; progress is kept under it",
    ),
    needed("title", Form::Text, "its title"),
    needed(
        "minutes",
        Form::Whole(1, 600),
        "how many minutes it takes a newcomer",
    ),
    key(
        "needs",
        Form::Texts,
        "ids of activities that come before: advice, not a lock",
    ),
    key(
        "bridge",
        Form::Text,
        "id of the activity that takes up where this one ends",
    ),
    key("start", Form::Table("start"), "what must be true on entry"),
    needed("step", Form::Tables("step"), "the steps, in order"),
    key("solve", Form::Tables("solve"), "how each step is played"),
    key(
        "trial",
        Form::Tables("trial"),
        "how each mistake is made, on purpose",
    ),
];

pub(crate) const START: &[Key] = &[
    key("servers", Form::Whole(0, 64), "how many echo servers run"),
    key("balancer", Form::Flag, "whether the balancer runs"),
    key("nameserver", Form::Flag, "whether the name server runs"),
    key(
        "config",
        Form::Sayings,
        "what the learner's file must say to be kept (`what` may be left out: it is `config`)",
    ),
    key(
        "fallback",
        Form::Text,
        "the file that is written when it does not, from this lab file's folder",
    ),
];

pub(crate) const STEP: &[Key] = &[
    needed(
        "id",
        Form::Id,
        "its name, unique in the activity; its text stands under `## ID`",
    ),
    needed(
        "kind",
        Form::OneOf(words::<Kind>),
        "what is asked of the learner",
    ),
    key(
        "hide",
        Form::SomeOf(words::<Hidden>),
        "what the screens of the lab (`lab`, `lab status`, `lab up`, the page) and the statistics page of its balancer leave out until the guess of this step is given; the CSV, the log, and all that another HAProxy shows are as always",
    ),
    key(
        "settle",
        Form::Time,
        "how long a red check stays \"not yet\" after something happened",
    ),
    key("check", Form::Checks, "the boxes to tick, each a condition"),
    key(
        "mistake",
        Form::Tables("step.mistake"),
        "mistakes known by name; the first that fits is told",
    ),
    key("try", Form::Text, "a command to try"),
    key(
        "compare",
        Form::Either(&[Form::Id, Form::Table("compare")]),
        "the earlier `predict` step whose guess is laid beside what happened",
    ),
    key(
        "note",
        Form::Text,
        "asks for a line for the notebook, with these words",
    ),
    key("note_needed", Form::Flag, "the note must not be empty"),
    key(
        "pass",
        Form::Whole(1, 99),
        "right answers needed; all of them without",
    ),
    key(
        "question",
        Form::Tables("step.question"),
        "the questions, where there are several",
    ),
];

pub(crate) const MISTAKE: &[Key] = &[
    needed("id", Form::Id, "its name"),
    needed("if", Form::Conditions, "what must hold, all of it"),
    needed("say", Form::Text, "what the learner is told"),
    key(
        "next",
        Form::Texts,
        "what to do about it: commands that can be pasted",
    ),
];

pub(crate) const QUESTION: &[Key] = &[needed("ask", Form::Text, "the question")];

/// What counts as an answer: in a question, or directly in a step that has only one.
pub(crate) const ANSWER: &[Key] = &[
    key("choices", Form::Texts, "the answers to choose from"),
    key(
        "truth",
        Form::Either(&[Form::Whole(1, 99), Form::Wholes]),
        "the right choice, counted from 1; a list where several are to be ticked",
    ),
    key(
        "number",
        Form::Either(&[Form::Number, Form::Yes]),
        "a number is asked for: the right one, or `true` where none is right or wrong",
    ),
    key(
        "contains",
        Form::Texts,
        "free words are asked for: right is what holds one of these, in any case",
    ),
    key(
        "live",
        Form::Text,
        "a value of the statistics is asked for, as it is then: `\"server01.stot\"`",
    ),
    key(
        "because",
        Form::Texts,
        "why, told after the answer; a list, one for each choice, where several are to be ticked",
    ),
];

pub(crate) const COMPARE: &[Key] = &[
    needed("step", Form::Id, "the `predict` step"),
    key(
        "was",
        Form::Texts,
        "what was measured, in words with placeholders, for each question; without: the words of the true choice",
    ),
];

pub(crate) const SOLVE: &[Key] = &[
    needed("step", Form::Id, "the step"),
    key(
        "do",
        Form::Texts,
        "what is done, in the words of the table of verbs",
    ),
    key(
        "answer",
        Form::Either(&[
            Form::Whole(0, u32::MAX),
            Form::Text,
            Form::Wholes,
            Form::Texts,
        ]),
        "the answer, or a list of them: a choice counted from 1, a number, or words",
    ),
    key("note", Form::Text, "the line for the notebook"),
];

pub(crate) const TRIAL: &[Key] = &[
    needed("step", Form::Id, "the step in which it is made"),
    needed(
        "do",
        Form::Texts,
        "what is done, in the words of the table of verbs",
    ),
    needed("mistake", Form::Id, "the mistake that must be told then"),
];

/// `course.toml`.
pub(crate) const COURSE: &[Key] = &[
    needed("format", Form::Whole(1, 1), "the version of this form: 1"),
    needed("id", Form::Id, "the name that progress is kept under"),
    needed("title", Form::Text, "its title"),
    key("rules", Form::Table("rules"), "the rules of a class"),
    needed("entry", Form::Tables("entry"), "the activities, in order"),
];

pub(crate) const ENTRY: &[Key] = &[
    needed("id", Form::Text, "the id of an activity"),
    key(
        "group",
        Form::OneOf(words::<Group>),
        "where it stands in the list; `\"activity\"` without",
    ),
];

pub(crate) const RULES: &[Key] = &[
    key(
        "reveal",
        Form::OneOf(words::<RevealRule>),
        "when `lab reveal` shows the answer; `\"any\"` time without",
    ),
    key(
        "skip",
        Form::Flag,
        "a step may be passed over without its check; `true` without",
    ),
    key(
        "name",
        Form::Flag,
        "asks once for the learner's name; `false` without",
    ),
];

/// The tables of `course.toml`.
pub const COURSE_TABLES: [Table; 3] = [
    Table {
        name: "",
        keys: &[COURSE],
    },
    Table {
        name: "entry",
        keys: &[ENTRY],
    },
    Table {
        name: "rules",
        keys: &[RULES],
    },
];

#[cfg(test)]
mod tests;
