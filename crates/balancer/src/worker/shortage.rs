//! What connections cannot be accepted for.

use super::Worker;
use crate::load::os_text;
use std::io;
use std::time::{Duration, Instant};

/// What connections cannot be accepted for, told once in a while.
#[derive(Default)]
pub(super) struct Shortage {
    told: Option<Instant>,
}

impl Shortage {
    const PAUSE: Duration = Duration::from_secs(1);

    pub(super) fn tell(&mut self, worker: &Worker, frontend: &str, error: &io::Error) {
        if self.told.is_some_and(|told| told.elapsed() < Self::PAUSE) {
            return;
        }
        self.told = Some(Instant::now());
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let words = Self::words(frontend, limit.unwrap_or(u64::MAX), error);
        let plan = worker.plan();
        let log = plan.frontend(frontend).map_or(&[][..], |it| &it.log);
        worker.logger.tell_shortage(log, &words);
    }

    /// HAProxy's words; `limit` is that of open files.
    fn words(frontend: &str, limit: u64, error: &io::Error) -> String {
        use rustix::io::Errno;
        let (what, next) = match Errno::from_io_error(error) {
            Some(Errno::MFILE) => ("process FD", "'ulimit-n' and restart"),
            Some(Errno::NFILE) => ("system FD", "system tunables"),
            Some(Errno::NOBUFS | Errno::NOMEM) => ("system memory", "system tunables"),
            _ => return format!("Proxy {frontend} cannot accept ({}).", os_text(error)),
        };
        format!("Proxy {frontend} reached {what} limit (maxsock={limit}). Please check {next}.")
    }
}
