//! Our requests in the journal, where the balancer's own account of them is not seen.

use super::{Hit, Outcome};
use crate::work_dir::WorkDir;
use crate::work_dir::journal::{Fold, Journal};
use crate::work_dir::registration::Registration;
use course::facts::Request;
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;

pub(crate) struct Diary {
    journal: Journal,
    path: String,
    fold: RefCell<Fold>,
}

impl Diary {
    /// `None` where somebody else tells the journal of requests, or where there is no work folder.
    pub(crate) fn open(work: &WorkDir, path: &str) -> Option<Self> {
        let told_by_the_balancer =
            Registration::load(work).is_some_and(|registered| registered.tells_requests);
        (work.exists() && !told_by_the_balancer).then(|| Self {
            journal: Journal::of(work),
            path: path.to_owned(),
            fold: RefCell::default(),
        })
    }

    pub(crate) fn keep(&self, hit: &Hit) {
        let request = request(hit, &self.path);
        let events = self.fold.borrow_mut().take(Timestamp::now(), request);
        self.journal.add(&events);
    }
}

impl Drop for Diary {
    fn drop(&mut self) {
        let after = Timestamp::now().saturating_add(SignedDuration::from_secs(1));
        let events = self.fold.get_mut().due(after.unwrap_or(Timestamp::MAX));
        self.journal.add(&events);
    }
}

fn request(hit: &Hit, path: &str) -> Request {
    let (status, server, port) = match &hit.outcome {
        Outcome::Answered {
            status,
            server,
            port,
        } => (Some(*status), server.clone(), *port),
        Outcome::Failed(_) => (None, None, None),
    };
    Request {
        caller: "hit".to_owned(),
        agent: "lab hit".to_owned(),
        path: path.to_owned(),
        server,
        port,
        status,
        ms: u64::try_from(hit.took.as_millis()).unwrap_or(u64::MAX),
        count: 1,
        ..Request::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::Failure;
    use std::time::Duration;

    fn hit(outcome: Outcome) -> Hit {
        Hit {
            took: Duration::from_millis(7),
            outcome,
            to: None,
        }
    }

    #[test]
    fn hits_are_kept_only_where_nobody_else_tells_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        assert!(Diary::open(&work, "/").is_none(), "no work folder");
        work.create().unwrap();
        let diary = Diary::open(&work, "/").unwrap();
        let answered = Outcome::Answered {
            status: 200,
            server: Some("server01".into()),
            port: Some(8080),
        };
        for _ in 0..30 {
            diary.keep(&hit(answered.clone()));
        }
        diary.keep(&hit(Outcome::Failed(Failure::Refused)));
        drop(diary);
        let events = Journal::of(&work).tail().read();
        let count = |event: &course::facts::Event| match &event.what {
            course::facts::Happened::Request(request) => request.count,
            _ => 0,
        };
        assert_eq!(events.iter().map(count).sum::<u32>(), 31);
        let me = crate::work_dir::run_record::Identity::of("balancer", std::process::id());
        Registration::new(me, "lab", "/tmp/s".into()).save(&work);
        assert!(Diary::open(&work, "/").is_none(), "the balancer tells");
    }
}
