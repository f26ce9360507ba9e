//! One stream, as others see it.

use crate::plan::{Backend, Frontend};
use crate::process::lock;
use lb_core::server::ServerIndex;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A request at work, a connection in TCP mode, or one to the runtime API.
#[derive(Debug)]
pub struct Stream {
    /// Its number among all of the process: `%rt`.
    pub number: u64,
    /// How many lists were made before it.
    pub epoch: u32,
    pub origin: Origin,
    begun: Instant,
    state: Mutex<State>,
    /// How often it had something to do.
    calls: AtomicU32,
    /// When bytes were passed on last, in milliseconds since it began.
    active: AtomicU64,
    killed: AtomicBool,
    told: Notify,
}

/// Where it comes from.
#[derive(Debug)]
pub struct Origin {
    pub listener: Listener,
    /// The client, and the address it called; `None`: by a socket file.
    pub ends: Option<[SocketAddr; 2]>,
    /// The socket to the client.
    pub socket: i32,
    /// Its connection carries several at once.
    pub http2: bool,
    pub tls: bool,
    /// When its connection came, or the request before it had ended.
    pub accepted: SystemTime,
}

/// Whose client it is.
#[derive(Debug)]
pub enum Listener {
    /// Of a frontend's `bind` line, by its number there.
    Frontend(Arc<Frontend>, u32),
    /// Of the `stats socket` line with this number.
    RuntimeApi(u32),
}

/// How far it has come.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub backend: Option<Arc<Backend>>,
    pub server: Option<ServerIndex>,
    pub stage: Stage,
    /// How long each step may take in this stage, or the stage itself.
    pub limit: Option<Duration>,
    /// When the stage began.
    pub since: Duration,
    pub retries: u32,
    /// The socket to the server.
    pub socket: Option<i32>,
}

/// What it waits for. The numbers are HAProxy's, of the state of a connection to a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Rules, or the client.
    #[default]
    Begun = 0,
    /// A slot on a server.
    Queue = 2,
    /// The pause before another attempt.
    Pause = 3,
    Connect = 5,
    /// Bytes, both ways.
    Established = 8,
}

/// What stands for the place in memory by which HAProxy names a stream.
const ADDRESS_OF_FIRST: u64 = 0x5500_0000_0000;
const ADDRESS_STEP: u64 = 0x10;

impl Stream {
    pub(super) fn new(number: u64, epoch: u32, origin: Origin) -> Self {
        Self {
            number,
            epoch,
            origin,
            begun: Instant::now(),
            state: Mutex::default(),
            calls: AtomicU32::new(1),
            active: AtomicU64::new(0),
            killed: AtomicBool::new(false),
            told: Notify::new(),
        }
    }

    /// What it is called by in commands.
    pub fn address(&self) -> u64 {
        ADDRESS_OF_FIRST + self.number * ADDRESS_STEP
    }

    pub(super) fn number_of(address: u64) -> Option<u64> {
        let offset = address.checked_sub(ADDRESS_OF_FIRST)?;
        (offset % ADDRESS_STEP == 0).then_some(offset / ADDRESS_STEP)
    }

    /// How far it has come: hold it for a few lines.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// A stage begins, in which steps, or it itself, may take so long.
    pub fn enter(&self, stage: Stage, limit: Option<Duration>) {
        let since = self.begun.elapsed();
        let mut state = self.state();
        (state.stage, state.limit, state.since) = (stage, limit, since);
    }

    /// It has something to do.
    pub fn called(&self) {
        // Only its own thread counts.
        let calls = self.calls.load(Ordering::Relaxed);
        self.calls.store(calls.wrapping_add(1), Ordering::Relaxed);
    }

    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Bytes were passed on.
    pub fn moved(&self, now: Instant) {
        let since = now.saturating_duration_since(self.begun).as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.active.store(since, Ordering::Relaxed);
    }

    pub fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// How long until it is too late; `None`: it may take for ever.
    pub fn left(&self) -> Option<Duration> {
        let (limit, since) = {
            let state = self.state();
            (state.limit?, state.since)
        };
        let active = Duration::from_millis(self.active.load(Ordering::Relaxed));
        Some((since.max(active) + limit).saturating_sub(self.age()))
    }

    /// Ends it. A wait for a slot, or for the moment of another attempt, goes on until its end.
    pub fn kill(&self) {
        self.killed.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    pub fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Acquire)
    }

    /// Waits until it is to end.
    pub async fn killed(&self) {
        let told = self.told.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        if !self.is_killed() {
            told.await;
        }
    }
}
