use super::*;
use crate::check::{CheckResult, CheckStatus};
use crate::schedule::Timing;
use crate::server::CheckSpec;
use crate::transition::Reason;
use std::num::NonZeroU32;

const START: Uptime = Uptime::ZERO;

fn at(seconds: u64) -> Uptime {
    Uptime::from_secs(seconds)
}

fn spec(number: u32, weight: u16, checked: bool) -> ServerSpec {
    let inter = Duration::from_secs(2);
    ServerSpec {
        name: format!("s{number}"),
        id: number,
        weight,
        check: checked.then(|| CheckSpec {
            rise: NonZeroU32::new(2).unwrap(),
            fall: NonZeroU32::new(3).unwrap(),
            timing: Timing {
                inter,
                fastinter: inter,
                downinter: inter,
            },
        }),
        address: format!("127.0.0.1:{number}"),
        ..ServerSpec::default()
    }
}

fn backend(weights: &[u16], checked: bool) -> Backend {
    let specs = (1..).zip(weights).map(|(n, &w)| spec(n, w, checked));
    of(specs.collect())
}

fn of(servers: Vec<ServerSpec>) -> Backend {
    let spec = BackendSpec {
        name: "b".into(),
        servers,
        ..BackendSpec::default()
    };
    Backend::new(spec, START)
}

fn passed() -> CheckResult {
    CheckResult {
        status: CheckStatus::L4Ok,
        code: None,
        info: String::new(),
        duration: Duration::ZERO,
    }
}

fn refused() -> CheckResult {
    CheckResult {
        status: CheckStatus::L4Connection,
        info: "Connection refused".into(),
        ..passed()
    }
}

fn pick(backend: &mut Backend) -> usize {
    let server = admit(backend).server().expect("a server");
    backend.release(server);
    server.0 + 1
}

fn admit(backend: &mut Backend) -> Admission {
    backend.admit(Demand::default(), START)
}

const S1: ServerIndex = ServerIndex(0);

#[test]
fn a_killed_server_passes_through_the_states_of_haproxy() {
    let mut b = backend(&[1, 1], true);
    assert_eq!(b.server(S1).status(), "UP 1/3");
    let mut seen = Vec::new();
    for (second, result) in (2..).step_by(2).zip([
        passed(),
        refused(),
        refused(),
        refused(),
        refused(),
        passed(),
        passed(),
    ]) {
        let told = b.record_check(S1, result, at(second)).transition;
        seen.push((b.server(S1).status(), told.is_some()));
    }
    let expected = [
        ("UP", false),
        ("UP 2/3", false),
        ("UP 1/3", false),
        ("DOWN", true),
        ("DOWN", false),
        ("DOWN 1/2", false),
        ("UP", true),
    ];
    assert_eq!(seen, expected.map(|(s, told)| (s.to_string(), told)));
    let server = b.server(S1);
    assert_eq!(server.counters().chkfail, 3);
    assert_eq!(server.counters().chkdown, 1);
    assert_eq!(server.down_time(at(100)), Duration::from_secs(6));
}

#[test]
fn the_words_of_a_change_are_haproxys() {
    let mut b = backend(&[1, 1], true);
    let down = b.record_check(S1, refused(), at(1)).transition.unwrap();
    assert_eq!(
        down.to_string(),
        "Server b/s1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", \
         check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, \
         0 remaining in queue."
    );
    assert_eq!(down.alert(), None);
    let last = b
        .record_check(ServerIndex(1), refused(), at(1))
        .transition
        .unwrap();
    assert_eq!(
        last.alert().unwrap(),
        "backend 'b' has no server available!"
    );
    b.record_check(S1, passed(), at(2));
    let up = b.record_check(S1, passed(), at(3)).transition.unwrap();
    assert_eq!(
        up.to_string(),
        "Server b/s1 is UP, reason: Layer4 check passed, check duration: 0ms. 1 active and 0 backup \
         servers online. 0 sessions requeued, 0 total in queue."
    );
}

#[test]
fn a_server_that_is_down_gets_no_turn() {
    let mut b = backend(&[1, 1], true);
    b.record_check(S1, refused(), START);
    assert_eq!([pick(&mut b), pick(&mut b), pick(&mut b)], [2, 2, 2]);
    b.record_check(ServerIndex(1), refused(), START);
    assert_eq!(admit(&mut b), Admission::Nobody);
    assert!(!b.is_up());
}

#[test]
fn maintenance_and_back_is_on_the_edge() {
    let mut b = backend(&[1, 1], true);
    b.record_check(S1, passed(), START);
    let told = b.set_admin(S1, AdminChange::Maint, at(1)).unwrap();
    assert!(
        told.to_string()
            .starts_with("Server b/s1 is going DOWN for maintenance. 1 active")
    );
    assert_eq!(b.server(S1).status(), "MAINT");
    assert_eq!(b.set_admin(S1, AdminChange::Maint, at(1)), None);
    assert_eq!(
        b.record_check(S1, refused(), at(2)).transition,
        None,
        "no checks in maintenance"
    );
    let told = b.set_admin(S1, AdminChange::Ready, at(3)).unwrap();
    assert_eq!(
        told.to_string(),
        "Server b/s1 is UP/READY (leaving forced maintenance)."
    );
    assert_eq!(b.server(S1).status(), "UP 1/3");
}

