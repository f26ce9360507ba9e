//! What is said when something is wrong: whole texts.

use crate::support::Lab;
use testkit::Process;

#[track_caller]
fn refused(lab: &Lab, words: &str, code: i32, expected: &str) {
    let said = lab.run(words);
    assert_eq!(lab.filtered(&said.stderr), expected);
    assert_eq!((said.code, said.stdout.as_str()), (Some(code), ""));
}

#[test]
fn nothing_runs() {
    let lab = Lab::new(1);
    let expected = "error: nothing runs in this folder\n  next  start:  lab up --servers 4\n";
    for words in [
        "status",
        "attach",
        "start server01",
        "kill server01",
        "pause balancer",
    ] {
        refused(&lab, words, 3, expected);
    }
}

#[test]
fn a_second_lab_in_one_folder() {
    let lab = Lab::new(1);
    lab.up_detached();
    refused(
        &lab,
        "up",
        3,
        "error: a lab is already running in this folder (since [TIME], pid [PID], it answers)\n  \
         next  look: lab status      stop it: lab down      more servers: lab up --servers 6 --add\n",
    );
}

#[test]
fn a_busy_port_names_its_holder_and_the_ways_out() {
    let lab = Lab::new(2);
    let other = Process::spawn(&mut lab.command(&format!("serve {}", lab.server(2))));
    other.wait_for_line("listening");
    refused(
        &lab,
        "up --servers 2",
        3,
        &format!(
            "error: port [S2] is taken, so server02 cannot start.  Nothing was started.\n  \
             why   `lab serve [S2]` listens there (pid [PID], since [TIME])\n        \
             it answers \"Hi!! from server [S2]\": it looks like a server from Activity 2\n  \
             next  use it as server02:          lab up --servers 2 --adopt\n        \
             stop it:                     kill {}\n        \
             or use other ports:          lab up --servers 2 --base-port {}\n",
            other.pid(),
            lab.server(1) + 10
        ),
    );
    assert!(!lab.dir.join("myhaproxy.cfg").exists());
}

#[test]
fn a_busy_port_of_another_kind_is_not_adopted() {
    let lab = Lab::new(1);
    let held = std::net::TcpListener::bind(("127.0.0.1", lab.server(1))).unwrap();
    let said = lab.run("up --servers 1 --adopt");
    drop(held);
    assert_eq!(said.code, Some(3));
    assert!(!said.stderr.contains("--adopt"), "{said:?}");
}

#[test]
fn a_server_that_is_there_can_be_adopted_and_is_left_alone() {
    let lab = Lab::new(2);
    let mut other = Process::spawn(&mut lab.command(&format!("serve {}", lab.server(2))));
    other.wait_for_line("listening");
    lab.done(&lab.up_words("--adopt --detach"));
    assert_eq!(lab.json("status")["servers"][1]["process"]["is"], "yours");
    lab.done("hit -n 4");
    let said = lab.done("down").stdout;
    assert_eq!(
        said,
        "stopped: balancer, server01, nameserver.   ports are free again\n"
    );
    assert!(other.is_running());
}

#[test]
fn a_port_below_1024() {
    let lab = Lab::new(1);
    if std::net::TcpListener::bind("127.0.0.1:1").is_ok() {
        eprintln!("skipped: this user may bind ports below 1024");
        return;
    }
    refused(
        &lab,
        "up --ports 1",
        3,
        "error: port 1 is not for you, so server01 cannot start.  Nothing was started.\n  \
         why   ports below 1024 belong to the administrator (root)\n  \
         next  choose a port from 1024 to 65535\n        \
         or use other ports:          lab up --base-port 11\n",
    );
}

#[test]
fn words_that_are_not_known() {
    let lab = Lab::new(1);
    refused(
        &lab,
        "kil server02",
        2,
        "error: there is no command `kil`\n  next  did you mean:  lab kill server02\n",
    );
    lab.up_detached();
    refused(
        &lab,
        "kill server05",
        2,
        "error: there is no server05\n  why   the servers here are server01 ([S1]), nameserver ([NS])\n",
    );
}

