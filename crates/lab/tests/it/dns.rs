//! `lab dig` and `lab nameserver`, offline.

use crate::support::Lab;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use testkit::{Process, Signal, program};

const ROTATION: &str = "\
google.com A, 8 times, from 127.0.0.1#[PORT] (lab, authoritative, UDP), addresses recorded in 2020

  #   ttl    time   answer
  1   300 [N] ms   216.58.203.174
  2   300 [N] ms   216.58.203.206
  3   300 [N] ms   172.217.166.174
  4   300 [N] ms   172.217.160.206
  5   300 [N] ms   172.217.174.78
  6   300 [N] ms   216.58.203.174     seen before (#1)
  7   300 [N] ms   216.58.203.206     seen before (#2)
  8   300 [N] ms   172.217.166.174    seen before (#3)

  216.58.203.174    2 of 8   25 %
  216.58.203.206    2 of 8   25 %
  172.217.166.174   2 of 8   25 %
  172.217.160.206   1 of 8   12 %
  172.217.174.78    1 of 8   12 %

  5 addresses, one per answer, in turn.   Each new caller is sent somewhere else: DNS load balancing.
";

const RECORDED: &str = "
note: answered by the lab's own name server from addresses recorded in 2020, not by today's internet (real one: --live)
";

#[test]
fn where_no_name_server_runs_the_rotation_is_shown_all_the_same() {
    let lab = Lab::new(1);
    lab.write("run/turn", "5000\n");
    let said = lab.done("dig google.com --repeat 8");
    let shown = without_port(&lab.filtered(&said.stdout));
    // Longer times take room from the blanks before them.
    let words: Vec<&str> = shown
        .split("[N]")
        .map(|part| part.trim_end_matches(' '))
        .collect();
    assert_eq!(words.join(" [N]"), ROTATION);
    assert_eq!(said.stderr, RECORDED);
}

#[test]
fn each_call_goes_on_where_the_one_before_it_ended() {
    let lab = Lab::new(1);
    let ask = |words: &str| lab.done(words).stdout;
    // A first start is by chance; from then on the five take turns.
    let mut seen: Vec<String> = (0..3).map(|_| ask("dig google.com +short")).collect();
    let two = ask("dig google.com --repeat 2 --short");
    seen.extend(two.lines().map(|line| format!("{line}\n")));
    let again = ask("dig google.com +short");
    assert_eq!(again, seen[0], "{seen:?}");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5, "{seen:?}");
}

#[test]
fn what_was_asked_and_answered_is_in_the_journal() {
    let lab = Lab::new(1);
    lab.write("run/turn", "0\n");
    lab.done("dig google.com --repeat 2");
    // Over TCP, through a cache, and a name that is not there.
    lab.done("dig facebook.com +tcp +short");
    lab.done("dig facebook.com +short --through cache");
    lab.done("dig nobody.lab AAAA");
    let events = lab.journal();
    let of = |kind: &str| -> Vec<Value> {
        let events = events.iter().filter(|event| event["event"] == kind);
        events.map(without_chance).collect()
    };
    let answered = |name: &str, more: Value| {
        let mut event = json!({
            "event": "dns", "name": name, "type": "A", "answer": "NOERROR", "ttl": 60, "via": "authority",
            "transport": "UDP", "client": "127.0.0.1", "asked_by": "client", "count": 1,
            "addresses": ["203.0.113.35"],
        });
        let facts = event.as_object_mut().unwrap();
        facts.extend(more.as_object().unwrap().clone());
        event
    };
    let google =
        |address: &str| answered("google.com", json!({"ttl": 300, "addresses": [address]}));
    let facebook = |more: Value| answered("facebook.com", more);
    let cache = json!({"via": "cache", "cache": {"port": "PORT", "how": "asked"}});
    assert_eq!(
        of("dns"),
        [
            google("216.58.203.174"),
            google("216.58.203.206"),
            facebook(json!({"transport": "TCP"})),
            facebook(json!({"asked_by": "cache"})),
            facebook(cache),
            answered(
                "nobody.lab",
                json!({"type": "AAAA", "answer": "NXDOMAIN", "ttl": null, "addresses": []})
            ),
        ]
    );
    let asked = of("dig");
    assert_eq!(asked.len(), 4);
    assert_eq!(
        asked[0],
        json!({
            "event": "dig", "name": "google.com", "type": "A", "server": "127.0.0.1#PORT", "source": "lab-zone",
            "repeat": 2, "replies": 2, "answers": [["216.58.203.174"], ["216.58.203.206"]],
            "first": {"216.58.203.174": 1, "216.58.203.206": 1},
        })
    );
    let source = |n: usize| asked[n]["source"].as_str().unwrap_or_default();
    assert_eq!(
        [source(1), source(2), source(3)],
        ["lab-zone", "cache", "lab-zone"]
    );
}

#[test]
fn who_only_asks_has_no_journal_begun_for_them() {
    let lab = Lab::new(1);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut dig = lab.command("dig google.com +short");
    let said = dig.current_dir(elsewhere.path()).output().unwrap();
    assert!(said.status.success());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

/// An event without its time, and without ports that chance has chosen.
fn without_chance(event: &Value) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove("time").unwrap();
    if let Some(port) = event.pointer_mut("/cache/port") {
        *port = json!("PORT");
    }
    if let Some(server) = event.get_mut("server") {
        let text = server.as_str().unwrap();
        *server = json!(format!("{}#PORT", text.split_once('#').unwrap().0));
    }
    event
}

#[test]
fn the_server_of_one_call_ends_with_it() {
    let lab = Lab::new(1);
    for words in [
        "dig google.com +short",
        "dig google.com --through farm --repeat 3",
        "dig nobody.lab",
    ] {
        lab.done(words);
        assert_eq!(processes_in(&lab), Vec::<String>::new(), "{words}");
    }
}

#[test]
fn the_server_of_one_call_ends_even_when_that_is_killed() {
    let lab = Lab::new(1);
    let mut dig = Process::spawn(&mut lab.command("dig google.com --repeat 100 --every 1s"));
    testkit::eventually("its server runs", testkit::SOON, || {
        processes_in(&lab).len() == 2
    });
    dig.signal(Signal::KILL);
    dig.wait();
    testkit::eventually("both are gone", crate::support::GONE, || {
        processes_in(&lab).is_empty()
    });
}

#[test]
fn a_time_to_live_can_be_chosen_for_one_call() {
    let lab = Lab::new(1);
    lab.write("run/turn", "0\n");
    let said = lab.done("dig google.com --ttl 7 +noall +answer");
    assert_eq!(said.stdout, "google.com.\t\t7\tIN\tA\t216.58.203.174\n");
    let said = lab.done("dig google.com --ttl 7 --repeat 2 --through cache");
    assert!(said.stdout.contains("from the cache, 7 s left"), "{said:?}");
}

#[test]
fn the_running_name_server_is_asked_and_goes_on_where_it_was() {
    let lab = Lab::new(1);
    let server = Process::spawn(&mut lab.command("nameserver --caches 3"));
    server.wait_for_line("cache: listening");
    let first = lab.done("dig google.com +short").stdout;
    let second = lab.done("dig google.com +short").stdout;
    assert_eq!(
        (first.as_str(), second.as_str()),
        ("216.58.203.174\n", "216.58.203.206\n")
    );
    let said = lab.done("dig google.com --repeat 1 --through cache");
    let cache = format!("127.0.0.1#{}", lab.nameserver() + 1);
    assert!(said.stdout.contains(&cache), "{said:?}");
    server.wait_for_line("google.com A -> 216.58.203.206");
}

#[test]
fn short_answers_are_those_of_dig() {
    if program::find("dig").is_none() {
        eprintln!("skipped: there is no dig to compare with");
        return;
    }
    let lab = Lab::new(1);
    let server = Process::spawn(&mut lab.command("ns"));
    server.wait_for_line("name server: listening");
    let port = lab.nameserver().to_string();
    for words in [
        "fixed.lab +short",
        "www.facebook.com +short",
        "facebook.com mx +short",
        "facebook.com NS outlook.com TXT +short",
        "long.lab TXT +short",
        "-x 192.0.2.80 +short",
        "nobody.lab +short",
        "GOOGLE.com AAAA +short",
    ] {
        let mut dig = Command::new("dig");
        dig.args(["@127.0.0.1", "-p", &port]).args(words.split(' '));
        let theirs = Process::run(&mut dig);
        let ours = lab.run(&format!("dig {words}"));
        assert_eq!(
            (&ours.stdout, ours.code),
            (&theirs.stdout, theirs.code),
            "{words}"
        );
    }
}

#[test]
fn words_of_dig_reach_it_untouched() {
    let lab = Lab::new(1);
    let port = lab.nameserver();
    let said = lab.run(&format!("dig @127.0.0.1 -p {port} +short"));
    assert_eq!(said.code, Some(9), "{said:?}");
    let why = format!("nothing listens on 127.0.0.1 port {port} (udp)");
    assert!(said.stderr.contains(&why), "{said:?}");
    let help = lab.done("dig -h").stdout;
    assert!(
        help.starts_with("Ask a name server, as dig does."),
        "{help}"
    );
    let help = lab.done("nameserver --help").stdout;
    assert!(help.starts_with("lab nameserver: "), "{help}");
    assert_eq!(lab.run("dig +bogus x").code, Some(1));
}

/// The port of a server that was started for one call, which is another each time.
fn without_port(text: &str) -> String {
    let (before, after) = text.split_once("127.0.0.1#").unwrap();
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1#[PORT]{rest}")
}

/// The command lines of all that works in the lab's folder.
fn processes_in(lab: &Lab) -> Vec<String> {
    let folder = fs::canonicalize(lab.dir.path()).unwrap();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd == folder))
        .map(|path| {
            let words = fs::read(path.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words).replace('\0', " ")
        })
        .collect()
}

