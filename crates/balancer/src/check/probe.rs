//! One attempt: the steps of a check over its connections, and what their end means.

use super::http;
use super::judge::{self, Judgement, Look};
use super::opened::Opened;
use super::sight::{Around, Memory};
use super::step::{self, Ending, Finding};
use crate::plan::{
    Backend, CheckAction, CheckConnect, CheckData, CheckExpect, CheckPort, CheckProtocol,
    CheckRequest, CheckScript, CheckValue, ProxyHeader, Server, ServerAddress, ServerProtocol,
};
use crate::process::Process;
use crate::tls::{self, Connector};
use crate::upstream::{self, Greeting};
use crate::wire::Whole;
use lb_core::check::{CheckResult, CheckStatus};
use samples::variables::{Name, SetIf};
use samples::{Format, Kind, Value, View};
use socket2::SockRef;
use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsStream;

/// The longest answer that is looked at: HAProxy's buffer.
const ANSWER_MAX: usize = 16 * 1024;

/// How one server is examined.
#[derive(Clone, Debug)]
pub(super) struct Probe<'a> {
    pub(super) around: Around<'a>,
    pub(super) target: Target,
    /// Until the connection stands.
    pub(super) connect: Duration,
    /// For what follows the connection; `None`: the whole check has the time of the connection.
    pub(super) answer: Option<Duration>,
    pub(super) script: &'a CheckScript,
    /// What `http-check send-state` tells.
    pub(super) state: Option<String>,
    /// Where its connections come from.
    pub(super) source: Option<SocketAddr>,
    /// What its connections begin with.
    pub(super) header: Option<ProxyHeader>,
    pub(super) secure: Option<Secure<'a>>,
    /// What those begin with that steps say to begin so.
    pub(super) step_header: ProxyHeader,
    pub(super) step_connector: Option<&'a Connector>,
    /// With `http-check disable-on-404`: the server is up, so that a 404 stops it.
    pub(super) stopping: bool,
}

/// TLS of a check.
#[derive(Clone, Debug)]
pub(super) struct Secure<'a> {
    pub(super) connector: &'a Connector,
    /// `check-sni`.
    pub(super) name: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Inet(SocketAddr),
    Unix(String),
}

/// What comes before the bytes of a check.
struct Start<'a> {
    header: Option<ProxyHeader>,
    connector: Option<Cow<'a, Connector>>,
    name: Option<&'a str>,
    protocol: ServerProtocol,
}

impl<'a> Probe<'a> {
    /// `None`: the server is not checked.
    pub(super) fn new(
        process: &'a Process,
        backend: &'a Backend,
        server: &'a Server,
        node: &str,
    ) -> Option<Self> {
        let check = server.check.as_ref()?;
        let target = match &server.address {
            ServerAddress::Unix(path) => Target::Unix(path.clone()),
            ServerAddress::Inet(_) => Target::Inet(server.check_address()?),
        };
        let timeouts = &backend.timeouts;
        let answer = timeouts.check;
        // The manual on "timeout check": only then does "timeout connect" bound the connection.
        let connect = timeouts.connect.filter(|_| answer.is_some());
        let script = &backend.check;
        let live = backend.live();
        let stopping = script.disable_on_404 && live.server(server.index).is_up();
        Some(Self {
            around: Around {
                process,
                backend,
                server,
            },
            target,
            connect: connect.map_or(check.inter, |connect| connect.min(check.inter)),
            answer,
            script,
            state: script
                .send_state
                .then(|| step::state(backend, &live, server, node)),
            source: server.source,
            header: check.proxy_header,
            secure: server.tls.checks.as_ref().map(|connector| Secure {
                connector,
                name: check.tls.as_ref().and_then(|tls| tls.sni.as_deref()),
            }),
            step_header: server.proxy_header.unwrap_or(ProxyHeader::V1),
            step_connector: server.tls.steps.as_ref(),
            stopping,
        })
    }

    /// Whether the server is to speak first on the connection of a step.
    fn listens(&self, connect: usize) -> bool {
        let mut next = self.script.steps.iter().skip(connect + 1);
        let next = next.find(|step| step.action.is_of_server());
        next.is_some_and(|step| matches!(step.action, CheckAction::Expect(_)))
    }