#[test]
fn nothing_listens_where_lab_hit_asks() {
    let lab = Lab::new(1);
    lab.up_detached();
    lab.done("kill balancer");
    refused(
        &lab,
        "hit",
        3,
        "error: nothing listens on 127.0.0.1:[LB]\n  why   the balancer is not running\n  \
         next  lab up      or:  lab balancer -f myhaproxy.cfg\n",
    );
}

#[test]
fn a_reload_of_a_wrong_file() {
    let lab = Lab::new(1);
    lab.up_detached();
    let good = lab.dir.read("myhaproxy.cfg");
    lab.dir.write(
        "myhaproxy.cfg",
        good.replace(
            &format!("{}\n\n", lab.server(1)),
            &format!("{} wieght 4\n\n", lab.server(1)),
        ),
    );
    refused(
        &lab,
        "reload",
        4,
        "error: unknown word `wieght` on a server line\n  --> myhaproxy.cfg:[TIME]\n   |\n\
         20 |     server server01 127.0.0.1:[S1] wieght 4\n   |                                     ^^^^^^ did you mean `weight`?\n\
         error: myhaproxy.cfg was not loaded: line 20, unknown word `wieght` on a server line\n  \
         next  correct it and run  lab reload  again;  the balancer goes on with the file of [TIME]\n",
    );
}

#[test]
fn errors_have_a_machine_form() {
    let lab = Lab::new(1);
    let error = &lab.json("status")["error"];
    assert_eq!(error["code"], "nothing-running");
    assert_eq!(error["next"][0], "start:  lab up --servers 4");
}

#[test]
fn exit_codes_are_listed() {
    let lab = Lab::new(1);
    let said = lab.done("help exit-codes").stdout;
    let codes: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "130"]);
}

#[test]
fn every_command_has_help_and_completions_know_it() {
    let lab = Lab::new(1);
    let script = lab.done("completions bash").stdout;
    for name in [
        "up", "serve", "balancer", "reload", "kill", "status", "hit", "eject", "doctor", "config",
    ] {
        assert!(
            lab.done(&format!("help {name}"))
                .stdout
                .contains("Usage: lab"),
            "{name}"
        );
        assert!(script.contains(name), "{name}");
    }
}

#[test]
fn doctor_names_a_busy_port() {
    let lab = Lab::new(4);
    let free = lab.done("doctor");
    assert!(free.stdout.contains("0 problems"), "{free:?}");
    let other = Process::spawn(&mut lab.command(&format!("serve {}", lab.server(2))));
    other.wait_for_line("listening");
    let busy = lab.run("doctor");
    assert_eq!(busy.code, Some(1));
    let expected = "  BUSY   port [S2] is taken by `lab serve [S2]` (pid [PID], since [TIME])\n         \
                    server02 wants this port\n";
    let told = lab.filtered(&busy.stdout);
    assert!(told.contains(expected), "{told}");
}

#[test]
fn lab_alone_says_where_you_are() {
    let lab = Lab::new(2);
    let idle = lab.done("").stdout;
    assert!(idle.contains("Nothing done yet."), "{idle}");
    assert!(idle.contains("start here      lab activity 1"), "{idle}");
    lab.up_detached();
    let running = lab.filtered(&lab.done("").stdout);
    assert!(
        running.contains("Running now   server01 [S1]   server02 [S2]\n"),
        "{running}"
    );
    assert!(
        running.contains("balancer on :[LB], myhaproxy.cfg as loaded at [TIME]"),
        "{running}"
    );
    lab.run("activity 3.3 --force");
    let walking = lab.done("").stdout;
    assert!(walking.contains("3.3, step 1: predict"), "{walking}");
    assert!(walking.contains("3.3 step 1 of 6"), "{walking}");
}