#[test]
fn drain_keeps_it_up_without_new_clients() {
    let mut b = backend(&[1, 1], false);
    let told = b.set_admin(S1, AdminChange::Drain, at(1)).unwrap();
    assert_eq!(
        told.to_string(),
        "Server b/s1 enters drain state. 1 active and 0 backup servers online. 0 sessions requeued, \
         0 total in queue."
    );
    assert_eq!(b.server(S1).status(), "DRAIN");
    assert!(b.server(S1).is_up());
    assert_eq!([pick(&mut b), pick(&mut b)], [2, 2]);
    let told = b.set_admin(S1, AdminChange::Ready, at(2)).unwrap();
    assert_eq!(
        told.to_string(),
        "Server b/s1 is UP (leaving forced drain)."
    );
}

#[test]
fn health_set_by_hand_lasts_until_the_next_good_checks() {
    let mut b = backend(&[1, 1], true);
    b.record_check(S1, passed(), START);
    let told = b
        .set_health(S1, HealthChange::Down, Reason::Cli, at(1))
        .unwrap();
    assert!(
        told.to_string()
            .starts_with("Server b/s1 is DOWN, changed from CLI. 1 active")
    );
    assert!(b.record_check(S1, passed(), at(2)).transition.is_none());
    assert_eq!(b.server(S1).status(), "DOWN 1/2");
    assert!(b.record_check(S1, passed(), at(3)).transition.is_some());
    assert_eq!(b.server(S1).status(), "UP");
}

#[test]
fn weights_are_percent_of_the_configured_one() {
    let mut b = backend(&[10, 10], false);
    assert!(b.set_weight(S1, WeightChange::Percent(50), START));
    assert_eq!(b.server(S1).weight(), 5);
    assert!(b.set_weight(S1, WeightChange::Percent(200), START));
    assert_eq!(b.server(S1).weight(), 20);
    assert!(b.set_weight(S1, WeightChange::Percent(30_000), START));
    assert_eq!(b.server(S1).weight(), 256, "no more than the highest");
}

#[test]
fn weight_zero_everywhere_takes_the_backend_down() {
    let mut b = backend(&[1, 1], false);
    for server in [S1, ServerIndex(1)] {
        assert!(b.set_weight(server, WeightChange::Absolute(0), at(1)));
    }
    assert_eq!(b.server(S1).status(), "no check");
    assert!(!b.is_up());
    assert_eq!(admit(&mut b), Admission::Nobody);
}

#[test]
fn disabled_servers_start_in_maintenance_and_can_be_enabled() {
    let disabled = ServerSpec {
        disabled: true,
        ..spec(1, 1, false)
    };
    let mut b = of(vec![disabled]);
    assert_eq!(b.server(S1).status(), "MAINT");
    assert!(!b.is_up());
    b.set_admin(S1, AdminChange::Ready, at(1));
    assert_eq!(b.server(S1).status(), "no check");
    assert!(b.is_up());
}

#[test]
fn attempts_count_on_the_server_and_requests_on_the_backend() {
    let mut b = backend(&[1], false);
    b.request_begins(START);
    let server = admit(&mut b).server().unwrap();
    for _ in 0..3 {
        b.retry(server, START);
    }
    let outcome = Outcome {
        status: Some(503),
        connect_failed: true,
        ..Outcome::default()
    };
    b.request_ends(Some(server), true, &outcome);
    let counters = b.server(S1).counters();
    assert_eq!((counters.stot, counters.wretr, counters.econ), (4, 3, 1));
    assert_eq!((counters.scur, counters.lbtot), (0, 1));
    assert_eq!(counters.responses.total, 0, "the server said nothing");
    assert_eq!((b.counters().stot, b.counters().wretr), (1, 3));
    assert_eq!(b.counters().responses.class, [0, 0, 0, 0, 1]);
}

#[test]
fn redispatch_leaves_the_failed_server() {
    let mut b = backend(&[1, 1], false);
    let first = admit(&mut b).server().unwrap();
    b.release(first);
    let second = b
        .redispatch(first, Demand::default(), START)
        .server()
        .unwrap();
    assert_ne!(first, second);
    assert_eq!(b.server(first).counters().wredis, 1);
    assert_eq!(b.server(second).counters().wredis, 0);
    assert_eq!(b.server(first).counters().scur, 0);
    assert_eq!(b.server(second).counters().scur, 1);
}

