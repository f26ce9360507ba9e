use super::*;
use crate::supervisor::snapshot::Supervisor;

fn now() -> Timestamp {
    "2026-11-22T12:41:24Z".parse().unwrap()
}

fn ago(seconds: i64) -> Timestamp {
    now() - jiff::SignedDuration::from_secs(seconds)
}

fn server(number: u16, process: Process, belief: Option<(&str, Option<&str>, u32)>) -> ServerRow {
    ServerRow {
        name: format!("server0{number}"),
        address: format!("127.0.0.1:{}", 8079 + number).parse().unwrap(),
        process,
        belief: belief.map(|(status, check, weight)| Belief {
            status: status.into(),
            check: check.map(str::to_owned),
            changed: Some(8),
            weight,
        }),
        in_config: true,
        requests: 5,
        errors: u64::from(number == 2),
        last_ms: (number == 2).then_some(3006),
    }
}

fn snapshot() -> Snapshot {
    let up = Process::Up {
        pid: 7,
        since: ago(24),
    };
    let yours = Process::Yours {
        command: "`python3 app.py 8082`".into(),
        pid: Some(9),
        since: Some(ago(180)),
        terminal: Some("pts/6".into()),
    };
    let stopped = Process::Stopped {
        since: ago(2),
        how: "stopped by SIGINT (Ctrl-C), exit 0".into(),
    };
    Snapshot {
        held_back: false,
        schema: 1,
        time: now(),
        supervisor: Some(Supervisor {
            pid: 1,
            since: ago(24),
        }),
        servers: vec![
            server(1, up.clone(), Some(("UP", Some("L4OK"), 4))),
            server(2, stopped, Some(("DOWN", Some("L4CON"), 1))),
            server(3, yours, Some(("no check", None, 1))),
            server(4, Process::Absent, None),
        ],
        name_server: Some(NameServerRow {
            address: "127.0.0.1:5300".parse().unwrap(),
            process: up.clone(),
            answers: Some(214),
        }),
        balancer: Some(BalancerRow {
            engine: "lab".into(),
            process: up,
            traffic: Some("127.0.0.1:3000".parse().unwrap()),
            statistics: Some("127.0.0.1:8404".parse().unwrap()),
            file: "myhaproxy.cfg".into(),
            loaded: None,
            newer: None,
        }),
        requests: 19,
        errors: 1,
    }
}

fn plain(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .map(|line| anstream::adapter::strip_str(line).to_string())
        .collect()
}

#[test]
fn the_block_shows_machine_and_belief_side_by_side() {
    let lines = plain(&live(&snapshot(), 80));
    assert_eq!(
        lines,
        [
            "------------------------------------------------------- 19 requests, 1 error --",
            " name      port  process      balancer  weight  requests  share  errors   last",
            " server01  8080  up 0:24      UP             4         5   26 %       -      -",
            " server02  8081  stopped 2 s  DOWN           1         5   26 %       1  3.0 s",
            " server03  8082  up (yours)   no check       1         5   26 %       -      -",
            " server04  8083  not started  ?              -         5   26 %       -      -",
        ]
        .map(|line| line.replacen("---", "----", usize::from(line.starts_with("---"))))
    );
}

#[test]
fn status_tells_who_and_why_in_words() {
    let lines = plain(&status(&snapshot(), 0));
    assert_eq!(
        lines[1],
        " server01  8080  up 24 s  (lab up)                                UP    L4 check           4         5       0"
    );
    assert_eq!(
        lines[2],
        " server02  8081  STOPPED 2 s, stopped by SIGINT (Ctrl-C), exit 0  DOWN  8 s, refused       1         5       1"
    );
    assert_eq!(
        lines[3].split_whitespace().collect::<Vec<_>>()[2..7],
        ["up", "3", "min", "(yours,", "pts/6)"]
    );
    assert_eq!(lines[5], "balancer   :3000  up 24 s  (lab up)");
    assert_eq!(lines[6], "statistics :8404  on    http://127.0.0.1:8404");
}

#[test]
fn at_60_columns_nothing_is_torn() {
    let lines = plain(&live(&snapshot(), 60));
    assert_eq!(
        lines[1..3],
        [
            " name      port  process      balancer  requests  errors",
            " server01  8080  up 0:24      UP               5       -",
        ]
    );
    let lines = plain(&status(&snapshot(), 60));
    assert_eq!(
        lines[2..4],
        [
            " server02  8081  STOPPED 2 s, stopped by SIGINT (Ctrl-C), exit 0",
            "    balancer: DOWN  8 s, refused; weight 1, 5 requests, 1 error",
        ]
    );
}

#[test]
fn a_newer_file_and_a_stopped_balancer_are_told() {
    let mut snapshot = snapshot();
    let balancer = snapshot.balancer.as_mut().unwrap();
    balancer.newer = Some(now());
    balancer.process = Process::Stopped {
        since: ago(3),
        how: "killed by SIGKILL".into(),
    };
    let lines = plain(&live(&snapshot, 80)).join("\n");
    assert!(
        lines.contains("balancer  stopped 3 s      again: lab start balancer"),
        "{lines}"
    );
    assert!(lines.contains("the file on disk is newer"), "{lines}");
    assert!(!snapshot.all_well());
}

#[test]
fn without_a_balancer_nobody_believes_anything() {
    let mut snapshot = snapshot();
    snapshot.balancer = None;
    let row = &snapshot.servers[3];
    assert_eq!(belief_words(row, &snapshot), "-");
}

#[test]
fn shares_are_rounded_and_absent_without_requests() {
    assert_eq!(share(1, 3), "33 %");
    assert_eq!(share(2, 3), "67 %");
    assert_eq!(share(0, 0), "-");
}
