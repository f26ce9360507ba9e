//! Small words: lists of ports, times of day, ways to end.

use super::Sight;
use super::world::Ending;
use crate::times::{between, lasted};
use crate::words::say;
use jiff::Timestamp;

impl Sight<'_> {
    /// `12:41:07`, where the learner is.
    pub(crate) fn clock(self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone())
            .strftime("%H:%M:%S")
            .to_string()
    }

    pub(super) fn ago(self, then: Timestamp) -> String {
        lasted(between(then, self.facts.now))
    }

    /// `8080, 8081 and 8083`
    pub(super) fn ports(self, ports: impl IntoIterator<Item = u16>) -> String {
        let ports: Vec<u16> = ports.into_iter().collect();
        self.words.list(&ports)
    }

    /// `by Ctrl-C`, `by SIGKILL`, `with exit 0`; empty where nobody saw it.
    pub(super) fn how(self, ending: &Ending<'_>) -> String {
        match ending.how {
            None => String::new(),
            Some("SIGINT") => say!(self.words, ByCtrlC),
            Some("SIGHUP") => say!(self.words, ByClosing),
            Some(signal) if signal.starts_with("SIG") => {
                say!(self.words, BySignal, signal = signal)
            }
            Some(code) => say!(self.words, WithExit, code = code),
        }
    }

    /// `ended by Ctrl-C in terminal pts/6, 12:58:56`
    pub(super) fn ending(self, ending: &Ending<'_>) -> String {
        let mut words = vec![say!(self.words, Ended)];
        words.push(self.how(ending));
        if let Some(terminal) = ending.terminal {
            words.push(say!(self.words, InTerminal, terminal = terminal));
        }
        words.retain(|word| !word.is_empty());
        format!("{}, {}", words.join(" "), self.clock(ending.time))
    }
}
