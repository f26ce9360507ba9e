//! One core's runtime: a thread with its own listeners, sessions and idle server connections.

use crate::listener::{BACKLOG, Entrance, Place, Room, Socket};
use crate::load::os_text;
use crate::logger::Logger;
use crate::plan::{Frontend, Gate, Plan, Rates};
use crate::process::Process;
use crate::proxy_protocol::Ends;
use crate::request::scratch::Spares;
use crate::session::{self, Accepted};
use crate::streams::Shelf;
use crate::upstream::{self, Pool};
use crate::wire::Stream;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::LocalSet;

/// The pause after an accept that failed, for lack of descriptors say: others may free some meanwhile.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What every session of this thread shares. Nothing here crosses threads.
#[derive(Debug)]
pub struct Worker {
    pub process: Arc<Process>,
    pub logger: Arc<Logger>,
    /// Idle connections to servers.
    pub idle: Pool,
    /// Memory that requests at work take turns in.
    pub spares: Spares,
    /// Its streams at work.
    pub streams: Arc<Shelf>,
    plan: RefCell<Arc<Plan>>,
    sessions: Cell<usize>,
    stopping: Cell<bool>,
    stop: Notify,
    ended: Notify,
}

/// What the control thread tells a worker.
#[derive(Debug)]
pub enum Order {
    /// Accept connections.
    Listen {
        entrance: Entrance,
        place: Place,
        socket: Socket,
    },
    /// Something else becomes of connections on this place from now on.
    Change(Place, Entrance),
    /// Close the listener.
    Leave(Place),
    /// A new plan is in force.
    Plan(Arc<Plan>),
    /// Accept nothing more and end when the last session has ended.
    Stop,
}

impl Worker {
    pub fn new(process: Arc<Process>, logger: Arc<Logger>) -> Self {
        let plan = RefCell::new(process.plan());
        let streams = process.streams.shelf();
        Self {
            streams,
            process,
            logger,
            idle: Pool::default(),
            spares: Spares::default(),
            plan,
            sessions: Cell::new(0),
            stopping: Cell::new(false),
            stop: Notify::new(),
            ended: Notify::new(),
        }
    }

    /// The plan in force: asked once for each request, so that a reload takes effect between two requests.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.borrow())
    }

    /// The process stops softly: whatever runs is finished, and nothing is kept alive.
    pub fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Waits until the process stops softly.
    pub async fn stopping(&self) {
        let told = self.stop.notified();
        if !self.is_stopping() {
            told.await;
        }
    }

    /// Makes a plan the one in force.
    pub fn set_plan(&self, plan: Arc<Plan>) {
        self.plan.replace(plan);
    }

    fn begin_stop(&self) {
        self.stopping.set(true);
        self.stop.notify_waiters();
    }

    async fn all_ended(&self) {
        while self.sessions.get() > 0 {
            self.ended.notified().await;
        }
    }
}

/// Runs a worker on this thread until it is told to stop and its last session has ended, or nobody gives
/// orders any more.
///
/// # Errors
///
/// The runtime or a listener could not be set up.
pub fn run(
    process: Arc<Process>,
    logger: Arc<Logger>,
    orders: mpsc::UnboundedReceiver<Order>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let worker = Rc::new(Worker::new(process, logger));
    LocalSet::new().block_on(&runtime, obey(worker, orders))
}

async fn obey(worker: Rc<Worker>, mut orders: mpsc::UnboundedReceiver<Order>) -> io::Result<()> {
    let mut listening: HashMap<Place, Listening> = HashMap::new();
    tokio::task::spawn_local(upstream::tend(Rc::clone(&worker)));
    while let Some(order) = orders.recv().await {
        match order {
            Order::Listen {
                entrance,
                place,
                socket,
            } => {
                let listener = Listener::new(socket)?;
                listening.insert(place, Listening::begin(&worker, entrance, listener));
            }
            Order::Change(place, entrance) => {
                if let Some(listening) = listening.get(&place) {
                    listening.entrance.replace(Rc::new(entrance));
                }
            }
            // Dropping it closes it.
            Order::Leave(place) => drop(listening.remove(&place)),
            Order::Plan(plan) => {
                worker.set_plan(plan);
                worker.process.gates.notify_waiters();
            }
            Order::Stop => {
                listening.clear();
                worker.begin_stop();
                worker.all_ended().await;
                break;
            }
        }
    }
    Ok(())
}

/// A listener at work; dropping it closes the socket.
struct Listening {
    entrance: Rc<RefCell<Rc<Entrance>>>,
    _stop: oneshot::Sender<()>,
}

impl Listening {
    fn begin(worker: &Rc<Worker>, entrance: Entrance, listener: Listener) -> Self {
        let entrance = Rc::new(RefCell::new(Rc::new(entrance)));
        let (stop, stopped) = oneshot::channel();
        let accepting = accept(Rc::clone(worker), Rc::clone(&entrance), listener, stopped);
        tokio::task::spawn_local(accepting);
        Self {
            entrance,
            _stop: stop,
        }
    }
}

