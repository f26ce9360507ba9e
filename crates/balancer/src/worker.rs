//! One core's runtime: a thread with its own listeners, sessions and idle server connections.

use crate::logger::Logger;
use crate::plan::{Frontend, Plan};
use crate::process::Process;
use crate::request::scratch::Spares;
use crate::session::{self, Accepted};
use crate::upstream::{self, Pool};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
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
    plan: RefCell<Arc<Plan>>,
    sessions: Cell<usize>,
    stopping: Cell<bool>,
    stop: Notify,
    ended: Notify,
}

/// What the control thread tells a worker.
#[derive(Debug)]
pub enum Order {
    /// Accept connections for the frontend of this name.
    Listen {
        frontend: String,
        address: SocketAddr,
        listener: std::net::TcpListener,
    },
    /// Connections on this address are another frontend's from now on.
    Rename(SocketAddr, String),
    /// Close the listener.
    Leave(SocketAddr),
    /// A new plan is in force.
    Plan(Arc<Plan>),
    /// Accept nothing more and end when the last session has ended.
    Stop,
}

impl Worker {
    pub fn new(process: Arc<Process>, logger: Arc<Logger>) -> Self {
        let plan = RefCell::new(process.plan());
        Self {
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
    let mut listening: HashMap<SocketAddr, Listening> = HashMap::new();
    tokio::task::spawn_local(upstream::tend(Rc::clone(&worker)));
    while let Some(order) = orders.recv().await {
        match order {
            Order::Listen {
                frontend,
                address,
                listener,
            } => {
                let listener = TcpListener::from_std(listener)?;
                listening.insert(address, Listening::begin(&worker, frontend, listener));
            }
            Order::Rename(address, name) => {
                if let Some(listening) = listening.get(&address) {
                    listening.frontend.replace(name);
                }
            }
            // Dropping it closes it.
            Order::Leave(address) => drop(listening.remove(&address)),
            Order::Plan(plan) => worker.set_plan(plan),
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
    frontend: Rc<RefCell<String>>,
    _stop: oneshot::Sender<()>,
}

impl Listening {
    fn begin(worker: &Rc<Worker>, frontend: String, listener: TcpListener) -> Self {
        let frontend = Rc::new(RefCell::new(frontend));
        let (stop, stopped) = oneshot::channel();
        let accepting = accept(Rc::clone(worker), Rc::clone(&frontend), listener, stopped);
        tokio::task::spawn_local(accepting);
        Self {
            frontend,
            _stop: stop,
        }
    }
}

/// Takes connections as long as there is room for them: one waits here at most, the rest in the kernel.
async fn accept(
    worker: Rc<Worker>,
    frontend: Rc<RefCell<String>>,
    listener: TcpListener,
    mut stopped: oneshot::Receiver<()>,
) {
    let address = listener.local_addr().ok();
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without a place the frontend is gone, and the order to close the listener on its way.
                if let Some(place) = Place::wait(&worker, &frontend).await {
                    spawn_session(&worker, place.at(address), stream, peer);
                }
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, frontend.name = %frontend.borrow(), "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn spawn_session(worker: &Rc<Worker>, place: Place, stream: TcpStream, peer: SocketAddr) {
    place.fill();
    let running = Running::begin(worker);
    tokio::task::spawn_local(async move {
        let frontend = Arc::clone(&place.frontend);
        if let (Ok(local), Ok(())) = (stream.local_addr(), stream.set_nodelay(true)) {
            let accepted = Accepted {
                peer,
                local,
                frontend,
                counted_at: place.counted_at,
            };
            session::serve(stream, accepted, Rc::clone(&running.0)).await;
        }
        drop((place, running));
    });
}

/// The client left before it was accepted, or the like.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// A place under the limits of the frontend and the process; given back when dropped.
struct Place {
    frontend: Arc<Frontend>,
    process: Arc<Process>,
    /// With `option socket-stats`: the address listened on.
    counted_at: Option<SocketAddr>,
}

impl Place {
    /// Waits for a place; `None` when the frontend is gone.
    async fn wait(worker: &Worker, frontend: &RefCell<String>) -> Option<Self> {
        loop {
            let ended = worker.process.room.notified();
            tokio::pin!(ended);
            // From here on no end is missed, even one before the first poll.
            ended.as_mut().enable();
            let plan = worker.plan();
            let frontend = plan.frontend(&frontend.borrow())?;
            if let Some(place) = Self::take(&worker.process, plan.maxconn.get(), frontend) {
                return Some(place);
            }
            ended.await;
        }
    }

    fn take(process: &Arc<Process>, most: u32, frontend: &Arc<Frontend>) -> Option<Self> {
        if !process.totals.try_reserve(most) {
            return None;
        }
        if !frontend.live().try_reserve(frontend.maxconn.get()) {
            process.totals.connection_closed();
            return None;
        }
        Some(Self {
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
    fn fill(&self) {
        let now = self.process.now();
        self.process.totals.connection_opened(now);
        let mut live = self.frontend.live();
        live.connection_opened(now);
        if let Some(listener) = self.counted_at {
            live.listener_mut(listener).connection_opened();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
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
