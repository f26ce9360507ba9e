//! Whole command lines against a scripted server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::output::captured;
use crate::{Defaults, run_words};

#[path = "../tests/it/scripted.rs"]
mod scripted;

use scripted::{Answer, Query, Scripted};

const A: u16 = 1;
const LABEL: u16 = 65280;

struct Said {
    out: String,
    aside: String,
    code: u8,
}

fn dig(line: &str, defaults: &Defaults) -> Said {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let (mut output, out, aside) = captured::output();
    let code = run_words("lab dig", &words, defaults, &mut output);
    Said {
        out: out.text(),
        aside: aside.text(),
        code,
    }
}

fn lab(server: SocketAddr) -> Defaults {
    Defaults {
        lab_server: Some(server),
        caches: vec![server],
        zone_names: vec!["pool.test".to_owned(), "one.test".to_owned()],
        // Nobody listens on port 1.
        resolvers: vec![SocketAddr::from(([127, 0, 0, 1], 1))],
    }
}

/// Whether a query carries an option without data.
fn asks_for(query: &Query<'_>, code: u16) -> bool {
    let wanted = [&code.to_be_bytes()[..], &[0, 0]].concat();
    query.bytes.windows(4).any(|window| window == wanted)
}

/// Three addresses in turn; labelled when asked to.
fn pool() -> Scripted {
    let asked = AtomicU8::new(0);
    Scripted::start(move |query| {
        let last = asked.fetch_add(1, Ordering::SeqCst) % 3 + 1;
        let answer = Answer::to(query)
            .flags(0x8500)
            .record(A, 300, &[192, 0, 2, last]);
        let answer = match asks_for(query, LABEL) {
            true => answer.option(LABEL, b"source=recorded 2020-10"),
            false => answer,
        };
        vec![answer.bytes()]
    })
}

const NOTE: &str = "note: answered by the lab's own name server from addresses recorded in 2020, not by today's internet \
                    (real one: --live)\n";

#[test]
fn a_name_of_the_zone_is_asked_of_the_lab_and_labelled() {
    let server = pool();
    let said = dig("pool.test +short", &lab(server.address()));
    assert_eq!(said.out, "192.0.2.1\n");
    assert_eq!(said.aside, NOTE);
    assert_eq!(said.code, 0);
}

#[test]
fn the_labs_option_is_for_us_and_never_printed() {
    let server = pool();
    let said = dig("pool.test +qr", &lab(server.address()));
    assert!(said.out.contains(";; OPT PSEUDOSECTION:"), "{}", said.out);
    assert!(!said.out.contains("65280"), "{}", said.out);
    assert!(!said.out.contains("recorded"), "{}", said.out);
}

#[test]
fn a_foreign_server_is_asked_for_no_label_and_gets_no_note() {
    let server = pool();
    let port = server.address().port();
    let said = dig(
        &format!("@127.0.0.1 -p {port} pool.test +short"),
        &Defaults::default(),
    );
    assert_eq!(
        (said.out.as_str(), said.aside.as_str()),
        ("192.0.2.1\n", "")
    );
}

#[test]
fn the_labs_server_is_labelled_even_when_given_by_address() {
    let server = pool();
    let port = server.address().port();
    let line = format!("@127.0.0.1 -p {port} pool.test +short");
    assert_eq!(dig(&line, &lab(server.address())).aside, NOTE);
}

#[test]
fn live_never_falls_back_to_recorded() {
    let server = pool();
    let said = dig("pool.test --live +short", &lab(server.address()));
    assert_eq!(said.code, 9);
    assert!(!said.out.contains("192.0.2"), "{}", said.out);
    assert_eq!(
        said.aside,
        "  why   your resolver (127.0.0.1 port 1) does not answer: this machine seems to be offline
  next  the names recorded in the lab work offline:  lab dig google.com   (without --live)\n"
    );
}

#[test]
fn a_name_of_the_world_is_asked_of_the_systems_resolver() {
    let (lab_server, resolver) = (pool(), pool());
    let defaults = Defaults {
        resolvers: vec![resolver.address()],
        ..lab(lab_server.address())
    };
    let said = dig("else.test +short", &defaults);
    assert_eq!(said.out, "192.0.2.1\n");
    assert_eq!(said.aside, "note: answered by your resolver 127.0.0.1\n");
    let live = dig("pool.test --live +short", &defaults);
    assert_eq!(
        live.aside,
        "note: today's internet, answered by your resolver 127.0.0.1\n"
    );
}

