//! The one session behind the page. It is kept by a thread of its own, which looks at the world while somebody watches.

use super::html::{self, View};
use crate::cli::{Global, Labs};
use crate::problem::{Problem, Result};
use crate::ui::{Surroundings, Ui};
use crate::walk::{Seen, Session};
use crate::work_dir::WorkDir;
use course::model::Hidden;
use course::walk::{Action, Entry, Outcome, Reply};
use serde_json::{Map, Value, json};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// How often the world is looked at while somebody watches.
const GLANCE: Duration = Duration::from_millis(500);

/// What a form asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Open(String),
    Do(Action),
}

/// The page at one moment.
#[derive(Debug, Default)]
pub(super) struct Shown {
    title: String,
    parts: html::Parts,
    /// What the last act brought.
    news: String,
    pub(super) document: String,
}

impl Shown {
    pub(super) fn json(&self) -> String {
        let parts: Map<String, Value> = self
            .parts
            .iter()
            .map(|(id, html)| ((*id).to_owned(), html.clone().into()))
            .collect();
        json!({ "title": self.title, "parts": parts, "news": self.news }).to_string()
    }

    fn differs(&self, other: &Self) -> bool {
        self.parts != other.parts || self.title != other.title
    }
}

type Order = (Option<Act>, oneshot::Sender<Arc<Shown>>);

pub(super) struct Desk {
    token: String,
    orders: Mutex<Sender<Order>>,
    shown: watch::Receiver<Arc<Shown>>,
    watchers: Arc<AtomicUsize>,
}

impl Desk {
    /// # Errors
    /// The labs or the progress cannot be read.
    pub(super) fn open(work: &WorkDir, labs: &Labs) -> Result<Self> {
        let token = token().map_err(|error| Problem::io("read /dev/urandom", &error))?;
        let (orders, taken) = channel();
        let (tell, shown) = watch::channel(Arc::new(Shown::default()));
        let watchers = Arc::new(AtomicUsize::new(0));
        let (opened, outcome) = channel();
        let (work, labs, own_token, seen_by) = (
            work.clone(),
            labs.clone(),
            token.clone(),
            Arc::clone(&watchers),
        );
        std::thread::spawn(move || match Clerk::open(work, &labs, own_token) {
            Err(problem) => drop(opened.send(Err(problem))),
            Ok(clerk) => {
                let _ = opened.send(Ok(()));
                clerk.serve(&taken, &tell, &seen_by);
            }
        });
        outcome
            .recv()
            .map_err(|_| Problem::usage("the page's session has ended"))??;
        Ok(Self {
            token,
            orders: Mutex::new(orders),
            shown,
            watchers,
        })
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) async fn show(&self) -> Arc<Shown> {
        self.order(None).await
    }

    pub(super) async fn act(&self, act: Act) -> Arc<Shown> {
        self.order(Some(act)).await
    }

    async fn order(&self, act: Option<Act>) -> Arc<Shown> {
        let (tell, told) = oneshot::channel();
        let orders = self
            .orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let _ = orders.send((act, tell));
        match told.await {
            Ok(shown) => shown,
            // The thread is gone, which only a mistake of ours can bring about: show what was last known.
            Err(_) => Arc::clone(&self.shown.borrow()),
        }
    }

    pub(super) fn watch(&self) -> Watching {
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Watching {
            shown: self.shown.clone(),
            watchers: Arc::clone(&self.watchers),
        }
    }
}

/// Somebody who has the page open.
pub(super) struct Watching {
    shown: watch::Receiver<Arc<Shown>>,
    watchers: Arc<AtomicUsize>,
}

