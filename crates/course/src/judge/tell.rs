//! Small words: lists of ports, times of day, durations, ways to end.

use super::Sight;
use super::world::Ending;
use crate::words::say;
use jiff::Timestamp;
use std::time::Duration;

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

/// From `then` to `now`; zero where the clock was set back between the two.
pub(crate) fn between(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// `8 s`, `24 min`, `3 h`, `2 d`
pub(crate) fn lasted(time: Duration) -> String {
    match time.as_secs() {
        s @ 0..60 => format!("{s} s"),
        s @ 60..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{} d", s / 86_400),
    }
}

/// `0.4 ms`, `31 ms`, `3.0 s`
pub(super) fn took(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}
