//! Servers and balancers in terminals of their own: they are seen, and tell the journal what happens to them.

use crate::support::Lab;
use serde_json::Value;
use testkit::{Process, SOON, Signal, eventually, program};

impl Lab {
    /// A program of the lab in the foreground, once it says `ready`.
    #[track_caller]
    pub(crate) fn by_hand(&self, words: &str, ready: &str) -> Process {
        let process = Process::spawn(&mut self.command(words));
        process.wait_for_line(ready);
        process
    }

    #[track_caller]
    fn serve(&self, n: u16) -> Process {
        let starts = || {
            let events = self.events("started");
            let mine = events
                .iter()
                .filter(|event| event["port"] == self.server(n));
            mine.count()
        };
        let before = starts();
        let process = self.by_hand(&format!("serve {}", self.server(n)), "listening on");
        eventually("its start is told", SOON, || starts() > before);
        process
    }

    /// A file for all servers of this lab.
    fn write_file(&self, more: &str) {
        let servers: String = (1..=2)
            .map(|n| format!("    server server0{n} 127.0.0.1:{}\n", self.server(n)))
            .collect();
        let (balancer, statistics) = (self.balancer(), self.statistics());
        self.dir.write(
            "myhaproxy.cfg",
            format!(
                "defaults\n    mode http\n    timeout connect 1s\n    timeout client 5s\n    timeout server 5s\n\
                 frontend http-in\n    bind 127.0.0.1:{balancer}\n    default_backend nodes\n\
                 backend nodes\n{servers}{more}\
                 listen stats\n    bind 127.0.0.1:{statistics}\n    stats enable\n    stats uri /\n"
            ),
        );
    }

    #[track_caller]
    fn balancer_facts(&self) -> Value {
        self.facts()["balancer"].clone()
    }
}

/// The ways to run a balancer in a terminal that tells of itself.
const ENGINES: [(&str, &str); 2] = [
    ("balancer -f myhaproxy.cfg", "lab"),
    ("balancer --engine haproxy -f myhaproxy.cfg", "haproxy"),
];

fn with_each_balancer(test: impl Fn(&Lab, &Process, &str)) {
    for (words, engine) in ENGINES {
        if engine == "haproxy" && program::find("haproxy").is_none() {
            continue;
        }
        let lab = Lab::new(2);
        lab.write_file("");
        let servers = [lab.serve(1), lab.serve(2)];
        let balancer = lab.by_hand(words, "listening on");
        eventually("it is registered", SOON, || {
            lab.balancer_facts()["loaded"].is_string()
        });
        test(&lab, &balancer, engine);
        drop(balancer);
        drop(servers);
    }
}

#[test]
fn a_server_tells_its_start_and_by_which_signal_it_ended() {
    let lab = Lab::new(2);
    for (signal, name) in [
        (Signal::INT, "SIGINT"),
        (Signal::TERM, "SIGTERM"),
        (Signal::HUP, "SIGHUP"),
    ] {
        let server = lab.serve(1);
        server.signal(signal);
        let ended = || lab.events("ended").last().cloned().unwrap_or_default();
        eventually("its end is told", SOON, || ended()["how"] == name);
        assert_eq!(ended()["port"], lab.server(1));
    }
    let told = [lab.events("started"), lab.events("ended")];
    assert_eq!(told.each_ref().map(Vec::len), [3, 3], "{told:?}");
}

#[test]
fn a_server_that_began_before_the_work_folder_tells_its_signal_too() {
    let lab = Lab::new(1);
    let settings = lab.dir.read(".lab/config.toml");
    std::fs::remove_dir_all(lab.dir.join(".lab")).unwrap();
    let words = format!("serve {}", lab.server(1));
    let mut server = lab.by_hand(&words, "listening on");
    lab.write("config.toml", &settings);
    server.end_with(Signal::INT);
    let ended = lab.events("ended");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(
        (&ended[0]["how"], &ended[0]["port"]),
        (&"SIGINT".into(), &lab.server(1).into())
    );
}

