//! What an agent says: one line of words about its server (manual, "agent-check").

use crate::backend::{AdminChange, WeightChange};
use crate::check::CheckStatus;

/// A line, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentReply {
    pub admin: Option<AdminChange>,
    pub weight: Option<WeightChange>,
    pub maxconn: Option<u32>,
    /// Of the health, if it was mentioned.
    pub up: Option<bool>,
    /// What is told of the line.
    pub info: String,
}

/// The words of each kind that came last.
#[derive(Default)]
struct Words<'a> {
    health: Option<&'a str>,
    admin: Option<&'a str>,
    weight: Option<&'a str>,
    maxconn: Option<&'a str>,
    /// The first one nobody knows.
    unknown: Option<&'a str>,
}

impl AgentReply {
    /// Reads a line up to its end, which is not part of it.
    pub fn read(line: &str) -> Self {
        let (words, description) = words(line);
        let mut reply = Self {
            admin: words.admin.and_then(admin),
            up: words.health.map(|word| word.eq_ignore_ascii_case("up")),
            ..Self::default()
        };
        let mut warning = None;
        if let Some(word) = words.weight {
            match weight(word) {
                Ok(weight) => reply.weight = Some(weight),
                Err(why) => warning = Some(why),
            }
        }
        if let Some(word) = words.maxconn {
            match maxconn(word) {
                Ok(maxconn) => reply.maxconn = Some(maxconn),
                Err(why) => warning = warning.or(Some(why)),
            }
        }
        reply.info = info(&words, description, warning);
        reply
    }

    /// Something of it could not be done, which is told where there is nothing more important to tell.
    pub(crate) fn warn(&mut self, words: &str) {
        if self.info.is_empty() {
            self.info = format!("agent warns : {words}");
        } else if self.up.is_some() && !self.info.ends_with(')') {
            self.info += &format!(" ({words})");
        }
    }

    /// As in the column `agent_status`.
    pub fn status(&self) -> CheckStatus {
        match self.up {
            Some(true) => CheckStatus::L7Ok,
            Some(false) => CheckStatus::L7Status,
            None => CheckStatus::Checked,
        }
    }
}

/// Words are parted by blanks and commas; a description follows `#`.
fn words(line: &str) -> (Words<'_>, &str) {
    let is_separator = |c: char| matches!(c, ' ' | '\t' | ',');
    let mut words = Words::default();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches(is_separator);
        if let Some(description) = rest.strip_prefix('#') {
            return (words, description.trim_start_matches([' ', '\t']));
        }
        if rest.is_empty() {
            return (words, "");
        }
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.take(word);
        rest = after;
    }
}

impl<'a> Words<'a> {
    fn take(&mut self, word: &'a str) {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "up" | "down" | "stopped" | "fail" => self.health = Some(word),
            "ready" | "drain" | "maint" => self.admin = Some(word),
            _ if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('%') => {
                self.weight = Some(word);
            }
            _ if lower.starts_with(MAXCONN) => self.maxconn = Some(&word[MAXCONN.len()..]),
            _ => self.unknown = self.unknown.or(Some(word)),
        }
    }
}

const MAXCONN: &str = "maxconn:";

fn admin(word: &str) -> Option<AdminChange> {
    match word.to_ascii_lowercase().as_str() {
        "ready" => Some(AdminChange::Ready),
        "drain" => Some(AdminChange::Drain),
        "maint" => Some(AdminChange::Maint),
        _ => None,
    }
}

/// `50%`; the word begins with a digit and holds a percent sign.
fn weight(word: &str) -> Result<WeightChange, &'static str> {
    match word.strip_suffix('%').map(str::parse) {
        Some(Ok(percent)) => Ok(WeightChange::Percent(percent)),
        _ => Err("Trailing garbage in weight string"),
    }
}

fn maxconn(word: &str) -> Result<u32, &'static str> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    match (digits, word.parse()) {
        (_, Ok(number)) => Ok(number),
        (0, _) => Err("maxconn string empty or preceded by garbage"),
        _ => Err("Trailing garbage in maxconn string"),
    }
}

/// A loss is told with its description alone, a gain with what was odd about the line.
fn info(words: &Words<'_>, description: &str, warning: Option<&str>) -> String {
    let odd = words.unknown.or(warning);
    let Some(health) = words.health else {
        return match (words.unknown, warning) {
            (Some(word), _) => format!("agent reports an error : {word}"),
            (None, Some(warning)) => format!("agent warns : {warning}"),
            (None, None) => String::new(),
        };
    };
    let up = health.eq_ignore_ascii_case("up");
    let told = match odd {
        Some(odd) if up || description.is_empty() => odd,
        _ => description,
    };
    if told.is_empty() {
        format!("via agent : {health}")
    } else {
        format!("via agent : {health} ({told})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn told(line: &str, status: CheckStatus, info: &str) -> AgentReply {
        let reply = AgentReply::read(line);
        assert_eq!(
            (reply.status(), reply.info.as_str()),
            (status, info),
            "{line}"
        );
        reply
    }

    #[test]
    fn words_combine_in_any_order() {
        let reply = told(
            "ready, UP\t50% maxconn:30",
            CheckStatus::L7Ok,
            "via agent : UP",
        );
        assert_eq!(reply.admin, Some(AdminChange::Ready));
        assert_eq!(reply.weight, Some(WeightChange::Percent(50)));
        assert_eq!(reply.maxconn, Some(30));
        let reply = told("drain maint", CheckStatus::Checked, "");
        assert_eq!(reply.admin, Some(AdminChange::Maint), "the last one counts");
        assert_eq!(told("", CheckStatus::Checked, ""), AgentReply::default());
    }

    #[test]
    fn a_loss_has_its_description() {
        let info = "via agent : down (bad thing)";
        told("down # bad thing", CheckStatus::L7Status, info);
        told("fail", CheckStatus::L7Status, "via agent : fail");
        told(
            "down odd #why",
            CheckStatus::L7Status,
            "via agent : down (why)",
        );
        told("down odd", CheckStatus::L7Status, "via agent : down (odd)");
        told("up odd #why", CheckStatus::L7Ok, "via agent : up (odd)");
        told("#only", CheckStatus::Checked, "");
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let error = |word| format!("agent reports an error : {word}");
        told("garbage more", CheckStatus::Checked, &error("garbage"));
        told("50", CheckStatus::Checked, &error("50"));
        told("stopped#x y", CheckStatus::Checked, &error("stopped#x"));
        let warns = |text| format!("agent warns : {text}");
        let weight = warns("Trailing garbage in weight string");
        told("50%x", CheckStatus::Checked, &weight);
        let maxconn = warns("maxconn string empty or preceded by garbage");
        told("maxconn:x", CheckStatus::Checked, &maxconn);
    }
}