impl Watching {
    pub(super) async fn next(&mut self) -> Option<Arc<Shown>> {
        self.shown.changed().await.ok()?;
        Some(Arc::clone(&self.shown.borrow_and_update()))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The thread's own.
struct Clerk {
    session: Session,
    token: String,
    news: String,
    /// A reveal was asked for once, before a pass.
    confirming: bool,
}

impl Clerk {
    fn open(work: WorkDir, labs: &Labs, token: String) -> Result<Self> {
        let ui = Rc::new(Ui::new(&Global::plain(), Surroundings::default()));
        Ok(Self {
            session: Session::open(&ui, &work, labs)?,
            token,
            news: String::new(),
            confirming: false,
        })
    }

    fn serve(
        mut self,
        orders: &Receiver<Order>,
        tell: &watch::Sender<Arc<Shown>>,
        watchers: &AtomicUsize,
    ) {
        loop {
            match orders.recv_timeout(GLANCE) {
                Ok((act, reply)) => {
                    let shown = Arc::new(self.obey(act));
                    let _ = reply.send(Arc::clone(&shown));
                    tell.send_replace(shown);
                }
                Err(RecvTimeoutError::Timeout) if watchers.load(Ordering::Relaxed) == 0 => {}
                Err(RecvTimeoutError::Timeout) => {
                    let shown = self.look();
                    if shown.differs(&tell.borrow()) {
                        tell.send_replace(Arc::new(shown));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn obey(&mut self, act: Option<Act>) -> Shown {
        let Some(act) = act else {
            return self.look();
        };
        let done = match act {
            Act::Open(id) => self.session.enter(&id, &Entry::default()),
            Act::Do(Action::Reveal { .. }) => self.session.act(&Action::Reveal {
                sure: self.confirming,
            }),
            Act::Do(action) => self.session.act(&action),
        };
        self.news = match &done {
            Ok(seen) => self.heed(seen),
            Err(problem) => sentence(problem),
        };
        self.look()
    }

    fn heed(&mut self, seen: &Seen) -> String {
        let reply = seen.reply.as_ref();
        self.confirming = reply.is_some_and(|reply| reply.outcome == Outcome::Confirm);
        reply
            .map(|reply: &Reply| reply.said.join(" "))
            .unwrap_or_default()
    }

    fn look(&self) -> Shown {
        let session = &self.session;
        let progress = session.store.read();
        let is_open = progress
            .as_ref()
            .is_ok_and(|progress| progress.current.is_some());
        let seen = is_open.then(|| session.see()).transpose();
        let trouble = progress
            .as_ref()
            .err()
            .or(seen.as_ref().err())
            .map(sentence);
        let screen = seen
            .as_ref()
            .ok()
            .and_then(|seen| seen.as_ref())
            .map(|seen| &seen.screen);
        let progress = progress.unwrap_or_default();
        let overview = session.overview(&progress);
        let hidden: Vec<Hidden> =
            course::walk::hidden(&session.catalog.activities, &progress).to_vec();
        let snapshot = crate::commands::status::look(&session.work)
            .ok()
            .flatten()
            .filter(|snapshot| !snapshot.all_quiet());
        let view = View {
            overview: &overview,
            screen,
            snapshot: snapshot.as_ref(),
            hidden: &hidden,
            token: &self.token,
            words: &session.words,
        };
        let news = trouble.unwrap_or_else(|| self.news.clone());
        Shown {
            title: html::title(&view),
            parts: html::parts(&view),
            document: html::document(&view, &news),
            news,
        }
    }
}

/// A problem in one line.
fn sentence(problem: &Problem) -> String {
    let next = problem
        .next
        .first()
        .map(|next| format!("  Next: {next}"))
        .unwrap_or_default();
    format!("{}{next}", problem.what)
}

impl Act {
    /// What a form says, if it is one of this page's own.
    pub(super) fn read(form: &str, token: &str) -> Option<Self> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let all = |name: &str| -> Vec<&str> {
            let mine = fields.iter().filter(|(field, _)| field == name);
            mine.map(|(_, value)| value.as_str()).collect()
        };
        (all("token") == [token]).then_some(())?;
        if let [id] = all("open")[..] {
            return Some(Self::Open(id.to_owned()));
        }
        let [word] = all("do")[..] else {
            return None;
        };
        Some(Self::Do(match word {
            "check" => Action::Check,
            "hint" => Action::Hint,
            "reveal" => Action::Reveal { sure: false },
            "answer" => Action::Answer(all("answer").join(" ")),
            "unknown" => Action::Answer(String::new()),
            "note" => Action::Note(all("note").join(" ")),
            "no-note" => Action::Note(String::new()),
            "next" => Action::Next,
            "skip" => Action::Skip,
            "back" => Action::Back,
            _ => return None,
        }))
    }
}

/// Sixteen bytes that nobody can guess.
fn token() -> std::io::Result<String> {
    use std::io::Read;
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_of_this_page_are_read() {
        assert_eq!(Act::read("do=check", "t"), None);
        assert_eq!(Act::read("token=x&do=check", "t"), None);
        assert_eq!(Act::read("token=t&do=nonsense", "t"), None);
        assert_eq!(
            Act::read("token=t&do=check", "t"),
            Some(Act::Do(Action::Check))
        );
        assert_eq!(
            Act::read("token=t&open=3.3", "t"),
            Some(Act::Open("3.3".into()))
        );
    }

    #[test]
    fn several_ticks_are_one_answer() {
        let read = Act::read("token=t&answer=a&answer=c&do=answer", "t");
        assert_eq!(read, Some(Act::Do(Action::Answer("a c".into()))));
        let unknown = Act::read("token=t&answer=a&do=unknown", "t");
        assert_eq!(unknown, Some(Act::Do(Action::Answer(String::new()))));
    }
}
