//! What steps of a check look up: expressions, formats, variables.

use super::Step;
use crate::acl::Site;
use crate::model::{CheckAction, CheckStep, CheckValue};
use crate::sample::{self, Place, Within};
use samples::format::Purpose;
use samples::{Expression, Format};

impl Step<'_, '_, '_> {
    /// `set-var(NAME) EXPRESSION`, `set-var-fmt(NAME) FORMAT`, `unset-var(NAME)`; what follows is not looked at.
    pub(super) fn variable(&mut self, kind: &str) -> Option<CheckStep> {
        let word = self.line.text(1);
        let action = match kind {
            "unset-var" => sample::unset(word).map(CheckAction::UnsetVariable),
            _ => sample::to_set(word).and_then(|(name, when)| {
                let text = self.line.text(2).to_owned();
                let value = if kind == "set-var" {
                    CheckValue::Sample(self.own_sample(&text)?)
                } else {
                    CheckValue::Text(self.own_format(&text)?)
                };
                Ok(CheckAction::SetVariable { name, when, value })
            }),
        };
        match action {
            Ok(action) => Some(CheckStep {
                action,
                comment: None,
            }),
            Err(words) => self.wrong(
                2,
                format!("`{word}`: {words}"),
                &format!("'{kind}' : {words}"),
            ),
        }
    }

    /// The value of `set-var`; the error is HAProxy's.
    fn own_sample(&mut self, text: &str) -> Result<Expression, String> {
        let word = self.line.text(1);
        let expression = sample::expression(text, &mut self.place())?;
        let needs = expression.fetch.needs;
        if Site::Check.has(needs) {
            return Ok(expression);
        }
        Err(format!(
            "fetch method '{word}' extracts information from '{}', none of which is available here",
            needs.title()
        ))
    }

    /// The error is HAProxy's.
    pub(super) fn own_format(&mut self, text: &str) -> Result<Format, String> {
        sample::format(text, Purpose::Check, Site::Check, &mut self.place())
    }

    /// A format; what is wrong with it is told of a text that HAProxy names.
    pub(super) fn format(&mut self, text: &str, named: &str) -> Option<Format> {
        match self.own_format(text) {
            Ok(format) => Some(format),
            Err(why) => {
                let words = format!("'{named}' invalid log-format string ({why}).\n");
                self.wrong(self.at - 1, format!("`{text}`: {why}"), &words)
            }
        }
    }

    /// The expression of an option.
    pub(super) fn sample(&mut self, text: &str, option: &str) -> Option<Expression> {
        let read = sample::expression(text, &mut self.place());
        let why = match read {
            Ok(expression) if Site::Check.has(expression.fetch.needs) => return Some(expression),
            Ok(expression) => {
                let title = expression.fetch.needs.title();
                format!(
                    " fetch method '{text}' extracts information from '{title}', none of which is available here.\n"
                )
            }
            Err(why) => why,
        };
        let words = format!("error detected while parsing {option} expression : {why}");
        self.wrong(self.at - 1, format!("`{text}`: {}", why.trim()), &words)
    }

    fn place(&mut self) -> Place<'_> {
        Place {
            within: Within::Check,
            ..self.context.place(self.line.span)
        }
    }
}
