//! The scripted server, when it speaks HTTP/2. What it is asked is told as text, once all of it has come:
//! `{GET http://a.test/x x: y|body|name: value}`; behind a body that broke off stands why.

use super::http2::{fields, reason, relay, told};
use super::scenario::{Step, unescape};
use super::secure::Wire;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response, StatusCode};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// `h2 streams 1`: how the server speaks, and what it says of itself in its settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Speech {
    streams: Option<u32>,
    window: Option<u32>,
    /// It closes every connection at once.
    pub(crate) silent: bool,
}

impl Speech {
    pub(crate) fn parse(text: &str) -> Self {
        let mut speech = Self::default();
        let mut words = text.split(' ');
        match words.next() {
            Some("nothing") => speech.silent = true,
            word => assert_eq!(word, Some("h2"), "what else is there to speak"),
        }
        while let Some(word) = words.next() {
            let value = words.next().expect("a number").parse().unwrap();
            match word {
                "streams" => speech.streams = Some(value),
                "window" => speech.window = Some(value),
                _ => panic!("no such setting: {word}"),
            }
        }
        speech
    }
}

/// `200 name: value, name: value|body|trailer: value`, the body and trailers left out where there are none; `...` behind
/// the body: its end does not come yet.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Option<Bytes>,
    trailers: Option<HeaderMap>,
    stays_open: bool,
}

impl Answer {
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split('|');
        let head = parts.next().expect("a status");
        let (status, headers) = head.split_once(' ').unwrap_or((head, ""));
        let body = parts.next();
        let stays_open = body.is_some_and(|body| body.ends_with("..."));
        Self {
            status: status.parse().unwrap(),
            headers: fields(headers),
            body: body.map(|body| unescape(body.trim_end_matches("...")).into()),
            trailers: parts.next().map(fields),
            stays_open,
        }
    }

    fn head(&self) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// By its name in the library: `REFUSED_STREAM`.
pub(crate) fn reason_named(name: &str) -> Reason {
    let mut all = (0..14).map(Reason::from);
    all.find(|reason| format!("{reason:?}") == name)
        .expect("a reason of HTTP/2")
}

/// What the connection is to do beside its streams.
enum Order {
    Leave,
    Close,
    Reset,
}

/// What a connection has from the server it belongs to.
pub(crate) trait Script {
    /// The steps in answer to the next request.
    fn reply(&mut self) -> Vec<Step>;
    /// Notes what was seen.
    fn keep(&mut self, text: &str);
}

/// Serves one connection to its end.
pub(crate) fn serve(wire: Wire, speech: &Speech, script: impl Script + 'static) {
    let (near, far) = UnixStream::pair().unwrap();
    let socket = wire.socket().try_clone().unwrap();
    let carrying = thread::spawn(move || relay(wire, far));
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let script = Rc::new(RefCell::new(script));
    let resets = tokio::task::LocalSet::new().block_on(&runtime, drive(near, speech, script));
    if resets {
        let socket = socket2::SockRef::from(&socket);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }
    drop(socket);
    drop(runtime);
    let _ = carrying.join();
}

/// Whether the connection is to be reset.
async fn drive(
    near: UnixStream,
    speech: &Speech,
    script: Rc<RefCell<impl Script + 'static>>,
) -> bool {
    near.set_nonblocking(true).unwrap();
    let stream = tokio::net::UnixStream::from_std(near).unwrap();
    let mut builder = h2::server::Builder::new();
    if let Some(streams) = speech.streams {
        builder.max_concurrent_streams(streams);
    }
    if let Some(window) = speech.window {
        builder.initial_window_size(window);
    }
    let mut connection = match builder.handshake::<_, Bytes>(stream).await {
        Ok(connection) => connection,
        Err(error) => {
            script
                .borrow_mut()
                .keep(&format!("{{no preface: {}}}", reason(&error)));
            return false;
        }
    };
    let (orders, mut received) = unbounded_channel();
    loop {
        tokio::select! {
            asked = connection.accept() => {
                let Some(Ok((request, respond))) = asked else {
                    return false;
                };
                let steps = script.borrow_mut().reply();
                let exchange = Exchange {
                    told: told_head(&request),
                    script: Rc::clone(&script),
                    orders: orders.clone(),
                };
                tokio::task::spawn_local(exchange.run(request.into_body(), respond, steps));
            }
            Some(order) = received.recv() => match order {
                Order::Leave => connection.graceful_shutdown(),
                Order::Close => return false,
                Order::Reset => return true,
            }
        }
    }
}

