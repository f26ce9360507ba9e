//! Changes that are not of a message: variables, counters, addresses, lists of patterns. Rules on connections make them
//! too.

use super::patterns;
use crate::plan::{
    End, HttpAction, PatternReference, Plan, SetTimeout, Table, TagValue, TimeoutValue,
};
use crate::process::Process;
use crate::request::record::Record;
use crate::session::Session;
use crate::stick::{self, ask, tracked};
use crate::wire::Marking;
use lb_core::stick::Key;
use samples::tables::Datum;
use samples::variables::{Name, Scope, SetIf};
use samples::{Value, Variables, View};
use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A change, all its values known.
pub(super) enum Change {
    Variable(Name, Option<Value<'static>>),
    Track {
        counter: usize,
        table: String,
        key: Value<'static>,
    },
    Increment(usize, Datum),
    Tag(usize, Datum, u64),
    Address(End, IpAddr),
    Port(End, u16),
    Patterns(patterns::Change),
    /// `None`: for ever.
    Timeout(SetTimeout, Option<Duration>),
    PriorityClass(i64),
    PriorityOffset(i64),
    Marking(Marking),
}

/// The change that an action makes; `None`: it makes none.
pub(super) fn of(action: &HttpAction, view: &View<'_>) -> Option<Change> {
    Some(match action {
        HttpAction::SetVariable { name, when, value } => {
            Change::set(name, when, value.evaluate(view)?.into_owned(), view)?
        }
        HttpAction::SetVariableText { name, when, value } => {
            Change::set(name, when, Value::owned(value.render(view)), view)?
        }
        HttpAction::UnsetVariable(name) => Change::Variable(name.clone(), None),
        HttpAction::Track {
            counter,
            key,
            table,
        } => Change::Track {
            counter: *counter,
            table: table.clone(),
            key: key.evaluate(view)?.into_owned(),
        },
        HttpAction::Increment { counter, datum } => Change::Increment(*counter, *datum),
        HttpAction::SetTag {
            counter,
            datum,
            value,
        } => {
            let number = match value {
                TagValue::Number(number) => *number,
                TagValue::Expression(value) => value.evaluate(view)?.int()? as u32,
            };
            Change::Tag(*counter, *datum, number.into())
        }
        HttpAction::SetAddress(end, value) => {
            Change::Address(*end, value.evaluate(view)?.address()?)
        }
        HttpAction::SetPort(end, value) => Change::Port(*end, value.evaluate(view)?.int()? as u16),
        HttpAction::ChangePatterns { file, key, change } => {
            Change::Patterns(patterns::of(file, key, change, view))
        }
        HttpAction::SetTimeout(which, value) => Change::Timeout(*which, timeout(value, view)?),
        HttpAction::SetPriorityClass(value) => Change::PriorityClass(value.evaluate(view)?.int()?),
        HttpAction::SetPriorityOffset(value) => {
            Change::PriorityOffset(value.evaluate(view)?.int()?)
        }
        HttpAction::SetMark(mark) => Change::Marking(Marking::Mark(*mark)),
        HttpAction::SetTos(tos) => Change::Marking(Marking::Tos(*tos)),
        _ => return None,
    })
}

/// `None`: nobody can say; `Some(None)`: for ever.
fn timeout(value: &TimeoutValue, view: &View<'_>) -> Option<Option<Duration>> {
    let milliseconds = match value {
        TimeoutValue::Fixed(duration) => return Some(Some(*duration)),
        TimeoutValue::Milliseconds(value) => value.evaluate(view)?.int()?,
    };
    // What should have ended before it began ends at once.
    let duration = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    Some((milliseconds != 0).then_some(duration))
}

/// What a change is made to.
pub(super) trait Subject {
    fn process(&self) -> &Arc<Process>;
    fn variables(&self) -> &RefCell<Variables>;
    /// What a counter tracks.
    fn tracked(&self, counter: usize) -> Option<(Arc<Table>, Key)>;
    fn table(&self, name: &str) -> Option<Arc<Table>>;
    /// False: the counter tracks something already, or the table is full.
    fn track(&mut self, counter: usize, table: &Arc<Table>, key: Key) -> bool;
    /// The address of an end.
    fn end(&mut self, end: End) -> &mut std::net::SocketAddr;
    /// The lists of patterns that were read from a file.
    fn patterns(&self, file: &str) -> Option<PatternReference>;
    /// Marks what is sent to the client from now on.
    fn mark(&mut self, marking: Marking);
    /// The request that it is or carries; a connection has none yet.
    fn request(&mut self) -> Option<&mut Record>;
}

impl Change {
    /// `None`: a condition keeps the variable as it is.
    fn set(name: &Name, when: &[SetIf], value: Value<'static>, view: &View<'_>) -> Option<Self> {
        let former = view.variable(name);
        when.iter()
            .all(|condition| condition.allows(name, former.as_ref(), &value))
            .then(|| Self::Variable(name.clone(), Some(value)))
    }

