//! What went wrong, why, and what to type next: the one form in which `lab` reports an expected failure.

use crate::exit::Exit;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::io;
use std::ops::{Deref, DerefMut};

pub(crate) type Result<T = Exit> = std::result::Result<T, Problem>;

/// Boxed, so that the common way, which is no problem, stays small.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// Kebab-case and stable, for example `port-busy`.
    pub(crate) code: String,
    /// An [`Exit`] code; a number, because a problem also travels over the control socket.
    exit: u8,
    /// One line, with the name and the number.
    pub(crate) what: String,
    pub(crate) why: Vec<String>,
    /// Commands that can be pasted, or what to do.
    pub(crate) next: Vec<String>,
    pub(crate) facts: Map<String, Value>,
    /// Diagnostics of a file, rendered: they stand in place of `what` when it is empty, above it otherwise.
    pub(crate) quoted: String,
}

impl Problem {
    pub(crate) fn new(code: &str, exit: Exit, what: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code: code.to_owned(),
            exit: exit.code(),
            what: what.into(),
            why: Vec::new(),
            next: Vec::new(),
            facts: Map::new(),
            quoted: String::new(),
        }))
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new("usage", Exit::Usage, what)
    }

    /// A call to the operating system failed: `doing` says what was tried, for example `write .lab/run/lab.json`.
    pub(crate) fn io(doing: &str, error: &io::Error) -> Self {
        let problem = Self::new("io", Exit::NotReady, format!("cannot {doing}: {error}"));
        match error.kind() {
            io::ErrorKind::PermissionDenied => {
                problem.next("use a folder that is yours:  lab --dir PATH ...")
            }
            io::ErrorKind::StorageFull => problem.next("free some space, then try again"),
            _ => problem,
        }
    }

    #[must_use]
    pub(crate) fn why(mut self, line: impl Into<String>) -> Self {
        self.why.push(line.into());
        self
    }

    #[must_use]
    pub(crate) fn next(mut self, line: impl Into<String>) -> Self {
        self.next.push(line.into());
        self
    }

    #[must_use]
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub(crate) fn quoted(mut self, diagnostics: String) -> Self {
        self.quoted = diagnostics;
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        Exit::from_code(self.exit).unwrap_or(Exit::No)
    }

    /// The form for people: `error:` first, further lines set in under `why` and `next`.
    pub(crate) fn render(&self) -> String {
        let mut text = self.quoted.clone();
        if !self.what.is_empty() {
            text.push_str(&format!("error: {}\n", self.what));
        }
        for (head, lines) in [("why", &self.why), ("next", &self.next)] {
            for (at, line) in lines.iter().enumerate() {
                let head = if at == 0 { head } else { "" };
                text.push_str(&format!("  {head:<5} {line}\n"));
            }
        }
        text
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "error": {
            "code": self.code,
            "what": self.what,
            "why": self.why.join("\n"),
            "next": self.next,
            "facts": self.facts,
        }})
    }
}

impl Deref for Problem {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_why_next_stand_in_this_order() {
        let problem = Problem::new("port-busy", Exit::NotReady, "port 8081 is taken")
            .why("`java` listens there")
            .why("it answers nothing")
            .next("kill 4312");
        assert_eq!(
            problem.render(),
            "error: port 8081 is taken\n  why   `java` listens there\n        it answers nothing\n  next  kill 4312\n"
        );
        assert_eq!(problem.exit(), Exit::NotReady);
    }

    #[test]
    fn json_form_keeps_the_code_and_the_facts() {
        let problem = Problem::new("port-busy", Exit::NotReady, "taken").fact("port", 8081);
        let json = problem.to_json();
        assert_eq!(json["error"]["code"], "port-busy");
        assert_eq!(json["error"]["facts"]["port"], 8081);
    }
}
