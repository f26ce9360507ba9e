//! One caller's connection: a new one for each request, or one that is used again.

use super::{Failure, Outcome};
use crate::observe::answer::greeted_port;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

pub(crate) struct Line {
    address: SocketAddr,
    /// The address to ask from; `None`: the system chooses.
    from: Option<IpAddr>,
    keep_alive: bool,
    /// Cookies that were set, kept for the next request as a browser keeps them.
    jar: Option<Jar>,
    open: Option<SendRequest<Empty<Bytes>>>,
}

impl Line {
    pub(crate) fn new(address: SocketAddr, keep_alive: bool) -> Self {
        Self {
            address,
            from: None,
            keep_alive,
            jar: None,
            open: None,
        }
    }

    #[must_use]
    pub(crate) fn with_jar(mut self, wanted: bool) -> Self {
        self.jar = wanted.then(Jar::default);
        self
    }

    pub(crate) fn ask_from(&mut self, from: Option<IpAddr>) {
        self.from = from;
    }

    /// Asks once. Must run inside a [`tokio::task::LocalSet`].
    ///
    /// # Errors
    /// No answer came within `patience`, or none that is HTTP.
    pub(crate) async fn ask(
        &mut self,
        path: &str,
        headers: &HeaderMap,
        patience: Duration,
    ) -> Result<Outcome, Failure> {
        let outcome = timeout(patience, self.exchange(path, headers))
            .await
            .unwrap_or(Err(Failure::TimedOut));
        if outcome.is_err() || !self.keep_alive {
            self.open = None;
        }
        outcome
    }

    async fn exchange(&mut self, path: &str, headers: &HeaderMap) -> Result<Outcome, Failure> {
        let mut request = Request::get(path)
            .body(Empty::new())
            .map_err(|_| Failure::Broken)?;
        *request.headers_mut() = headers.clone();
        if let Some(cookies) = self.jar.as_ref().and_then(Jar::header) {
            request.headers_mut().insert(COOKIE, cookies);
        }
        let sender = self.sender().await?;
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| failure(&error))?;
        let (status, server) = (response.status().as_u16(), server_name(&response));
        if let Some(jar) = &mut self.jar {
            jar.keep(response.headers());
        }
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| failure(&error))?
            .to_bytes();
        let port = greeted_port(&String::from_utf8_lossy(&body));
        Ok(Outcome::Answered {
            status,
            server,
            port,
        })
    }

    /// The open connection, or a new one.
    async fn sender(&mut self) -> Result<&mut SendRequest<Empty<Bytes>>, Failure> {
        let mut kept = self.open.take();
        if let Some(open) = &mut kept
            && open.ready().await.is_err()
        {
            kept = None;
        }
        let open = match kept {
            Some(open) => open,
            None => self.connect().await?,
        };
        Ok(self.open.insert(open))
    }

    async fn stream(&self) -> io::Result<TcpStream> {
        let Some(from) = self.from else {
            return TcpStream::connect(self.address).await;
        };
        let socket = match from {
            IpAddr::V4(_) => TcpSocket::new_v4()?,
            IpAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.bind(SocketAddr::new(from, 0))?;
        socket.connect(self.address).await
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, Failure> {
        let stream = self.stream().await.map_err(|error| io_failure(&error))?;
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(|error| failure(&error))?;
        // It ends with its sender; what goes wrong on it is told to the one who asks.
        tokio::task::spawn_local(connection);
        Ok(sender)
    }
}

/// What servers set as cookies, by name. Their attributes are left aside: all requests go to one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn keep(&mut self, headers: &HeaderMap) {
        let set = headers.get_all(SET_COOKIE).iter();
        for (name, value) in set.filter_map(|cookie| {
            let pair = cookie.to_str().ok()?.split(';').next()?;
            pair.split_once('=')
        }) {
            self.0
                .insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }

    /// `None` while it is empty.
    fn header(&self) -> Option<HeaderValue> {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| HeaderValue::try_from(pairs.join("; ")).ok())?
    }
}

fn server_name<B>(response: &Response<B>) -> Option<String> {
    let name = response.headers().get("x-lab-server")?;
    name.to_str().ok().map(str::to_owned)
}

fn failure(error: &hyper::Error) -> Failure {
    let io = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    match io {
        Some(io) => io_failure(io),
        None if error.is_incomplete_message() || error.is_canceled() => Failure::Reset,
        None => Failure::Broken,
    }
}

fn io_failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Failure::Refused,
        io::ErrorKind::TimedOut => Failure::TimedOut,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Failure::Reset,
        _ => Failure::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{Origin, Reply};
    use tokio::task::LocalSet;

    fn ask(address: SocketAddr, times: usize, keep_alive: bool) -> Vec<Result<Outcome, Failure>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut outcomes = Vec::new();
        LocalSet::new().block_on(&runtime, async {
            let mut line = Line::new(address, keep_alive);
            let headers = HeaderMap::new();
            for _ in 0..times {
                let patience = Duration::from_millis(300);
                outcomes.push(line.ask("/", &headers, patience).await);
            }
        });
        outcomes
    }

    #[test]
    fn the_port_is_read_from_the_answer() {
        let origin = Origin::saying("Hi!! from server 8080");
        let expected = Outcome::Answered {
            status: 200,
            server: None,
            port: Some(8080),
        };
        assert_eq!(ask(origin.address(), 1, false), [Ok(expected)]);
    }

    #[test]
    fn a_line_is_kept_only_when_asked_for() {
        for (keep_alive, connections) in [(true, 1), (false, 3)] {
            let origin = Origin::saying("x");
            ask(origin.address(), 3, keep_alive);
            assert_eq!(origin.connections(), connections);
        }
    }

    #[test]
    fn a_request_comes_from_the_address_that_was_asked_for() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        LocalSet::new().block_on(&runtime, async {
            let mut line = Line::new(address, false);
            line.ask_from(Some("127.0.1.1".parse().unwrap()));
            let patience = Duration::from_millis(10);
            assert_eq!(
                line.ask("/", &HeaderMap::new(), patience).await,
                Err(Failure::TimedOut)
            );
        });
        let (_, peer) = listener.accept().unwrap();
        assert_eq!(peer.ip().to_string(), "127.0.1.1");
    }

    #[test]
    fn a_jar_keeps_the_last_value_of_each_cookie() {
        let mut jar = Jar::default();
        assert_eq!(jar.header(), None);
        for cookie in ["S=a; path=/", "T = b;HttpOnly", "S=c", "none"] {
            let mut headers = HeaderMap::new();
            headers.insert(SET_COOKIE, HeaderValue::from_static(cookie));
            jar.keep(&headers);
        }
        assert_eq!(jar.header().unwrap(), "S=c; T=b");
    }

    #[test]
    fn each_way_to_fail_has_its_own_word() {
        let failed = |reply: fn() -> Reply| {
            let origin = Origin::start(move |_| reply());
            ask(origin.address(), 1, false).remove(0).unwrap_err()
        };
        assert_eq!(failed(Reply::close), Failure::Reset);
        assert_eq!(failed(Reply::reset), Failure::Reset);
        assert_eq!(failed(Reply::hang), Failure::TimedOut);
        assert_eq!(failed(|| Reply::bytes("nonsense\r\n\r\n")), Failure::Broken);
        let free = testkit::Port::reserve();
        assert_eq!(ask(free.address(), 1, false), [Err(Failure::Refused)]);
    }
}
