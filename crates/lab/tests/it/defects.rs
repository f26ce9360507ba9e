//! Following the original lab word by word with its own files, learners are stuck in twelve places. Each of them is put
//! right here, and held by the test of its number; `docs/coverage.md` has the table.

use crate::support::{Lab, with_each_engine};
use serde_json::Value;
use std::time::{Duration, Instant};
use testkit::{Process, SOON, eventually, program};

impl Lab {
    /// The starting file of the activities, in this folder.
    fn eject(&self) -> String {
        self.done("eject myhaproxy.cfg");
        self.dir.read("myhaproxy.cfg")
    }

    /// The mistake that the open step names.
    #[track_caller]
    fn names_mistake(&self, part: &str) {
        let mut last = String::new();
        let deadline = Instant::now() + SOON;
        while Instant::now() < deadline {
            last = self.run("check").stdout;
            let flowing: Vec<&str> = last.split_whitespace().collect();
            if flowing.join(" ").contains(part) {
                return;
            }
        }
        panic!("no {part:?} in:\n{last}");
    }

    /// What HAProxy says of the file, where it is installed.
    fn asked_haproxy(&self) -> Option<testkit::Said> {
        let mut haproxy = std::process::Command::new(program::find("haproxy")?);
        haproxy.args(["-c", "-f", "myhaproxy.cfg"]);
        Some(Process::run(haproxy.current_dir(self.dir.path())))
    }

    /// Runs behind an open 3.4: four servers, a balancer, a file; checks where `checks` says so.
    fn up_with(&self, checks: &str) {
        let text = self.eject();
        let more = |n| format!("    server server0{n} 127.0.0.1:{}", self.server(n));
        let lines = text.lines().filter(|line| !line.contains("server server"));
        let text: String = lines
            .flat_map(|line| match line.trim() {
                "#HERE" => vec![more(1) + checks, more(2) + checks],
                _ => vec![line.to_owned()],
            })
            .map(|line| line + "\n")
            .collect();
        self.dir.write("myhaproxy.cfg", text);
        self.up_detached();
    }

    fn belief(&self, n: usize) -> Value {
        self.json("status")["servers"][n - 1]["belief"]["status"].clone()
    }
}

#[test]
fn defect_01_a_file_without_its_last_newline() {
    let lab = Lab::new(2);
    let text = lab.eject();
    assert!(text.ends_with('\n'));
    assert_eq!(lab.done("balancer -c -f myhaproxy.cfg").stderr, "");
    assert!(lab.asked_haproxy().is_none_or(|said| said.code == Some(0)));
    lab.dir.write("myhaproxy.cfg", text.trim_end());
    let said = lab.done(&lab.up_words("--detach")).stderr;
    let told = said.matches("HAProxy 2.x refuses such a file").count();
    assert_eq!(told, 1, "{said}");
    assert!(lab.asked_haproxy().is_none_or(|said| said.code == Some(1)));
}

#[test]
fn defect_02_three_servers_of_one_name() {
    let lab = Lab::new(3);
    let text = lab.eject();
    let again = format!("server server02 127.0.0.1:{}\n    #HERE", lab.server(3));
    lab.dir
        .write("myhaproxy.cfg", text.replace("#HERE", &again));
    let said = lab.run(&lab.up_words("--detach"));
    assert_eq!(said.code, Some(4));
    for part in [
        "first used here",
        "again here",
        "call the second one server03",
    ] {
        assert!(said.stderr.contains(part), "{said:?}");
    }
    assert_eq!(lab.run("balancer -f myhaproxy.cfg").code, Some(1));
    lab.run("activity 3.1 --force --step edit");
    lab.names_mistake("Every server needs a name of its own");
    lab.names_mistake("call them server01, server02, server03, server04");
}

#[test]
fn defect_03_statistics_on_port_83() {
    let lab = Lab::new(2);
    let text = lab.eject();
    assert!(text.contains(&format!("bind *:{}", lab.statistics())) && !text.contains(":83\n"));
    let page = "listen old\n    bind *:83\n    stats enable\n    stats uri /\n";
    lab.dir.write("myhaproxy.cfg", text + page);
    lab.run("activity 4 --force --step uncomment");
    lab.names_mistake("the page is on port 83, as in the original lab's file");
    lab.names_mistake(&format!("bind *:{}", lab.statistics()));
}

#[test]
fn defect_04_a_mark_that_is_not_in_the_file() {
    let lab = Lab::new(2);
    let text = lab.eject();
    let mark = "#> Stats Page";
    let told = lab.run("activity 4 --force --step uncomment").stdout;
    assert!(told.contains(mark), "{told}");
    let (_, behind) = text.split_once(mark).unwrap();
    let page: Vec<&str> = behind.lines().skip(2).collect();
    let uncommented: String = page
        .iter()
        .map(|line| line[1..].to_owned() + "\n")
        .collect();
    assert!(uncommented.starts_with("listen stats_page\n"), "{behind}");
    lab.dir.write("myhaproxy.cfg", text.clone() + &uncommented);
    assert_eq!(lab.done("balancer -c -f myhaproxy.cfg").stderr, "");
}

#[test]
fn defect_05_servers_at_localhost() {
    let lab = Lab::new(3);
    let text = lab.eject();
    let first = format!("server server01 127.0.0.1:{}", lab.server(1));
    assert!(text.contains(&first) && !text.contains("localhost"));
    let _servers =
        [1, 2, 3].map(|n| lab.by_hand(&format!("serve {}", lab.server(n)), "listening on"));
    lab.dir
        .write("myhaproxy.cfg", text.replace("127.0.0.1", "localhost"));
    lab.run("activity 3.1 --force --step edit");
    lab.names_mistake("`localhost` is a name. It may mean 127.0.0.1, or ::1");
}

