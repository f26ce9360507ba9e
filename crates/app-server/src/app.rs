//! The routes: which request gets which answer.

use std::io::Write;
use std::net::SocketAddr;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, Request, State};
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, USER_AGENT, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use axum::{Json, Router};
use bytes::Bytes;
use jiff::Zoned;
use serde::Deserialize;
use tokio::time::sleep;

use crate::behaviour::{Behaviour, Change, Dice, Health, LONGEST};
use crate::options::{Echo, Name, Options, Port};
use crate::page::Page;
use crate::{access_log, streams};

/// The largest body that `/echo` takes, in bytes: it is held whole.
const LARGEST_ECHO: usize = 1024 * 1024;

/// The most that `/bytes` sends, in bytes: a mistyped number fills no disk.
const LARGEST_BODY: u64 = 10_000_000_000;

/// The most lines that `/stream` sends.
const LONGEST_STREAM: u32 = 100_000;

/// All routes of a server.
pub(crate) fn router(options: &Options) -> Router {
    let app = Arc::new(App::new(options));
    let misbehaving = Router::new()
        .route("/", page_route(get(hello)))
        .route("/slow", page_route(get(slow)))
        .route("/bytes", page_route(get(some_bytes)))
        .route("/stream", page_route(get(stream)))
        .route("/echo", any(echo))
        .route("/ws", get(websocket))
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&app), misbehave));
    Router::new()
        .route("/health", any(health))
        .route("/control", get(settings).post(control))
        .merge(misbehaving)
        .layer(DefaultBodyLimit::max(LARGEST_ECHO))
        .layer(from_fn_with_state(Arc::clone(&app), observe))
        .with_state(app)
}

/// A page answers OPTIONS too: that is what a bare `option httpchk` asks.
fn page_route(route: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    route.options(|| async { [(ALLOW, "GET, HEAD, OPTIONS")] })
}

struct App {
    port: Port,
    name: Name,
    name_header: HeaderValue,
    echo: Echo,
    headers: bool,
    quiet: bool,
    behaviour: Mutex<Behaviour>,
    dice: Mutex<Dice>,
    /// How often `/` was asked for.
    greeted: AtomicU64,
}

impl App {
    fn new(options: &Options) -> Self {
        let header = HeaderValue::from_str(options.name.as_str());
        Self {
            port: options.port,
            name: options.name.clone(),
            name_header: header.expect("a name is visible ASCII"),
            echo: options.echo,
            headers: options.headers,
            quiet: options.quiet,
            behaviour: Mutex::new(options.behaviour),
            dice: Mutex::new(Dice::new()),
            greeted: AtomicU64::new(0),
        }
    }

    fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        self.behaviour
            .lock()
            .expect("no holder of this lock panics")
    }

    fn sentence(&self) -> String {
        format!("Hi!! from server {}", self.port.number())
    }
}

type Shared = State<Arc<App>>;

/// Names the server in every answer, and prints the access line.
async fn observe(State(app): Shared, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let untold = app.quiet || only_looks(request.headers());
    let headers = if untold {
        HeaderMap::new()
    } else {
        request.headers().clone()
    };
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert("x-lab-server", app.name_header.clone());
    if !untold {
        let mut lines = access_log::line(&Zoned::now(), &method, &uri, &headers, response.status());
        if app.headers {
            lines += &access_log::header_lines(&headers);
        }
        // A reader that went away is no reason to stop answering.
        let _ = std::io::stdout().lock().write_all(lines.as_bytes());
    }
    response
}

/// Is late, or fails, as often as asked for.
async fn misbehave(State(app): Shared, request: Request, next: Next) -> Response {
    if only_looks(request.headers()) {
        return next.run(request).await;
    }
    let Behaviour {
        latency,
        error_rate,
        ..
    } = *app.behaviour();
    let (wait, fails) = {
        let mut dice = app.dice.lock().expect("no holder of this lock panics");
        (latency.draw(&mut dice), error_rate.draw(&mut dice))
    };
    if !wait.is_zero() {
        sleep(wait).await;
    }
    if fails {
        let port = app.port.number();
        let text = format!("server {port} fails on purpose (error rate {error_rate})\n");
        return (StatusCode::INTERNAL_SERVER_ERROR, text).into_response();
    }
    next.run(request).await
}

async fn hello(State(app): Shared, headers: HeaderMap) -> Response {
    let counts = u64::from(!only_looks(&headers));
    let turn = app.greeted.fetch_add(counts, Ordering::Relaxed) + 1;
    if app.echo == Echo::Plain || !wants_html(&headers) {
        return ([(CONTENT_TYPE, "text/html; charset=utf-8")], app.sentence()).into_response();
    }
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let page = Page {
        port: app.port,
        name: app.name.as_str(),
        turn,
        pid: process::id(),
        host,
    }
    .html();
    ([(CACHE_CONTROL, "no-store"), (VARY, "accept")], Html(page)).into_response()
}

