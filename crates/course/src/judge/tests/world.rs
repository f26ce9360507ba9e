//! `port`, `started`, `ended`, `refused`, `balancers`, `health`, `counter`, `dns`, `file`, `real-servers`.

use super::*;
use crate::facts::Happened;
use crate::model::{Role, Starter, Via};
use crate::testing::at;

fn port(at: Place, open: bool) -> What {
    What::Port {
        at,
        open,
        answers: None,
        by: Starter::Any,
        count: None,
        processes: None,
        frozen: None,
    }
}

#[test]
fn one_port_is_open_or_not() {
    let world = World::four();
    let described = "8081 \"Hi!! from server 8081\", lab serve, pts/4, pid 4081";
    check(&world, port(server("server02"), true), true, described);
    check(
        &world,
        port(server("server02"), false),
        false,
        "8081 still answers",
    );
    let world = world.killed(8081, 150);
    check(
        &world,
        port(server("server02"), true),
        false,
        "nobody listens on 8081",
    );
    let ended = "ended by Ctrl-C in terminal pts/6, 12:02:30";
    check(&world, port(server("server02"), false), true, ended);
}

#[test]
fn several_ports_are_told_apart() {
    let world = World::four();
    check(
        &world,
        port(server("!server02"), true),
        true,
        "8080, 8082 and 8083 answer",
    );
    let world = world.killed(8082, 150);
    let found = "8080 and 8083 answer, 8082 does not";
    check(&world, port(server("!server02"), true), false, found);
    check(
        &world,
        port(Place::Each, true),
        false,
        "8080, 8081 and 8083 answer, 8082 does not",
    );
    check(
        &world,
        port(Place::Each, false),
        false,
        "8080, 8081 and 8083 still answer",
    );
}

#[test]
fn servers_are_where_the_file_says_or_where_they_usually_are() {
    let mut world = World::four();
    let config = world.balancer().config.as_mut().unwrap();
    config.servers[1].port = 9001;
    check(
        &world,
        port(server("server02"), true),
        false,
        "nobody listens on 9001",
    );
    let world = World::empty().serves(8081);
    check(
        &world,
        port(server("server01"), true),
        false,
        "nobody listens on 8080",
    );
    check(
        &world,
        port(server("nonsense"), true),
        false,
        "no server answers yet",
    );
}

#[test]
fn roles_and_numbers_are_places() {
    let mut world = World::empty();
    check(
        &world,
        port(Place::Role(Role::Balancer), true),
        false,
        "nobody listens on 3000",
    );
    check(&world, port(Place::Role(Role::Statistics), false), true, "");
    check(&world, port(Place::Number(8089), false), true, "");
    world = world.serves(8089);
    world.listener(8089).answer = None;
    let found = "8089 is open, lab serve, pts/12, pid 4089";
    check(&world, port(Place::Number(8089), true), true, found);
}

fn counted(count: u32, processes: Option<Count>, by: Starter) -> What {
    What::Port {
        at: Place::AnyEcho,
        open: true,
        answers: None,
        by,
        count: least(count),
        processes,
        frozen: None,
    }
}

#[test]
fn any_echo_server_counts_wherever_it_is() {
    let mut world = World::empty();
    check(
        &world,
        port(Place::AnyEcho, true),
        false,
        "no server answers yet",
    );
    check(&world, port(Place::AnyEcho, false), true, "");
    check(&world, counted(3, None, Starter::Any), false, "none yet");
    world = world.serves(8080).serves(9100);
    world.listener(9100).answer = Some("Hi!! from server 9100\n".into());
    check(
        &world,
        port(Place::AnyEcho, true),
        true,
        "8080 and 9100 answer",
    );
    check(
        &world,
        counted(3, None, Starter::Any),
        false,
        "2 of 3: 8080 and 9100",
    );
    world = world.serves(8081);
    world.listener(8081).answer = Some("It works!".into());
    check(
        &world,
        counted(3, None, Starter::Any),
        false,
        "2 of 3: 8080 and 9100",
    );
}