#[test]
fn a_reload_keeps_the_life_of_servers_that_stay() {
    let mut old = backend(&[1, 1], true);
    old.record_check(S1, refused(), at(1));
    old.set_admin(ServerIndex(1), AdminChange::Drain, at(1));
    let mut new = backend(&[1, 1, 1], true);
    new.inherit(&old);
    assert_eq!(new.server(S1).status(), "DOWN");
    assert_eq!(new.server(ServerIndex(1)).status(), "DRAIN 1/3");
    assert_eq!(new.server(ServerIndex(2)).status(), "UP 1/3");
    assert_eq!([pick(&mut new), pick(&mut new)], [3, 3]);
}

#[test]
fn a_reload_that_takes_checks_away_forgets_their_verdict() {
    let mut old = backend(&[1], true);
    old.record_check(S1, refused(), at(1));
    let mut new = backend(&[1], false);
    new.inherit(&old);
    assert_eq!(new.server(S1).status(), "no check");
    assert_eq!(pick(&mut new), 1);
}

#[test]
fn orders_by_people_are_told_in_haproxys_words() {
    use AdminChange::{Drain, Maint, Ready};
    let mut b = backend(&[1, 1], false);
    let mut tell = |wanted| {
        let told = b.set_admin(S1, wanted, at(1));
        let told = told.map(|t| (t.to_string(), t.reminder()));
        told.unwrap_or_default()
    };
    assert_eq!(
        tell(Drain).0,
        "Server b/s1 enters drain state. 1 active and 0 backup servers online. \
         0 sessions requeued, 0 total in queue."
    );
    assert_eq!(
        tell(Maint).0,
        "Server b/s1 is going DOWN for maintenance. 1 active and 0 backup servers left. \
         0 sessions active, 0 requeued, 0 remaining in queue."
    );
    let reminder = "Server b/s1 remains in forced drain mode.".to_owned();
    assert_eq!(
        tell(Drain),
        (
            "Server b/s1 is UP/DRAIN (leaving forced maintenance).".into(),
            Some(reminder)
        )
    );
    assert_eq!(
        tell(Ready),
        ("Server b/s1 is UP (leaving forced drain).".into(), None)
    );
    b.set_health(S1, HealthChange::Down, Reason::Cli, at(2));
    let down = b.set_admin(S1, Drain, at(2)).unwrap();
    assert_eq!(
        down.to_string(),
        "Server b/s1 enters drain state. 1 active and 0 backup servers left. \
         0 sessions active, 0 requeued, 0 remaining in queue."
    );
    let maint = b.set_admin(S1, Maint, at(3)).unwrap();
    assert_eq!(
        maint.to_string(),
        "Server b/s1 was DOWN and now enters maintenance."
    );
}

#[test]
fn a_check_is_reported_when_it_says_something_new() {
    let mut b = backend(&[1], true);
    let mut report = |result| {
        let recorded = b.record_check(S1, result, at(1));
        recorded.report.map(|report| report.to_string())
    };
    let up = "Health check for server b/s1 succeeded, reason: Layer4 check passed, \
              check duration: 0ms, status: 3/3 UP.";
    assert_eq!(report(passed()).as_deref(), Some(up));
    assert_eq!(report(passed()), None, "nothing new");
    let failing = "Health check for server b/s1 failed, reason: Layer4 connection problem, \
                   info: \"Connection refused\", check duration: 0ms, status: 2/3 UP.";
    assert_eq!(report(refused()).as_deref(), Some(failing));
}

#[test]
fn checks_that_fail_on_the_way_up_are_counted_too() {
    let mut b = backend(&[1], true);
    for (result, failed) in [
        (refused(), 1),
        (refused(), 1),
        (passed(), 1),
        (refused(), 2),
    ] {
        b.record_check(S1, result, at(1));
        assert_eq!(b.server(S1).counters().chkfail, failed);
    }
}

#[test]
fn a_check_that_begins_forgets_what_the_last_one_said() {
    let mut b = backend(&[1], true);
    let said = CheckResult {
        status: CheckStatus::L7Status,
        code: Some(404),
        info: "Nope".into(),
        ..refused()
    };
    b.record_check(S1, said, at(1));
    assert!(b.check_begins(S1));
    let last = b.server(S1).check().unwrap().last();
    assert_eq!(
        (last.status, last.code, last.info.as_str()),
        (CheckStatus::L7Status, Some(0), "")
    );
}

#[test]
fn a_reload_keeps_to_the_schedule_of_checks() {
    let mut old = backend(&[1], true);
    old.check_planned(S1, at(7));
    assert!(old.check_begins(S1));
    let mut new = backend(&[1], true);
    new.inherit(&old);
    let check = new.server(S1).check().unwrap();
    assert_eq!(check.due(), Some(at(7)));
    assert!(
        !check.in_progress(),
        "the check of the old plan was given up"
    );
}

#[test]
fn idle_connections_are_counted_until_used_or_closed() {
    let mut b = backend(&[1], false);
    b.idle_kept(S1);
    b.idle_kept(S1);
    b.connected(S1, crate::backend::Carried::Idle);
    assert_eq!(b.server(S1).counters().idle, 1);
    b.idle_closed(S1);
    b.idle_closed(S1);
    assert_eq!(b.server(S1).counters().idle, 0);
}