#[test]
fn up_runs_the_name_server_beside_the_rest() {
    let lab = Lab::new(1);
    lab.up_detached();
    let first = lab.done("dig google.com +short").stdout;
    let second = lab.done("dig google.com +short").stdout;
    assert_ne!(first, second, "one server answered both");
    testkit::eventually("both answers are counted", testkit::SOON, || {
        lab.json("status")["name_server"]["answers"] == 2
    });
    let log = lab.done("logs nameserver").stdout;
    assert!(log.contains("google.com A -> 216.58.203.206"), "{log}");
    lab.done("kill nameserver");
    assert_eq!(lab.run("status").code, Some(1), "it is down");
    lab.done("start nameserver");
    lab.done("status");
    lab.done("down");
    assert!(lab.ports_are_free());
}

#[test]
fn a_taken_port_of_the_name_server_is_told_and_only_dns_insists_on_it() {
    let lab = Lab::new(1);
    let own = Process::spawn(&mut lab.command("nameserver"));
    own.wait_for_line("name server: listening");
    let taken = format!("port {} (udp) is taken by", lab.nameserver());
    let said = lab.run(&lab.up_words("--dns --detach"));
    assert_eq!(said.code, Some(3), "{said:?}");
    let what = "error: the name server cannot start.  Nothing was started.";
    assert!(
        said.stderr.contains(what) && said.stderr.contains(&taken),
        "{said:?}"
    );
    let said = lab.done(&lab.up_words("--detach"));
    let note = format!("note: no name server beside this lab: {taken}");
    assert!(said.stderr.contains(&note), "{said:?}");
    let next = "\n  next  use other ports:          lab config ports.nameserver ";
    assert!(said.stderr.contains(next), "{said:?}");
    assert!(lab.json("status")["name_server"].is_null());
}

