//! Persistence by cookie (manual, "cookie").

use std::time::Duration;

/// `cookie NAME ...`: clients stay with the server that a cookie of theirs names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    pub name: String,
    pub mode: CookieMode,
    /// A server never sees the cookie, and a client that came with the right one gets no other.
    pub indirect: bool,
    /// An answer that gets a cookie and could be cached is marked as private.
    pub nocache: bool,
    /// Only answers to `POST` get one.
    pub postonly: bool,
    /// A cookie that the server sets under this name is left as it is.
    pub preserve: bool,
    /// Servers without a value of their own get one made from their address and [`Cookie::key`].
    pub dynamic: bool,
    /// `dynamic-cookie-key`.
    pub key: Option<String>,
    pub httponly: bool,
    pub secure: bool,
    pub domains: Vec<String>,
    /// `attr`: more attributes, as written.
    pub attributes: Vec<String>,
    /// How long a client may be away, in whole seconds.
    pub maxidle: Option<Duration>,
    /// How long a cookie is good for, in whole seconds.
    pub maxlife: Option<Duration>,
}

/// Who makes the cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookieMode {
    /// The server; it is only read.
    #[default]
    Passive,
    /// The server, but its value is replaced.
    Rewrite,
    /// The balancer.
    Insert,
    /// The server; the balancer writes its own value in front of the server's.
    Prefix,
}
