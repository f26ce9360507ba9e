use super::*;
use crate::backend::{AdminChange, BackendSpec, Outcome};
use crate::server::ServerSpec;
use proptest::prelude::*;

const NOW: Uptime = Uptime::ZERO;

fn spec(servers: usize, maxconn: u32) -> BackendSpec {
    let server = |number| ServerSpec {
        name: format!("s{number}"),
        weight: 1,
        maxconn,
        ..ServerSpec::default()
    };
    BackendSpec {
        name: "b".into(),
        redispatch: true,
        servers: (0..servers).map(server).collect(),
        ..BackendSpec::default()
    }
}

fn backend(servers: usize, maxconn: u32) -> Backend {
    Backend::new(spec(servers, maxconn), NOW)
}

fn ask(b: &mut Backend) -> Admission {
    b.request_begins(NOW);
    b.admit(Demand::default(), NOW)
}

fn slot(b: &mut Backend) -> ServerIndex {
    match ask(b) {
        Admission::Slot(server) => server,
        other => panic!("a slot is free: {other:?}"),
    }
}

fn ticket(b: &mut Backend) -> Ticket {
    match ask(b) {
        Admission::Wait(_, ticket) => ticket,
        other => panic!("nothing is free: {other:?}"),
    }
}

fn turn(b: &mut Backend, ticket: Ticket) -> Option<Turn> {
    match b.poll_turn(ticket, Waker::noop(), NOW) {
        Poll::Ready(turn) => Some(turn),
        Poll::Pending => None,
    }
}

#[test]
fn who_came_first_is_served_first() {
    let mut b = backend(1, 1);
    let server = slot(&mut b);
    let line = [ticket(&mut b), ticket(&mut b), ticket(&mut b)];
    assert_eq!(b.queue(), (3, 3));
    for (place, waiting) in (1..).zip(line) {
        assert_eq!(turn(&mut b, waiting), None);
        b.release(server);
        let turn = turn(&mut b, waiting).expect("it was first");
        assert_eq!(turn.slot, Some(server));
        assert_eq!(turn.positions.backend, place);
    }
    assert_eq!(b.queue(), (0, 3));
    assert_eq!(
        b.server(server).counters().lbtot,
        1,
        "the line is no balancing"
    );
    assert_eq!(b.server(server).counters().stot, 4);
}

#[test]
fn who_leaves_the_line_lets_the_others_move_up() {
    let mut b = backend(1, 1);
    let server = slot(&mut b);
    let (first, second) = (ticket(&mut b), ticket(&mut b));
    assert_eq!(b.leave(first).backend, 1);
    b.release(server);
    assert_eq!(
        turn(&mut b, second).expect("it moved up").positions.backend,
        1
    );
}

#[test]
fn a_slot_given_to_someone_who_left_goes_to_the_next() {
    let mut b = backend(1, 1);
    let server = slot(&mut b);
    let (first, second) = (ticket(&mut b), ticket(&mut b));
    b.release(server);
    b.leave(first);
    assert!(turn(&mut b, second).is_some());
}