#[test]
fn different_processes_are_wanted_where_two_terminals_may_show_one() {
    let mut world = World::four();
    check(
        &world,
        counted(3, least(3), Starter::Any),
        true,
        "8080, 8081, 8082 and 8083",
    );
    for port in 8081..=8083 {
        world.listener(port).pid = Some(1);
    }
    check(
        &world,
        counted(3, least(3), Starter::Any),
        false,
        "2 of 3: 8080, 8081, 8082 and 8083",
    );
}

#[test]
fn by_hand_is_in_a_terminal_of_its_own() {
    let mut world = World::empty().serves(8080).serves(8081);
    world.listener(8080).of_lab = true;
    check(&world, counted(1, None, Starter::Learner), true, "8081");
    check(&world, counted(1, None, Starter::Lab), true, "8080");
    world.moments.terminal = Some("pts/4".into());
    check(
        &world,
        counted(1, None, Starter::Learner),
        false,
        "none yet",
    );
}

#[test]
fn answers_and_freezing() {
    let mut world = World::four();
    let wanted = |answers: Option<&str>, frozen| What::Port {
        at: server("server01"),
        open: true,
        answers: answers.map(str::to_owned),
        by: Starter::Any,
        count: None,
        processes: None,
        frozen,
    };
    let described = "8080 \"Hi!! from server 8080\", lab serve, pts/3, pid 4080";
    check(
        &world,
        wanted(Some("Hi!! from server {port}"), None),
        true,
        described,
    );
    check(&world, wanted(Some("Hello"), None), false, described);
    check(&world, wanted(None, Some(true)), false, described);
    world.listener(8080).frozen = true;
    let frozen =
        "8080 is frozen: it accepts connections and does not answer, lab serve, pts/3, pid 4080";
    check(&world, wanted(None, Some(true)), true, frozen);
}

#[test]
fn processes_come_and_go() {
    let ended = |at, count| What::Ended {
        at,
        since: SINCE,
        count,
    };
    let started = |at| What::Started { at, since: SINCE };
    let world = World::four();
    check(
        &world,
        ended(Place::Each, None),
        false,
        "nothing has ended yet",
    );
    check(
        &world,
        started(Place::Each),
        false,
        "nothing was started yet",
    );
    let world = world.killed(8082, 90);
    check(
        &world,
        ended(Place::Each, None),
        false,
        "nothing has ended yet",
    );
    let world = world.killed(8083, 150);
    let found = "server04 (8083) ended by Ctrl-C in terminal pts/6, 12:02:30";
    check(&world, ended(server("!server02"), None), true, found);
    check(
        &world,
        ended(server("server02"), None),
        false,
        "nothing has ended yet",
    );
    check(&world, ended(Place::Each, least(2)), false, found);
    check(&world, ended(Place::AnyEcho, None), true, found);
    let world = world.restarted(8083, 160);
    check(
        &world,
        started(server("server04")),
        true,
        "8083 started at 12:02:40",
    );
}

#[test]
fn a_program_that_reports_nothing_is_known_by_its_age() {
    let mut world = World::empty().serves(8080);
    world.listener(8080).since = Some(at(120));
    let started = What::Started {
        at: Place::AnyEcho,
        since: SINCE,
    };
    check(&world, started, true, "8080 started at 12:02:00");
}

#[test]
fn since_counts_from_the_step_the_activity_a_passed_step_or_ever() {
    let mut world = World::four().killed(8081, 70);
    world.moments.passed.insert("kill".into(), at(60));
    let ended = |since| What::Ended {
        at: server("server02"),
        since,
        count: None,
    };
    for (since, holds) in [
        (Since::Step, false),
        (Since::Activity, true),
        (Since::Ever, true),
        (Since::Passed("kill".into()), true),
        (Since::Passed("skipped".into()), false),
    ] {
        let finding = world.sight().look(&condition(ended(since.clone())));
        assert_eq!(finding.holds == Holds::Yes, holds, "{since:?}");
    }
}

