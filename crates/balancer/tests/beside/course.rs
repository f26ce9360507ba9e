//! The activities of the course, one after the other, with the file that the original lab hands out.

use crate::engine::{Hit, Lab, Statistics, tell_both};
use std::time::{Duration, Instant};
use testkit::eventually;

/// The file as it is handed out: its last line has no newline.
const ORIGINAL: &str = include_str!("../data/original.cfg");

/// The original file after activity 3.1, with the words `each` on every server line.
fn original(each: [&str; 4]) -> String {
    let mut config = String::new();
    for line in ORIGINAL.lines() {
        let line = match line.trim() {
            line if line.starts_with("bind *:3000") => "    bind {frontend}",
            line if line.starts_with("server server0") => continue,
            "#HERE" => {
                for (number, words) in (1..).zip(each) {
                    config += &format!("    server server0{number} {{server{number}}} {words}\n");
                }
                continue;
            }
            // Activity 4: the lines are uncommented, on the port the text speaks of.
            "#listen stats_page" => "listen stats_page",
            "#    bind *:83" => "    bind {statistics}",
            "#   stats enable" => "    stats enable",
            "#   stats uri /" => "    stats uri /",
            _ => line,
        };
        config += line;
        config.push('\n');
    }
    config
}

fn answers(hits: &[Hit]) -> String {
    let answers: Vec<_> = hits.iter().map(|hit| hit.answer.as_str()).collect();
    answers.join(" ")
}

/// Both told the same, and it is this.
#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>([haproxy, ours]: [T; 2]) -> T {
    assert_eq!(ours, haproxy, "ours is on the left, HAProxy's on the right");
    ours
}

/// Within 10 %, or 50 ms for what is short.
#[track_caller]
fn about(ours: Duration, haproxy: Duration) {
    let leeway = (haproxy / 10).max(Duration::from_millis(50));
    assert!(
        ours.abs_diff(haproxy) <= leeway,
        "ours {ours:?}, HAProxy's {haproxy:?}"
    );
}

#[test]
fn servers_answer_in_turn() {
    let told = tell_both(|program| {
        let mut lab = Lab::new(program);
        lab.run(&original([""; 4]));
        answers(&lab.hit(8))
    });
    let Some(told) = told else { return };
    assert_eq!(same(told), "1 2 3 4 1 2 3 4");
}

#[test]
fn weights_are_spread_over_the_round() {
    let told = tell_both(|program| {
        let mut lab = Lab::new(program);
        lab.run(&original(["weight 4", "weight 1", "weight 1", "weight 1"]));
        answers(&lab.hit(14))
    });
    let Some(told) = told else { return };
    assert_eq!(same(told), "1 1 2 1 3 1 4 1 1 2 1 3 1 4");
}

#[test]
fn many_weights_give_the_same_order() {
    let weights = [
        [3, 2, 1, 1],
        [1, 2, 3, 4],
        [5, 3, 2, 2],
        [10, 1, 7, 3],
        [0, 1, 1, 9],
        [12, 11, 4, 1],
    ];
    for weights in weights {
        let told = tell_both(|program| {
            let mut lab = Lab::new(program);
            let words = weights.map(|w| format!("weight {w}"));
            lab.run(&original([&words[0], &words[1], &words[2], &words[3]]));
            answers(&lab.hit(60))
        });
        let Some(told) = told else { return };
        same(told);
    }
}

