use std::time::Duration;

use super::*;
use crate::dns::message::Flags;
use crate::text::{Split, TtlStyle};

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[track_caller]
fn line(text: &str) -> CommandLine {
    match parse("lab dig", &words(text)) {
        Ok(Command::Ask(line)) => *line,
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn only(text: &str) -> Lookup {
    let line = line(text);
    assert_eq!(line.lookups.len(), 1, "{text}");
    line.lookups.into_iter().next().unwrap()
}

#[track_caller]
fn refused(text: &str) -> (String, u8) {
    match parse("lab dig", &words(text)) {
        Err(failure) => (failure.what.join("\n"), failure.code),
        Ok(command) => panic!("{text}: {command:?}"),
    }
}

#[test]
fn a_bare_word_is_a_type_then_a_class_then_a_name() {
    let lookup = only("lab.test mx ch");
    assert_eq!(lookup.name, "lab.test");
    assert_eq!(lookup.rtype, RecordType(15));
    assert_eq!(lookup.class, Class(3));
}

#[test]
fn after_t_or_c_bare_words_are_names() {
    let names: Vec<String> = line("-t any web.test -c in txt")
        .lookups
        .into_iter()
        .map(|lookup| lookup.name)
        .collect();
    assert_eq!(names, ["web.test", "txt"]);
}

#[test]
fn nothing_at_all_asks_for_the_name_servers_of_the_root() {
    let lookup = only("@127.0.0.1");
    assert_eq!((lookup.name.as_str(), lookup.rtype), (".", RecordType::NS));
}

#[test]
fn words_before_the_first_name_hold_for_all_and_later_ones_for_theirs() {
    let line = line("@127.0.0.1 mx +noall a.test +answer b.test @127.0.0.2 +tcp txt c.test");
    let [a, b, c] = line.lookups.as_slice() else {
        panic!("three names");
    };
    assert_eq!(
        [a, b, c].map(|l| l.rtype),
        [RecordType(15), RecordType(16), RecordType(15)]
    );
    assert_eq!([a, b, c].map(|l| l.sections.answer), [true, false, false]);
    assert_eq!([a, b, c].map(|l| l.tcp), [false, true, false]);
    assert_eq!([a, b, c].map(|l| l.servers.len()), [1, 2, 1]);
}

#[test]
fn a_server_behind_the_name_is_not_counted_in_the_greeting() {
    let before = line("@127.0.0.1 a.test").greeting.unwrap();
    let after = line("a.test @127.0.0.1").greeting.unwrap();
    assert_eq!(
        before,
        format!(
            "\n; <<>> lab dig {} <<>> @127.0.0.1 a.test\n; (1 server found)\n;; global options: +cmd\n",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert!(!after.contains("server found"));
}

#[test]
fn short_and_cmd_hold_for_all_wherever_they_stand() {
    let line = line("a.test b.test +short");
    assert!(line.global.short && !line.global.cmd);
    // dig composes its greeting at the first name, before it saw +short.
    assert!(line.greeting.is_some());
    assert_eq!(self::line("+short a.test").greeting, None);
}

#[test]
fn the_port_and_the_family_hold_for_all() {
    let line = line("a.test -p 5300 -4u");
    assert_eq!(line.global.port, Some(5300));
    assert_eq!(line.global.family, Some(Family::V4));
    assert!(line.lookups[0].microseconds);
    assert_eq!(self::line("-p5300 a").global.port, Some(5300));
}

#[test]
fn x_asks_backwards_unless_a_type_was_said() {
    let lookup = only("-x 192.0.2.1");
    assert_eq!(lookup.name, "1.2.0.192.in-addr.arpa.");
    assert_eq!(lookup.rtype, RecordType::PTR);
    assert_eq!(only("-t mx -x 192.0.2.1").rtype, RecordType(15));
    assert_eq!(only("-x 192.0.2.1 mx").rtype, RecordType(15));
}

#[test]
fn switches_turn_bits_and_parts_on_and_off() {
    let lookup = only("a +norec +cd +noad +zflag +noques +nostats +qr +ident");
    assert_eq!(lookup.bits, Flags::CD | Flags::Z);
    assert!(!lookup.sections.question && !lookup.stats);
    assert!(lookup.query && lookup.identify);
}

#[test]
fn times_to_live_can_be_hidden_or_in_units() {
    assert_eq!(only("a").style.ttl, TtlStyle::Seconds);
    assert_eq!(only("a +nottlid").style.ttl, TtlStyle::Hidden);
    assert_eq!(only("a +ttlunits").style.ttl, TtlStyle::Units);
    assert_eq!(only("a +nottlid +ttlunits").style.ttl, TtlStyle::Units);
}

#[test]
fn numbers_are_taken_within_digs_limits() {
    assert_eq!(only("a +time=2").timeout, Some(Duration::from_secs(2)));
    assert_eq!(only("a +time=0").timeout, Some(Duration::from_secs(1)));
    assert_eq!(only("a +tries=0").tries, Some(1));
    assert_eq!(only("a +retry=4").tries, Some(5));
    assert_eq!(only("a +bufsize=600").edns.udp_size, Some(600));
    assert_eq!(only("a +qid=7").id, Some(7));
    assert_eq!(only("a +opcode=notify").opcode, 4);
    assert_eq!(only("a +ednsflags=0x8010").edns.flags, 0x10);
    assert_eq!(line("a +split=10").global.split, Split::At(12));
    assert_eq!(line("a +nosplit").global.split, Split::Never);
}

#[test]
fn values_that_are_no_numbers_are_refused_in_digs_words() {
    assert_eq!(
        refused("+time=abc x"),
        (
            "invalid timeout 'abc': not a valid number\nlab dig: Couldn't parse timeout".to_owned(),
            10
        )
    );
    assert_eq!(
        refused("-p 99999 x"),
        (
            "invalid port number '99999': out of range\nlab dig: Couldn't parse port number"
                .to_owned(),
            1
        )
    );
    assert_eq!(refused("+edns=300 x").1, 10);
}

#[test]
fn words_that_dig_does_not_know_are_refused() {
    assert_eq!(
        refused("+bogus x"),
        ("Invalid option: +bogus".to_owned(), 1)
    );
    assert_eq!(refused("-Z x").0, "Invalid option: -Z");
    assert_eq!(refused("+time x").0, "Invalid option: +time");
    assert_eq!(refused("+time= x").0, "Invalid option: +time=");
    assert_eq!(refused("x -t").0, "Invalid option: -t");
    assert_eq!(refused("--bogus x").0, "Invalid option: --bogus");
    assert_eq!(
        refused("-4 -6 x").0,
        "lab dig: only one of -4 and -6 allowed"
    );
}

#[test]
fn the_nearest_known_word_is_named() {
    let next = |text: &str| match parse("lab dig", &words(text)) {
        Err(failure) => failure.next.join("\n"),
        Ok(command) => panic!("{text}: {command:?}"),
    };
    assert_eq!(next("+shrot x"), "did you mean  +short");
    assert_eq!(next("+noanwser x"), "did you mean  +noanswer");
    assert_eq!(next("--repaet 3 x"), "did you mean  --repeat");
    assert!(next("+bogus x").starts_with("known here: +short "));
    assert_eq!(next("+time x"), "it needs a value:  +time=...");
    assert_eq!(
        next("+nobufsize x"),
        "it cannot be turned off, only given a value:  +bufsize=..."
    );
}

#[test]
fn what_is_digs_but_not_ours_is_refused_and_never_passed_over() {
    assert_eq!(
        refused("+trace x").0,
        "+trace is dig's, and not to be had here"
    );
    assert_eq!(refused("+yaml x").1, 1);
    assert_eq!(refused("+nocrypto x").1, 1);
    assert_eq!(refused("x axfr").1, 1);
    assert_eq!(refused("-y key:secret x").1, 1);
    // The sense that changes nothing is taken.
    only("x +notrace +noyaml +crypto +nosearch");
}

#[test]
fn remarks_are_digs() {
    assert_eq!(
        line("a.test aaaa mx -t BOGUS -c QQ").warnings,
        [
            ";; Warning, extra type option",
            ";; Warning, ignoring invalid type BOGUS",
            ";; Warning, ignoring invalid class QQ"
        ]
    );
}

#[test]
fn edns_is_turned_off_and_on() {
    assert_eq!(only("a +noedns").edns.version, None);
    assert_eq!(only("a +edns=1").edns.version, Some(1));
    assert_eq!(only("a +noedns +dnssec").edns.version, Some(0));
    assert_eq!(only("a +nocookie").edns.cookie, None);
    assert_eq!(only("a +cookie=0102").edns.cookie, Some(vec![1, 2]));
    assert_eq!(
        only("a +ednsopt=nsid +ednsopt=100:abcd").edns.options,
        [(3, vec![]), (100, vec![0xab, 0xcd])]
    );
    assert_eq!(
        refused("+cookie=zz a").0,
        "lab dig: isc_hex_decodestring: bad hex encoding"
    );
}

#[test]
fn a_subnet_is_cut_to_what_its_length_covers() {
    let subnet = |word: &str| only(&format!("a +subnet={word}")).edns.subnet.unwrap();
    assert_eq!(subnet("192.0.2.77/24"), [0, 1, 24, 0, 192, 0, 2]);
    assert_eq!(subnet("192.0.2.77/25"), [0, 1, 25, 0, 192, 0, 2, 0]);
    assert_eq!(subnet("192.0.2.77"), [0, 1, 32, 0, 192, 0, 2, 77]);
    assert_eq!(subnet("0"), [0, 1, 0, 0]);
    assert_eq!(
        subnet("2001:db8:ffff::/33"),
        [0, 2, 33, 0, 0x20, 1, 0x0d, 0xb8, 0x80]
    );
    assert_eq!(refused("+subnet=foo a").0, "lab dig: invalid address 'foo'");
}

#[test]
fn any_is_asked_over_tcp_unless_told_otherwise() {
    assert!(only("a any").tcp);
    assert!(!only("+notcp a any").tcp);
}

#[test]
fn the_labs_own_words_are_read() {
    let lab = line("google.com --repeat 8 --every=500ms --through cache --ttl 10 --plain").lab;
    assert_eq!(lab.times(), 8);
    assert_eq!(lab.every, Some(Duration::from_millis(500)));
    assert_eq!(lab.through, Some(Through::Cache));
    assert_eq!(lab.ttl, Some(10));
    assert!(lab.plain && !lab.json);
    let types = line("google.com --type A,AAAA").lab.types;
    assert_eq!(types, [RecordType::A, RecordType(28)]);
}

#[test]
fn behind_compare_every_word_is_a_name() {
    let line = line("--compare google.com mx a");
    let names: Vec<&str> = line.lookups.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["google.com", "mx", "a"]);
    assert_eq!(line.lab.times(), 8);
}

#[test]
fn the_labs_own_words_that_contradict_are_refused() {
    assert_eq!(
        refused("a --live @127.0.0.1").0,
        "--live and @server cannot go together"
    );
    assert_eq!(refused("a --live --through cache").1, 1);
    assert_eq!(
        refused("a --every 2s").0,
        "--every says how far apart, but not how often"
    );
    assert_eq!(refused("--record zone.toml").1, 1);
    assert_eq!(refused("--compare").0, "--compare needs names to compare");
    assert_eq!(refused("a --repeat 0").1, 1);
    assert_eq!(refused("a --through fog").1, 1);
    assert_eq!(refused("a --repeat").0, "--repeat needs a value");
    assert_eq!(refused("a --live=1").0, "--live takes no value");
}
