//! Variables that rules set and read: `txn.name` and the like (manual 2.8).

use crate::value::Value;

/// How long a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// As long as the process.
    Process,
    /// As long as the client's connection.
    Session,
    /// One request and its answer.
    Transaction,
    /// Until the answer comes.
    Request,
    /// From then on.
    Response,
}

/// A variable's full name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub scope: Scope,
    /// Without the scope.
    pub name: String,
}

/// The variables of one connection and its request at work.
#[derive(Clone, Debug, Default)]
pub struct Variables(Vec<(Name, Value<'static>)>);

impl Scope {
    /// Those of the configuration's spelling before the dot.
    pub fn of(text: &str) -> Option<Self> {
        Some(match text {
            "proc" => Self::Process,
            "sess" => Self::Session,
            "txn" => Self::Transaction,
            "req" => Self::Request,
            "res" => Self::Response,
            _ => return None,
        })
    }
}

impl Variables {
    pub fn get(&self, name: &Name) -> Option<&Value<'static>> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub fn set(&mut self, name: &Name, value: Value<'static>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, former)) => *former = value,
            None => self.0.push((name.clone(), value)),
        }
    }

    /// Sets a variable, or forgets it.
    pub fn put(&mut self, name: &Name, value: Option<Value<'static>>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.unset(name),
        }
    }

    pub fn unset(&mut self, name: &Name) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Forgets all variables of a scope.
    pub fn end(&mut self, scope: Scope) {
        self.0.retain(|(known, _)| known.scope != scope);
    }
}
