//! Placeholders.

use super::*;
use crate::facts::{Happened, Problem};
use crate::judge::fill;
use crate::model::{Activity, Check, Kind, Requests, Start, Step};
use crate::placeholder;
use crate::testing::{STEP, at};

#[track_caller]
fn check(world: &World, text: &str, expected: &str) {
    assert_eq!(fill::fill(text, world.sight()), expected);
}

#[test]
fn ports_files_and_addresses() {
    let world = World::four();
    check(
        &world,
        "{url.lb} {url.stats}",
        "http://127.0.0.1:3000 http://127.0.0.1:8404",
    );
    check(
        &world,
        "{lb.port} {stats.port} {ns.port} {lb.count}",
        "3000 8404 5300 1",
    );
    check(
        &world,
        "{server02.port} {server02.since} {server09.port}",
        "8081 12:00:00 8088",
    );
    check(
        &world,
        "{config.file} {running.file} {retries.total}",
        "myhaproxy.cfg myhaproxy.cfg 4",
    );
    check(&world, "{saved.at} {loaded.at}", "12:00:00 12:00:00");
    check(
        &world,
        "{listening.ports} {echo.count}",
        "8080, 8081, 8082 and 8083 4",
    );
    check(&world, "{nonsense} {missing.ports} {ended.name}", "- - -");
    check(&world, "%{+X}o {", "%{+X}o {");
}

#[test]
fn what_ended() {
    let world = World::four().killed(8082, 196);
    let text = "{ended.name} ({ended.port}, {ended.how}, {ended.ago} ago)";
    check(&world, text, "server03 (8082, by Ctrl-C, 4 s ago)");
    let world = world.killed(8081, 198);
    check(
        &world,
        "{ended.count}: {ended.names}",
        "2: server02 server03",
    );
    check(
        &world,
        "lab start {ended.names_but.server02}",
        "lab start server03",
    );
    let world = world.restarted(8081, 199);
    check(&world, "{ended.name}", "server03");
}

#[test]
fn problems_of_the_file() {
    let mut world = World::four();
    world.facts.file.config = None;
    world.facts.file.text = Some("server a 127.0.0.1:8080\nserver a 127.0.0.1:8081\n".into());
    world.facts.file.problems = vec![Problem {
        code: "duplicate-server".into(),
        is_error: true,
        line: 14,
        lines: vec![14, 15],
        message: "the same name".into(),
        text: "  server a 127.0.0.1:8081".into(),
        help: None,
    }];
    let text = "{problem.line}; {problem.lines}; {problem.what}; {problem.text}; {problem.help}";
    check(
        &world,
        text,
        "14; 14 and 15; the same name; server a 127.0.0.1:8081; -",
    );
    check(&world, "{missing.ports}", "8082 and 8083");
}

#[test]
fn traffic_since_the_window() {
    let world = World::four()
        .hits(90, &[8083])
        .hits(150, &[8080, 8080, -8081, 8080])
        .requests(151, "browser", &[8082]);
    check(&world, "{requests.failed} of {requests.total}", "1 of 5");
    check(
        &world,
        "{requests.failed_ms} {requests.slowest}",
        "3.0 s 3.0 s",
    );
    check(
        &world,
        "{requests.servers}: {requests.ports}",
        "2: 8080 and 8082",
    );
    check(
        &world,
        "{requests.run} {requests.browser} {requests.hit} {requests.icons}",
        "2 1 4 0",
    );
    check(&world, "{strip}", "8080 8080 503! 8080 8082");
    check(&world, "{share.server01} {share.server04}", "3 0");
}

#[test]
fn answers_of_the_name_server() {
    let world = World::empty()
        .asked(120, "google.com", "authority", &["192.0.2.1"])
        .asked(121, "google.com", "authority", &["192.0.2.2"])
        .asked(122, "google.com", "authority", &["192.0.2.1"]);
    check(
        &world,
        "{dns.different} in {dns.total}: {dns.answers}",
        "2 in 3: 192.0.2.1 192.0.2.2 192.0.2.1",
    );
    check(&world, "{dns.last}", "192.0.2.1");
}

#[test]
fn every_placeholder_has_a_value_where_all_is_there() {
    let mut world = World::checked()
        .killed(8081, 150)
        .happened(153, turned("DOWN"))
        .hits(154, &[8080, -8081])
        .restarted(8081, 160)
        .happened(163, turned("UP"))
        .killed(8082, 198)
        .believes(3, "UP 2/3", 1)
        .asked(199, "google.com", "authority", &["192.0.2.1"])
        .serves(8090);
    world.facts.file.problems = vec![Problem {
        code: "no-check".into(),
        is_error: false,
        line: 3,
        lines: vec![3],
        message: "m".into(),
        text: "t".into(),
        help: Some("h".into()),
    }];
    for (name, _) in placeholder::ALL {
        let name = name.replace("serverNN", "server01");
        let filled = fill::fill(&format!("{{{name}}}"), world.sight());
        assert_ne!(filled, "-", "{name}");
    }
}

fn turned(state: &str) -> Happened {
    Happened::Health {
        backend: "nodes".into(),
        server: "server02".into(),
        state: state.into(),
    }
}

#[test]
fn how_long_the_balancer_took() {
    let world = World::checked()
        .killed(8081, 150)
        .hits(152, &[-8081, 8080])
        .happened(156, turned("DOWN"));
    check(
        &world,
        "{health.down_after}, {cost.errors} paid",
        "6.0 s, 1 paid",
    );
    let world = world.restarted(8081, 170).happened(173, turned("UP"));
    check(&world, "{health.up_after}", "3.0 s");
    let world = World::checked().killed(8081, 199).believes(2, "UP 1/3", 0);
    check(&world, "{health.fails_left}", "1");
}

#[test]
fn the_window_is_that_of_the_nearest_check_of_traffic() {
    let step = |id: &str, since: Option<Since>| Step {
        checks: since.into_iter().map(check_since).collect(),
        ..plain(id)
    };
    let mut world = World::four();
    let activity = Activity {
        id: "3.3".into(),
        title: String::new(),
        minutes: 1,
        needs: Vec::new(),
        bridge: None,
        start: Start::default(),
        steps: vec![
            step("kill", None),
            step("observe", Some(Since::Passed("kill".into()))),
            step("reveal", None),
            step(STEP, Some(Since::Step)),
        ],
        solve: Vec::new(),
        trials: Vec::new(),
    };
    world.moments.passed.insert("kill".into(), at(70));
    world.moments.shown.insert("kill".into(), at(60));
    for (step, expected) in [("kill", 60), ("observe", 70), ("reveal", 70), (STEP, 100)] {
        world.moments.step = step.into();
        assert_eq!(
            fill::window(&activity, &world.moments).since,
            at(expected),
            "{step}"
        );
    }
}

fn check_since(since: Since) -> Check {
    Check {
        id: "seen".into(),
        say: String::new(),
        condition: condition(What::Requests(Requests { since, ..wanted(1) })),
    }
}

/// A step that asks nothing.
pub(super) fn plain(id: &str) -> Step {
    Step {
        id: id.into(),
        kind: Kind::Do,
        text: "Do it.".into(),
        hints: Vec::new(),
        reveal: None,
        hide: Vec::new(),
        settle: None,
        checks: Vec::new(),
        mistakes: Vec::new(),
        command: None,
        compare: None,
        note: None,
        note_needed: false,
        questions: Vec::new(),
        pass: None,
    }
}
