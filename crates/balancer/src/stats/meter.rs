//! How busy the process is: idle time and bytes a second.

use crate::process::lock;
use lb_core::Uptime;
use std::sync::Mutex;
use std::time::Duration;

/// Compares two looks at the process, at least a second apart once there has been a second.
#[derive(Debug, Default)]
pub struct Meter {
    looks: Mutex<Looks>,
}

/// What a look sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub at: Uptime,
    /// Processor time of all threads.
    pub busy: Duration,
    pub bytes_out: u64,
}

/// Between two looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Part of the threads' time spent waiting, 0 to 100.
    pub idle_percent: u32,
    pub bytes_per_second: u64,
}

#[derive(Debug, Default)]
struct Looks {
    older: Look,
    newer: Look,
}

impl Meter {
    /// Takes a look and compares it with one that is a second old or older (at first: with the start).
    pub fn load(&self, look: Look, threads: usize) -> Load {
        let mut looks = lock(&self.looks);
        if look.at.saturating_sub(looks.newer.at) >= Duration::from_secs(1) {
            looks.older = std::mem::replace(&mut looks.newer, look);
        }
        Load::between(looks.older, look, threads)
    }
}

impl Look {
    /// Now.
    pub fn take(at: Uptime, bytes_out: u64) -> Self {
        let busy = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Self {
            at,
            busy: busy.try_into().unwrap_or_default(),
            bytes_out,
        }
    }
}

impl Load {
    fn between(from: Look, to: Look, threads: usize) -> Self {
        let elapsed = to.at.saturating_sub(from.at).as_secs_f64();
        let busy = to.busy.saturating_sub(from.busy).as_secs_f64();
        if elapsed <= 0.0 {
            return Self {
                idle_percent: 100,
                bytes_per_second: 0,
            };
        }
        let share = busy / (elapsed * threads.max(1) as f64);
        let bytes = to.bytes_out.saturating_sub(from.bytes_out);
        Self {
            idle_percent: (100.0 * (1.0 - share).clamp(0.0, 1.0)).round() as u32,
            bytes_per_second: (bytes as f64 / elapsed) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(seconds: u64, busy_ms: u64, bytes_out: u64) -> Look {
        Look {
            at: Duration::from_secs(seconds),
            busy: Duration::from_millis(busy_ms),
            bytes_out,
        }
    }

    #[test]
    fn load_is_of_the_last_second_or_more() {
        let meter = Meter::default();
        let load = |seconds, busy, bytes| {
            let load = meter.load(look(seconds, busy, bytes), 2);
            (load.idle_percent, load.bytes_per_second)
        };
        assert_eq!(load(10, 5000, 1000), (75, 100), "since the start");
        assert_eq!(load(12, 9000, 5000), (0, 2000), "since the first look");
        assert_eq!(load(12, 9000, 5000), (0, 2000), "asked again at once");
        assert_eq!(load(22, 9000, 5000), (100, 0), "since the second look");
    }
}