/// Takes connections as long as there is room for them: one waits here at most, the rest in the kernel.
async fn accept(
    worker: Rc<Worker>,
    entrance: Rc<RefCell<Rc<Entrance>>>,
    mut listener: Listener,
    mut stopped: oneshot::Receiver<()>,
) {
    let address = listener.address();
    let mut shortage = Shortage::default();
    let mut open = true;
    loop {
        let mut changed = pin!(worker.process.gates.notified());
        changed.as_mut().enable();
        if open != is_open(&worker, &entrance.borrow().frontend) {
            open = !open;
            listener = match listener.with_gate(open) {
                Ok(listener) => listener,
                Err(error) => {
                    return shortage.tell(&worker, &entrance.borrow().frontend, &error);
                }
            };
        }
        let accepted = tokio::select! {
            _ = &mut stopped => break,
            () = changed => continue,
            accepted = listener.accept(), if open => accepted,
        };
        match accepted {
            Ok(come) => admit(&worker, &entrance, address, come).await,
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                shortage.tell(&worker, &entrance.borrow().frontend, &error);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // Whoever is in the queue already would be cut off.
    for _ in 0..BACKLOG {
        let mut now = Context::from_waker(Waker::noop());
        let accepted = pin!(listener.accept()).poll(&mut now);
        match accepted {
            Poll::Ready(Ok(come)) => admit(&worker, &entrance, address, come).await,
            _ => break,
        }
    }
}

/// Whether a frontend lets clients in: one that is gone is about to be closed.
fn is_open(worker: &Worker, frontend: &str) -> bool {
    let plan = worker.plan();
    let frontend = plan.frontend(frontend);
    frontend.is_none_or(|frontend| frontend.gate.get() == Gate::Open)
}

/// Waits for a seat and begins the session. Without a seat the frontend is gone, and the order to close the listener on
/// its way.
async fn admit(
    worker: &Rc<Worker>,
    entrance: &RefCell<Rc<Entrance>>,
    listener: Option<SocketAddr>,
    (stream, source, destination): (Stream, SocketAddr, SocketAddr),
) {
    if let Some(seat) = Seat::wait(worker, entrance).await {
        let entrance = Rc::clone(&entrance.borrow());
        let ends = Ends {
            source,
            destination,
        };
        spawn_session(worker, seat.at(listener), stream, ends, entrance);
    }
}

fn spawn_session(
    worker: &Rc<Worker>,
    seat: Seat,
    stream: Stream,
    ends: Ends,
    entrance: Rc<Entrance>,
) {
    seat.fill(entrance.tls.is_some());
    let running = Running::begin(worker);
    tokio::task::spawn_local(async move {
        let accepted = Accepted {
            socket: stream.number().unwrap_or(-1),
            peer: ends.source,
            local: ends.destination,
            authority: None,
            below: None,
            entrance,
            frontend: Arc::clone(&seat.frontend),
            counted_at: seat.counted_at,
            tls: None,
        };
        session::serve(stream, accepted, Rc::clone(&running.0)).await;
        drop((seat, running));
    });
}

/// A socket that connections come in on.
#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Stands for the address of a client that has none, on a socket file.
const NO_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 1);

impl Listener {
    fn new(socket: Socket) -> io::Result<Self> {
        Ok(match socket {
            Socket::Tcp(listener) => Self::Tcp(TcpListener::from_std(listener)?),
            Socket::Unix(listener) => Self::Unix(UnixListener::from_std(listener)?),
        })
    }

    /// Lets clients in, or has the system refuse them meanwhile. The address stays taken. On a socket file they wait.
    ///
    /// The runtime takes a socket that was shut for one that has ended, so it is shown to it anew.
    fn with_gate(self, open: bool) -> io::Result<Self> {
        let Self::Tcp(listener) = self else {
            return Ok(self);
        };
        let listener = listener.into_std()?;
        match open {
            true => rustix::net::listen(&listener, BACKLOG)?,
            false => rustix::net::shutdown(&listener, rustix::net::Shutdown::Read)?,
        }
        TcpListener::from_std(listener).map(Self::Tcp)
    }

    fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    /// The next connection, the client's address and the one it called.
    async fn accept(&self) -> io::Result<(Stream, SocketAddr, SocketAddr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let local = stream.local_addr()?;
                Ok((stream.into(), peer, local))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((stream.into(), NO_ADDRESS, NO_ADDRESS))
            }
        }
    }
}

/// What connections cannot be accepted for, told once in a while.
#[derive(Default)]
struct Shortage {
    told: Option<Instant>,
}

impl Shortage {
    const PAUSE: Duration = Duration::from_secs(1);

