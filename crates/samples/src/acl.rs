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

/// How a test comes out while not everything is known that it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Fails,
    /// It fails by what is known; more may come.
    Open,
    Holds,
}

impl Outcome {
    fn negated(self) -> Self {
        match self {
            Self::Fails => Self::Holds,
            Self::Open => Self::Open,
            Self::Holds => Self::Fails,
        }
    }
}

impl Test {
    fn outcome(&self, view: &View<'_>) -> Outcome {
        if let Some(more) = view.more {
            more.set(false);
        }
        if self.holds(view) {
            return Outcome::Holds;
        }
        match view.more {
            Some(more) if more.get() => Outcome::Open,
            _ => Outcome::Fails,
        }
    }

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
    fn outcome(&self, view: &View<'_>) -> Outcome {
        first_holding(self.tests.iter().map(|test| test.outcome(view)))
    }
}

/// Of several, one of which is enough: those behind it are not looked at.
fn first_holding(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let mut best = Outcome::Fails;
    for outcome in outcomes {
        best = best.max(outcome);
        if best == Outcome::Holds {
            break;
        }
    }
    best
}

impl Condition {
    /// Whether what it guards is to be done.
    pub fn holds(&self, view: &View<'_>) -> bool {
        self.outcome(view) == Outcome::Holds
    }

    /// The same while more may come.
    pub fn outcome(&self, view: &View<'_>) -> Outcome {
        let outcome = first_holding(self.any_of.iter().map(|terms| all(terms, view)));
        match self.unless {
            true => outcome.negated(),
            false => outcome,
        }
    }
}

/// All must hold: the first one that does not decides.
fn all(terms: &[Term], view: &View<'_>) -> Outcome {
    for term in terms {
        let outcome = term.acl.outcome(view);
        let outcome = if term.negated {
            outcome.negated()
        } else {
            outcome
        };
        if outcome != Outcome::Holds {
            return outcome;
        }
    }
    Outcome::Holds
}

/// Whether a rule is to be carried out: one without a condition always is.
pub fn applies(condition: Option<&Condition>, view: &View<'_>) -> bool {
    condition.is_none_or(|condition| condition.holds(view))
}
