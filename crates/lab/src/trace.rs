//! The trace of the lab's own decisions: `.lab/run/lab.log`, with `-v` or `LAB_LOG`.

use crate::work_dir::WorkDir;
use std::sync::Mutex;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts writing the trace, where one is wanted. A trace that cannot be written is no reason not to run.
pub(crate) fn start(work: &WorkDir, verbose: u8) {
    let wanted = std::env::var("LAB_LOG").ok();
    let level = match verbose {
        0 => None,
        1 => Some("lab=debug"),
        _ => Some("lab=trace"),
    };
    let Some(filter) = wanted.as_deref().or(level) else {
        return;
    };
    if work.create().is_err() {
        return;
    }
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(work.run().join("lab.log"));
    if let Ok(file) = file {
        let everything_of_lab = Targets::new().with_target("lab", LevelFilter::DEBUG);
        let filter: Targets = filter.parse().unwrap_or(everything_of_lab);
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(Mutex::new(file));
        // A second subscriber can only come from a second `run` in one process, as in tests.
        let _ = tracing_subscriber::registry()
            .with(lines.with_filter(filter))
            .try_init();
    }
}