#[test]
fn a_server_that_is_killed_is_missed_at_the_next_look() {
    let lab = Lab::new(1);
    let server = lab.serve(1);
    lab.facts();
    server.signal(Signal::KILL);
    eventually("its end is noticed", SOON, || {
        lab.events("ended").len() == 1
    });
    assert_eq!(lab.events("ended")[0]["how"], Value::Null);
}

#[test]
fn a_second_server_on_one_port_is_refused_and_that_is_told() {
    let lab = Lab::new(1);
    let _server = lab.serve(1);
    assert_eq!(lab.run(&format!("serve {}", lab.server(1))).code, Some(3));
    let refused = lab.events("refused");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["port"], lab.server(1));
    assert_eq!(lab.events("started").len(), 1, "the first did not notice");
}

#[test]
fn a_balancer_in_a_terminal_is_seen_with_what_it_runs_and_carries() {
    with_each_balancer(|lab, _, engine| {
        let balancer = lab.balancer_facts();
        assert_eq!(
            (&balancer["engine"], &balancer["is_current"]),
            (&engine.into(), &true.into())
        );
        assert_eq!(balancer["processes"].as_array().unwrap().len(), 1);
        assert_eq!(lab.facts()["beliefs"][1]["server"], "server02");
        lab.done("hit -n 4");
        eventually("its requests are told", SOON, || {
            lab.events("request").len() == 4
        });
        let request = lab.events("request")[1].clone();
        assert_eq!(
            (&request["caller"], &request["server"]),
            (&"hit".into(), &"server02".into())
        );
        assert_eq!(request["termination"], "----");
    });
}

#[test]
fn a_balancer_in_a_terminal_names_the_server_that_failed() {
    for (words, engine) in ENGINES {
        if engine == "haproxy" && program::find("haproxy").is_none() {
            continue;
        }
        let lab = Lab::new(2);
        lab.write_file("");
        lab.edit("timeout client", "retries 0\n    timeout client");
        let _server = lab.serve(1);
        let _balancer = lab.by_hand(words, "listening on");
        eventually("it is registered", SOON, || {
            lab.balancer_facts()["loaded"].is_string()
        });
        let hit = lab.run("hit -n 4");
        assert!(
            hit.stdout.contains("weight 1, expected 2   2 x 503"),
            "{engine}: {hit:?}"
        );
        let status = lab.run("status");
        assert!(status.stdout.contains("no check"), "{engine}: {status:?}");
        assert!(
            status.stdout.contains("running myhaproxy.cfg of"),
            "{engine}: {status:?}"
        );
    }
}

#[test]
fn requests_that_a_log_of_ones_own_form_hides_are_told_by_lab_hit() {
    with_each_balancer(|lab, balancer, engine| {
        lab.edit(
            "http-in\n    bind",
            "http-in\n    log-format \"%ci %ST\"\n    bind",
        );
        let said = lab.done("reload");
        let note = "the log of `http-in` has a form of its own";
        assert!(said.stderr.contains(note), "{engine}: {said:?}");
        balancer.wait_for_line(note);
        let facts = lab.facts();
        assert_eq!(facts["balancer"]["requests_seen"], false);
        assert_eq!(facts["beliefs"][1]["server"], "server02");
        lab.done("hit -n 4");
        assert_eq!(lab.events("request").len(), 4, "{engine}");
    });
}

#[test]
fn a_save_is_not_what_runs_until_it_is_loaded() {
    with_each_balancer(|lab, _, engine| {
        lab.facts();
        lab.write_file("    retries 2\n");
        assert_eq!(lab.balancer_facts()["is_current"], false);
        let said = lab.done("reload").stdout;
        assert!(said.contains("`retries 2`"), "{engine}: {said}");
        let balancer = lab.balancer_facts();
        assert_eq!(
            (&balancer["is_current"], &balancer["config"]["retries"]),
            (&true.into(), &2.into())
        );
        assert_eq!(lab.events("saved").len(), 1);
        assert_eq!(lab.events("loaded").len(), 2);
        lab.write_file("    nonsense\n");
        assert_ne!(lab.run("reload").code, Some(0));
        assert_eq!(lab.balancer_facts()["is_current"], false);
        assert_eq!(lab.balancer_facts()["config"]["retries"], 2);
    });
}

