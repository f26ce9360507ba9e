use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// A port to listen on: 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Port(u16);

/// An address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(IpAddr);

/// A server's name as it goes into a header: 1 to 64 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

/// Whom `GET /` answers with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    /// Nobody: the bare sentence to all, as the original did.
    Plain,
    /// Browsers.
    Page,
}

impl Port {
    pub(crate) fn number(self) -> u16 {
        self.0
    }
}

impl FromStr for Port {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("a port is a whole number from 1 to 65535");
        }
        match text.parse() {
            Ok(0) => Err("0 asks the system for any free port, so nobody would know where to ask"),
            Ok(port) => Ok(Self(port)),
            Err(_) => Err("ports end at 65535: TCP has 16 bits for the number"),
        }
    }
}

impl Address {
    /// The place to bind.
    pub(crate) fn with(self, port: Port) -> SocketAddr {
        SocketAddr::new(self.0, port.0)
    }
}

impl Default for Address {
    /// This machine alone.
    fn default() -> Self {
        Self(Ipv4Addr::LOCALHOST.into())
    }
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = "an address is written in digits: 127.0.0.1 is this machine alone, 0.0.0.0 all its networks";
        text.parse().map(Self).map_err(|_| digits)
    }
}

impl Name {
    /// What a server is called when nobody named it.
    pub(crate) fn of_port(port: Port) -> Self {
        Self(format!("server-{}", port.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        match text.len() {
            1..=64 if visible => Ok(Self(text.to_owned())),
            _ => Err("a name goes into a header: 1 to 64 letters, digits and signs, no spaces"),
        }
    }
}

impl FromStr for Echo {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "plain" => Ok(Self::Plain),
            "page" => Ok(Self::Page),
            _ => Err("`plain` answers everybody in one sentence, `page` shows browsers a page"),
        }
    }
}
