//! Who ended an exchange, and in which phase (manual 8.5).

/// The first letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cause {
    #[default]
    Normal,
    Client,
    ClientTimeout,
    Server,
    ServerTimeout,
    /// The proxy refused: bad request, deny, invalid response.
    Proxy,
    /// Answered by the proxy itself: statistics, redirect, monitor.
    Local,
    /// A resource of the proxy ran out.
    Resource,
    /// A bug.
    Internal,
    /// The server was marked DOWN.
    Down,
    /// Killed from the runtime API.
    Killed,
    /// It was on a backup server, and is not to stay there.
    BackupLeft,
}

/// The second letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    #[default]
    Done,
    Request,
    Queue,
    Connect,
    Headers,
    Data,
    /// The last data to the client.
    Last,
    Tarpit,
}

/// How an exchange ended: shown as the first two flags of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Termination {
    pub cause: Cause,
    pub phase: Phase,
}

impl Termination {
    /// Nothing went wrong.
    pub const NORMAL: Self = Self::new(Cause::Normal, Phase::Done);

    pub const fn new(cause: Cause, phase: Phase) -> Self {
        Self { cause, phase }
    }

    /// For example `SC` or `--`.
    pub fn letters(self) -> [char; 2] {
        [self.cause.letter(), self.phase.letter()]
    }

    /// The status that a client gets which has not been answered yet; `None`: it is closed on without a word,
    /// or has its answer already.
    pub fn status(self) -> Option<u16> {
        use Cause::*;
        match (self.cause, self.phase) {
            (Proxy, Phase::Request) => Some(400),
            (Client, Phase::Request | Phase::Headers) => Some(400),
            (ClientTimeout, Phase::Request) => Some(408),
            (Server | ServerTimeout, Phase::Connect | Phase::Queue) => Some(503),
            (Server | Proxy | Down | Killed | BackupLeft, Phase::Headers) => Some(502),
            (ServerTimeout, Phase::Headers) => Some(504),
            (Internal | Resource, _) => Some(500),
            (Proxy, Phase::Tarpit) => Some(500),
            _ => None,
        }
    }
}

impl Cause {
    fn letter(self) -> char {
        match self {
            Self::Normal => '-',
            Self::Client => 'C',
            Self::ClientTimeout => 'c',
            Self::Server => 'S',
            Self::ServerTimeout => 's',
            Self::Proxy => 'P',
            Self::Local => 'L',
            Self::Resource => 'R',
            Self::Internal => 'I',
            Self::Down => 'D',
            Self::Killed => 'K',
            Self::BackupLeft => 'U',
        }
    }
}

impl Phase {
    fn letter(self) -> char {
        match self {
            Self::Done => '-',
            Self::Request => 'R',
            Self::Queue => 'Q',
            Self::Connect => 'C',
            Self::Headers => 'H',
            Self::Data => 'D',
            Self::Last => 'L',
            Self::Tarpit => 'T',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_those_of_the_reference() {
        let status = |cause, phase| Termination::new(cause, phase).status();
        assert_eq!(status(Cause::Server, Phase::Connect), Some(503));
        assert_eq!(status(Cause::ServerTimeout, Phase::Connect), Some(503));
        assert_eq!(status(Cause::ServerTimeout, Phase::Queue), Some(503));
        assert_eq!(status(Cause::Server, Phase::Headers), Some(502));
        assert_eq!(status(Cause::ServerTimeout, Phase::Headers), Some(504));
        assert_eq!(status(Cause::Proxy, Phase::Headers), Some(502));
        assert_eq!(status(Cause::Proxy, Phase::Request), Some(400));
        assert_eq!(status(Cause::ClientTimeout, Phase::Request), Some(408));
        assert_eq!(status(Cause::Server, Phase::Data), None);
    }

    #[test]
    fn letters_are_haproxys() {
        assert_eq!(Termination::NORMAL.letters(), ['-', '-']);
        assert_eq!(
            Termination::new(Cause::ServerTimeout, Phase::Connect).letters(),
            ['s', 'C']
        );
    }
}