#[test]
fn a_killed_server_costs_three_seconds_and_a_503() {
    let told = tell_both(|program| {
        let mut lab = Lab::new(program);
        lab.run(&original(["weight 4", "weight 1", "weight 1", "weight 1"]));
        lab.kill_server(2);
        let hits = lab.hit(7);
        (answers(&hits), hits[2].took)
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(same([haproxy.0, ours.0]), "1 1 503 1 3 1 4");
    about(ours.1, haproxy.1);
    about(ours.1, Duration::from_secs(3));
}

/// Looks at a server's status until it is `last`, and tells what it passed through, with the time between the
/// first change and the last.
fn watch(lab: &Lab, number: usize, last: &str) -> (Vec<String>, Duration) {
    let mut seen = vec![(lab.status(number), Instant::now())];
    eventually(
        &format!("server0{number} is {last}"),
        Duration::from_secs(12),
        || {
            let status = lab.status(number);
            if seen.last().is_none_or(|(before, _)| *before != status) {
                seen.push((status, Instant::now()));
            }
            seen.last().is_some_and(|(status, _)| status == last)
        },
    );
    let took = seen[seen.len() - 1].1 - seen[1.min(seen.len() - 1)].1;
    (seen.into_iter().map(|(status, _)| status).collect(), took)
}

#[test]
fn checks_take_a_killed_server_out_and_back_in() {
    let told = tell_both(|program| {
        let mut lab = Lab::new(program);
        lab.run(&original(["check"; 4]));
        eventually("all checks passed once", Duration::from_secs(10), || {
            (1..=4).all(|number| lab.status(number) == "UP")
        });
        lab.kill_server(2);
        let down = watch(&lab, 2, "DOWN");
        let without = answers(&lab.hit(6));
        lab.start_server(2);
        let up = watch(&lab, 2, "UP");
        let with = answers(&lab.hit(8));
        (
            down,
            without,
            up,
            with.contains('2'),
            lab.state_changes(),
            lab.statistics(),
        )
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(
        same([haproxy.0.0, ours.0.0]),
        ["UP", "UP 2/3", "UP 1/3", "DOWN"]
    );
    about(ours.0.1, haproxy.0.1);
    assert!(
        !ours.1.contains('2') && !haproxy.1.contains('2'),
        "{} {}",
        ours.1,
        haproxy.1
    );
    assert_eq!(same([haproxy.2.0, ours.2.0]), ["DOWN", "DOWN 1/2", "UP"]);
    about(ours.2.1, haproxy.2.1);
    assert!(ours.3 && haproxy.3);
    assert_eq!(same([haproxy.4, ours.4]).len(), 2);
    assert_same_statistics(&ours.5, &haproxy.5);
}

#[test]
fn a_server_that_is_dead_at_start_goes_down_at_its_first_check() {
    let told = tell_both(|program| {
        let mut lab = Lab::new(program);
        lab.kill_server(1);
        let begin = Instant::now();
        lab.run(&original(["check"; 4]));
        // The words may come a moment after the state.
        eventually(
            "server01 is DOWN, and said so",
            Duration::from_secs(5),
            || lab.status(1) == "DOWN" && !lab.state_changes().is_empty(),
        );
        (
            begin.elapsed() < Duration::from_secs(2),
            lab.state_changes(),
        )
    });
    let Some(told) = told else { return };
    let (at_once, changes) = same(told);
    assert!(at_once);
    assert_eq!(changes.len(), 1, "{changes:?}");
}

/// Columns that tell times, rates, sizes of this very run, or what polling the page itself adds.
const OF_THIS_RUN: &[&str] = &[
    "lastchg",
    "downtime",
    "check_duration",
    "rate",
    "rate_max",
    "req_rate",
    "req_rate_max",
    "conn_rate",
    "conn_rate_max",
    "lastsess",
    "qtime",
    "ctime",
    "rtime",
    "ttime",
    "qtime_max",
    "ctime_max",
    "rtime_max",
    "ttime_max",
    "stot",
    "bin",
    "bout",
    "lbtot",
    "req_tot",
    "conn_tot",
    "hrsp_2xx",
    "intercepted",
    "smax",
    "reuse",
    "connect",
    "srv_icur",
    "idle_conn_cur",
    "safe_conn_cur",
    "used_conn_cur",
    "need_conn_est",
    "h1_total_connections",
    "h1_total_streams",
    "h1_bytes_in",
    "h1_bytes_out",
    "h1_open_connections",
    "h1_open_streams",
    "last_chk",
    "check_status",
    "scur",
    "slim",
];

#[track_caller]
fn assert_same_statistics(ours: &Statistics, haproxy: &Statistics) {
    assert_eq!(ours.header, haproxy.header);
    assert_eq!(
        ours.rows.keys().collect::<Vec<_>>(),
        haproxy.rows.keys().collect::<Vec<_>>()
    );
    for (row, columns) in &haproxy.rows {
        for (column, theirs) in columns
            .iter()
            .filter(|(c, _)| !OF_THIS_RUN.contains(&c.as_str()))
        {
            assert_eq!(&ours.rows[row][column], theirs, "column {column} of {row}");
        }
    }
}

#[test]
fn statistics_count_the_same_requests_the_same_way() {
    let told = tell_both(|program| {
        let mut lab = Lab::new(program);
        lab.run(&original(["weight 2", "", "", ""]));
        lab.hit(10);
        // A client has its answer a moment before the request is over and counted.
        eventually("all ten are counted", Duration::from_secs(5), || {
            lab.statistics().rows["application_nodes/BACKEND"]["req_tot"] == "10"
        });
        lab.statistics()
    });
    let Some([haproxy, ours]) = told else { return };
    assert_same_statistics(&ours, &haproxy);
    let counted = [
        "stot", "lbtot", "req_tot", "hrsp_2xx", "scur", "slim", "bin", "bout", "connect",
    ];
    for (row, columns) in haproxy
        .rows
        .iter()
        .filter(|(row, _)| row.starts_with("application_nodes"))
    {
        for column in counted {
            assert_eq!(
                ours.rows[row][column], columns[column],
                "column {column} of {row}"
            );
        }
    }
}
