//! The real dig is content with us, on both transports.

use std::process::Command;

use testkit::{Process, program};

use super::Server;

const GOOGLE: [&str; 5] = [
    "216.58.203.174",
    "216.58.203.206",
    "172.217.166.174",
    "172.217.160.206",
    "172.217.174.78",
];

struct Dig<'a> {
    program: std::path::PathBuf,
    server: &'a Server,
}

impl Dig<'_> {
    fn says(&self, words: &str) -> String {
        let mut command = Command::new(&self.program);
        let port = self.server.port.number().to_string();
        command.args(["@127.0.0.1", "-p", &port, "+tries=1", "+time=5"]);
        let said = Process::run(command.args(words.split_whitespace()));
        assert_eq!(said.code, Some(0), "dig {words}: {}", said.stdout);
        assert!(!said.stdout.contains("WARNING: Message"), "{}", said.stdout);
        assert!(!said.stdout.contains("malformed"), "{}", said.stdout);
        said.stdout
    }

    /// The same lines over UDP and over TCP.
    #[track_caller]
    fn check(&self, words: &str, expected: &[&str]) {
        for transport in ["+notcp", "+tcp"] {
            let said = self.says(&format!("{words} {transport}"));
            let lines: Vec<_> = said
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            assert_eq!(lines, expected, "dig {words} {transport}");
        }
    }

    /// A line of the header and the like that must be among all lines.
    #[track_caller]
    fn has(&self, words: &str, parts: &[&str]) {
        let said = self.says(words);
        for part in parts {
            assert!(said.contains(part), "dig {words}: no {part:?} in\n{said}");
        }
    }
}

