//! `requests` and `page`.

use super::*;
use crate::facts::Request;
use crate::model::{Caller, Count, Requests, Status};
use std::time::Duration;

fn requests(min: u32, more: impl FnOnce(&mut Requests)) -> What {
    let mut requests = wanted(min);
    more(&mut requests);
    What::Requests(requests)
}

const TURN: [i32; 7] = [8080, 8080, 8081, 8080, 8082, 8080, 8083];

#[test]
fn requests_are_counted_by_caller() {
    let world = World::four();
    check(&world, requests(14, |_| {}), false, "none so far");
    let world = world
        .hits(90, &TURN)
        .hits(150, &[8080, 8081])
        .requests(151, "browser", &[8082, 8083, 8080])
        .requests(151, "curl", &[8080])
        .requests(152, "probe", &[8080; 9])
        .requests(152, "check", &[8080; 9])
        .requests(152, "editor", &[8080; 9]);
    let found = "6 so far (browser 3, curl 1, lab hit 2)";
    check(&world, requests(14, |_| {}), false, found);
    check(&world, requests(6, |_| {}), true, found);
    for (by, n, told) in [
        (Caller::Browser, 3, "3 so far (browser 3)"),
        (Caller::Hit, 2, "2 so far (lab hit 2)"),
        (Caller::Curl, 1, "1 so far (curl 1)"),
        (Caller::NoBrowser, 3, "3 so far (curl 1, lab hit 2)"),
    ] {
        check(&world, requests(n, |r| r.by = by), true, told);
        check(&world, requests(n + 1, |r| r.by = by), false, told);
    }
}

#[test]
fn an_event_may_stand_for_many_requests() {
    let flood = Request {
        caller: "hit".into(),
        port: Some(8080),
        status: Some(200),
        count: 500,
        ..Request::default()
    };
    let world = World::four().request(150, flood);
    check(
        &world,
        requests(500, |_| {}),
        true,
        "500 so far (lab hit 500)",
    );
}

#[test]
fn a_browser_asks_for_an_icon_too() {
    let icon = Request {
        caller: "browser".into(),
        path: "/favicon.ico".into(),
        port: Some(8081),
        status: Some(200),
        count: 4,
        ..Request::default()
    };
    let world = World::four()
        .requests(150, "browser", &[8080, 8082, 8080, 8082])
        .request(150, icon);
    let found = "8 so far (browser 8, of them 4 for /favicon.ico)";
    check(&world, requests(8, |_| {}), true, found);
    let found = "4 so far (browser 4, of them 4 for /favicon.ico)";
    check(
        &world,
        requests(4, |r| r.path = Some("/favicon".into())),
        true,
        found,
    );
    // what the learner sees are pages: 8081 gave nothing but icons
    let three = requests(8, |r| r.servers = Some(Count::AtLeast(3)));
    check(&world, three, false, "only 8080 and 8082");
}

#[test]
fn failures_are_told_with_their_time() {
    let world = World::four().hits(150, &[8080, 8080, -8081, 8082]);
    let status = |status| requests(1, move |r| r.status = Some(status));
    check(
        &world,
        status(Status::Exactly(503)),
        true,
        "1: 503 after 3.0 s",
    );
    check(&world, status(Status::Class(5)), true, "1: 503 after 3.0 s");
    check(&world, status(Status::Exactly(404)), false, "none of 4");
    let slower = |ms| requests(1, move |r| r.slower = Some(Duration::from_millis(ms)));
    check(&world, slower(2000), true, "1: 503 after 3.0 s");
    check(&world, slower(4000), false, "none of 4");
    check(
        &world,
        requests(1, |r| r.queued = Some(true)),
        false,
        "none of 4",
    );
    check(
        &world,
        requests(1, |r| r.termination = Some("SC".into())),
        true,
        "1 so far (lab hit 1)",
    );
    check(
        &world,
        requests(1, |r| r.cookie = Some('N')),
        true,
        "3 so far (lab hit 3)",
    );
    check(
        &world,
        requests(1, |r| r.cookie = Some('V')),
        false,
        "none so far",
    );
    check(
        &world,
        requests(4, |r| r.backend = Some("nodes".into())),
        true,
        "4 so far (lab hit 4)",
    );
    check(
        &world,
        requests(1, |r| r.backend = Some("api".into())),
        false,
        "none so far",
    );
    check(
        &world,
        requests(2, |r| r.at = Some(server("server01"))),
        true,
        "2 so far (lab hit 2)",
    );
    check(
        &world,
        requests(1, |r| r.at = Some(server("server02"))),
        true,
        "1 so far (lab hit 1)",
    );
}