#[test]
fn a_refused_start() {
    let refused = What::Refused { since: SINCE };
    let world = World::four();
    check(
        &world,
        refused.clone(),
        false,
        "nobody was refused a port yet",
    );
    let world = world.happened(150, Happened::Refused { port: 8080 });
    check(
        &world,
        refused,
        true,
        "a second program was refused 8080 at 12:02:30",
    );
}

#[test]
fn two_balancers_on_one_port() {
    let two = What::Balancers {
        count: Count::AtLeast(2),
    };
    check(
        &World::empty(),
        two.clone(),
        false,
        "nobody listens on 3000",
    );
    let mut world = World::four();
    check(
        &world,
        two.clone(),
        false,
        "one balancer on 3000 (pid 4520)",
    );
    world.balancer().processes.push(4600);
    let found = "2 balancers share 3000 (pids 4520 and 4600): they answer in turns";
    check(&world, two, true, found);
}

fn health(at: Place, state: &str, since: Option<Since>) -> What {
    What::Health {
        at,
        state: state.into(),
        since,
    }
}

#[test]
fn health_is_the_balancers_first_word() {
    let world = World::checked();
    check(&world, health(Place::Each, "UP", None), true, "");
    check(
        &world,
        health(server("server02"), "DOWN", None),
        false,
        "server02: UP for 3 min",
    );
    let world = world.killed(8081, 190).believes(2, "UP 1/3", 1);
    let found = "server02: 2 of 3 checks failed, about 2 s to go";
    check(
        &world,
        health(server("server02"), "DOWN", None),
        false,
        found,
    );
    let world = world.believes(2, "DOWN", 3);
    check(
        &world,
        health(server("server02"), "DOWN", None),
        true,
        "server02: DOWN",
    );
    check(
        &world,
        health(Place::Each, "UP", None),
        false,
        "server02: DOWN",
    );
    let world = world.restarted(8081, 198).believes(2, "DOWN 1/2", 5);
    let found = "server02: 1 of 2 checks answered, about 2 s to go";
    check(&world, health(server("server02"), "UP", None), false, found);
    check(
        &World::four(),
        health(Place::Each, "no check", None),
        true,
        "",
    );
}

#[test]
fn health_since_is_told_by_age_or_journal() {
    let down = || health(server("server02"), "DOWN", Some(SINCE));
    let world = World::checked().killed(8081, 20).believes(2, "DOWN", 150);
    check(&world, down(), false, "server02: DOWN for 2 min");
    let world = world.believes(2, "DOWN", 60);
    check(&world, down(), true, "server02: DOWN for 1 min");
    let world = world.believes(2, "DOWN", 150).happened(
        130,
        Happened::Health {
            backend: "nodes".into(),
            server: "server02".into(),
            state: "DOWN".into(),
        },
    );
    check(&world, down(), true, "server02: DOWN for 2 min");
}

#[test]
fn health_of_a_balancer_without_statistics_cannot_be_seen() {
    let mut world = World::checked();
    world.balancer().statistics_seen = false;
    unseen(&world, health(Place::Each, "UP", None));
    unseen(&world, counter("stot", 1));
    world.facts.balancer = None;
    check(
        &world,
        health(Place::Each, "UP", None),
        false,
        "nobody listens on 3000",
    );
}

fn counter(column: &str, grew: u64) -> What {
    What::Counter {
        at: Place::Each,
        column: column.into(),
        grew,
        since: SINCE,
    }
}

