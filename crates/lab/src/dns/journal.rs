//! What was asked of the name server, in the journal of the work folder.
//!
//! An answer is a line, up to so many a second; beyond them, questions of the same kind are counted together, so that
//! neither the file nor its readers drown when somebody measures how fast the server is. What the lab asks itself to see
//! whether the server is there is left out: looking does not count.

mod fold;

use crate::work_dir::WorkDir;
use crate::work_dir::journal::Journal;
use dns_authority::Answered;
use fold::Fold;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

/// Answers that may wait to be written; beyond them they are only counted.
const WAITING: usize = 8192;

/// Writes on a thread of its own: a slow disk never keeps an answer waiting.
pub(super) struct Writer {
    thread: Option<JoinHandle<()>>,
}

/// The function to be called with each answer, and who writes; the latter is to be waited for once the former is gone.
///
/// Nothing is written while the folder has no `.lab`, and a journal that cannot be written is no error.
pub(super) fn start(work: &WorkDir) -> (Box<dyn Fn(Answered)>, Writer) {
    let (sender, answers) = sync_channel(WAITING);
    let lost = Arc::new(AtomicU64::new(0));
    let (journal, counted) = (Journal::of(work), lost.clone());
    let thread = std::thread::Builder::new()
        .name("journal".into())
        .spawn(move || write_all(&answers, &journal, &counted));
    let listener = listener(sender, lost);
    (
        listener,
        Writer {
            thread: thread.ok(),
        },
    )
}

fn listener(sender: SyncSender<Answered>, lost: Arc<AtomicU64>) -> Box<dyn Fn(Answered)> {
    Box::new(move |answered| {
        if sender.try_send(answered).is_err() {
            lost.fetch_add(1, Ordering::Relaxed);
        }
    })
}

impl Writer {
    /// Until all is written.
    pub(super) fn wait(self) {
        if let Some(thread) = self.thread {
            let _ = thread.join();
        }
    }
}

fn write_all(answers: &Receiver<Answered>, journal: &Journal, lost: &AtomicU64) {
    let mut fold = Fold::default();
    loop {
        let came = match fold.end() {
            None => answers.recv().map_err(RecvTimeoutError::from),
            Some(end) => answers.recv_timeout(end.saturating_duration_since(Instant::now())),
        };
        let now = Instant::now();
        let events = match &came {
            Ok(answered) => fold.take(answered, now),
            Err(_) => {
                fold.left_out(lost.swap(0, Ordering::Relaxed));
                fold.close()
            }
        };
        for (event, facts) in events {
            journal.note(event, facts);
        }
        if came == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}