fn with_dig(test: impl FnOnce(&Dig<'_>)) {
    if let Some(program) = program::find("dig") {
        let server = Server::start(&[]);
        test(&Dig {
            program,
            server: &server,
        });
    }
}

#[test]
fn the_first_activity_works_with_the_real_dig() {
    with_dig(|dig| {
        let told: Vec<_> = (0..6).map(|_| dig.says("google.com +short")).collect();
        let expected: Vec<_> = GOOGLE
            .iter()
            .chain(&GOOGLE[..1])
            .map(|ip| format!("{ip}\n"))
            .collect();
        assert_eq!(told, expected);
    });
}

#[test]
fn short_answers_read_as_they_should() {
    with_dig(|dig| {
        dig.check("facebook.com +short", &["203.0.113.35"]);
        dig.check(
            "www.facebook.com +short",
            &["star-mini.c10r.facebook.com.", "203.0.113.35"],
        );
        dig.check("fixed.lab +short", &["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
        dig.check("facebook.com AAAA +short", &["2001:db8:face::35"]);
        dig.check("facebook.com MX +short", &["10 smtpin.facebook.com."]);
        dig.check(
            "facebook.com NS +short",
            &["a.ns.facebook.com.", "b.ns.facebook.com."],
        );
        dig.check(
            "lab SOA +short",
            &["ns.lab. hostmaster.lab. 1 3600 600 86400 10"],
        );
        dig.check(
            "outlook.com TXT +short",
            &["\"v=spf1 ip4:198.51.100.0/24 -all\""],
        );
        dig.check("-x 192.0.2.80 +short", &["world.lab."]);
        dig.check("-x 2001:db8::80 +short", &["world.lab."]);
        dig.check("google.com AAAA +short", &[]);
        dig.check("nope.google.com +short", &[]);
        dig.check("www.site.lab CNAME +short", &["web.lab."]);
        dig.check("world.lab +subnet=203.0.113.0/24 +short", &["203.0.113.80"]);
        dig.check(
            "world.lab AAAA +subnet=2001:db8:e000::/48 +short",
            &["2001:db8:e000::80"],
        );
        dig.check("world.lab +subnet=0 +short", &["192.0.2.80"]);
        dig.check("_http._tcp.site.lab TXT +short", &["\"path=/\""]);
    });
}

#[test]
fn sections_read_as_they_should() {
    with_dig(|dig| {
        dig.check(
            "FaceBook.COM +noall +answer",
            &["FaceBook.COM. 60 IN A 203.0.113.35"],
        );
        dig.check(
            "yahoo.com MX +noall +authority",
            &["yahoo.com. 60 IN SOA yahoo.com. hostmaster.yahoo.com. 1 3600 600 86400 60"],
        );
        dig.check(
            "nope.lab +noall +authority",
            &["lab. 10 IN SOA ns.lab. hostmaster.lab. 1 3600 600 86400 10"],
        );
        dig.check(
            "facebook.com MX +noall +additional",
            &["smtpin.facebook.com. 300 IN A 203.0.113.25"],
        );
    });
}

#[test]
fn headers_read_as_they_should() {
    with_dig(|dig| {
        dig.has(
            "google.com +noedns",
            &[
                "status: NOERROR",
                "flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0",
            ],
        );
        dig.has(
            "google.com +norecurse",
            &["flags: qr aa;", "EDNS: version: 0, flags:; udp: 1232"],
        );
        dig.has(
            "google.com +dnssec",
            &["EDNS: version: 0, flags: do; udp: 1232"],
        );
        dig.has(
            "nope.google.com",
            &["status: NXDOMAIN", "flags: qr aa rd;", "AUTHORITY: 1"],
        );
        dig.has(
            "example.org",
            &[
                "status: REFUSED",
                "flags: qr rd;",
                "EDE: 20 (Not Authoritative)",
            ],
        );
        dig.has("google.com CH", &["status: REFUSED"]);
        dig.has("google.com +edns=1 +noednsneg", &["status: BADVERS"]);
        dig.has("google.com +opcode=notify", &["status: NOTIMP"]);
        dig.has("google.com +header-only", &["status: FORMERR"]);
        dig.has("google.com AXFR", &["Transfer failed"]);
        dig.has(
            "google.com +ednsopt=65280",
            &["(\"source=recorded 2020-10;from=transcript in the original lab\")"],
        );
        dig.has(
            "world.lab +subnet=198.51.100.0/24",
            &["CLIENT-SUBNET: 198.51.100.0/24/24"],
        );
    });
}

#[test]
fn what_is_too_long_comes_again_over_tcp() {
    with_dig(|dig| {
        let cut = dig.says("long.lab TXT +noedns +ignore");
        assert!(
            cut.contains("flags: qr aa tc rd; QUERY: 1, ANSWER: 2,"),
            "{cut}"
        );
        let whole = dig.says("long.lab TXT +noedns");
        assert!(
            whole.contains("ANSWER: 4,") && whole.contains("(TCP)"),
            "{whole}"
        );
        let large = dig.says("long.lab TXT +bufsize=1232");
        assert!(
            large.contains("ANSWER: 4,") && large.contains("(UDP)"),
            "{large}"
        );
    });
}

#[test]
fn any_is_all_over_tcp_and_little_over_udp() {
    with_dig(|dig| {
        let kinds = |words: &str| {
            let said = dig.says(words);
            let kinds = said
                .lines()
                .filter_map(|line| line.split_whitespace().nth(3).map(str::to_owned));
            kinds.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            kinds("facebook.com ANY +noall +answer"),
            "A AAAA NS NS MX SOA"
        );
        assert_eq!(kinds("facebook.com ANY +noall +answer +notcp"), "A");
    });
}

#[test]
fn kdig_sees_the_same() {
    let Some(kdig) = program::find("kdig") else {
        return;
    };
    let server = Server::start(&[]);
    let port = server.port.number().to_string();
    for transport in ["+notcp", "+tcp"] {
        let mut command = Command::new(&kdig);
        command.args([
            "@127.0.0.1",
            "-p",
            &port,
            transport,
            "+short",
            "www.facebook.com",
        ]);
        let said = Process::run(&mut command);
        assert_eq!(said.stdout, "star-mini.c10r.facebook.com.\n203.0.113.35\n");
    }
}

#[test]
fn a_cache_without_its_authority_says_so() {
    let Some(program) = program::find("dig") else {
        return;
    };
    let nobody = testkit::Port::reserve();
    let behind = format!("127.0.0.1#{}", nobody.number());
    let server = Server::start(&["--cache-of", &behind]);
    let dig = Dig {
        program,
        server: &server,
    };
    dig.has(
        "google.com",
        &[
            "status: SERVFAIL",
            "flags: qr rd ra;",
            "EDE: 22 (No Reachable Authority)",
        ],
    );
}