#[test]
fn defect_06_the_three_seconds_before_the_503() {
    with_each_engine(2, |lab| {
        lab.up_with("");
        lab.done("kill server02");
        let said = lab.run("hit -n 2 --json");
        let hits: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(hits["errors"]["503"], 1, "{hits}");
        let times: Vec<f64> = hits["ms"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        let longest = times.iter().copied().fold(0.0, f64::max);
        assert!((2900.0..5000.0).contains(&longest), "{times:?}");
        lab.done("down");
    });
    let lab = Lab::new(1);
    let told = lab.run("activity 3.3 --force --step reveal").stdout;
    assert!(
        told.contains("three\nseconds") || told.contains("three seconds"),
        "{told}"
    );
}

#[test]
fn defect_07_the_window_before_health_checks_notice() {
    with_each_engine(2, |lab| {
        lab.up_with(" check");
        eventually("both are believed up", SOON, || {
            [lab.belief(1), lab.belief(2)] == ["UP", "UP"]
        });
        lab.done("kill server02");
        let stopped = Instant::now();
        eventually("it is believed down", SOON, || lab.belief(2) == "DOWN");
        // Three failures in a row, two seconds apart; the first comes within two seconds.
        let after = stopped.elapsed();
        assert!(after > Duration::from_secs(3), "{after:?}");
        lab.done("hit -n 4 --expect 4,0");
        lab.done("start server02");
        let started = Instant::now();
        eventually("and up again", SOON, || lab.belief(2) == "UP");
        let after = started.elapsed();
        assert!(after > Duration::from_millis(1500), "{after:?}");
        lab.done("down");
    });
}

#[test]
fn defect_08_a_second_balancer_instead_of_a_restart() {
    let lab = Lab::new(2);
    lab.eject();
    let _servers = [1, 2].map(|n| lab.by_hand(&format!("serve {}", lab.server(n)), "listening on"));
    let _first = lab.by_hand("balancer -f myhaproxy.cfg", "listening on");
    let refused = lab.run("balancer -f myhaproxy.cfg");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let told = &refused.stderr;
    assert!(
        told.contains("another balancer already listens") && told.contains("lab reload"),
        "{told}"
    );
    lab.run("activity 3.1 --force --step start");
    lab.names_mistake("done.");
    // HAProxy says nothing and takes its part; the walk says it.
    let Some(haproxy) = program::find("haproxy") else {
        return;
    };
    let mut second = std::process::Command::new(haproxy);
    second
        .args(["-db", "-f", "myhaproxy.cfg"])
        .current_dir(lab.dir.path());
    let _second = Process::spawn(&mut second);
    lab.run("activity 3.1 --restart --force --step start");
    lab.names_mistake("2 balancers listen on");
}

#[test]
fn defect_09_the_icon_that_takes_a_turn() {
    let lab = Lab::new(2);
    lab.up_with("");
    let mut browser = testkit::Client::connect(([127, 0, 0, 1], lab.server(1)).into());
    browser.send("GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n");
    let page = browser.response().text();
    assert!(
        page.contains("<link rel=\"icon\" href=\"data:,\">"),
        "{page}"
    );
    let pages = lab.json("hit -n 4 --like-a-browser");
    assert_eq!(pages["icons"], 4);
    let strip = pages["strip"].as_array().unwrap();
    assert!(
        strip.iter().all(|shown| *shown == strip[0]),
        "every second server: {pages}"
    );
    lab.run("activity 3.1 --force --step guess");
    lab.done("answer a");
    lab.done("next");
    for path in ["/", "/favicon.ico"].repeat(4) {
        let mut browser = testkit::Client::connect(([127, 0, 0, 1], lab.balancer()).into());
        browser.send(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: Mozilla/5.0 Firefox/128.0\r\nConnection: close\r\n\r\n"
        ));
        browser.response();
    }
    lab.names_mistake("your browser asks twice per reload");
}

/// The addresses that `lab dig` was given, one a line.
fn addresses(lab: &Lab, words: &str) -> Vec<String> {
    let said = lab.json(&format!("dig {words}"));
    let answers = said["answers"].as_array().unwrap();
    answers
        .iter()
        .map(|answer| answer["records"].to_string())
        .collect()
}

#[test]
fn defect_10_one_cache_that_repeats_itself() {
    let lab = Lab::new(1);
    let different = |words: &str| {
        let mut all = addresses(&lab, words);
        all.sort();
        all.dedup();
        all.len()
    };
    assert_eq!(different("google.com --repeat 8"), 5);
    assert_eq!(different("google.com --repeat 8 --through cache"), 1);
    assert!((2..=3).contains(&different("google.com --repeat 24 --through farm")));
}

#[test]
fn defect_11_a_permuted_list_and_single_addresses() {
    let lab = Lab::new(1);
    let lines = |name: &str| lab.done(&format!("dig {name} +short")).stdout;
    assert_eq!(lines("google.com").lines().count(), 1);
    let (first, second) = (lines("yahoo.com"), lines("yahoo.com"));
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&first).len(), 6);
    assert_eq!(sorted(&first), sorted(&second), "the same list");
    let told = lab.run("activity 1 --force --step five-points").stdout;
    assert!(told.contains("google.com does not: it hands"), "{told}");
}

#[test]
fn defect_12_the_button_of_a_product_that_was_closed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(
        !readme.contains("gitpod.io/#"),
        "no button that leads nowhere"
    );
    // That it starts what the lab knows is held by `workspace_files`.
    assert!(root.join(".devcontainer/devcontainer.json").exists());
    assert!(readme.contains("dev container"));
}
