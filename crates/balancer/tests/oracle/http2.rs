//! The scripted client, when it speaks HTTP/2. What it sees is told as text: `{1 200 x: y|body}` for an answer,
//! `{1 reset CANCEL}` for none.

use super::secure::Wire;
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use http::{HeaderMap, Method, Request, Uri};
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// `POST https://a.test/x name: value, name: value|body|trailer: value`, the body and trailers left out where there are
/// none; `...` behind the body: its end does not come.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Option<Bytes>,
    trailers: Option<HeaderMap>,
    stays_open: bool,
    /// `CONNECT:websocket` in place of the method.
    protocol: Option<h2::ext::Protocol>,
}

impl Ask {
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split('|');
        let head = parts.next().expect("a method and a URI");
        let mut words = head.splitn(3, ' ');
        let method = words.next().expect("a method");
        let (method, protocol) = match method.split_once(':') {
            Some((method, protocol)) => (method, Some(h2::ext::Protocol::from(protocol))),
            None => (method, None),
        };
        let method = method.parse().unwrap();
        let uri = words.next().expect("a URI").parse().unwrap();
        let headers = fields(words.next().unwrap_or_default());
        let body = parts.next();
        let stays_open = body.is_some_and(|body| body.ends_with("..."));
        let body = body.map(|body| super::scenario::unescape(body.trim_end_matches("...")).into());
        Self {
            method,
            uri,
            headers,
            body,
            trailers: parts.next().map(fields),
            stays_open,
            protocol,
        }
    }
}

pub(crate) fn fields(text: &str) -> HeaderMap {
    let mut map = HeaderMap::new();
    for field in text.split(", ").filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once(": ").expect("name: value");
        let name: http::HeaderName = name.parse().unwrap();
        map.append(name, value.parse().unwrap());
    }
    map
}

/// A connection at work.
pub(crate) struct Http2 {
    orders: UnboundedSender<Order>,
    told: Arc<Mutex<Vec<u8>>>,
    /// What was told already.
    seen: usize,
}

pub(crate) enum Order {
    Ask(Box<Ask>),
    /// Takes all requests back that are not answered.
    Reset,
}

impl Http2 {
    pub(crate) fn begin(wire: Wire) -> Self {
        let (near, far) = UnixStream::pair().unwrap();
        thread::spawn(move || relay(wire, far));
        let (orders, received) = unbounded_channel();
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, drive(near, received, telling));
        });
        Self {
            orders,
            told,
            seen: 0,
        }
    }

    pub(crate) fn order(&self, order: Order) {
        // A connection that has ended is seen when reading.
        let _ = self.orders.send(order);
    }

    /// What was told since the last call.
    pub(crate) fn news(&mut self) -> Vec<u8> {
        let told = self.told.lock().unwrap();
        let news = told[self.seen..].to_vec();
        self.seen = told.len();
        news
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.orders.is_closed()
    }
}

async fn drive(near: UnixStream, mut orders: UnboundedReceiver<Order>, told: Arc<Mutex<Vec<u8>>>) {
    near.set_nonblocking(true).unwrap();
    let stream = tokio::net::UnixStream::from_std(near).unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let mut connection = tokio::task::spawn_local(connection);
    let mut resets = Vec::new();
    let mut number = 0;
    loop {
        tokio::select! {
            ended = &mut connection => {
                let reason = match ended.unwrap() {
                    Ok(()) => "NO_ERROR".to_owned(),
                    Err(error) => reason(&error),
                };
                // Answers that came with the end are told first.
                tokio::time::sleep(Duration::from_millis(50)).await;
                tell(&told, &format!("{{gone {reason}}}"));
                return;
            }
            order = orders.recv() => match order {
                Some(Order::Ask(ask)) => {
                    number += 1;
                    if let Some(reset) = begin(&mut client, *ask, number, &told).await {
                        resets.push(reset);
                    }
                }
                Some(Order::Reset) => resets.clear(),
                None => return,
            }
        }
    }
}

/// Sends a request; dropping what comes back takes it back.
async fn begin(
    client: &mut SendRequest<Bytes>,
    ask: Ask,
    number: usize,
    told: &Arc<Mutex<Vec<u8>>>,
) -> Option<tokio::sync::oneshot::Sender<()>> {
    let mut request = Request::new(());
    *request.method_mut() = ask.method;
    *request.uri_mut() = ask.uri;
    *request.headers_mut() = ask.headers;
    let whole = ask.body.is_none();
    if let Some(protocol) = ask.protocol {
        request.extensions_mut().insert(protocol);
        // The other side has to say first that it knows of this.
        for _ in 0..200 {
            if client.is_extended_connect_protocol_enabled() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    if std::future::poll_fn(|cx| client.poll_ready(cx))
        .await
        .is_err()
    {
        return None;
    }
    let (answer, mut body) = client.send_request(request, whole).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    if let Some(bytes) = ask.body {
        let ends = ask.trailers.is_none() && !ask.stays_open;
        let _ = body.send_data(bytes, ends);
        if let Some(trailers) = ask.trailers {
            let _ = body.send_trailers(trailers);
        }
    }
    let told = Arc::clone(told);
    tokio::task::spawn_local(async move {
        tokio::select! {
            text = receive(answer) => tell(&told, &format!("{{{number} {text}}}")),
            _ = stopped => body.send_reset(h2::Reason::CANCEL),
        }
    });
    Some(stop)
}

async fn receive(answer: ResponseFuture) -> String {
    let mut answer = match answer.await {
        Ok(answer) => answer,
        Err(error) => return format!("reset {}", reason(&error)),
    };
    let mut text = format!("{} {}", answer.status().as_u16(), told(answer.headers()));
    let mut bytes = Vec::new();
    let body = answer.body_mut();
    while let Some(piece) = body.data().await {
        match piece {
            Ok(piece) => {
                let _ = body.flow_control().release_capacity(piece.len());
                bytes.extend_from_slice(&piece);
            }
            Err(error) => {
                let _ = write!(
                    text,
                    "|{}|reset {}",
                    String::from_utf8_lossy(&bytes),
                    reason(&error)
                );
                return text;
            }
        }
    }
    let _ = write!(text, "|{}", String::from_utf8_lossy(&bytes));
    if let Ok(Some(trailers)) = body.trailers().await {
        let _ = write!(text, "|{}", self::told(&trailers));
    }
    text
}

pub(crate) fn told(headers: &HeaderMap) -> String {
    let fields = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
    fields.collect::<Vec<_>>().join(", ")
}

pub(crate) fn reason(error: &h2::Error) -> String {
    match error.reason() {
        Some(reason) => format!("{reason:?}"),
        None => "broken".to_owned(),
    }
}

fn tell(told: &Arc<Mutex<Vec<u8>>>, text: &str) {
    told.lock().unwrap().extend_from_slice(text.as_bytes());
}

/// Carries bytes between the balancer and the library, which wants a socket of its runtime.
pub(crate) fn relay(mut wire: Wire, mut far: UnixStream) {
    wire.socket()
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    far.set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    let waits = |kind: ErrorKind| matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut);
    let mut chunk = [0; 65_536];
    loop {
        match wire.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) if far.write_all(&chunk[..length]).is_err() => return,
            Err(error) if !waits(error.kind()) => return,
            _ => {}
        }
        match far.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) if wire.write_all(&chunk[..length]).is_err() => return,
            Err(error) if !waits(error.kind()) => return,
            _ => {}
        }
    }
}