    /// How the connection of a step begins.
    fn start(&self, connect: &'a CheckConnect) -> Start<'a> {
        let own = self.secure.as_ref().filter(|_| connect.as_server);
        let connector = own.map(|own| own.connector);
        let connector = connector.or(self.step_connector.filter(|_| connect.ssl));
        let told = connect.sni.as_deref();
        Start {
            header: match connect.send_proxy {
                true => Some(self.step_header),
                false => self.header.filter(|_| connect.as_server),
            },
            protocol: match self.script.protocol {
                CheckProtocol::Http => self.protocol(connect),
                _ => ServerProtocol::Http1,
            },
            connector: connector.map(|connector| match &connect.alpn {
                Some(alpn) => Cow::Owned(connector.offering(alpn)),
                None => Cow::Borrowed(connector),
            }),
            name: told.or(own.and_then(|own| own.name)),
        }
    }

    /// What is spoken on the connection of a step of an HTTP check.
    fn protocol(&self, connect: &CheckConnect) -> ServerProtocol {
        let check = self.around.server.check.as_ref();
        match (connect.protocol, check) {
            (Some(protocol), _) => protocol,
            (None, _) if connect.alpn.is_some() => ServerProtocol::Any,
            (None, Some(check)) if connect.as_server => check.protocol,
            (None, _) => ServerProtocol::Http1,
        }
    }

    /// Looks once.
    pub(super) async fn run(&self) -> CheckResult {
        let begin = Instant::now();
        let finding = self.find(begin).await;
        CheckResult {
            status: finding.status,
            code: finding.code,
            info: finding.info,
            duration: begin.elapsed(),
        }
    }

    async fn find(&self, begin: Instant) -> Finding {
        let mut attempt = Attempt {
            probe: self,
            memory: Memory::default(),
            stream: None,
            received: Vec::new(),
            ended: false,
            code: 0,
            deadline: begin + self.connect,
            first: true,
        };
        for (index, step) in self.script.steps.iter().enumerate() {
            attempt.code = 0;
            let done = match &step.action {
                CheckAction::Connect(connect) => attempt.connect(index, connect).await,
                CheckAction::Send(data) => attempt.send_data(index, data).await,
                CheckAction::Request(request) => attempt.ask(index, request).await,
                CheckAction::Expect(expect) => attempt.expect(index, expect).await,
                CheckAction::SetVariable { name, when, value } => {
                    attempt.set_variable(name, when, value);
                    Ok(())
                }
                CheckAction::UnsetVariable(name) => {
                    attempt.memory.put(&self.around, name, None);
                    Ok(())
                }
                CheckAction::Comment => Ok(()),
            };
            if let Err(finding) = done {
                return finding;
            }
        }
        let ending = match step::last(self.script) {
            Some(CheckAction::Expect(expect)) => attempt.ending(expect.on_success.as_ref(), expect),
            _ => Ending::default(),
        };
        step::passed(self.script, ending, self.stopping, self.secure.is_some())
    }
}

/// A check at work.
struct Attempt<'a> {
    probe: &'a Probe<'a>,
    memory: Memory,
    stream: Option<Opened>,
    /// Since something was last sent.
    received: Vec<u8>,
    /// The server has nothing more to say.
    ended: bool,
    /// The status of the last answer.
    code: u16,
    deadline: Instant,
    first: bool,
}