    /// Makes the change; true: something is tracked now that was not.
    pub(super) fn make(self, subject: &mut impl Subject) -> bool {
        let now = subject.process().now();
        match self {
            Self::Variable(name, value) => set_variable(&name, value, subject),
            Self::Track {
                counter,
                table,
                key,
            } => {
                let table = subject.table(&table);
                let key = table.as_ref().and_then(|table| stick::key(table.kind, key));
                if let (Some(table), Some(key)) = (table, key) {
                    return subject.track(counter, &table, key);
                }
            }
            Self::Increment(counter, datum) => {
                if let Some((table, key)) = subject.tracked(counter) {
                    ask::increment(&table, &key, datum, false, now);
                }
            }
            Self::Tag(counter, datum, value) => {
                if let Some((table, key)) = subject.tracked(counter) {
                    ask::set(&table, &key, datum, value, now);
                }
            }
            Self::Address(end, address) => {
                let end = subject.end(end);
                // An address of the other family begins with port 0, as nobody has said which.
                let port = if end.is_ipv4() == address.is_ipv4() {
                    end.port()
                } else {
                    0
                };
                *end = (address, port).into();
            }
            Self::Port(end, port) => subject.end(end).set_port(port),
            Self::Patterns(change) => {
                if let Some(reference) = subject.patterns(change.file()) {
                    change.make(&reference);
                }
            }
            Self::Marking(marking) => subject.mark(marking),
            Self::Timeout(which, limit) => {
                if let Some(record) = subject.request() {
                    record.set_timeout(which, limit);
                }
            }
            Self::PriorityClass(class) => {
                if let Some(record) = subject.request() {
                    record.priority.set_class(class);
                }
            }
            Self::PriorityOffset(offset) => {
                if let Some(record) = subject.request() {
                    record.priority.set_offset(offset);
                }
            }
        }
        false
    }
}

fn set_variable(name: &Name, value: Option<Value<'static>>, subject: &impl Subject) {
    if name.scope == Scope::Check {
        return;
    }
    let process = subject.process();
    let mut of_process =
        (name.scope == Scope::Process).then(|| crate::process::lock(&process.variables));
    let mut own = subject.variables().borrow_mut();
    let variables = of_process.as_deref_mut().unwrap_or(&mut own);
    variables.put(name, value);
}

impl Subject for Record {
    fn process(&self) -> &Arc<Process> {
        &self.worker.process
    }

    fn variables(&self) -> &RefCell<Variables> {
        &self.variables
    }

    fn tracked(&self, counter: usize) -> Option<(Arc<Table>, Key)> {
        self.counters.get(counter)
    }

    fn table(&self, name: &str) -> Option<Arc<Table>> {
        self.plan.table(name).cloned()
    }

    fn track(&mut self, counter: usize, table: &Arc<Table>, key: Key) -> bool {
        let process = &self.worker.process;
        self.counters.track(counter, table, key, process)
    }

    fn end(&mut self, end: End) -> &mut std::net::SocketAddr {
        match end {
            End::Source => &mut self.client,
            End::Destination => &mut self.called,
        }
    }

    fn patterns(&self, file: &str) -> Option<PatternReference> {
        self.plan.patterns_of(file).cloned()
    }

    fn mark(&mut self, marking: Marking) {
        self.markings.push(marking);
    }

    fn request(&mut self) -> Option<&mut Record> {
        Some(self)
    }
}

impl Subject for Session {
    fn process(&self) -> &Arc<Process> {
        &self.worker.process
    }

    fn variables(&self) -> &RefCell<Variables> {
        &self.variables
    }

    fn tracked(&self, counter: usize) -> Option<(Arc<Table>, Key)> {
        self.tracked.borrow().get(counter).map(tracked::Hold::parts)
    }

    fn table(&self, name: &str) -> Option<Arc<Table>> {
        let plan: Arc<Plan> = self.worker.plan();
        plan.table(name).cloned()
    }

    fn track(&mut self, counter: usize, table: &Arc<Table>, key: Key) -> bool {
        let process = &self.worker.process;
        let mut tracked = self.tracked.borrow_mut();
        tracked.track(counter, table, key, process)
    }

    fn end(&mut self, end: End) -> &mut std::net::SocketAddr {
        match end {
            End::Source => &mut self.accepted.peer,
            End::Destination => &mut self.accepted.local,
        }
    }

    fn patterns(&self, file: &str) -> Option<PatternReference> {
        self.worker.plan().patterns_of(file).cloned()
    }

    fn mark(&mut self, marking: Marking) {
        self.client.mark_all(&mut vec![marking]);
    }

    fn request(&mut self) -> Option<&mut Record> {
        None
    }
}