#[test]
fn repeating_shows_the_turn() {
    let server = pool();
    let said = dig("pool.test --repeat 4 --plain", &lab(server.address()));
    let port = server.address().port();
    // Times differ from run to run.
    let out = without_times(&said.out);
    assert_eq!(
        out,
        format!(
            "\
pool.test A, 4 times, from 127.0.0.1#{port} (lab, authoritative, UDP), addresses recorded in 2020

  #   ttl    time   answer
  1   300    N ms   192.0.2.1
  2   300    N ms   192.0.2.2
  3   300    N ms   192.0.2.3
  4   300    N ms   192.0.2.1    seen before (#1)

  192.0.2.1   2 of 4   50 %
  192.0.2.2   1 of 4   25 %
  192.0.2.3   1 of 4   25 %

  3 addresses, one per answer, in turn.   Each new caller is sent somewhere else: DNS load balancing.
"
        )
    );
    assert_eq!(said.aside, format!("\n{NOTE}"));
}

fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.find(" ms   ") {
        Some(end) => {
            let start = line[..end].rfind(' ').unwrap_or(0);
            let width = end - start - 1;
            format!("{}{:>width$}{}\n", &line[..=start], "N", &line[end..])
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn repeating_in_short_form_prints_the_bare_values() {
    let server = pool();
    let said = dig("pool.test --repeat 4 --short", &lab(server.address()));
    assert_eq!(said.out, "192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.1\n");
    assert_eq!(said.aside, NOTE);
}

#[test]
fn json_holds_all_that_was_seen() {
    let server = pool();
    let said = dig("pool.test --repeat 4 --json", &lab(server.address()));
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["question"]["name"], "pool.test");
    assert_eq!(json["question"]["type"], "A");
    assert_eq!(
        json["server"],
        server.address().to_string().replace(':', "#")
    );
    assert_eq!(json["source"], "lab-zone");
    assert_eq!(json["recorded"], "2020-10");
    assert_eq!(json["verdict"], "pool");
    assert_eq!(json["counts"]["192.0.2.1"], 2);
    assert_eq!(json["answers"][3]["n"], 4);
    assert_eq!(json["answers"][3]["ttl"], 300);
    assert_eq!(json["answers"][3]["tcp"], false);
    assert_eq!(json["answers"][3]["rcode"], "NOERROR");
    assert_eq!(json["answers"][3]["records"][0], "192.0.2.1");
}

#[test]
fn json_tells_failures_too() {
    let said = dig(
        "pool.test --live --json",
        &lab(SocketAddr::from(([127, 0, 0, 1], 1))),
    );
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["error"]["code"], "no-reply");
    assert_eq!((said.code, said.aside.as_str()), (9, ""));
}

#[test]
fn a_cut_off_answer_is_asked_for_again_over_tcp_and_said() {
    let server = Scripted::start(|query| {
        let answer = Answer::to(query);
        vec![match query.tcp {
            true => answer.record(A, 60, &[192, 0, 2, 9]).bytes(),
            false => answer.flags(0x8380).bytes(),
        }]
    });
    let said = dig("one.test --repeat 1", &lab(server.address()));
    let row = without_times(&said.out);
    assert!(
        row.contains("  1    60    N ms   192.0.2.9    cut off over UDP, asked again over TCP\n"),
        "{row}"
    );
    assert!(said.out.contains("(lab, TCP)"), "{}", said.out);
}

#[test]
fn silence_after_the_first_answer_is_a_line_of_the_table() {
    let asked = AtomicU8::new(0);
    let server = Scripted::start(move |query| match asked.fetch_add(1, Ordering::SeqCst) {
        1 => Vec::new(),
        _ => vec![Answer::to(query).record(A, 60, &[192, 0, 2, 9]).bytes()],
    });
    let said = dig(
        "one.test --repeat 3 +time=1 +tries=1",
        &lab(server.address()),
    );
    assert!(
        said.out.contains("  2     -       -   no reply\n"),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 address, the same in every answer."));
    assert_eq!(said.code, 0);
}

#[test]
fn answers_that_are_not_ours_are_passed_over() {
    let server = Scripted::start(|query| {
        let right = Answer::to(query).record(A, 60, &[192, 0, 2, 9]).bytes();
        let mut other_id = right.clone();
        other_id[1] ^= 1;
        let mut other_name = right.clone();
        other_name[13] = b'x';
        vec![b"no".to_vec(), other_id, other_name, right]
    });
    let said = dig("one.test +short +qid=7", &lab(server.address()));
    assert_eq!(
        said.out,
        ";; Warning: short (< header size) message received
;; Warning: ID mismatch: expected ID 7, got 6
;; ;; Question section mismatch: got xne.test/A/IN
192.0.2.9\n"
    );
}

#[test]
fn a_server_that_wants_its_cookie_back_gets_it() {
    let asked = AtomicU8::new(0);
    let server = Scripted::start(move |query| {
        let answer = Answer::to(query);
        let cookie = [[1; 8], [2; 8]].concat();
        let returned = query.bytes.windows(16).any(|window| window == cookie);
        vec![
            match (asked.fetch_add(1, Ordering::SeqCst), returned) {
                (0, false) => answer.flags(0x8187).extended(1).option(10, &cookie),
                (1, true) => answer.record(A, 60, &[192, 0, 2, 9]),
                _ => answer.flags(0x8182),
            }
            .bytes(),
        ]
    });
    let said = dig(
        "one.test +short +cookie=0101010101010101",
        &lab(server.address()),
    );
    assert!(said.out.ends_with("192.0.2.9\n"), "{}", said.out);
}

#[test]
fn fail_turns_no_such_name_and_no_address_into_1() {
    let server = Scripted::start(|query| {
        let answer = Answer::to(query);
        vec![match query.bytes[13] {
            b'p' => answer.bytes(),
            _ => answer.flags(0x8183).bytes(),
        }]
    });
    let defaults = lab(server.address());
    for name in ["pool.test", "one.test"] {
        assert_eq!(dig(&format!("{name} +short"), &defaults).code, 0);
        assert_eq!(dig(&format!("{name} +short --fail"), &defaults).code, 1);
        assert_eq!(dig(&format!("{name} --repeat 2 --fail"), &defaults).code, 1);
    }
}

#[test]
fn names_are_compared_and_labelled() {
    let server = pool();
    let said = dig(
        "--compare pool.test one.test --repeat 3",
        &lab(server.address()),
    );
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(
        lines[0],
        "3 questions each, lab zone, recorded answers (today's: --live)"
    );
    assert!(
        lines[3].starts_with("  pool.test  1           3 "),
        "{}",
        lines[3]
    );
    assert_eq!(lines.len(), 5);
    assert_eq!(said.aside, format!("\n{NOTE}"));
}

#[test]
fn a_ttl_that_the_server_does_not_give_is_told() {
    let server = pool();
    let said = dig("pool.test --ttl 10 --repeat 2", &lab(server.address()));
    assert!(
        said.aside.ends_with(
            "note: this server gave a TTL of 300 s, not the 10 s of --ttl; one that does:  lab nameserver --ttl 10\n"
        ),
        "{}",
        said.aside
    );
    let refused = dig("pool.test --ttl 10 --live", &lab(server.address()));
    assert_eq!(refused.code, 1);
}

#[test]
fn a_recording_holds_live_answers_with_their_date() {
    let (lab_server, resolver) = (pool(), pool());
    let defaults = Defaults {
        resolvers: vec![resolver.address()],
        ..lab(lab_server.address())
    };
    let folder = testkit::WorkDir::new();
    let path = folder.path().join("zone.toml");
    let line = format!("--record {} pool.test --repeat 3", path.display());
    let said = dig(&line, &defaults);
    assert_eq!(said.code, 0, "{}", said.aside);
    let zone = std::fs::read_to_string(&path).unwrap();
    let date = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
    assert!(zone.contains(&format!("recorded = \"{date}\"\n")), "{zone}");
    assert!(zone.contains("name   = \"pool.test.\"\n"), "{zone}");
    assert!(zone.contains("give   = \"one\"\n"), "{zone}");
    assert!(
        zone.contains("A      = [\"192.0.2.1\", \"192.0.2.2\", \"192.0.2.3\"]\n"),
        "{zone}"
    );
    // A second recording never overwrites it.
    let again = dig(&line, &defaults);
    assert_eq!(again.code, 8);
    assert!(again.aside.contains("exists already"), "{}", again.aside);
}

#[test]
fn a_recording_of_nothing_leaves_no_file() {
    let defaults = lab(SocketAddr::from(([127, 0, 0, 1], 1)));
    let folder = testkit::WorkDir::new();
    let path = folder.path().join("zone.toml");
    let said = dig(&format!("--record {} pool.test", path.display()), &defaults);
    assert_eq!(said.code, 9);
    assert!(!path.exists());
    // Somebody answers, and has nothing.
    let empty = Scripted::start(|query| vec![Answer::to(query).bytes()]);
    let defaults = Defaults {
        resolvers: vec![empty.address()],
        ..defaults
    };
    let said = dig(&format!("--record {} pool.test", path.display()), &defaults);
    assert_eq!(said.code, 1);
    assert!(
        said.aside.contains("no name of these has an address"),
        "{}",
        said.aside
    );
    assert!(!path.exists());
}

#[test]
fn every_question_is_reported_with_its_answers() {
    let server = pool();
    let (mut output, reports) = captured::reports();
    for line in [
        "pool.test +short",
        "pool.test --repeat 2 --short",
        "--live --repeat 3 pool.test",
    ] {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        run_words("lab dig", &words, &lab(server.address()), &mut output);
    }
    let told: Vec<_> = reports
        .borrow()
        .iter()
        .map(|report| {
            let answers: Vec<String> = report.answers.iter().map(|a| a.join(" ")).collect();
            (report.source, report.repeat, answers)
        })
        .collect();
    let answers = |all: &[&str]| all.iter().map(|&a| a.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            ("lab-zone", 1, answers(&["192.0.2.1"])),
            ("lab-zone", 2, answers(&["192.0.2.2", "192.0.2.3"])),
            // Nobody was there.
            ("system", 3, answers(&[])),
        ]
    );
    assert_eq!(reports.borrow()[0].name, "pool.test");
    assert_eq!(
        reports.borrow()[0].servers,
        [format!("127.0.0.1#{}", server.address().port())]
    );
}
