//! Everything that can reach the supervisor, as one stream.

use super::child::News;
use super::control::Asked;
use super::protocol::Reply;
use crate::observe::log_socket;
use crate::observe::runtime_api::Running;
use crate::observe::stat_csv::Belief;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The block is redrawn at most this often.
pub(crate) const TICK: Duration = Duration::from_millis(250);
/// A log line is shorter: the instrumented copy asks for at most 8192 bytes.
const LONGEST_DATAGRAM: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) enum Input {
    Child(News),
    Asked(Asked),
    /// A datagram of the balancer's log.
    Logged(String),
    Found(Finding),
    Stop(StopSignal),
    Tick,
}

/// What a look at the balancer brought.
#[derive(Debug)]
pub(crate) enum Finding {
    /// `None`: it does not answer. With a reply: somebody waits for a snapshot.
    Beliefs(Option<Vec<Belief>>, Option<Sender<Reply>>),
    /// The outcome of a reload, `None` when the new configuration did not come into force.
    Reloaded(Option<Running>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopSignal {
    Interrupt,
    Terminate,
    HangUp,
}

pub(crate) struct Inputs {
    pub(crate) news: UnboundedReceiver<News>,
    pub(crate) asked: Receiver<Asked>,
    pub(crate) found: UnboundedReceiver<Finding>,
    log: UdpSocket,
    buffer: Vec<u8>,
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    tick: Interval,
}

impl Inputs {
    pub(crate) fn open(
        news: UnboundedReceiver<News>,
        asked: Receiver<Asked>,
        found: UnboundedReceiver<Finding>,
    ) -> io::Result<Self> {
        let log = log_socket::bind()?;
        log.set_nonblocking(true)?;
        let log = UdpSocket::from_std(log)?;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Ok(Self {
            news,
            asked,
            found,
            log,
            buffer: vec![0; LONGEST_DATAGRAM],
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            tick,
        })
    }

    /// Where the balancer's log is read.
    pub(crate) fn log_address(&self) -> io::Result<SocketAddr> {
        self.log.local_addr()
    }

    pub(crate) async fn next(&mut self) -> Input {
        loop {
            return tokio::select! {
                // Signals and the ends of children first: a flood of requests must not delay them.
                biased;
                _ = self.interrupt.recv() => Input::Stop(StopSignal::Interrupt),
                _ = self.terminate.recv() => Input::Stop(StopSignal::Terminate),
                _ = self.hang_up.recv() => Input::Stop(StopSignal::HangUp),
                Some(asked) = self.asked.recv() => Input::Asked(asked),
                Some(found) = self.found.recv() => Input::Found(found),
                _ = self.tick.tick() => Input::Tick,
                Some(news) = self.news.recv() => Input::Child(news),
                received = self.log.recv(&mut self.buffer) => match received {
                    Ok(length) => Input::Logged(String::from_utf8_lossy(&self.buffer[..length]).into_owned()),
                    Err(error) => {
                        tracing::warn!(%error, "log socket");
                        continue;
                    }
                },
            };
        }
    }
}

impl StopSignal {
    pub(crate) fn is_interrupt(self) -> bool {
        self == Self::Interrupt
    }
}