#[test]
fn different_servers_are_named() {
    let three = || requests(4, |r| r.servers = least(3));
    let world = World::four().hits(150, &[8080, 8082, 8080]);
    check(
        &world,
        three(),
        false,
        "3 so far (lab hit 3), from 8080 and 8082",
    );
    let world = world.hits(151, &[8082]);
    check(&world, three(), false, "only 8080 and 8082");
    let world = world.hits(152, &[8083]);
    check(&world, three(), true, "8080, 8082 and 8083");
}

#[test]
fn a_row_without_one_server_begins_again_after_each_error() {
    let row = || requests(4, |r| r.in_a_row_without = Some(server("server02")));
    let world = World::four().hits(150, &[8080, 8082, -8081]);
    check(&world, row(), false, "a caller just got 503 after 3.0 s");
    let world = world.hits(151, &[8080, 8082, 8083]);
    check(&world, row(), false, "3 of 4 in a row so far");
    let world = world.hits(152, &[8080]);
    check(&world, row(), true, "8080 8082 503! 8080 8082 8083 8080");
    let world = world.hits(153, &[8081]);
    check(&world, row(), false, "0 of 4 in a row so far");
}

#[test]
fn shares_may_be_reached_in_a_later_try() {
    let shares = || requests(14, |r| r.share = vec![4, 1, 1, 1]);
    let even = [8080, 8081, 8082, 8083].repeat(4);
    let world = World::four().hits(140, &even[..13]);
    check(&world, shares(), false, "13 so far (lab hit 13)");
    let world = world.hits(141, &even[13..]);
    check(&world, shares(), false, "3 : 3 : 4 : 4 of 14");
    let world = world.hits(150, &TURN).hits(151, &TURN);
    check(&world, shares(), true, "8 : 2 : 2 : 2 of 14");
}

#[test]
fn behind_a_silent_balancer_only_lab_hit_counts() {
    let mut world = World::four().hits(150, &[8080]);
    world.balancer().requests_seen = false;
    world.balancer().engine = "nginx".into();
    let found = "1 so far (lab hit 1); through nginx only `lab hit` can be counted";
    check(&world, requests(2, |_| {}), false, found);
    check(&world, requests(1, |_| {}), true, "1 so far (lab hit 1)");
    unseen(&world, requests(2, |r| r.by = Caller::Browser));
    unseen(&world, page(Caller::Browser, None));
    world.facts.balancer = None;
    world.facts.events.clear();
    check(&world, requests(2, |_| {}), false, "nobody listens on 3000");
}

fn page(by: Caller, status: Option<Status>) -> What {
    What::Page {
        by,
        since: SINCE,
        min: 1,
        status,
    }
}

#[test]
fn the_statistics_page_is_no_traffic() {
    let open = Request {
        caller: "browser".into(),
        statistics: true,
        status: Some(200),
        count: 1,
        ..Request::default()
    };
    let world = World::four().request(150, open);
    check(&world, requests(1, |_| {}), false, "none so far");
    check(
        &world,
        page(Caller::Learner, None),
        true,
        "1 so far (browser 1)",
    );
    let not_yet = "http://127.0.0.1:8404 was not opened yet";
    check(&world, page(Caller::Curl, None), false, not_yet);
    check(
        &world,
        page(Caller::Browser, Some(Status::Exactly(404))),
        false,
        not_yet,
    );
}