/// The lab asks what stands here: that is no request of anybody, so it is answered at once, not told and not counted.
fn only_looks(headers: &HeaderMap) -> bool {
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    agent.is_some_and(|agent| agent.starts_with("lab-probe/"))
}

/// Browsers name this type; programs take whatever comes.
fn wants_html(headers: &HeaderMap) -> bool {
    let names_it = |value: &HeaderValue| value.to_str().is_ok_and(|v| v.contains("text/html"));
    headers.get_all(ACCEPT).iter().any(names_it)
}

#[derive(Deserialize)]
struct Slow {
    ms: u64,
}

async fn slow(State(app): Shared, Query(Slow { ms }): Query<Slow>) -> Response {
    let wait = Duration::from_millis(ms);
    if wait > LONGEST {
        return too_much(&format!("ms is at most {}", LONGEST.as_millis()));
    }
    sleep(wait).await;
    format!("{} after {ms} ms\n", app.sentence()).into_response()
}

#[derive(Deserialize)]
struct Length {
    n: u64,
}

async fn some_bytes(Query(Length { n }): Query<Length>) -> Response {
    match n {
        0..=LARGEST_BODY => streams::zeros(n),
        _ => too_much(&format!("n is at most {LARGEST_BODY}")),
    }
}

#[derive(Deserialize)]
struct Lines {
    #[serde(default = "ten")]
    n: u32,
    /// Milliseconds between two lines.
    #[serde(default)]
    ms: u64,
}

fn ten() -> u32 {
    10
}

async fn stream(State(app): Shared, Query(Lines { n, ms }): Query<Lines>) -> Response {
    let pause = Duration::from_millis(ms);
    if n > LONGEST_STREAM || pause > LONGEST {
        let longest = LONGEST.as_millis();
        return too_much(&format!(
            "n is at most {LONGEST_STREAM}, ms at most {longest}"
        ));
    }
    streams::lines(app.port.number(), n, pause)
}

fn too_much(limit: &str) -> Response {
    (StatusCode::BAD_REQUEST, format!("{limit}\n")).into_response()
}

/// The request as this server saw it.
async fn echo(
    State(app): Shared,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut fields = serde_json::Map::new();
    for name in headers.keys() {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
        fields.insert(name.to_string(), values.into());
    }
    Json(serde_json::json!({
        "server": app.name.as_str(),
        "port": app.port.number(),
        "method": method.as_str(),
        "target": uri.to_string(),
        "version": format!("{version:?}"),
        "headers": fields,
        "length": body.len(),
        "body": String::from_utf8_lossy(&body),
    }))
    .into_response()
}

async fn websocket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(streams::echo_messages)
}

async fn health(State(app): Shared) -> Response {
    match app.behaviour().health {
        Health::Up => "up\n".into_response(),
        Health::Down => (StatusCode::SERVICE_UNAVAILABLE, "down\n").into_response(),
    }
}

type Peer = ConnectInfo<SocketAddr>;

async fn settings(State(app): Shared, ConnectInfo(peer): Peer) -> Response {
    if !is_this_machine(peer) {
        return not_from_here();
    }
    Json(*app.behaviour()).into_response()
}

/// Changes what the request names and answers with all settings. A JSON content type is asked for, since a browser
/// lets a page of another site send that only after asking us, and we never agree.
async fn control(
    State(app): Shared,
    ConnectInfo(peer): Peer,
    change: Result<Json<Change>, JsonRejection>,
) -> Response {
    if !is_this_machine(peer) {
        return not_from_here();
    }
    match change {
        Ok(Json(change)) => {
            let mut behaviour = app.behaviour();
            behaviour.apply(change);
            Json(*behaviour).into_response()
        }
        Err(rejection) => (rejection.status(), rejection.body_text() + "\n").into_response(),
    }
}

/// Also when it speaks IPv4 to a socket of both kinds.
fn is_this_machine(peer: SocketAddr) -> bool {
    peer.ip().to_canonical().is_loopback()
}

fn not_from_here() -> Response {
    (
        StatusCode::FORBIDDEN,
        "only this machine itself may control the server\n",
    )
        .into_response()
}

async fn not_found(State(app): Shared, uri: Uri) -> Response {
    let text = format!(
        "server {} has nothing at {}\n",
        app.port.number(),
        uri.path()
    );
    (StatusCode::NOT_FOUND, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine() {
        let check = |peer: &str| is_this_machine(peer.parse().expect("an address"));
        assert!(check("127.0.0.1:4000") && check("[::1]:4000") && check("[::ffff:127.0.0.1]:4000"));
        assert!(!check("10.0.0.7:4000") && !check("[::ffff:10.0.0.7]:4000"));
    }

    #[test]
    fn browsers_are_known_by_what_they_accept() {
        let check = |accept: &'static str| {
            wants_html(&HeaderMap::from_iter([(
                ACCEPT,
                HeaderValue::from_static(accept),
            )]))
        };
        assert!(check("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"));
        assert!(!check("*/*") && !check("application/json"));
        assert!(!wants_html(&HeaderMap::new()));
    }
}
