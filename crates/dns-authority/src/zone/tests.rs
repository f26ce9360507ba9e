use super::*;

use diagnostics::{Sources, Style, full};
use hickory_proto::rr::{Name, RecordType};

fn zone(text: &str) -> Zone {
    let mut sources = Sources::new();
    let id = sources.add("zone.toml", text);
    let Parsed { zone, problems } = parse(&sources, id);
    zone.unwrap_or_else(|| panic!("{problems:#?}"))
}

/// All messages, one a line, each with the place and label of its mistake: `LINE:COLUMN text <- message: label`.
fn problems(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let id = sources.add("zone.toml", text);
    let Parsed { zone, problems } = parse(&sources, id);
    assert_eq!(zone.is_none(), !problems.is_empty());
    let told = problems.iter().map(|problem| {
        let label = &problem.labels[0];
        let place = sources.location(label.span);
        assert!(
            problem.why.is_some() || !problem.next.is_empty() || !label.text.is_empty(),
            "{problem:?}"
        );
        full(problem, &sources, Style::PLAIN);
        format!(
            "{}:{} {}: {}",
            place.line, place.column, problem.message, label.text
        )
    });
    told.collect()
}

/// One mistake in the lines of one name.
#[track_caller]
fn check(lines: &str, expected: &[&str]) {
    assert_eq!(
        problems(&format!("[[name]]\nname = \"a.test.\"\n{lines}")),
        expected,
        "{lines}"
    );
}

#[test]
fn the_documented_form_is_read() {
    let zone = zone(
        r#"
        recorded = "2020-10"
        source   = "transcript in the original lab"
        [[name]]
        name   = "google.com."
        ttl    = 300
        give   = "one"
        A      = ["216.58.203.174", "216.58.203.206"]
        [[name]]
        name   = "www.facebook.com."
        ttl    = 3600
        CNAME  = "star-mini.c10r.facebook.com."
        "#,
    );
    let [google, facebook] = zone.names() else {
        panic!("{zone:?}")
    };
    assert_eq!((google.ttl, facebook.ttl), (300, 3600));
    assert_eq!(
        google.origin.source,
        crate::label::Source::Recorded("2020-10".into())
    );
    assert_eq!(
        google.origin.from.as_deref(),
        Some("transcript in the original lab")
    );
    let pool = zone.pool(google.pools.of(RecordType::A).unwrap());
    assert_eq!((pool.give, pool.addresses.len()), (Give::One, 2));
    assert_eq!(
        facebook.alias().unwrap().1.to_ascii(),
        "star-mini.c10r.facebook.com."
    );
}

#[test]
fn weights_checks_and_views_are_read() {
    let zone = zone(
        r#"
        [[name]]
        name  = "a.test."
        check = { port = 8080, every = "500ms", fall = 2 }
        A     = [{ address = "192.0.2.1", weight = 3 }, "192.0.2.2"]
        [[name.view]]
        from  = ["198.51.100.0/24", "2001:db8::/32"]
        ttl   = 7
        give  = "random"
        A     = "192.0.2.1"
        "#,
    );
    let name = &zone.names()[0];
    let own = zone.pool(name.pools.v4.unwrap());
    assert_eq!(
        own.addresses
            .iter()
            .map(|address| address.weight)
            .collect::<Vec<_>>(),
        [3, 1]
    );
    let view = &name.views[0];
    assert_eq!(
        (view.title.as_str(), view.ttl, view.from.len()),
        ("198.51.100.0/24", 7, 2)
    );
    let pool = zone.pool(view.pools.v4.unwrap());
    assert_eq!(pool.give, Give::Random);
    // The same address and port are looked at once.
    assert_eq!(zone.targets().len(), 2);
    assert_eq!(pool.addresses[0].target, own.addresses[0].target);
    let check = zone.targets()[0].1;
    assert_eq!(
        (
            check.every.as_millis(),
            check.timeout.as_millis(),
            check.rise,
            check.fall
        ),
        (500, 1000, 2, 2)
    );
}

#[test]
fn a_zone_begins_at_its_soa_or_its_topmost_name() {
    let zone = zone(
        r#"
        [[name]]
        name = "a.test."
        A = "192.0.2.1"
        [[name]]
        name = "b.a.test."
        SOA = {}
        [[name]]
        name = "c.b.a.test."
        A = "192.0.2.1"
        [[name]]
        name = "www.alias.test."
        CNAME = "a.test."
        "#,
    );
    let apex = |name: &str| match zone.find(&Key::of(&Name::from_ascii(name).unwrap())) {
        Found::Name(apex, _) | Found::Missing(apex) => apex.name.to_ascii(),
        Found::Outside => "outside".into(),
    };
    assert_eq!(apex("a.test."), "a.test.");
    assert_eq!(apex("x.a.test."), "a.test.");
    assert_eq!(apex("b.a.test."), "b.a.test.");
    assert_eq!(apex("c.b.a.test."), "b.a.test.");
    assert_eq!(apex("x.c.b.a.test."), "b.a.test.");
    assert_eq!(apex("www.alias.test."), "alias.test.");
    assert_eq!(apex("alias.test."), "alias.test.");
    assert_eq!(apex("test."), "outside");
}

