//! `config`, `saved`, `loaded`.

use super::*;
use crate::facts::{Happened, Problem};
use crate::model::{PortOf, Role, Says, ServerHas};
use crate::testing::{CHECK, at, config};

fn file(says: Says) -> What {
    What::Config {
        running: false,
        says,
    }
}

fn running(says: Says) -> What {
    What::Config {
        running: true,
        says,
    }
}

fn broken(code: &str, message: &str) -> World {
    let mut world = World::four();
    world.facts.file.config = None;
    world.facts.file.problems = vec![Problem {
        code: code.into(),
        is_error: true,
        line: 14,
        lines: vec![14, 15],
        message: message.into(),
        text: "  server server02 127.0.0.1:8082".into(),
        help: Some("call it server03".into()),
    }];
    world
}

#[test]
fn a_file_can_be_read_or_not() {
    let world = World::four();
    check(
        &world,
        file(Says::Readable),
        true,
        "myhaproxy.cfg, saved 12:00:00",
    );
    check(
        &World::empty(),
        file(Says::Readable),
        false,
        "there is no myhaproxy.cfg here",
    );
    let world = broken("duplicate-server", "two servers have the same name");
    let found = "line 14: two servers have the same name";
    check(&world, file(Says::Readable), false, found);
    check(&world, running(Says::Readable), true, "myhaproxy.cfg");
    check(
        &world,
        file(Says::Problem("duplicate-server".into())),
        true,
        found,
    );
    check(
        &world,
        file(Says::Problem("unknown-keyword".into())),
        false,
        "",
    );
    check(&world, file(Says::Servers(Count::AtLeast(1))), false, found);
}

#[test]
fn lines_are_found_without_comments_and_blanks() {
    let world = World::four();
    let line = |section: Option<&str>, line: &str| Says::Line {
        section: section.map(str::to_owned),
        line: line.into(),
    };
    check(
        &world,
        file(line(None, "balance  roundrobin")),
        true,
        "line 2",
    );
    check(
        &world,
        file(line(Some("backend"), "balance")),
        true,
        "line 2",
    );
    check(
        &world,
        file(line(Some("backend nodes"), "balance")),
        true,
        "line 2",
    );
    let missing = "no line `balance` in myhaproxy.cfg";
    check(
        &world,
        file(line(Some("frontend"), "balance")),
        false,
        missing,
    );
    check(
        &world,
        file(line(None, "stats enable")),
        false,
        "no line `stats enable` in myhaproxy.cfg",
    );
    check(
        &world,
        running(line(None, "in turn")),
        false,
        "no line `in turn` in what runs",
    );
    check(
        &world,
        file(Says::Raw("# stats enable".into())),
        true,
        "line 7",
    );
    check(
        &world,
        file(Says::Raw("#> Stats".into())),
        false,
        "no line `#> Stats` in myhaproxy.cfg",
    );
}

#[test]
fn servers_have_weights_checks_and_words() {
    let world = World::four();
    let has = |at, has| Says::Server { at, has };
    check(
        &world,
        file(has(server("server01"), ServerHas::Weight(4))),
        true,
        "",
    );
    let found = "server02 has weight 1";
    check(
        &world,
        file(has(server("server02"), ServerHas::Weight(4))),
        false,
        found,
    );
    check(
        &world,
        file(has(Place::Each, ServerHas::Check(false))),
        true,
        "",
    );
    let found = "0 of 4; not yet server01, server02, server03 and server04";
    check(
        &world,
        file(has(Place::Each, ServerHas::Check(true))),
        false,
        found,
    );
    check(
        &world,
        file(has(server("server09"), ServerHas::Weight(1))),
        false,
        "server09 is not listed",
    );
    let words = |words: &str| ServerHas::Words(words.into());
    check(
        &world,
        file(has(server("server02"), words("cookie s2"))),
        true,
        "",
    );
    let found = "0 of 1; not yet server02";
    check(
        &world,
        file(has(server("server02"), words("cookie s1"))),
        false,
        found,
    );
    check(
        &world,
        running(has(server("!server02"), ServerHas::Weight(1))),
        false,
        "server01 has weight 4",
    );
}

#[test]
fn a_server_of_another_name_is_known_by_its_usual_port() {
    let mut world = World::four();
    let renamed = world.facts.file.config.as_mut().unwrap();
    renamed.servers[0].name = "big".into();
    let says = Says::Server {
        at: server("server01"),
        has: ServerHas::Weight(4),
    };
    check(&world, file(says), true, "");
}

