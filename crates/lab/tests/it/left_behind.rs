//! Whatever is killed, nothing is left, and the next `lab up` starts clean.

use crate::support::{Lab, with_each_engine};
use testkit::{Process, SOON, Signal, eventually};

fn kill(pid: u32) {
    let status = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn a_killed_supervisor_takes_all_with_it() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        lab.done("hit -n 2");
        let pid = lab.pid("lab");
        kill(pid);
        lab.wait_until_gone();
        let said = lab.done(&lab.up_words("--detach"));
        let note = format!(
            "note: the last lab here ended without cleaning up (pid {pid} is gone). Cleaned; nothing was still running.\n"
        );
        assert_eq!(said.stderr, note);
        lab.done("hit -n 2");
    });
}

#[test]
fn down_cleans_up_behind_a_killed_supervisor() {
    let lab = Lab::new(1);
    lab.up_detached();
    let record: serde_json::Value =
        serde_json::from_str(&lab.dir.read(".lab/run/lab.json")).unwrap();
    let sockets = std::path::PathBuf::from(record["sockets"].as_str().unwrap());
    assert!(sockets.is_dir());
    kill(lab.pid("lab"));
    lab.wait_until_gone();
    let said = lab.done("down");
    assert!(said.stderr.contains("Cleaned"), "{said:?}");
    assert_eq!(said.stdout, "nothing was running here\n");
    assert!(!sockets.exists());
}

#[test]
fn a_killed_server_is_told_and_the_rest_goes_on() {
    with_each_engine(2, |lab| {
        let up = lab.up();
        kill(lab.pid("server01"));
        up.wait_for_line("killed by SIGKILL");
        assert_eq!(lab.json("status")["servers"][0]["process"]["is"], "stopped");
        lab.done("start server01");
        lab.done("hit -n 2");
        drop(up);
        lab.wait_until_gone();
    });
}

#[test]
fn a_killed_balancer_is_told_and_can_be_started_again() {
    with_each_engine(1, |lab| {
        let up = lab.up();
        kill(lab.pid("balancer"));
        up.wait_for_line("balancer  killed by SIGKILL");
        let port = std::net::SocketAddr::from(([127, 0, 0, 1], lab.balancer()));
        eventually("its port is free", SOON, || {
            std::net::TcpListener::bind(port).is_ok()
        });
        lab.done("start balancer");
        lab.done("hit -n 2");
        drop(up);
        lab.wait_until_gone();
    });
}

#[test]
fn a_closed_terminal_ends_all() {
    with_each_engine(2, |lab| {
        let mut up = lab.up();
        assert_eq!(up.end_with(Signal::HUP).code, Some(0));
        assert!(lab.ports_are_free());
    });
}

#[test]
fn a_frozen_server_ends_too() {
    let lab = Lab::new(2);
    let mut up = lab.up();
    lab.done("pause server02");
    up.end_with(Signal::TERM);
    assert!(lab.ports_are_free());
}

#[test]
fn a_lab_that_cannot_start_leaves_nothing() {
    let lab = Lab::new(2);
    let held = std::net::TcpListener::bind(("127.0.0.1", lab.statistics())).unwrap();
    let said = lab.run(&lab.up_words("--detach"));
    drop(held);
    assert_eq!(said.code, Some(3), "{said:?}");
    // Another test's child may hold our listener for the moment between its fork and its exec.
    lab.wait_until_gone();
    assert!(!lab.dir.join(".lab/run/lab.json").exists());
    assert!(
        !lab.dir.join("myhaproxy.cfg").exists(),
        "no file is written for ports that cannot be had"
    );
}

#[test]
fn a_record_of_a_reused_number_is_not_believed() {
    let lab = Lab::new(1);
    let mut bystander = Process::spawn(std::process::Command::new("sleep").arg("60"));
    lab.dir.write(
        ".lab/run/lab.json",
        format!(
            r#"{{"format":1,"supervisor":{{"name":"lab","pid":{0},"started":1}},"since":"2026-11-22T12:40:00Z",
                "sockets":"/nonexistent","children":[{{"name":"server01","pid":{0},"started":1}}]}}"#,
            bystander.pid()
        ),
    );
    let said = lab.done(&lab.up_words("--detach"));
    assert!(
        said.stderr.contains("Cleaned; nothing was still running."),
        "{said:?}"
    );
    assert!(bystander.is_running(), "a number alone never gets a signal");
}

#[test]
fn doctor_sees_what_was_left_behind_and_cleans_it() {
    let lab = Lab::new(2);
    lab.up_detached();
    let pid = lab.pid("lab");
    kill(pid);
    lab.wait_until_gone();
    let seen = lab.done("doctor").stdout;
    assert!(
        seen.contains("note   a lab ended here without cleaning up:  lab doctor --fix"),
        "{seen}"
    );
    let fixed = lab.done("doctor --fix");
    let note = format!("note: the last lab here ended without cleaning up (pid {pid} is gone).");
    assert!(fixed.stderr.contains(&note), "{fixed:?}");
    let after = lab.done("doctor").stdout;
    assert!(!after.contains("without cleaning up"), "{after}");
}