#[test]
fn dns_goes_on_handing_out_a_server_that_was_stopped() {
    let lab = Lab::new(1);
    lab.done(&lab.up_words("--dns --detach"));
    let site = format!("site.lab:{}", lab.server(1));
    let by_name = |words: &str| lab.run(&format!("hit --by-name {site} -n 6 {words}"));
    let said = by_name("");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stdout
            .contains("127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.1"),
        "{said:?}"
    );
    assert_eq!(by_name("--expect 2,2,2").code, Some(0));
    lab.done("kill site2");
    let said = by_name("");
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stdout.contains("127.0.0.1 127.0.0.2! 127.0.0.3"),
        "{said:?}"
    );
    assert!(said.stdout.contains("2 x refused"), "{said:?}");
    assert!(
        said.stdout.contains("DNS goes on handing out 127.0.0.2,"),
        "{said:?}"
    );
    lab.done("start site2");
    assert_eq!(by_name("").code, Some(0));
    // A cache answers with the first address that it was told, three of them with one each.
    let said = by_name("--through cache");
    let cache = format!(
        "before each, the cache 127.0.0.1#{} is",
        lab.nameserver() + 1
    );
    assert!(said.stdout.contains(&cache), "{said:?}");
    assert!(said.stdout.contains("6  100 %"), "{said:?}");
    let said = by_name("--through farm");
    assert!(
        said.stdout.contains("one of 3 caches, by chance,"),
        "{said:?}"
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    lab.done("down");
    assert!(lab.ports_are_free());
}