#[test]
fn the_one_who_waits_is_woken() {
    struct Bell(std::sync::atomic::AtomicBool);
    impl std::task::Wake for Bell {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let bell = std::sync::Arc::new(Bell(false.into()));
    let mut b = backend(1, 1);
    let server = slot(&mut b);
    let waiting = ticket(&mut b);
    let waker = Waker::from(std::sync::Arc::clone(&bell));
    assert!(b.poll_turn(waiting, &waker, NOW).is_pending());
    b.release(server);
    b.take_woken().into_iter().for_each(Waker::wake);
    assert!(bell.0.load(std::sync::atomic::Ordering::SeqCst));
}

/// Fills the only server, lets these wait in this order, and tells in which they were served.
#[track_caller]
fn check_order(waiting: &[(i64, i64)], expected: &[usize]) {
    let mut b = backend(1, 1);
    let server = slot(&mut b);
    let tickets: Vec<Ticket> = waiting
        .iter()
        .enumerate()
        .map(|(millisecond, &(class, offset))| {
            let mut demand = Demand::default();
            demand.priority.set_class(class);
            demand.priority.set_offset(offset);
            match b.admit(demand, Uptime::from_millis(millisecond as u64)) {
                Admission::Wait(_, ticket) => ticket,
                other => panic!("nothing is free: {other:?}"),
            }
        })
        .collect();
    let mut served = Vec::new();
    while served.len() < waiting.len() {
        b.release(server);
        let next = (0..tickets.len())
            .find(|at| !served.contains(at) && turn(&mut b, tickets[*at]).is_some());
        served.push(next.expect("somebody is served"));
    }
    assert_eq!(served, expected);
}

#[test]
fn lower_classes_come_first_and_then_who_is_due_first() {
    check_order(&[(0, 0), (1, 0), (-1, 0)], &[2, 0, 1]);
    check_order(&[(0, 0), (0, 100), (0, -100)], &[2, 0, 1]);
    check_order(&[(5, -500_000), (4, 500_000)], &[1, 0]);
    check_order(&[(0, 2), (0, 0)], &[1, 0]);
    check_order(&[(0, 1), (0, 0)], &[0, 1]);
}

#[test]
fn a_priority_has_bounds() {
    check_order(&[(99_999, 0), (2047, 0)], &[0, 1]);
    check_order(&[(2047, 0), (-99_999, 0), (-2047, 0)], &[1, 2, 0]);
}

#[test]
fn a_bound_request_waits_for_its_server_alone() {
    let mut b = backend(2, 1);
    let first = slot(&mut b);
    let bound = Demand {
        bound: Some(first),
        ..Demand::default()
    };
    let Admission::Wait(Some(line), waiting) = b.admit(bound, NOW) else {
        panic!("its server is full")
    };
    assert_eq!(line, first);
    assert_eq!(b.server(first).queue(), (1, 1));
    let second = slot(&mut b);
    assert_ne!(second, first);
    b.release(second);
    assert_eq!(turn(&mut b, waiting), None);
    b.release(first);
    let positions = turn(&mut b, waiting).expect("its server is free").positions;
    assert_eq!((positions.server, positions.backend), (1, 0));
}

#[test]
fn a_full_line_refuses_or_sends_elsewhere() {
    let mut spec = spec(2, 1);
    spec.servers[0].max_queue = 1;
    let bound = Demand {
        bound: Some(ServerIndex(0)),
        ..Demand::default()
    };
    for (redispatch, expected) in [
        (false, Admission::QueueFull(ServerIndex(0))),
        (true, Admission::Slot(ServerIndex(1))),
    ] {
        let mut b = Backend::new(
            BackendSpec {
                redispatch,
                ..spec.clone()
            },
            NOW,
        );
        assert_eq!(b.admit(bound, NOW), Admission::Slot(ServerIndex(0)));
        assert!(matches!(b.admit(bound, NOW), Admission::Wait(..)));
        assert_eq!(b.admit(bound, NOW), expected);
    }
}

#[test]
fn the_limit_grows_with_the_crowd() {
    let mut spec = spec(1, 4);
    spec.servers[0].minconn = 1;
    spec.fullconn = 8;
    let mut b = Backend::new(spec, NOW);
    let served = |b: &mut Backend| matches!(ask(b), Admission::Slot(_));
    let taken: Vec<_> = (0..3).map(|_| served(&mut b)).collect();
    assert_eq!(taken, [true, false, false], "1 of 3 requests");
    assert!(!served(&mut b), "4 of 8: 2 at once, but others came first");
    b.release(ServerIndex(0));
    assert_eq!(b.queue().0, 1, "two of those who waited are served");
}

#[test]
fn a_raised_limit_lets_waiters_in() {
    let mut b = backend(1, 1);
    slot(&mut b);
    let (first, second) = (ticket(&mut b), ticket(&mut b));
    b.set_maxconn(ServerIndex(0), 2);
    assert!(turn(&mut b, first).is_some());
    assert_eq!(turn(&mut b, second), None);
    b.set_maxconn(ServerIndex(0), 0);
    assert!(turn(&mut b, second).is_some(), "no limit at all");
}

#[test]
fn waiters_of_a_server_that_leaves_choose_again() {
    let mut b = backend(2, 1);
    let first = slot(&mut b);
    let bound = Demand {
        bound: Some(first),
        ..Demand::default()
    };
    let Admission::Wait(_, waiting) = b.admit(bound, NOW) else {
        panic!("its server is full")
    };
    let told = b.set_admin(first, AdminChange::Maint, NOW).expect("news");
    assert_eq!((told.after.requeued, told.after.queued), (1, 0));
    assert_eq!(turn(&mut b, waiting).expect("it must choose").slot, None);
    let again = b.redispatch(first, Demand::default(), NOW);
    assert_eq!(again, Admission::Slot(ServerIndex(1)));
    assert_eq!(b.server(first).counters().wredis, 1);
}

#[test]
fn a_server_that_returns_takes_from_the_line() {
    let mut b = backend(2, 1);
    b.set_admin(ServerIndex(1), AdminChange::Maint, NOW);
    slot(&mut b);
    let waiting = ticket(&mut b);
    let told = b
        .set_admin(ServerIndex(1), AdminChange::Ready, NOW)
        .expect("news");
    assert_eq!(told.after.requeued, 1);
    let turn = turn(&mut b, waiting).expect("a server came");
    assert_eq!(turn.slot, Some(ServerIndex(1)));
}

#[derive(Clone, Debug)]
enum Event {
    Ask,
    AskBound(usize),
    End(usize),
    Leave(usize),
    Poll(usize),
    Admin(usize, bool),
    Limit(usize, u32),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Ask),
        1 => (0usize..3).prop_map(Event::AskBound),
        3 => (0usize..8).prop_map(Event::End),
        1 => (0usize..8).prop_map(Event::Leave),
        4 => (0usize..8).prop_map(Event::Poll),
        1 => (0usize..3, any::<bool>()).prop_map(|(s, up)| Event::Admin(s, up)),
        1 => (0usize..3, 1u32..4).prop_map(|(s, limit)| Event::Limit(s, limit)),
    ];
    prop::collection::vec(event, 0..120)
}

