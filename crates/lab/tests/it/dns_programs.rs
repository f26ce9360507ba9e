//! Three programs ask the lab's name server the same: dig, Knot's kdig, and ours.

use crate::support::Lab;
use std::path::PathBuf;
use std::process::Command;
use testkit::{Process, program};

/// Names whose records come in the same order each time.
const QUESTIONS: &[&str] = &[
    "fixed.lab A",
    "facebook.com A",
    "facebook.com AAAA",
    "www.facebook.com A",
    "www.facebook.com CNAME",
    "facebook.com MX",
    "facebook.com NS",
    "facebook.com SOA",
    "long.lab TXT",
    "_http._tcp.site.lab TXT",
    "80.2.0.192.in-addr.arpa PTR",
    "-x 192.0.2.80",
    // A name without such data, and none at all.
    "fixed.lab MX",
    "nobody.lab A",
    "_http._tcp.site.lab A",
];

#[test]
fn dig_kdig_and_ours_see_the_same_records_over_udp_and_tcp() {
    let (Some(dig), Some(kdig)) = (program::find("dig"), program::find("kdig")) else {
        eprintln!("skipped: dig or kdig is missing");
        return;
    };
    let lab = Lab::new(1);
    let server = Process::spawn(&mut lab.command("nameserver"));
    server.wait_for_line("name server: listening");
    let programs = [
        ("dig", Asks::With(dig)),
        ("kdig", Asks::With(kdig)),
        ("lab dig", Asks::Lab),
    ];
    for question in QUESTIONS {
        for transport in ["", "+tcp"] {
            let words = format!("{question} {transport} +noall +answer +authority");
            let told = programs
                .iter()
                .map(|(name, asks)| (*name, asks.records(&lab, &words)));
            let told: Vec<(&str, Vec<String>)> = told.collect();
            assert!(!told[0].1.is_empty(), "{words}: no records");
            for (name, records) in &told[1..] {
                assert_eq!(records, &told[0].1, "{name} {words}");
            }
        }
    }
    // The two kinds of transport were used, and by all three.
    server.wait_for_line("fixed.lab A -> 192.0.2.1 192.0.2.2 192.0.2.3  (127.0.0.1, TCP)");
    let lines = |end: &str| {
        let said = server.stdout();
        let of_fixed = said.lines().filter(|line| line.contains(" fixed.lab A "));
        of_fixed.filter(|line| line.ends_with(end)).count()
    };
    testkit::eventually("all lines", testkit::SOON, || {
        (lines(", UDP)"), lines(", TCP)")) == (3, 3)
    });
}

enum Asks {
    With(PathBuf),
    Lab,
}

impl Asks {
    /// The lines of records, with one blank between their parts.
    fn records(&self, lab: &Lab, words: &str) -> Vec<String> {
        let words = format!("@127.0.0.1 -p {} {words}", lab.nameserver());
        let mut command = match self {
            Self::With(program) => {
                let mut command = Command::new(program);
                command.args(words.split_whitespace());
                command
            }
            Self::Lab => lab.command(&format!("dig {words}")),
        };
        let said = Process::run(&mut command);
        assert_eq!(said.code, Some(0), "{words}: {said:?}");
        let lines = said.stdout.lines();
        lines
            .filter(|line| !line.is_empty() && !line.starts_with(';'))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }
}