#[test]
fn counters_grow_from_what_was_noted_when_the_step_began() {
    let noted = |value: u64| Happened::Counters {
        rows: (1..=4)
            .map(|n| {
                (
                    format!("nodes/server{n:02}"),
                    vec![("stot".to_owned(), value)],
                )
            })
            .collect(),
    };
    let world = World::checked();
    check(&world, counter("stot", 1), false, "stot grew by 0");
    let world = world.happened(60, noted(1)).happened(99, noted(30));
    check(&world, counter("stot", 4), true, "stot grew by 4");
    check(&world, counter("stot", 5), false, "stot grew by 4");
    let world = World::checked().happened(101, noted(29));
    check(&world, counter("stot", 8), true, "stot grew by 8");
    // The balancer was started again, and counts from zero.
    let world = World::checked().happened(99, noted(100));
    check(&world, counter("stot", 124), true, "stot grew by 124");
}

fn dns(via: Via, min: u32, answered: Option<&str>, different: Option<Count>) -> What {
    What::Dns {
        name: Some("google.com".into()),
        via,
        since: SINCE,
        min,
        answered: answered.map(str::to_owned),
        different,
    }
}

#[test]
fn questions_for_a_name() {
    let world = World::empty();
    let wanted = "216.58.203.174";
    let google = || dns(Via::Any, 1, Some(wanted), None);
    check(&world, google(), false, "no question for google.com yet");
    let world = world
        .asked(90, "google.com", "authority", &[wanted])
        .asked(110, "yahoo.com", "authority", &[wanted])
        .asked(120, "google.com", "authority", &["172.217.160.206"]);
    check(&world, google(), false, "asked once: 172.217.160.206");
    let world = world.asked(121, "Google.com.", "cache", &[wanted]);
    let found = "asked 2 times: 172.217.160.206, 216.58.203.174";
    check(&world, google(), true, found);
    check(&world, dns(Via::Any, 3, None, None), false, found);
    check(&world, dns(Via::Any, 2, None, least(3)), false, found);
    check(&world, dns(Via::Any, 2, None, least(2)), true, found);
    check(
        &world,
        dns(Via::Cache, 1, None, None),
        true,
        "asked once: 216.58.203.174",
    );
    check(
        &world,
        dns(Via::Authority, 1, None, None),
        true,
        "asked once: 172.217.160.206",
    );
    check(
        &world,
        dns(Via::Farm, 1, None, None),
        false,
        "no question for google.com yet",
    );
}

#[test]
fn files_of_the_folder() {
    let mut world = World::empty();
    world.facts.files = vec![
        ("zone.toml".into(), Some("recorded = 1\nttl = 5\n".into())),
        ("app.py".into(), None),
    ];
    let file = |path: &str, exists, line: Option<&str>| What::File {
        path: path.into(),
        exists,
        line: line.map(str::to_owned),
    };
    check(
        &world,
        file("zone.toml", true, None),
        true,
        "zone.toml is there",
    );
    check(
        &world,
        file("zone.toml", false, None),
        false,
        "zone.toml is there",
    );
    check(
        &world,
        file("app.py", true, None),
        false,
        "there is no app.py here",
    );
    check(
        &world,
        file("app.py", false, None),
        true,
        "there is no app.py here",
    );
    check(&world, file("zone.toml", true, Some("ttl")), true, "line 2");
    check(
        &world,
        file("zone.toml", true, Some("give")),
        false,
        "no line `give` in zone.toml",
    );
}

#[test]
fn real_machines() {
    let mut world = World::four();
    let real = What::RealServers { min: 2 };
    let none = "0 servers beyond this machine, 0 different answers";
    check(&world, real.clone(), false, none);
    world.balancer().config.as_mut().unwrap().servers[0].address = "203.0.113.7".into();
    world.balancer().config.as_mut().unwrap().servers[1].address = "web.example".into();
    world.facts.real_answers = vec!["one".into(), "two\n".into(), "two".into()];
    let found = "2 servers beyond this machine, 2 different answers";
    check(&world, real.clone(), true, found);
    world.balancer().config = None;
    unseen(&world, real);
}