proptest! {
    /// Whatever happens, slots held are slots counted, and when everyone has gone nothing is left behind.
    #[test]
    fn slots_never_leak(events in events()) {
        let mut b = backend(3, 2);
        let mut held: Vec<ServerIndex> = Vec::new();
        let mut waiting: Vec<Ticket> = Vec::new();
        let keep = |admission, held: &mut Vec<_>, waiting: &mut Vec<_>| match admission {
            Admission::Slot(server) => held.push(server),
            Admission::Wait(_, ticket) => waiting.push(ticket),
            Admission::QueueFull(_) | Admission::Nobody => {}
        };
        for event in events {
            match event {
                Event::Ask => keep(b.admit(Demand::default(), NOW), &mut held, &mut waiting),
                Event::AskBound(server) => {
                    let demand = Demand { bound: Some(ServerIndex(server)), ..Demand::default() };
                    keep(b.admit(demand, NOW), &mut held, &mut waiting);
                }
                Event::End(which) if which < held.len() => b.release(held.swap_remove(which)),
                Event::Leave(which) if which < waiting.len() => {
                    b.leave(waiting.swap_remove(which));
                }
                Event::Poll(which) if which < waiting.len() => {
                    if let Some(turn) = turn(&mut b, waiting[which]) {
                        waiting.swap_remove(which);
                        held.extend(turn.slot);
                    }
                }
                Event::Admin(server, up) => {
                    let wanted = if up { AdminChange::Ready } else { AdminChange::Maint };
                    b.set_admin(ServerIndex(server), wanted, NOW);
                }
                Event::Limit(server, limit) => b.set_maxconn(ServerIndex(server), limit),
                _ => {}
            }
            for (index, server) in b.servers().enumerate() {
                let mine = held.iter().filter(|s| s.0 == index).count();
                prop_assert_eq!(server.counters().scur as usize, mine);
                prop_assert!(server.served as usize >= mine);
            }
        }
        for ticket in waiting {
            b.leave(ticket);
        }
        for server in held {
            b.release(server);
        }
        prop_assert!(b.servers().all(|server| server.served == 0));
        prop_assert!(b.servers().all(|server| server.queue().0 == 0));
        prop_assert_eq!(b.queue().0, 0);
        prop_assert!(b.waiters.is_empty());
    }

    /// Nobody who came later to the line of the backend is served earlier.
    #[test]
    fn first_come_first_served(arrivals in 1usize..30, maxconn in 1u32..4) {
        let mut b = backend(2, maxconn);
        let mut held: Vec<ServerIndex> = Vec::new();
        let mut line: Vec<Ticket> = Vec::new();
        for _ in 0..arrivals {
            match ask(&mut b) {
                Admission::Slot(server) => held.push(server),
                Admission::Wait(_, ticket) => line.push(ticket),
                other => panic!("{other:?}"),
            }
        }
        for waiting in line {
            b.release(held.remove(0));
            let turn = turn(&mut b, waiting).expect("the head of the line is next");
            held.extend(turn.slot);
        }
        for server in held {
            b.request_ends(Some(server), true, &Outcome::default());
        }
        prop_assert!(b.servers().all(|server| server.served == 0));
    }
}