#[test]
fn a_balancer_tells_its_end_and_leaves_nothing() {
    with_each_balancer(|lab, balancer, engine| {
        let record: Value = serde_json::from_str(&lab.dir.read(".lab/run/balancer.json")).unwrap();
        let socket = std::path::PathBuf::from(record["stats_socket"].as_str().unwrap());
        assert!(socket.exists());
        balancer.signal(Signal::INT);
        let ended = || {
            lab.events("ended")
                .iter()
                .any(|event| event["how"] == "SIGINT")
        };
        eventually("its end is told", SOON, ended);
        eventually("its sockets are gone", SOON, || {
            !socket.parent().unwrap().exists()
        });
        assert!(
            !lab.dir.path().join(".lab/run/balancer.json").exists(),
            "{engine}"
        );
        assert_eq!(lab.facts()["balancer"], Value::Null);
    });
}

#[test]
fn a_change_of_health_is_told() {
    let lab = Lab::new(2);
    lab.write_file("    default-server check inter 100ms fall 2 rise 1\n");
    let text = lab.dir.read("myhaproxy.cfg");
    let checked = text.replace(
        &format!("127.0.0.1:{}\n", lab.server(2)),
        &format!(
            "127.0.0.1:{} check inter 100ms fall 2 rise 1\n",
            lab.server(2)
        ),
    );
    lab.dir.write(
        "myhaproxy.cfg",
        checked.replace("    default-server check inter 100ms fall 2 rise 1\n", ""),
    );
    let _first = lab.serve(1);
    let second = lab.serve(2);
    let _balancer = lab.by_hand("balancer -f myhaproxy.cfg", "listening on");
    second.signal(Signal::INT);
    let states = || -> Vec<Value> {
        lab.events("health")
            .iter()
            .map(|event| event["state"].clone())
            .collect()
    };
    eventually("it is believed down", SOON, || states() == ["DOWN"]);
    let _again = lab.serve(2);
    eventually("and up again", SOON, || states() == ["DOWN", "UP"]);
}

#[test]
fn the_installed_haproxy_is_seen_from_its_command_line() {
    let Some(haproxy) = program::find("haproxy") else {
        return;
    };
    let lab = Lab::new(2);
    lab.write_file("");
    let _servers = [lab.serve(1), lab.serve(2)];
    // So that the file is older than the program by more than the clocks' ticks.
    eventually("the file is saved", SOON, || {
        lab.facts()["file"]["text"].is_string()
    });
    let mut command = std::process::Command::new(&haproxy);
    command
        .current_dir(lab.dir.path())
        .args(["-W", "-db", "-f", "myhaproxy.cfg"]);
    let _first = Process::spawn(&mut command);
    eventually("it is seen", SOON, || {
        lab.balancer_facts()["engine"] == "haproxy"
    });
    let balancer = lab.balancer_facts();
    assert_eq!(balancer["file"], "myhaproxy.cfg");
    assert_eq!(balancer["is_current"], true, "{balancer}");
    assert_eq!(balancer["requests_seen"], false);
    assert_eq!(
        balancer["statistics_seen"], true,
        "its page has no password"
    );
    assert_eq!(
        balancer["processes"].as_array().unwrap().len(),
        1,
        "a master and its worker are one"
    );
    lab.done("hit -n 4");
    assert_eq!(
        lab.events("request").len(),
        4,
        "lab hit tells, since the balancer does not"
    );
    lab.write_file("    retries 2\n");
    assert_eq!(lab.balancer_facts()["is_current"], false);
    // Beside the first, without a word: defect 8.
    let _second = Process::spawn(&mut command);
    let both = || lab.balancer_facts()["processes"].as_array().map(Vec::len);
    eventually("two balancers are seen", SOON, || both() == Some(2));
}

#[test]
fn outside_a_work_folder_nothing_is_written() {
    let lab = Lab::new(1);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = lab.command(&format!("serve {}", lab.server(1)));
    let mut server = Process::spawn(command.current_dir(elsewhere.path()));
    server.wait_for_line("listening on");
    server.signal(Signal::INT);
    server.wait();
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}
