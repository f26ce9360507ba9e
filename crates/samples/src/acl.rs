//! Tests, named tests, and conditions made of them (manual 7.1 and 7.2).

use crate::expression::Expression;
use crate::pattern::Matching;
use crate::pattern_set::PatternSet;
use crate::value::Value;
use crate::view::View;
use std::sync::Arc;

/// One `acl` line, or what stands between braces.
#[derive(Clone, Debug)]
pub struct Test {
    pub expression: Expression,
    pub matching: Matching,
    /// In the order of the line: those of each `-f`, and those written out.
    pub patterns: Vec<Arc<PatternSet>>,
}

/// All lines of one name: one of them is enough.
#[derive(Clone, Debug, Default)]
pub struct Acl {
    /// Empty between braces.
    pub name: String,
    pub tests: Vec<Test>,
}

/// One word of a condition.
#[derive(Clone, Debug)]
pub struct Term {
    pub negated: bool,
    pub acl: Arc<Acl>,
}

/// What stands after `if` or `unless`.
#[derive(Clone, Debug)]
pub struct Condition {
    pub unless: bool,
    /// One of them is enough, in which every term must hold.
    pub any_of: Vec<Vec<Term>>,
}

impl Test {
    pub fn holds(&self, view: &View<'_>) -> bool {
        self.expression.any(view, |value| self.matches(&value))
    }

    fn matches(&self, value: &Value<'_>) -> bool {
        match self.matching {
            Matching::Found => true,
            Matching::Bool => value.truth() == Some(true),
            _ => self.patterns.iter().any(|set| set.matches(value)),
        }
    }
}

impl Acl {
    pub fn holds(&self, view: &View<'_>) -> bool {
        self.tests.iter().any(|test| test.holds(view))
    }
}

impl Condition {
    /// Whether what it guards is to be done.
    pub fn holds(&self, view: &View<'_>) -> bool {
        let all = |terms: &Vec<Term>| {
            terms
                .iter()
                .all(|term| term.acl.holds(view) != term.negated)
        };
        self.any_of.iter().any(all) != self.unless
    }
}

/// Whether a rule is to be carried out: one without a condition always is.
pub fn applies(condition: Option<&Condition>, view: &View<'_>) -> bool {
    condition.is_none_or(|condition| condition.holds(view))
}