#[test]
fn dns_leaves_out_a_stopped_server_once_its_check_is_on() {
    let lab = Lab::new(1);
    lab.done(&lab.up_words("--dns-check --detach"));
    let addresses = || {
        let said = lab.done("dig site.lab +short");
        said.stdout.lines().count()
    };
    assert_eq!(addresses(), 3);
    lab.done("kill site2");
    testkit::eventually("it is left out", LEFT_OUT, || addresses() == 2);
    let hit = format!("hit --by-name site.lab:{} -n 6 --expect 3,3", lab.server(1));
    lab.done(&hit);
    lab.done("start site2");
    testkit::eventually("it is back", LEFT_OUT, || addresses() == 3);
    lab.done("down");
}

/// Three checks, two seconds apart, and time for a busy machine.
const LEFT_OUT: std::time::Duration = std::time::Duration::from_secs(20);

#[test]
fn a_name_server_on_another_port_is_found_while_its_lab_runs() {
    let lab = Lab::new(1);
    lab.up_detached();
    // As `--base-port` does it: another port than the settings say.
    lab.write("config.toml", "[ports]\nnameserver = 1\n");
    let said = lab.done("dig google.com --repeat 1");
    let server = format!("from 127.0.0.1#{} (lab,", lab.nameserver());
    assert!(said.stdout.contains(&server), "{said:?}");
    lab.done("down");
}

#[test]
fn a_name_without_an_address_or_a_server_is_told() {
    let lab = Lab::new(1);
    let said = lab.run("hit --by-name site.lab:8080");
    assert_eq!(said.code, Some(3), "{said:?}");
    let silent = format!("127.0.0.1#{} does not answer", lab.nameserver());
    assert!(said.stderr.contains(&silent), "{said:?}");
    lab.up_detached();
    for (name, why) in [
        ("nobody.lab:80", "(NXDOMAIN)"),
        ("example.org:80", "(REFUSED)"),
        ("long.lab:80", "(NODATA)"),
    ] {
        let said = lab.run(&format!("hit --by-name {name}"));
        assert_eq!(said.code, Some(3), "{said:?}");
        assert!(said.stderr.contains(why), "{said:?}");
    }
    assert_eq!(lab.run("hit --by-name site.lab").code, Some(2));
    assert_eq!(lab.run("hit --through cache").code, Some(2));
    lab.done("down");
    let server = Process::spawn(&mut lab.command("nameserver"));
    server.wait_for_line("name server: listening");
    let said = lab.run("hit --by-name site.lab:8080 --through farm");
    assert_eq!(said.code, Some(3), "{said:?}");
    let silent = format!(
        "the cache 127.0.0.1#{} does not answer",
        lab.nameserver() + 1
    );
    assert!(said.stderr.contains(&silent), "{said:?}");
    assert!(
        said.stderr.contains("lab nameserver --caches 3"),
        "{said:?}"
    );
}
