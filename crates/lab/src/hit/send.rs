//! Sending: how many, how fast, and until when.

use super::{Failure, Hit, Outcome};
use crate::observe::answer::greeted_port;
use crate::problem::{Problem, Result};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

/// What to send.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) user_agent: String,
    /// At most so many; with a duration, the sooner of both.
    pub(crate) count: u64,
    pub(crate) lasting: Option<Duration>,
    pub(crate) at_once: usize,
    /// From the start of one request to the start of the next.
    pub(crate) pace: Option<Duration>,
    pub(crate) keep_alive: bool,
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
    let client = client(&order)?;
    let url = order.url.clone();
    let crew = Rc::new(Crew {
        client,
        begun: Instant::now(),
        started: Cell::new(0),
        over: Cell::new(false),
        sent: RefCell::default(),
        show: Box::new(show),
        order,
    });
    tracing::debug!(url, "sending");
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Problem::io("listen for Ctrl-C", &error))?;
    let local = LocalSet::new();
    for _ in 0..crew.order.at_once {
        local.spawn_local(Rc::clone(&crew).work());
    }
    let interrupted = tokio::select! {
        () = local => false,
        _ = interrupt.recv() => true,
    };
    let mut sent = crew.sent.take();
    sent.interrupted = interrupted;
    Ok(sent)
}

/// Those who send side by side, and what they share.
struct Crew {
    client: reqwest::Client,
    order: Order,
    begun: Instant,
    started: Cell<u64>,
    over: Cell<bool>,
    sent: RefCell<Sent>,
    show: Box<dyn Fn(&Hit)>,
}

impl Crew {
    async fn work(self: Rc<Self>) {
        while let Some(nth) = self.next() {
            if let Some(pace) = self.order.pace {
                let due = self.begun + pace * u32::try_from(nth).unwrap_or(u32::MAX);
                tokio::time::sleep_until(due.into()).await;
                if self.is_late() {
                    return;
                }
            }
            let hit = self.hit().await;
            if self.order.until_error && hit.is_error() {
                self.over.set(true);
            }
            (self.show)(&hit);
            self.sent.borrow_mut().hits.push(hit);
            if self.order.icon {
                let icon = self
                    .order
                    .url
                    .rsplit_once('/')
                    .map_or(&*self.order.url, |(base, _)| base)
                    .to_owned();
                let _ = self.client.get(format!("{icon}/favicon.ico")).send().await;
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

    fn is_late(&self) -> bool {
        self.order
            .lasting
            .is_some_and(|lasting| self.begun.elapsed() >= lasting)
    }

    async fn hit(&self) -> Hit {
        let begun = Instant::now();
        let exchange = async {
            let response = self.client.get(&self.order.url).send().await?;
            let status = response.status().as_u16();
            let server = response
                .headers()
                .get("x-lab-server")
                .and_then(|name| name.to_str().ok())
                .map(str::to_owned);
            let body = response.bytes().await?;
            let port = greeted_port(&String::from_utf8_lossy(&body));
            Ok::<_, reqwest::Error>(Outcome::Answered {
                status,
                server,
                port,
            })
        };
        let outcome = exchange
            .await
            .unwrap_or_else(|error| Outcome::Failed(failure(&error)));
        Hit {
            took: begun.elapsed(),
            outcome,
        }
    }
}

fn client(order: &Order) -> Result<reqwest::Client> {
    let mut headers = HeaderMap::new();
    if order.icon {
        headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*"));
    }
    for (name, value) in &order.headers {
        let wrong = || {
            Problem::usage(format!("`{name}: {value}` cannot be a header"))
                .next("for example:  --header 'X-Mine: 1'")
        };
        let name = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
        headers.append(
            name,
            HeaderValue::try_from(value.as_str()).map_err(|_| wrong())?,
        );
    }
    reqwest::Client::builder()
        .default_headers(headers)
        .user_agent(&order.user_agent)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(if order.keep_alive { order.at_once } else { 0 })
        .timeout(order.patience)
        .build()
        .map_err(|error| Problem::usage(format!("these requests cannot be sent: {error}")))
}

/// Why nothing came back, from the chain of causes.
fn failure(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::TimedOut;
    }
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            match io.kind() {
                std::io::ErrorKind::ConnectionRefused => return Failure::Refused,
                std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::BrokenPipe
                | std::io::ErrorKind::UnexpectedEof => return Failure::Reset,
                std::io::ErrorKind::TimedOut => return Failure::TimedOut,
                _ => {}
            }
        }
        cause = error.source();
    }
    // hyper tells a connection that closed before an answer in words only.
    if format!("{error:?}").contains("IncompleteMessage") {
        Failure::Reset
    } else {
        Failure::Broken
    }
}
