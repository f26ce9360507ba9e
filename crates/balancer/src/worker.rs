//! One core's runtime: a thread with its own listeners, sessions and idle server connections.

mod accept;
mod door;
mod seat;
mod shortage;

use crate::listener::{Entrance, Place, Socket};
use crate::logger::Logger;
use crate::plan::Plan;
use crate::process::Process;
use crate::request::scratch::Spares;
use crate::streams::Shelf;
use crate::upstream::{self, Pool};
use accept::Listening;
use door::Door;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
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
        let plan = process.plan();
        let spares = Spares::new(plan.global.sizes);
        let plan = RefCell::new(plan);
        let streams = process.streams.shelf();
        Self {
            streams,
            process,
            logger,
            idle: Pool::default(),
            spares,
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
        self.spares.resize(plan.global.sizes);
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
                let listener = Door::new(socket)?;
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