#[test]
fn a_time_to_live_for_all_holds_for_the_negative_too() {
    let mut zone = zone("[[name]]\nname = \"a.test.\"\nA = \"192.0.2.1\"");
    zone.set_ttl(5);
    assert_eq!((zone.names()[0].ttl, zone.apexes()[0].negative_ttl), (5, 5));
}

#[test]
fn long_text_is_cut_into_strings() {
    let zone = zone(&format!(
        "[[name]]\nname = \"a.test.\"\nTXT = \"{}\"",
        "x".repeat(600)
    ));
    let hickory_proto::rr::RData::TXT(txt) = &zone.names()[0].records(RecordType::TXT).unwrap()[0]
    else {
        panic!()
    };
    let lengths: Vec<_> = txt.txt_data.iter().map(|part| part.len()).collect();
    assert_eq!(lengths, [255, 255, 90]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "tll = 5\n[[name]]\nname = \"a.test\"\nA = [\"192.0.2.256\"]\n[[name]]\nname = \"b.test.\"\ngvie = \"one\"\nA = 7\n";
    assert_eq!(
        problems(text),
        [
            "1:1 unknown key `tll`: did you mean `ttl`?",
            "3:8 `a.test` lacks its final dot: ends without a dot",
            "4:6 `192.0.2.256` is not an address: not for `A`",
            "7:1 unknown key `gvie`: did you mean `give`?",
            "8:5 `A` takes addresses in quotes: this is a number",
        ]
    );
}

#[test]
fn broken_toml_is_told_with_its_place() {
    assert_eq!(
        problems("[[name]]\nname = \"a.test.\nA = \"192.0.2.1\"\n"),
        ["2:16 this is not TOML: invalid basic string, expected `\"`: "]
    );
    assert_eq!(
        problems("")[0],
        "1:1 a zone without names: no [[name]] in this file"
    );
}

#[test]
fn addresses_are_checked() {
    check(
        "A = \"2001:db8::1\"",
        &["3:5 `2001:db8::1` is an IPv6 address: not for `A`"],
    );
    check(
        "AAAA = \"192.0.2.1\"",
        &["3:8 `192.0.2.1` is an IPv4 address: not for `AAAA`"],
    );
    check("A = []", &["3:5 `A` is empty: no address in it"]);
    check(
        "A = [\"192.0.2.1\", \"192.0.2.1\"]",
        &["3:19 `192.0.2.1` is given twice: again here"],
    );
    check(
        "A = [{ weight = 2 }]",
        &["3:6 which address?: `address` is missing"],
    );
    check(
        "A = [{ address = \"192.0.2.1\", weight = 257 }]",
        &["3:40 `weight` cannot be 257: from 0 to 256"],
    );
    check(
        "A = [{ address = \"192.0.2.1\", weight = 0 }]",
        &["3:5 all addresses have the weight 0: none of them is handed out"],
    );
}

#[test]
fn names_are_checked() {
    check(
        "CNAME = \"b.test\"",
        &["3:9 `b.test` lacks its final dot: ends without a dot"],
    );
    check(
        "CNAME = \"*.test.\"",
        &["3:9 `*.test.` stands for many names: not known here"],
    );
    check("CNAME = \"\"", &["3:9 `CNAME` is empty: a name goes here"]);
    check(
        "NS = [5]",
        &["3:7 `NS` takes text in quotes: this is a number"],
    );
    let long = format!("{}.", "a".repeat(64));
    assert!(
        problems(&format!("[[name]]\nname = \"{long}\"\nA = \"192.0.2.1\""))[0]
            .contains("is not a name")
    );
    assert_eq!(
        problems("[[name]]\nA = \"192.0.2.1\""),
        ["1:1 which name?: `name` is missing here"]
    );
}

#[test]
fn an_alias_is_alone() {
    check(
        "CNAME = \"b.test.\"\nA = \"192.0.2.1\"",
        &["3:1 an alias (CNAME) cannot hold other data: says: everything is found elsewhere"],
    );
    check(
        "CNAME = [\"b.test.\", \"c.test.\"]",
        &["3:9 an alias (CNAME) points to one name: not one name"],
    );
    check(
        "CNAME = \"A.test.\"",
        &["2:8 `a.test.` is an alias of itself in the end: leads back here"],
    );
}

#[test]
fn a_circle_of_aliases_is_found() {
    let text = "[[name]]\nname = \"a.test.\"\nCNAME = \"b.test.\"\n[[name]]\nname = \"b.test.\"\nCNAME = \"a.test.\"\n[[name]]\nname = \"c.test.\"\nCNAME = \"a.test.\"\n";
    assert_eq!(
        problems(text),
        [
            "2:8 `a.test.` is an alias of itself in the end: leads back here",
            "5:8 `b.test.` is an alias of itself in the end: leads back here",
        ]
    );
}

#[test]
fn a_name_is_written_once_and_holds_something() {
    let twice = "[[name]]\nname = \"a.test.\"\nA = \"192.0.2.1\"\n[[name]]\nname = \"A.TEST.\"\nMX = \"1 a.test.\"\n";
    assert_eq!(
        problems(twice),
        ["5:8 `A.TEST.` is written twice: again here"]
    );
    check(
        "ttl = 5",
        &["1:1 a name that holds nothing: no records here"],
    );
    check(
        "give = \"one\"\nTXT = \"x\"",
        &["3:1 `give` without addresses: speaks of A and AAAA, and there are none"],
    );
}

#[test]
fn numbers_and_words_are_checked() {
    check(
        "A = \"192.0.2.1\"\nttl = 2147483648",
        &["4:7 `ttl` cannot be 2147483648: from 0 to 2147483647"],
    );
    check(
        "A = \"192.0.2.1\"\nttl = -1",
        &["4:7 `ttl` cannot be -1: from 0 to 2147483647"],
    );
    check(
        "A = \"192.0.2.1\"\nttl = \"5m\"",
        &["4:7 `ttl` takes a whole number: this is text"],
    );
    check(
        "A = \"192.0.2.1\"\ngive = \"al\"",
        &["4:8 `give` cannot be `al`: did you mean \"all\"?"],
    );
    check(
        "MX = \"mail.test.\"",
        &["3:6 `mail.test.` is not a mail exchange: not NUMBER NAME"],
    );
    check(
        "A = \"192.0.2.1\"\nrecorded = \"2020-13\"",
        &["4:12 `recorded` cannot be `2020-13`: not a date"],
    );
    check(
        "A = \"192.0.2.1\"\nrecorded = \"2020\"\nillustrative = true",
        &["5:1 data is recorded or illustrative, not both: made up"],
    );
    check(
        "SOA = { minimun = 5 }",
        &["3:9 unknown key `minimun`: did you mean `minimum`?"],
    );
}

#[test]
fn checks_are_checked() {
    let check = |text: &str, expected: &str| {
        check(&format!("A = \"192.0.2.1\"\ncheck = {text}"), &[expected])
    };
    check(
        "{ every = \"2s\" }",
        "4:9 a check needs a port to connect to: `port` is missing",
    );
    check("{ port = 0 }", "4:18 `port` cannot be 0: from 1 to 65535");
    check(
        "{ port = 80, every = \"2\" }",
        "4:30 `every` cannot be `2`: from 100ms to 60m",
    );
    check(
        "80",
        "4:9 `check` takes a table, such as { port = 8080, every = \"2s\" }: this is a number",
    );
}

#[test]
fn views_are_checked() {
    let check = |text: &str, expected: &str| {
        check(
            &format!("A = \"192.0.2.1\"\n[[name.view]]\n{text}"),
            &[expected],
        )
    };
    check(
        "A = \"192.0.2.2\"",
        "4:1 whom is this view for?: `from` names no network",
    );
    check(
        "from = \"10.0.0.0/8\"",
        "4:1 a view without addresses: neither `A` nor `AAAA` in it",
    );
    check(
        "from = \"10.0.0.1/8\"\nA = \"192.0.2.2\"",
        "5:8 `10.0.0.1/8` names one address, not a network: bits are set behind the prefix",
    );
    check(
        "from = \"10.0.0.0/33\"\nA = \"192.0.2.2\"",
        "5:8 `10.0.0.0/33` is not a network: not ADDRESS/LENGTH",
    );
    check(
        "from = [\"10.0.0.0/8\", \"10.0.0.0/8\"]\nA = \"192.0.2.2\"",
        "5:23 `10.0.0.0/8` is in two places: again here",
    );
}

#[test]
fn name_servers_stand_at_the_top() {
    let text = "[[name]]\nname = \"test.\"\nTXT = \"x\"\n[[name]]\nname = \"a.test.\"\nNS = \"ns.test.\"\n";
    assert_eq!(
        problems(text),
        ["6:1 `a.test.` lies inside the zone of `test.`: would hand it to other servers"]
    );
    zone(&text.replace("NS =", "SOA = {}\nNS ="));
}