    fn tell(&mut self, worker: &Worker, frontend: &str, error: &io::Error) {
        if self.told.is_some_and(|told| told.elapsed() < Self::PAUSE) {
            return;
        }
        self.told = Some(Instant::now());
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let words = Self::words(frontend, limit.unwrap_or(u64::MAX), error);
        let plan = worker.plan();
        let log = plan.frontend(frontend).map_or(&[][..], |it| &it.log);
        worker.logger.tell_shortage(log, &words);
    }

    /// HAProxy's words; `limit` is that of open files.
    fn words(frontend: &str, limit: u64, error: &io::Error) -> String {
        use rustix::io::Errno;
        let (what, next) = match Errno::from_io_error(error) {
            Some(Errno::MFILE) => ("process FD", "'ulimit-n' and restart"),
            Some(Errno::NFILE) => ("system FD", "system tunables"),
            Some(Errno::NOBUFS | Errno::NOMEM) => ("system memory", "system tunables"),
            _ => return format!("Proxy {frontend} cannot accept ({}).", os_text(error)),
        };
        format!("Proxy {frontend} reached {what} limit (maxsock={limit}). Please check {next}.")
    }
}

/// The client left before it was accepted, or the like.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// A seat under the limits of the listener, the frontend and the process; given back when dropped.
struct Seat {
    room: Room,
    frontend: Arc<Frontend>,
    process: Arc<Process>,
    /// With `option socket-stats`: the address listened on.
    counted_at: Option<SocketAddr>,
}

impl Seat {
    /// Waits for a seat; `None` when the frontend is gone.
    async fn wait(worker: &Worker, entrance: &RefCell<Rc<Entrance>>) -> Option<Self> {
        loop {
            let ended = worker.process.room.notified();
            tokio::pin!(ended);
            // From here on no end is missed, even one before the first poll.
            ended.as_mut().enable();
            let plan = worker.plan();
            let entrance = Rc::clone(&entrance.borrow());
            let frontend = plan.frontend(&entrance.frontend)?;
            let tls = entrance.tls.is_some();
            let pause = Self::pause(&worker.process, &plan.rates, frontend, tls);
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
                continue;
            }
            if let Some(seat) = Self::take(
                &worker.process,
                plan.maxconn.get(),
                frontend,
                &entrance.room,
            ) {
                return Some(seat);
            }
            ended.await;
        }
    }

    /// `rate-limit sessions`, `maxconnrate`, `maxsessrate`, `maxsslrate`: how long until another session may begin.
    fn pause(process: &Process, limits: &Rates, frontend: &Frontend, tls: bool) -> Duration {
        let now = process.now();
        let of_frontend = match frontend.options.session_rate {
            0 => Duration::ZERO,
            limit => frontend.live().counters().rate.wait(limit, now),
        };
        let handshakes = if tls { limits.handshakes.get() } else { 0 };
        let limits = [limits.connections.get(), limits.sessions.get(), handshakes];
        if limits == [0; 3] {
            return of_frontend;
        }
        let rates = crate::process::lock(&process.totals.rates);
        [&rates.connections, &rates.sessions, &rates.handshakes]
            .into_iter()
            .zip(limits)
            .map(|(rate, limit)| rate.wait(limit, now))
            .fold(of_frontend, Duration::max)
    }

    fn take(
        process: &Arc<Process>,
        most: u32,
        frontend: &Arc<Frontend>,
        room: &Room,
    ) -> Option<Self> {
        if !room.take() {
            return None;
        }
        if !process.totals.try_reserve(most) {
            room.give_back();
            return None;
        }
        if !frontend.live().try_reserve(frontend.maxconn.get()) {
            process.totals.connection_closed();
            room.give_back();
            return None;
        }
        Some(Self {
            room: room.clone(),
            frontend: Arc::clone(frontend),
            process: Arc::clone(process),
            counted_at: None,
        })
    }

    /// It is taken on this socket.
    fn at(mut self, listener: Option<SocketAddr>) -> Self {
        let counts = self.frontend.options.socket_stats;
        self.counted_at = listener.filter(|_| counts);
        self
    }

    /// A connection has come.
    fn fill(&self, tls: bool) {
        let now = self.process.now();
        self.process.totals.connection_opened(tls, now);
        let mut live = self.frontend.live();
        live.connection_opened(now);
        if let Some(listener) = self.counted_at {
            live.listener_mut(listener).connection_opened();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.give_back();
        self.process.totals.connection_closed();
        let mut live = self.frontend.live();
        live.connection_closed();
        if let Some(listener) = self.counted_at {
            live.listener_mut(listener).connection_closed();
        }
        drop(live);
        self.process.room.notify_waiters();
    }
}

/// Counts a session of this worker while it lives.
struct Running(Rc<Worker>);

impl Running {
    fn begin(worker: &Rc<Worker>) -> Self {
        worker.sessions.set(worker.sessions.get() + 1);
        Self(Rc::clone(worker))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.sessions.set(self.0.sessions.get() - 1);
        self.0.ended.notify_one();
    }
}
