//! Starting, looking, changing and stopping.

use crate::support::{Lab, with_each_engine};
use std::time::Duration;
use testkit::{SOON, Signal, eventually};

/// Who answers, eight times through the balancer.
fn eight(lab: &Lab) -> Vec<u16> {
    let address = ([127, 0, 0, 1], lab.balancer()).into();
    let port = |_| {
        let text = testkit::get(address, "/").text();
        let (_, port) = text.rsplit_once(' ').unwrap_or_else(|| panic!("{text}"));
        port.parse().unwrap()
    };
    (0..8).map(port).collect()
}

#[test]
fn an_empty_folder_gets_a_file_and_four_servers_that_take_turns() {
    with_each_engine(4, |lab| {
        let up = lab.up();
        let (s1, s2, s3, s4) = (lab.server(1), lab.server(2), lab.server(3), lab.server(4));
        assert_eq!(eight(lab), [s1, s2, s3, s4, s1, s2, s3, s4]);
        let page = testkit::get(([127, 0, 0, 1], lab.statistics()).into(), "/;csv").text();
        assert!(page.starts_with("# pxname,svname,"), "{page}");
        up.wait_for_line(&format!("-> server04 {s4}   200"));
        assert!(
            lab.dir
                .read("myhaproxy.cfg")
                .contains(&format!("server server04 127.0.0.1:{s4}"))
        );
        drop(up);
        lab.wait_until_gone();
    });
}

#[test]
fn status_shows_the_gap_between_machine_and_belief() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        lab.done("kill server02");
        let status = lab.json("status");
        let server = &status["servers"][1];
        assert_eq!(server["process"]["is"], "stopped");
        assert_eq!(server["belief"]["status"], "no check");
        assert_eq!(status["balancer"]["process"]["is"], "up");
        assert_eq!(lab.run("status").code, Some(1), "one is down");
        lab.done("start server02");
        lab.done("status");
    });
}

#[test]
fn a_checked_server_is_believed_down_and_comes_back() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        let file = lab.dir.read("myhaproxy.cfg");
        let checked = |port| format!("127.0.0.1:{port} check inter 100ms fall 2 rise 1");
        let file = file.replace(
            &format!("server02 127.0.0.1:{}", lab.server(2)),
            &format!("server02 {}", checked(lab.server(2))),
        );
        lab.dir.write("myhaproxy.cfg", file);
        lab.done("reload");
        let belief = || {
            lab.json("status")["servers"][1]["belief"]["status"]
                .as_str()
                .unwrap_or("")
                .to_owned()
        };
        eventually("it is believed up", SOON, || belief() == "UP");
        lab.done("kill server02");
        eventually("it is believed down", SOON, || belief() == "DOWN");
        lab.done("start server02");
        eventually("it is believed up again", SOON, || belief() == "UP");
        let log = lab.done("logs balancer -n 100").stdout;
        assert!(
            log.contains("server02 is DOWN") && log.contains("server02 is UP"),
            "{log}"
        );
    });
}

#[test]
fn a_reload_brings_new_weights_into_force() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        let (s1, s2) = (lab.server(1), lab.server(2));
        let file = lab
            .dir
            .read("myhaproxy.cfg")
            .replace(&format!(":{s1}\n"), &format!(":{s1} weight 3\n"));
        lab.dir.write("myhaproxy.cfg", file);
        let newer = || !lab.json("status")["balancer"]["newer"].is_null();
        eventually("the newer file is noticed", SOON, newer);
        let said = lab.done("reload").stdout;
        assert!(said.contains("`weight 3` is new"), "{said}");
        assert!(!newer());
        assert_eq!(eight(lab), [s1, s1, s1, s2, s1, s1, s1, s2]);
        let hits = lab.json("hit -n 8");
        let shares: Vec<_> = hits["servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (&s["answers"], &s["expected"]))
            .collect();
        assert_eq!(shares.len(), 2);
        assert!(
            shares.iter().all(|(answers, expected)| answers == expected),
            "{hits}"
        );
    });
}

#[test]
fn a_reload_of_the_same_file_succeeds_too() {
    with_each_engine(1, |lab| {
        lab.up_detached();
        for _ in 0..2 {
            assert!(lab.done("reload").stdout.contains("nothing had changed"));
        }
    });
}

#[test]
fn a_bad_file_never_stops_the_running_one() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        let good = lab.dir.read("myhaproxy.cfg");
        lab.dir.write(
            "myhaproxy.cfg",
            good.replace("balance roundrobin", "balance roundrobbin"),
        );
        let said = lab.run("reload");
        assert_eq!(said.code, Some(4), "{said:?}");
        assert!(
            said.stderr.contains("was not loaded") && said.stderr.contains("roundrobbin"),
            "{said:?}"
        );
        assert!(
            said.stderr
                .contains("the balancer goes on with the file of"),
            "{said:?}"
        );
        assert_eq!(eight(lab).len(), 8);
    });
}