#[test]
fn the_list_of_servers_and_what_runs() {
    let world = World::four();
    check(
        &world,
        file(Says::Servers(Count::AtLeast(4))),
        true,
        "4 servers",
    );
    check(
        &world,
        file(Says::Servers(Count::AtMost(1))),
        false,
        "4 servers",
    );
    check(
        &world,
        file(Says::ListsWhatRuns),
        true,
        "8080, 8081, 8082 and 8083",
    );
    check(&world, file(Says::ListsNobody), false, "");
    check(&world, file(Says::MissesOne), false, "");
    let world = world.killed(8081, 150).serves(8084);
    let found = "running: 8080, 8082, 8083 and 8084;  listed: 8080, 8081, 8082 and 8083";
    check(&world, file(Says::ListsWhatRuns), false, found);
    check(
        &world,
        file(Says::ListsNobody),
        true,
        "nobody listens on 8081 (server02, line 4)",
    );
    check(&world, file(Says::MissesOne), true, "8084 not listed");
}

#[test]
fn ports_of_the_file() {
    let mut world = World::four();
    let stats = |port| file(Says::Stats(port));
    check(
        &world,
        file(Says::Bind(PortOf::Role(Role::Balancer))),
        true,
        "on 3000",
    );
    check(
        &world,
        file(Says::Bind(PortOf::Number(3001))),
        false,
        "on 3000",
    );
    check(&world, stats(PortOf::Any), false, "");
    let config = world.facts.file.config.as_mut().unwrap();
    config.statistics = vec![([0, 0, 0, 0], 83).into()];
    check(&world, stats(PortOf::Any), true, "on 83");
    check(&world, stats(PortOf::Number(83)), true, "on 83");
    check(
        &world,
        stats(PortOf::Role(Role::Statistics)),
        false,
        "on 83",
    );
}

#[test]
fn what_runs_cannot_always_be_seen() {
    let mut world = World::four();
    let balancer = world.balancer();
    (balancer.config, balancer.text, balancer.is_current) = (None, None, None);
    balancer.engine = "haproxy".into();
    unseen(&world, running(Says::Readable));
    unseen(
        &world,
        What::Loaded {
            since: SINCE,
            current: true,
        },
    );
    check(
        &World::empty(),
        running(Says::Readable),
        false,
        "nobody listens on 3000",
    );
}

#[test]
fn saves_are_counted() {
    let saved = |min| What::Saved { since: SINCE, min };
    let world = World::four();
    check(
        &world,
        saved(1),
        false,
        "myhaproxy.cfg was not saved with a change yet",
    );
    let world = world.saved(150, "line 3 `weight 4` is new");
    check(
        &world,
        saved(1),
        true,
        "saved at 12:02:30: line 3 `weight 4` is new",
    );
    check(
        &world,
        saved(2),
        false,
        "saved at 12:02:30: line 3 `weight 4` is new",
    );
}

#[test]
fn a_save_is_told_with_the_time_of_the_file() {
    let saved = What::Saved {
        since: SINCE,
        min: 1,
    };
    let noticed = |file: i64| {
        let mut world = World::four().saved(150, "line 3 is new");
        world.facts.file.saved = Some(at(file));
        world
    };
    check(
        &noticed(149),
        saved.clone(),
        true,
        "saved at 12:02:29: line 3 is new",
    );
    check(
        &noticed(100),
        saved,
        true,
        "saved at 12:02:30: line 3 is new",
    );
}

#[test]
fn the_file_is_newer_than_what_runs() {
    let loaded = |current| What::Loaded {
        since: SINCE,
        current,
    };
    let mut world = World::four();
    check(&world, loaded(true), true, "loaded at 12:00:00");
    check(
        &world,
        loaded(false),
        false,
        "loaded at 12:00:00, and not again since",
    );
    world.balancer().config = Some(config(&[1, 1, 1, 1], None));
    world.balancer().is_current = Some(false);
    let mut world = world.saved(150, "line 3 `weight 4` is new");
    let found = "the file has weight 4 on server01 since 12:02:30, but the balancer runs the one of 12:00:00";
    check(&world, loaded(true), false, found);
    world.balancer().config = Some(config(&[4, 1, 1, 1], Some(CHECK)));
    let found = "the file has no `check` on server01 since 12:02:30, but the balancer runs the one of 12:00:00";
    check(&world, loaded(true), false, found);
    world.balancer().config = Some(config(&[4, 1, 1, 1], None));
    let found = "the file was saved at 12:02:30 (line 3 `weight 4` is new), but the balancer runs the one of 12:00:00";
    check(&world, loaded(true), false, found);
    world.balancer().loaded = Some(at(160));
    check(&world, loaded(false), true, "loaded at 12:02:40");
    world.facts.balancer = None;
    check(&world, loaded(true), false, "nobody listens on 3000");
}

#[test]
fn a_load_is_known_from_the_journal_too() {
    let loaded = What::Loaded {
        since: SINCE,
        current: false,
    };
    let mut world = World::four();
    world.balancer().loaded = None;
    world.balancer().since = None;
    check(&world, loaded.clone(), false, "not loaded yet");
    let file = "myhaproxy.cfg".into();
    let world = world.happened(150, Happened::Loaded { file });
    check(&world, loaded, true, "");
}
