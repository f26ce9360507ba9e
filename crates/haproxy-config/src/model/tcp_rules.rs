//! `tcp-request` and `tcp-response` rules.

use super::HttpAction;
use samples::Condition;
use std::time::Duration;

/// All rules of a section that look at connections and their first bytes.
#[derive(Clone, Debug, Default)]
pub struct TcpRules {
    /// As soon as a connection has come.
    pub connection: Vec<TcpRule>,
    /// Once it is known whose it is, behind a PROXY header say.
    pub session: Vec<TcpRule>,
    /// On what the client sends first.
    pub content: Vec<TcpRule>,
    /// How long `content` rules wait for more; `None`: not at all.
    pub inspect_delay: Option<Duration>,
    /// On what the server sends first.
    pub response: Vec<TcpRule>,
    pub response_inspect_delay: Option<Duration>,
}

/// An action and when it is carried out.
#[derive(Clone, Debug)]
pub struct TcpRule {
    pub action: TcpAction,
    pub condition: Option<Condition>,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum TcpAction {
    /// No more rules of this list.
    Accept,
    Reject,
    /// Of a response: the server's connection is closed.
    Close,
    /// Leaves the client in the dark.
    SilentDrop,
    /// The connection begins with a PROXY header.
    ExpectProxy,
    /// One that rules on requests have as well; none of those that change a message.
    Common(HttpAction),
}
