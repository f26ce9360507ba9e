//! What stands in the brackets after a fetch's or converter's name.

use crate::pattern_set::PatternSet;
use crate::users::UserList;
use crate::variables::{Name, SetIf};
use regex::bytes::Regex;
use std::net::IpAddr;
use std::sync::Arc;

/// An argument, read.
#[derive(Clone, Debug)]
pub enum Argument {
    Text(String),
    Int(i64),
    Variable(Name),
    /// When a variable is set.
    SetIf(SetIf),
    Regex(Regex),
    Map(Arc<PatternSet>),
    /// An address, or a mask of one.
    Address(IpAddr),
    /// The backend or frontend of this name.
    Proxy(String),
    /// The stick table of this name.
    Table(String),
    Users(Arc<UserList>),
    /// `backend/server`; without a backend, the current one.
    Server {
        backend: Option<String>,
        server: String,
    },
    /// Left out.
    Nothing,
}

/// Tells what is wrong with arguments that could be read, in HAProxy's words.
pub type Check = fn(&[Argument]) -> Result<(), String>;

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    Text,
    Int,
    /// A variable where the word is the name of one.
    TextOrVariable,
    /// A number, or a variable that holds one.
    IntOrVariable,
    Variable,
    /// A condition of `set-var`.
    SetIf,
    /// A regular expression; flags may follow as another argument.
    Regex,
    /// A map's file.
    Map,
    /// A mask: bits or an address.
    Mask4,
    Mask6,
    Proxy,
    /// The name of a stick table.
    Table,
    /// The name of a `userlist`.
    Users,
    Server,
}

impl Parameter {
    /// As HAProxy's messages name it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Int => "integer",
            Self::Mask4 => "IPv4 mask",
            Self::Mask6 => "IPv6 mask",
            Self::Proxy => "backend",
            Self::Server => "server",
            Self::Table => "table",
            Self::Users => "userlist",
            Self::Regex => "regex",
            Self::Text
            | Self::TextOrVariable
            | Self::IntOrVariable
            | Self::Variable
            | Self::SetIf
            | Self::Map => "string",
        }
    }
}

impl Argument {
    /// The text at a place; empty where none was given.
    pub fn text(arguments: &[Self], at: usize) -> &str {
        match arguments.get(at) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    /// The number at a place, if one was given.
    pub fn int(arguments: &[Self], at: usize) -> Option<i64> {
        match arguments.get(at) {
            Some(Self::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// The counter of a session at a place, if there is one of that number.
    pub fn counter(arguments: &[Self], at: usize) -> Option<usize> {
        let counter = usize::try_from(Self::int(arguments, at)?).ok()?;
        (counter < crate::fetch::TRACKED).then_some(counter)
    }

    /// The stick table named at a place, if one was.
    pub fn table(arguments: &[Self], at: usize) -> Option<&str> {
        match arguments.get(at) {
            Some(Self::Table(name)) => Some(name),
            _ => None,
        }
    }

    /// The proxy named at a place, if one was.
    pub fn proxy(arguments: &[Self], at: usize) -> Option<&str> {
        match arguments.get(at) {
            Some(Self::Proxy(name)) => Some(name),
            _ => None,
        }
    }
}