impl Attempt<'_> {
    async fn connect(&mut self, index: usize, connect: &CheckConnect) -> Result<(), Finding> {
        self.stream = None;
        self.received.clear();
        self.ended = false;
        let probe = self.probe;
        if !self.first && probe.answer.is_some() {
            self.deadline = Instant::now() + probe.connect;
        }
        self.first = false;
        let port = self.port(connect);
        let target = self.target(connect, port);
        let opened = match &target {
            Target::Inet(address) => {
                let dialled = dial(*address, probe.source, connect.linger, probe.listens(index));
                timeout_at(self.deadline, dialled)
                    .await
                    .map(|opened| opened.map(Whole::Tcp))
            }
            Target::Unix(path) => timeout_at(self.deadline, UnixStream::connect(path))
                .await
                .map(|opened| opened.map(Whole::Unix)),
        }
        .map_err(|_| self.told(index, CheckStatus::L4Timeout.into()))?
        .map_err(|error| {
            let unix = matches!(target, Target::Unix(_));
            self.told(index, step::connect_failed(&error, unix))
        });
        let opened = opened?;
        self.memory.connection = opened.ends();
        self.stream = Some(self.greet(index, connect, opened).await?);
        if let Some(answer) = probe.answer {
            self.deadline = Instant::now() + answer;
        }
        Ok(())
    }

    /// Begins a connection with what its step says, or as the server's own ones begin.
    async fn greet(
        &self,
        index: usize,
        connect: &CheckConnect,
        mut stream: Whole,
    ) -> Result<Opened, Finding> {
        let start = self.probe.start(connect);
        let header = Greeting::of_check(start.header, stream.ends());
        let greeted = async {
            stream.write_all(&header).await?;
            let always = start.protocol == ServerProtocol::Http2;
            let Some(connector) = &start.connector else {
                return match always {
                    true => Opened::http2(stream.into()).await,
                    false => Ok(Opened::plain(stream)),
                };
            };
            let stream = connector.shake_hands(stream, start.name).await?;
            let settled = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            match always || (settled && start.protocol == ServerProtocol::Any) {
                true => Opened::http2(TlsStream::Client(stream).into()).await,
                false => Ok(Opened::plain(stream)),
            }
        };
        let finding = match timeout_at(self.deadline, greeted).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) if start.connector.is_some() => Finding {
                info: tls::failed_check(&error, start.name.is_some()).into(),
                ..CheckStatus::L6Response.into()
            },
            Ok(Err(error)) => step::broken(&error),
            Err(_) => CheckStatus::L6Timeout.into(),
        };
        Err(self.told(index, finding))
    }

    /// The port of a step, where it has one of its own.
    fn port(&mut self, connect: &CheckConnect) -> Option<u16> {
        match connect.port.as_ref()? {
            CheckPort::Fixed(port) => Some(*port),
            CheckPort::Sample(expression) => {
                let port = self.look(|view| expression.evaluate(view)?.cast(Kind::Int)?.int());
                // HAProxy takes what does not fit as if nothing was written
                u16::try_from(port?).ok().filter(|port| *port > 0)
            }
        }
    }

    fn target(&self, connect: &CheckConnect, port: Option<u16>) -> Target {
        let Target::Inet(address) = &self.probe.target else {
            return self.probe.target.clone();
        };
        Target::Inet(SocketAddr::new(
            connect.addr.unwrap_or(address.ip()),
            port.unwrap_or(address.port()),
        ))
    }

    /// Shows what there is to look up.
    fn look<T>(&mut self, ask: impl FnOnce(&View<'_>) -> T) -> T {
        let is_http = self.probe.script.protocol == CheckProtocol::Http;
        let around = &self.probe.around;
        self.memory.look(around, &self.received, is_http, ask)
    }

    fn set_variable(&mut self, name: &Name, when: &[SetIf], value: &CheckValue) {
        let value = self.look(|view| {
            let value = match value {
                CheckValue::Sample(expression) => expression.evaluate(view)?.into_owned(),
                CheckValue::Text(format) => Value::owned(format.render(view)),
            };
            let former = view.variable(name);
            let mut when = when.iter();
            when.all(|condition| condition.allows(name, former.as_ref(), &value))
                .then_some(value)
        });
        if value.is_some() {
            self.memory.put(&self.probe.around, name, value);
        }
    }

    /// How a step tells of its end, in its own words where it has any.
    fn ending(&mut self, words: Option<&Format>, expect: &CheckExpect) -> Ending {
        let code = self.code;
        self.look(|view| {
            let words = words.map(|words| words.render(view));
            let told = expect.status_code.as_ref().and_then(|expression| {
                let number = expression.evaluate(view)?.cast(Kind::Text)?;
                u16::try_from(number.cast(Kind::Int)?.int()?).ok()
            });
            Ending {
                words: words.map(|words| String::from_utf8_lossy(&words).into_owned()),
                code: told.unwrap_or(code),
            }
        })
    }

    /// A request of HTTP.
    async fn ask(&mut self, index: usize, request: &CheckRequest) -> Result<(), Finding> {
        self.received.clear();
        let state = self.probe.state.as_deref();
        let bytes = self.look(|view| http::request(request, state, &|it| it.render(view)));
        self.send(index, &bytes).await
    }

    async fn send_data(&mut self, index: usize, data: &CheckData) -> Result<(), Finding> {
        let unmade = || step::unmade(self.probe.script, index);
        let bytes = match data {
            CheckData::Bytes(bytes) => return self.send(index, bytes).await,
            CheckData::Text(format) => match self.look(|view| format.render(view)) {
                text if text.is_empty() => return Ok(()),
                text => text,
            },
            CheckData::Hexadecimal(format) => {
                let digits = self.look(|view| format.render(view));
                judge::bytes(&digits).ok_or_else(unmade)?
            }
        };
        self.send(index, &bytes).await
    }

    async fn send(&mut self, index: usize, bytes: &[u8]) -> Result<(), Finding> {
        self.received.clear();
        let Some(Opened { stream, .. }) = &mut self.stream else {
            return Ok(());
        };
        let sent = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        match timeout_at(self.deadline, sent).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.told(index, step::broken(&error))),
            Err(_) => Err(self.told(index, CheckStatus::L7Timeout.into())),
        }
    }

    async fn expect(&mut self, index: usize, expect: &CheckExpect) -> Result<(), Finding> {
        loop {
            if !self.received.is_empty() || self.ended {
                match self.judge(index, expect) {
                    Judgement::Passed { code } => {
                        self.code = code;
                        return Ok(());
                    }
                    Judgement::Failed(failure) => {
                        self.code = failure.code;
                        let ending =
                            self.ending(expect.on_error.as_ref().filter(|_| !failure.firm), expect);
                        return Err(step::refused(
                            self.probe.script,
                            index,
                            expect,
                            failure,
                            ending,
                        ));
                    }
                    Judgement::Wait => {}
                }
            }
            self.read(index, expect).await?;
        }
    }

    fn judge(&mut self, index: usize, expect: &CheckExpect) -> Judgement {
        let probe = self.probe;
        let last = self.ended || self.received.len() >= ANSWER_MAX;
        let received = std::mem::take(&mut self.received);
        let is_http = probe.script.protocol == CheckProtocol::Http;
        let judgement = self.memory.look(&probe.around, &received, is_http, |view| {
            let look = Look {
                bytes: &received,
                last,
                render: &|format| format.render(view),
            };
            match is_http {
                true => http::judge(expect, &look, probe.stopping),
                false => judge::judge(expect, &look, step::number(probe.script, index)),
            }
        });
        self.received = received;
        judgement
    }

    async fn read(&mut self, index: usize, expect: &CheckExpect) -> Result<(), Finding> {
        let Some(Opened { stream, http2 }) = &mut self.stream else {
            return Err(CheckStatus::SocketError.into());
        };
        match timeout_at(self.deadline, stream.read_buf(&mut self.received)).await {
            Ok(Ok(0)) if self.received.is_empty() => Err(CheckStatus::L7Response.into()),
            Ok(Ok(0)) => {
                self.ended = true;
                Ok(())
            }
            Ok(Ok(_)) => {
                if http2.is_some() && self.received.starts_with(b"HTTP/2.0") {
                    // Answers are judged as those of HTTP/1, which know no other version.
                    self.received[..8].copy_from_slice(b"HTTP/1.1");
                }
                Ok(())
            }
            // What came before is still looked at.
            Ok(Err(_)) if !self.received.is_empty() => {
                self.ended = true;
                Ok(())
            }
            // A stream ends without a word of the system.
            Ok(Err(_)) if http2.is_some() => Err(self.told(index, CheckStatus::SocketError.into())),
            Ok(Err(error)) => Err(self.told(index, step::broken(&error))),
            Err(_) => {
                let status = expect.timeout_status.and_then(CheckStatus::of_code);
                let status = status.unwrap_or(CheckStatus::L7Timeout);
                Err(self.told(index, status.into()))
            }
        }
    }

    /// With the words on the step where it happened.
    fn told(&self, index: usize, finding: Finding) -> Finding {
        step::at_step(self.probe.script, index, finding)
    }
}

/// Opens a connection that the application behind it never sees unless something is sent, or listened for: without
/// quick acknowledgements the kernel holds back the last packet of the handshake, and without linger the close sends a
/// reset in its place.
async fn dial(
    address: SocketAddr,
    source: Option<SocketAddr>,
    linger: bool,
    listens: bool,
) -> io::Result<TcpStream> {
    let socket = upstream::socket(address, source)?;
    if !listens {
        SockRef::from(&socket).set_tcp_quickack(false)?;
    }
    if !linger {
        SockRef::from(&socket).set_linger(Some(Duration::ZERO))?;
    }
    socket.connect(address).await
}
