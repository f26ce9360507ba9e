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
    /// One health check.
    Check,
}

/// A variable's full name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub scope: Scope,
    /// Without the scope.
    pub name: String,
}

/// What must hold for `set-var` to set a variable (manual, converter "set-var").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetIf {
    /// There was a value before, or there was none; those of the process count as being there always.
    Exists(bool),
    /// The new value is an empty text, or is none.
    Empty(bool),
    /// There was a value before, or there was none.
    Set(bool),
    /// The former number is greater than the new one; anything else than two numbers will do.
    Greater,
    /// It is less.
    Less,
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
            "check" => Self::Check,
            _ => return None,
        })
    }
}

impl SetIf {
    /// Reads one; the error is HAProxy's.
    ///
    /// # Errors
    ///
    /// HAProxy's words where there is none of this name.
    pub fn read(text: &str) -> Result<Self, String> {
        Ok(match text {
            "ifexists" => Self::Exists(true),
            "ifnotexists" => Self::Exists(false),
            "ifempty" => Self::Empty(true),
            "ifnotempty" => Self::Empty(false),
            "ifset" => Self::Set(true),
            "ifnotset" => Self::Set(false),
            "ifgt" => Self::Greater,
            "iflt" => Self::Less,
            odd => return Err(format!("unknown condition \"{odd}\"")),
        })
    }

    /// Whether it lets a variable take a value in place of the former one.
    pub fn allows(self, name: &Name, former: Option<&Value<'_>>, new: &Value<'_>) -> bool {
        match self {
            Self::Exists(there) => (former.is_some() || name.scope == Scope::Process) == there,
            Self::Set(there) => former.is_some() == there,
            Self::Empty(wanted) => {
                let empty = match new {
                    Value::Text(bytes) | Value::Binary(bytes) => bytes.is_empty(),
                    Value::Bool(_) | Value::Int(_) | Value::Address(_) => false,
                };
                empty == wanted
            }
            Self::Greater | Self::Less => match (former, new) {
                (Some(Value::Int(former)), Value::Int(new)) if self == Self::Greater => {
                    former > new
                }
                (Some(Value::Int(former)), Value::Int(new)) => former < new,
                _ => true,
            },
        }
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