fn told_head(request: &Request<RecvStream>) -> String {
    let (method, uri) = (request.method(), request.uri());
    let headers = told(request.headers());
    let mut text = format!("{method} {uri}");
    if let Some(protocol) = request.extensions().get::<h2::ext::Protocol>() {
        let _ = write!(text, " :protocol {}", protocol.as_str());
    }
    if !headers.is_empty() {
        let _ = write!(text, " {headers}");
    }
    text
}

struct Exchange<S> {
    told: String,
    script: Rc<RefCell<S>>,
    orders: UnboundedSender<Order>,
}

impl<S: Script + 'static> Exchange<S> {
    async fn run(self, body: RecvStream, respond: SendResponse<Bytes>, steps: Vec<Step>) {
        let came = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&came);
        let reading = tokio::task::spawn_local(async move { receive(body, &seen).await });
        let (script, orders) = (Rc::clone(&self.script), self.orders.clone());
        let told = self.told;
        let keeping = Rc::clone(&script);
        tokio::task::spawn_local(async move {
            let end = reading.await.unwrap();
            keeping.borrow_mut().keep(&format!("{{{told}{end}}}"));
        });
        let mut side = Side::Head(respond);
        for step in steps {
            side = take(step, side, &came, &*script, &orders).await;
        }
        // Dropping what is not whole would reset it.
        std::future::pending::<()>().await;
        drop(side);
    }
}

enum Side {
    Head(SendResponse<Bytes>),
    Body(SendStream<Bytes>),
}

async fn take(
    step: Step,
    side: Side,
    came: &RefCell<Vec<u8>>,
    script: &RefCell<impl Script>,
    orders: &UnboundedSender<Order>,
) -> Side {
    match (step, side) {
        (Step::Answer(answer), Side::Head(mut respond)) => {
            if answer.status.is_informational() {
                let _ = respond.send_informational(answer.head());
                return Side::Head(respond);
            }
            let whole = answer.body.is_none() && answer.trailers.is_none();
            let mut stream = respond.send_response(answer.head(), whole).unwrap();
            if let Some(body) = answer.body {
                let ends = answer.trailers.is_none() && !answer.stays_open;
                let _ = stream.send_data(body, ends);
            }
            if let Some(trailers) = answer.trailers {
                let _ = stream.send_trailers(trailers);
            }
            Side::Body(stream)
        }
        (Step::Send(bytes), Side::Body(mut stream)) => {
            let _ = stream.send_data(bytes.into(), false);
            Side::Body(stream)
        }
        (Step::Finish, Side::Body(mut stream)) => {
            let _ = stream.send_data(Bytes::new(), true);
            Side::Body(stream)
        }
        (Step::Refuse(reason), mut side) => {
            match &mut side {
                Side::Head(respond) => respond.send_reset(reason),
                Side::Body(stream) => stream.send_reset(reason),
            }
            side
        }
        (Step::TakeBack, mut side) => {
            let reset = poll_fn(|cx| match &mut side {
                Side::Head(respond) => respond.poll_reset(cx),
                Side::Body(stream) => stream.poll_reset(cx),
            });
            let why = match reset.await {
                Ok(reason) => format!("{reason:?}"),
                Err(error) => reason(&error),
            };
            script.borrow_mut().keep(&format!("{{taken back {why}}}"));
            side
        }
        (Step::Read(text), side) => {
            let contains = |all: &[u8]| all.windows(text.len()).any(|window| window == text);
            while !contains(&came.borrow()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            side
        }
        (Step::Wait(time), side) => {
            tokio::time::sleep(time).await;
            side
        }
        (step @ (Step::Leave | Step::Close | Step::Reset), side) => {
            let order = match step {
                Step::Leave => Order::Leave,
                Step::Close => Order::Close,
                _ => Order::Reset,
            };
            let _ = orders.send(order);
            // What goes out before is on its way then.
            tokio::time::sleep(Duration::from_millis(20)).await;
            side
        }
        (step, _) => panic!("not by HTTP/2, or not now: {step:?}"),
    }
}

/// The body and its trailers, or how it broke off.
async fn receive(mut body: RecvStream, came: &RefCell<Vec<u8>>) -> String {
    let mut text = String::new();
    while let Some(piece) = body.data().await {
        match piece {
            Ok(piece) => {
                let _ = body.flow_control().release_capacity(piece.len());
                came.borrow_mut().extend_from_slice(&piece);
            }
            Err(error) => {
                let came = came.borrow();
                let came = String::from_utf8_lossy(&came);
                return format!("|{came}|reset {}", reason(&error));
            }
        }
    }
    if !came.borrow().is_empty() {
        let _ = write!(text, "|{}", String::from_utf8_lossy(&came.borrow()));
    }
    if let Ok(Some(trailers)) = body.trailers().await {
        let _ = write!(text, "|{}", told(&trailers));
    }
    text
}
