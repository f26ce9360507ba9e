//! The name server itself: a zone, its turns, and the checks of its addresses.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::answer::{Asker, Memory, answer};
use crate::health::Health;
use crate::log::Log;
use crate::response::limit;
use crate::server::{self, Outcome, Service};
use crate::told::{Sent, Way};
use crate::zone::{TargetId, Zone};

/// Answers for one zone at a time.
pub(crate) struct Authority {
    state: RefCell<State>,
    log: Log,
}

struct State {
    zone: Rc<Zone>,
    memory: Memory,
    health: Vec<Health>,
    /// The examinations of this zone's addresses; they end with it.
    checks: JoinSet<()>,
}

impl Authority {
    /// With so many answers given already. Must be called within the runtime, as examinations start.
    pub(crate) fn start(zone: Zone, turn: u32, log: Log) -> Rc<Self> {
        let mut state = State::new(zone, None);
        state.memory.skip(&state.zone, turn);
        let state = RefCell::new(state);
        let authority = Rc::new(Self { state, log });
        authority.clone().start_checks();
        authority
    }

    /// From now on another zone. Addresses that stay under examination keep what is known of them.
    pub(crate) fn replace(self: &Rc<Self>, zone: Zone) {
        let mut state = self.state.borrow_mut();
        let new = State::new(zone, Some(&state));
        *state = new;
        drop(state);
        self.clone().start_checks();
    }

    fn start_checks(self: Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let zone = state.zone.clone();
        for target in TargetId::all(&zone) {
            state
                .checks
                .spawn_local(examine(self.clone(), zone.clone(), target));
        }
    }

    fn record(&self, zone: &Zone, target: TargetId, success: bool) {
        let (address, check) = &zone.targets()[target.index()];
        let mut state = self.state.borrow_mut();
        let health = &mut state.health[target.index()];
        if !health.record(check, success) {
            return;
        }
        let well = health.is_well();
        state.memory.set_sick(target, !well);
        self.log.say(&match well {
            true => format!(
                "{} is handed out again: port {} accepts connections",
                address.ip(),
                address.port()
            ),
            false => format!(
                "{} is left out: nothing accepts connections on port {}",
                address.ip(),
                address.port()
            ),
        });
    }
}

impl State {
    fn new(zone: Zone, before: Option<&Self>) -> Self {
        let known = |target: TargetId| {
            let before = before?;
            let same = TargetId::all(&before.zone)
                .find(|old| before.zone.targets()[old.index()] == zone.targets()[target.index()])?;
            Some(before.health[same.index()])
        };
        let health: Vec<Health> = TargetId::all(&zone)
            .map(|target| known(target).unwrap_or_default())
            .collect();
        let mut memory = Memory::new(&zone, seed());
        for (target, health) in TargetId::all(&zone).zip(&health) {
            memory.set_sick(target, !health.is_well());
        }
        Self {
            zone: Rc::new(zone),
            memory,
            health,
            checks: JoinSet::new(),
        }
    }
}

/// Connects to an address again and again.
async fn examine(authority: Rc<Authority>, zone: Rc<Zone>, target: TargetId) {
    let (address, check) = zone.targets()[target.index()];
    let mut times = interval(check.every.max(Duration::from_millis(100)));
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        times.tick().await;
        let connected = timeout(check.timeout, TcpStream::connect(address)).await;
        authority.record(&zone, target, matches!(connected, Ok(Ok(_))));
    }
}

impl Service for Authority {
    fn answer(self: Rc<Self>, packet: &[u8], asker: Asker, reply: &mut Vec<u8>) -> Outcome {
        let query = match server::question(packet, asker, &self.log, reply) {
            Ok(query) => query,
            Err(outcome) => return outcome,
        };
        let state = &mut *self.state.borrow_mut();
        let response = answer(&state.zone, &mut state.memory, &query, asker);
        let truncated = response.write(limit(&query, asker.transport), reply);
        self.log.answer(&Sent {
            query: &query,
            response: &response,
            asker,
            truncated,
            way: Way::Authority,
        });
        Outcome::Reply
    }
}

/// A start for random orders; nobody needs to be surprised by it.
fn seed() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap_or_default()
}
