//! The walk as a page: for those whose window is a browser.
//!
//! The same session as in the terminal, kept by a thread of its own ([`desk`]); around it a few routes. The page works
//! by forms alone; with scripts it follows the world by server-sent events.

mod blocks;
mod desk;
mod html;
mod world;

use crate::cli::Labs;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::ui::Ui;
use crate::ui::address::url;
use crate::work_dir::WorkDir;
use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use desk::{Act, Desk, Shown};
use futures_util::stream::{self, Stream};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// The usual port of the page.
pub(crate) const PORT: u16 = 8400;

/// Longest form that is read, in bytes: an answer or a line for the notebook.
const LONGEST_FORM: usize = 16 * 1024;

/// For this machine only: whoever can open the page can answer in the learner's name.
pub(crate) fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Serves the page until it is stopped.
pub(crate) fn run(ui: &Ui, work: &WorkDir, labs: &Labs, port: u16) -> Result {
    crate::supervised::follow_the_lab()?;
    let address = self::address(port);
    let listener = std::net::TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|error| taken(address, &error))?;
    let desk = Arc::new(Desk::open(work, labs)?);
    ui.say(format!(
        "page: {}   (pid {})    Ctrl-C stops it",
        url(address),
        std::process::id()
    ));
    let served = crate::commands::runtime()?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        // Browsers keep their event streams open: nobody waits for them.
        tokio::select! {
            served = axum::serve(listener, routes(desk)) => served,
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    });
    served.map_err(|error| Problem::io("serve the page", &error))?;
    Ok(Exit::Done)
}

fn taken(address: SocketAddr, error: &std::io::Error) -> Problem {
    let problem = Problem::io(&format!("serve the page on {address}"), error);
    match crate::observe::port::holder(address) {
        Some(holder) => problem
            .why(format!(
                "{} listens there{}",
                holder.command, holder.details
            ))
            .next("on another port:  lab page --port 8401"),
        None => problem,
    }
}

fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/act", post(act))
        .route("/events", get(events))
        .layer(axum::extract::DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(desk)
}

async fn page(State(desk): State<Arc<Desk>>) -> Response {
    let shown = desk.show().await;
    ([(CACHE_CONTROL, "no-store")], Html(shown.document.clone())).into_response()
}

/// Does what a form asks for. A script gets the changed parts, a browser without one the whole page again.
async fn act(State(desk): State<Arc<Desk>>, headers: HeaderMap, form: String) -> Response {
    let Some(act) = Act::read(&form, desk.token()) else {
        let text = "error: this form is not from this page\n  next  load the page again\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    };
    let shown = desk.act(act).await;
    let wants_parts = headers
        .get(ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    match wants_parts {
        true => ([(CONTENT_TYPE, "application/json")], shown.json()).into_response(),
        false => Redirect::to("./").into_response(),
    }
}

async fn events(
    State(desk): State<Arc<Desk>>,
) -> Sse<impl Stream<Item = std::result::Result<Event, Infallible>>> {
    let watching = desk.watch();
    let events = stream::unfold(watching, async |mut watching| {
        let shown: Arc<Shown> = watching.next().await?;
        Some((Ok(Event::default().data(shown.json())), watching))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
