//! Stick tables and the rules that use them (manual, "stick-table" and "stick").

use diagnostics::Span;
use samples::{Condition, Expression};
use std::time::Duration;

/// `stick-table`: what is remembered of clients. Its name is its section's.
#[derive(Clone, Debug)]
pub struct StickTable {
    pub name: String,
    /// The line.
    pub span: Span,
    pub key: StickKey,
    /// Most entries.
    pub size: u32,
    /// How long an entry stays after its last use; `None`: for ever.
    pub expire: Option<Duration>,
    /// A full table takes nothing new.
    pub nopurge: bool,
    /// In the order of the lines, each name once.
    pub store: Vec<StickData>,
}

/// `type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StickKey {
    Ip,
    Ipv6,
    Integer,
    /// So many bytes at most.
    Text(usize),
    /// Exactly so many bytes.
    Binary(usize),
}

/// One word of `store`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StickData {
    pub name: &'static str,
    /// Of a rate.
    pub period: Option<Duration>,
    /// How many numbers, 1 to 100; 1 of what is no array.
    pub elements: usize,
}

/// `stick on|match|store-request|store-response EXPRESSION [table T] [if|unless CONDITION]`.
#[derive(Clone, Debug)]
pub struct StickRule {
    pub kind: StickKind,
    pub expression: Expression,
    /// Index into [`Config::tables`](super::Config::tables).
    pub table: usize,
    pub condition: Option<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StickKind {
    /// Looks up, and stores.
    On,
    Match,
    StoreRequest,
    /// Stores what the answer tells.
    StoreResponse,
}