#[test]
fn a_frozen_server_goes_on_when_started() {
    let lab = Lab::new(1);
    lab.up_detached();
    let said = lab.done("pause server01").stdout;
    assert!(said.contains("is frozen (SIGSTOP)"), "{said}");
    assert_eq!(lab.json("status")["servers"][0]["process"]["is"], "frozen");
    lab.done("start server01");
    lab.done("status");
}

#[test]
fn the_balancer_can_be_stopped_and_started() {
    with_each_engine(1, |lab| {
        lab.up_detached();
        lab.done("stop balancer");
        let said = lab.run("hit");
        assert_eq!(said.code, Some(3), "{said:?}");
        lab.done("start balancer");
        lab.done("hit");
    });
}

#[test]
fn a_server_of_a_learner_in_its_place_is_seen_as_theirs() {
    let lab = Lab::new(2);
    lab.up_detached();
    lab.done("kill server02");
    let own = testkit::Process::spawn(&mut lab.command(&format!("serve {}", lab.server(2))));
    own.wait_for_line("listening");
    let status = lab.json("status");
    assert_eq!(status["servers"][1]["process"]["is"], "yours", "{status}");
    let said = lab.run("start server02");
    assert_eq!(said.code, Some(3), "{said:?}");
    lab.done("kill server02");
    eventually("it has ended", SOON, || {
        lab.json("status")["servers"][1]["process"]["is"] == "stopped"
    });
}

#[test]
fn what_is_started_by_hand_is_seen_without_a_lab() {
    let lab = Lab::new(1);
    lab.up_detached();
    lab.done("down");
    let server = testkit::Process::spawn(&mut lab.command(&format!("serve {}", lab.server(1))));
    let balancer = testkit::Process::spawn(&mut lab.command("balancer -f myhaproxy.cfg"));
    server.wait_for_line("listening");
    balancer.wait_for_line("listening");
    let status = lab.json("status");
    assert!(status["supervisor"].is_null());
    assert_eq!(status["servers"][0]["process"]["is"], "yours");
    assert_eq!(
        status["servers"][0]["belief"]["status"], "no check",
        "{status}"
    );
    lab.done("hit -n 2");
    lab.done("kill server01");
    assert_eq!(lab.run("status").code, Some(1));
}

#[test]
fn ctrl_c_ends_all_and_tells_what_was_served() {
    with_each_engine(2, |lab| {
        let mut up = lab.up();
        lab.done("hit -n 4");
        up.wait_for_line("lab hit");
        let said = up.end_with(Signal::INT);
        assert_eq!(said.code, Some(130));
        assert!(said.stdout.contains("4 requests: 4 answered."), "{said:?}");
        assert!(lab.ports_are_free());
    });
}

#[test]
fn down_tells_what_it_stopped_and_then_that_nothing_runs() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        assert_eq!(
            lab.done("down").stdout,
            "stopped: balancer, server01, server02, nameserver.   ports are free again\n"
        );
        assert!(lab.ports_are_free());
        assert_eq!(lab.done("down").stdout, "nothing was running here\n");
    });
}

#[test]
fn more_servers_come_to_a_running_lab_and_work_after_a_reload() {
    let lab = Lab::new(2);
    let one = format!("127.0.0.1:{}\n", lab.server(1));
    lab.done("up --servers 1 --detach");
    // The next port is the other server's own, which nobody uses so far.
    let said = lab.done("up --servers 2 --add").stdout;
    let line = format!("    server server02 127.0.0.1:{}\n", lab.server(2));
    assert!(said.contains(&line), "{said}");
    let file = lab
        .dir
        .read("myhaproxy.cfg")
        .replace(&one, &format!("{one}{line}"));
    lab.dir.write("myhaproxy.cfg", file);
    lab.done("reload");
    lab.done("hit -n 4 --expect 2,2");
    assert!(
        lab.done("up --servers 2 --add")
            .stdout
            .contains("nothing to do")
    );
}

#[test]
fn servers_alone_and_then_twenty_times_up_and_down_leave_nothing() {
    let lab = Lab::new(3);
    lab.done("up --servers 3 --no-balancer --detach");
    assert!(lab.json("status")["balancer"].is_null());
    lab.done("down");
    for _ in 0..20 {
        lab.up_detached();
        lab.done("down");
        assert!(lab.ports_are_free());
    }
    assert!(!lab.dir.join(".lab/run/lab.json").exists());
}

#[test]
fn two_labs_in_two_folders_do_not_see_each_other() {
    let (one, two) = (Lab::new(1), Lab::new(1));
    one.up_detached();
    two.up_detached();
    one.done("kill server01");
    two.done("status");
    one.done("down");
    two.done("hit -n 2");
}

#[test]
fn ready_soon_and_idle_when_nothing_happens() {
    let lab = Lab::new(4);
    let ready = lab.json(&lab.up_words("--detach"));
    assert!(
        ready["ready"]["ms"].as_f64().unwrap() < 500.0 * 4.0,
        "{ready}"
    );
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", lab.pid("lab"))).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let before = ticks();
    // Idleness is what happens while nothing does: there is no condition to wait for.
    std::thread::sleep(Duration::from_secs(3));
    assert!(
        ticks() - before <= 3,
        "at most 1 % of a core: {} ticks in 3 s",
        ticks() - before
    );
}
