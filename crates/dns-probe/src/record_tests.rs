use super::*;
use crate::tally::{Observation, Reply};
use crate::vantage::Kind;

fn seen(rtype: &str, ttl: u32, answers: &[&str], aliases: &[(u32, &str)]) -> Seen {
    let reply = |values: &&str| Reply {
        ttl: (!values.is_empty()).then_some(ttl),
        ms: 0,
        tcp: false,
        truncated: false,
        rcode: 0,
        records: values.split_whitespace().map(str::to_owned).collect(),
        aliases: aliases
            .iter()
            .map(|(ttl, name)| (*ttl, (*name).to_owned()))
            .collect(),
        cache: None,
        view: None,
    };
    Seen {
        name: "www.a.test".to_owned(),
        rtype: rtype.to_owned(),
        kind: Kind::Live,
        servers: vec!["127.0.0.53#53".to_owned()],
        authoritative: false,
        tcp: false,
        source: None,
        observations: (1..)
            .zip(answers)
            .map(|(n, values)| Observation {
                n,
                reply: Some(reply(values)),
            })
            .collect(),
    }
}

fn text(v4: Seen, v6: Seen) -> String {
    Recorded { v4, v6 }.text(&mut Vec::new())
}

#[test]
fn a_pool_is_written_to_be_handed_out_one_by_one() {
    let v4 = seen("A", 300, &["192.0.2.1", "192.0.2.2", "192.0.2.1"], &[]);
    let v6 = seen("AAAA", 60, &[""], &[]);
    assert_eq!(
        text(v4, v6),
        "
[[name]]
name   = \"www.a.test.\"
ttl    = 300
give   = \"one\"
A      = [\"192.0.2.1\", \"192.0.2.2\"]
"
    );
}

#[test]
fn a_turning_list_and_its_alias_are_written_apart() {
    let aliases = [(3600, "a.test.")];
    let v4 = seen(
        "A",
        60,
        &["192.0.2.1 192.0.2.2", "192.0.2.2 192.0.2.1"],
        &aliases,
    );
    let v6 = seen("AAAA", 90, &["2001:db8::1"], &aliases);
    assert_eq!(
        text(v4, v6),
        "
[[name]]
name   = \"www.a.test.\"
ttl    = 3600
CNAME  = \"a.test.\"

[[name]]
name   = \"a.test.\"
ttl    = 90
give   = \"all\"
A      = [\"192.0.2.1\", \"192.0.2.2\"]
AAAA   = [\"2001:db8::1\"]
"
    );
}

#[test]
fn a_name_is_written_once() {
    let recorded = Recorded {
        v4: seen("A", 60, &["192.0.2.1"], &[]),
        v6: seen("AAAA", 60, &[""], &[]),
    };
    let mut written = Vec::new();
    assert!(recorded.text(&mut written).contains("192.0.2.1"));
    assert_eq!(recorded.text(&mut written), "");
}

#[test]
fn a_name_without_an_address_is_only_remarked() {
    let text = text(seen("A", 0, &[""], &[]), seen("AAAA", 0, &[""], &[]));
    assert_eq!(text, "\n# www.a.test. had no address\n");
}
