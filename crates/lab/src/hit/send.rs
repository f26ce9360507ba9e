//! Sending: how many, how fast, and until when.

use super::by_name::ByName;
use super::line::Line;
use super::{Hit, Outcome};
use crate::problem::{Problem, Result};
use hyper::header::{ACCEPT, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

/// What to send.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) address: SocketAddr,
    /// Ask a name server for another address before each request.
    pub(crate) by_name: Option<ByName>,
    /// Begins with a slash.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) user_agent: String,
    /// At most so many; with a duration, the sooner of both.
    pub(crate) count: u64,
    pub(crate) lasting: Option<Duration>,
    pub(crate) at_once: usize,
    /// From the start of one request to the start of the next.
    pub(crate) pace: Option<Duration>,
    pub(crate) keep_alive: bool,
    /// Addresses of this machine to ask from, in turn; the system chooses when there is none.
    pub(crate) from: Vec<IpAddr>,
    /// Cookies that are set are sent back from then on.
    pub(crate) cookies: bool,
    pub(crate) patience: Duration,
    /// Ask for the icon after each page, as browsers do.
    pub(crate) icon: bool,
    pub(crate) until_error: bool,
}

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// In the order of the answers.
    pub(crate) hits: Vec<Hit>,
    /// Requests for the icon, which are in no strip.
    pub(crate) icons: u64,
    pub(crate) interrupted: bool,
}

/// Sends, and shows each hit as it comes in.
pub(crate) async fn send(order: Order, show: impl Fn(&Hit) + 'static) -> Result<Sent> {
    let crew = Rc::new(Crew {
        headers: headers(&order)?,
        begun: Instant::now(),
        started: Cell::new(0),
        over: Cell::new(false),
        sent: RefCell::default(),
        show: Box::new(show),
        order,
    });
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Problem::io("listen for Ctrl-C", &error))?;
    let local = LocalSet::new();
    let workers: Vec<_> = (0..crew.order.at_once)
        .map(|_| local.spawn_local(Rc::clone(&crew).work()))
        .collect();
    let all = async {
        for worker in workers {
            let _ = worker.await;
        }
    };
    let interrupted = tokio::select! {
        () = local.run_until(all) => false,
        _ = interrupt.recv() => true,
    };
    let mut sent = crew.sent.take();
    sent.interrupted = interrupted;
    Ok(sent)
}

/// Those who send side by side, and what they share.
struct Crew {
    order: Order,
    headers: HeaderMap,
    begun: Instant,
    started: Cell<u64>,
    over: Cell<bool>,
    sent: RefCell<Sent>,
    show: Box<dyn Fn(&Hit)>,
}

impl Crew {
    async fn work(self: Rc<Self>) {
        let mut line =
            Line::new(self.order.address, self.order.keep_alive).with_jar(self.order.cookies);
        while let Some(nth) = self.next() {
            if let Some(pace) = self.order.pace {
                let due = self.begun + pace * u32::try_from(nth).unwrap_or(u32::MAX);
                tokio::time::sleep_until(due.into()).await;
                if self.is_late() {
                    return;
                }
            }
            line.ask_from(self.from(nth));
            let hit = self.hit(&mut line, &self.order.path).await;
            if self.order.until_error && hit.is_error() {
                self.over.set(true);
            }
            (self.show)(&hit);
            self.sent.borrow_mut().hits.push(hit);
            if self.order.icon {
                self.hit(&mut line, "/favicon.ico").await;
                self.sent.borrow_mut().icons += 1;
            }
        }
    }

    /// The number of the next request; `None` when there is none any more.
    fn next(&self) -> Option<u64> {
        let nth = self.started.get();
        if self.over.get() || nth >= self.order.count || self.is_late() {
            return None;
        }
        self.started.set(nth + 1);
        Some(nth)
    }

    fn from(&self, nth: u64) -> Option<IpAddr> {
        let many = self.order.from.len() as u64;
        let turn = nth.checked_rem(many)?;
        self.order.from.get(usize::try_from(turn).ok()?).copied()
    }

    fn is_late(&self) -> bool {
        self.order
            .lasting
            .is_some_and(|lasting| self.begun.elapsed() >= lasting)
    }

    async fn hit(&self, line: &mut Line, path: &str) -> Hit {
        let mut to = None;
        if let Some(by_name) = &self.order.by_name {
            let begun = Instant::now();
            match by_name.first().await {
                Ok(ip) => {
                    *line = Line::new(SocketAddr::new(ip, by_name.port), false);
                    to = Some(ip);
                }
                Err(failure) => {
                    return Hit {
                        took: begun.elapsed(),
                        outcome: Outcome::Failed(failure),
                        to,
                    };
                }
            }
        }
        let begun = Instant::now();
        let asked = line.ask(path, &self.headers, self.order.patience).await;
        let outcome = asked.unwrap_or_else(Outcome::Failed);
        Hit {
            took: begun.elapsed(),
            outcome,
            to,
        }
    }
}

fn headers(order: &Order) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let accept = if order.icon { "text/html,*/*" } else { "*/*" };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    let host = order
        .by_name
        .as_ref()
        .map_or_else(|| order.address.to_string(), ByName::text);
    let own = [
        (USER_AGENT.as_str().to_owned(), order.user_agent.clone()),
        (HOST.as_str().to_owned(), host),
    ];
    for (name, value) in own.iter().chain(&order.headers) {
        let wrong = || {
            Problem::usage(format!("`{name}: {value}` cannot be a header"))
                .next("for example:  --header 'X-Mine: 1'")
        };
        let name = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
        headers.insert(
            name,
            HeaderValue::try_from(value.as_str()).map_err(|_| wrong())?,
        );
    }
    Ok(headers)
}
