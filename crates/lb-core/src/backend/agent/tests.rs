use super::*;
use crate::backend::BackendSpec;
use crate::schedule::Timing;
use crate::server::{CheckSpec, ObserveSpec, ServerSpec};
use std::num::NonZeroU32;

const NOW: Uptime = Uptime::ZERO;
const FIRST: ServerIndex = ServerIndex(0);

fn check(rise: u32, fall: u32) -> CheckSpec {
    let second = Duration::from_secs(1);
    CheckSpec {
        rise: NonZeroU32::new(rise).unwrap(),
        fall: NonZeroU32::new(fall).unwrap(),
        timing: Timing {
            inter: second,
            fastinter: second,
            downinter: second,
        },
    }
}

fn backend(server: ServerSpec) -> Backend {
    let server = ServerSpec {
        name: "s1".into(),
        weight: 4,
        check: Some(check(2, 3)),
        ..server
    };
    let spec = BackendSpec {
        name: "b".into(),
        servers: vec![server],
        ..BackendSpec::default()
    };
    let mut backend = Backend::new(spec, NOW);
    record(&mut backend, CheckStatus::L4Ok);
    backend
}

fn record(backend: &mut Backend, status: CheckStatus) {
    let result = CheckResult {
        status,
        code: None,
        info: String::new(),
        duration: Duration::ZERO,
    };
    backend.record_check(FIRST, result, NOW);
}

fn status(backend: &Backend) -> String {
    backend.server(FIRST).status()
}

fn says(backend: &mut Backend, line: &str) -> usize {
    let answer = AgentAnswer::Reply(AgentReply::read(line));
    backend
        .record_agent(FIRST, answer, Duration::ZERO, NOW)
        .len()
}

fn with_agent() -> Backend {
    backend(ServerSpec {
        agent: Some(check(1, 1)),
        ..ServerSpec::default()
    })
}

#[test]
fn what_an_agent_says_again_is_no_news() {
    let mut backend = with_agent();
    assert_eq!(says(&mut backend, "drain 50%"), 1);
    assert_eq!(says(&mut backend, "drain 50%"), 0);
    assert_eq!(status(&backend), "DRAIN (agent)");
    assert_eq!(backend.server(FIRST).weight(), 2);
    assert_eq!(says(&mut backend, "ready"), 1);
    assert_eq!(says(&mut backend, "ready"), 0);
    assert_eq!(status(&backend), "UP");
}

#[test]
fn checks_do_not_overrule_an_agent() {
    let mut backend = with_agent();
    assert_eq!(says(&mut backend, "down"), 1);
    record(&mut backend, CheckStatus::L4Ok);
    record(&mut backend, CheckStatus::L4Ok);
    assert_eq!(status(&backend), "DOWN (agent)");
    assert_eq!(says(&mut backend, "up"), 1);
    assert_eq!(status(&backend), "UP");
}

#[test]
fn an_agent_that_cannot_be_reached_changes_nothing() {
    let mut backend = with_agent();
    let answer = AgentAnswer::Failed {
        status: CheckStatus::L4Connection,
        info: "Connection refused".into(),
    };
    let changes = backend.record_agent(FIRST, answer, Duration::ZERO, NOW);
    assert_eq!(changes, []);
    assert_eq!(status(&backend), "UP");
}

#[test]
fn an_agent_switched_off_is_not_heard() {
    let mut backend = with_agent();
    assert!(backend.set_agent_enabled(FIRST, false));
    assert!(!backend.agent_begins(FIRST));
    assert_eq!(says(&mut backend, "down"), 0);
    assert_eq!(status(&backend), "UP");
}

#[track_caller]
fn after(on_error: OnError, seen: &[Observation], expected: &str, hanafail: u64) {
    let mut backend = backend(ServerSpec {
        observe: Some(ObserveSpec {
            layer: Layer::Layer7,
            error_limit: NonZeroU32::new(2).unwrap(),
            on_error,
        }),
        ..ServerSpec::default()
    });
    for seen in seen {
        backend.observe(FIRST, *seen, NOW);
    }
    assert_eq!(status(&backend), expected);
    let server = backend.server(FIRST);
    assert_eq!(server.counters().hanafail, hanafail);
}

#[test]
fn errors_in_a_row_do_what_was_configured() {
    use Observation::{Answered, AnsweredError as Bad, Closed, Connected};
    after(OnError::MarkDown, &[Bad, Answered, Bad], "UP", 0);
    after(OnError::MarkDown, &[Bad, Connected, Closed], "DOWN", 1);
    after(OnError::FailCheck, &[Bad, Bad], "UP 2/3", 1);
    after(OnError::SuddenDeath, &[Bad, Bad], "UP 1/3", 1);
    after(OnError::FastInter, &[Bad, Bad, Bad], "UP", 1);
    after(OnError::FailCheck, &[Bad, Bad, Bad, Bad], "UP 1/3", 2);
}

#[test]
fn a_conditional_pass_takes_new_clients_away() {
    let mut backend = backend(ServerSpec::default());
    record(&mut backend, CheckStatus::L7OkConditional);
    assert_eq!(status(&backend), "NOLB");
    record(&mut backend, CheckStatus::L7OkConditional);
    assert_eq!(status(&backend), "NOLB");
    record(&mut backend, CheckStatus::L7Ok);
    assert_eq!(status(&backend), "UP");
}

#[test]
fn a_static_algorithm_tells_the_agent_so() {
    let server = ServerSpec {
        name: "s1".into(),
        weight: 4,
        agent: Some(check(1, 1)),
        ..ServerSpec::default()
    };
    let spec = BackendSpec {
        name: "b".into(),
        balance: crate::algorithm::Balance::StaticRoundRobin,
        servers: vec![server],
        ..BackendSpec::default()
    };
    let mut backend = Backend::new(spec, NOW);
    says(&mut backend, "50%");
    let info = backend.server(FIRST).agent().unwrap().last().info.clone();
    assert!(
        info.starts_with("agent warns : Backend is using a static"),
        "{info}"
    );
    assert_eq!(backend.server(FIRST).weight(), 4);
    says(&mut backend, "100%");
    assert_eq!(backend.server(FIRST).agent().unwrap().last().info, "");
}

#[test]
fn a_line_without_an_end_is_told_and_nothing_else() {
    let mut backend = with_agent();
    says(&mut backend, "down");
    let changes = backend.record_agent(FIRST, AgentAnswer::Incomplete, Duration::ZERO, NOW);
    assert_eq!(changes, []);
    let last = backend.server(FIRST).agent().unwrap().last().clone();
    assert_eq!(last.status, CheckStatus::L7Status);
    assert_eq!(last.info, "Ignoring incomplete line from agent");
}
