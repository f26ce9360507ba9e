use super::*;
use crate::dns::rcode;

/// Answers of the lab: a TTL, then values.
fn seen(rtype: &str, answers: &[(u32, &str)]) -> Seen {
    let reply = |ttl: u32, values: &str| Reply {
        ttl: (!values.is_empty()).then_some(ttl),
        ms: 0,
        tcp: false,
        truncated: false,
        rcode: rcode::NOERROR,
        records: values.split_whitespace().map(str::to_owned).collect(),
        aliases: Vec::new(),
        cache: None,
        view: None,
    };
    Seen {
        name: "google.com".to_owned(),
        rtype: rtype.to_owned(),
        kind: Kind::Lab,
        servers: vec!["127.0.0.1#5300".to_owned()],
        authoritative: true,
        tcp: false,
        source: Some("recorded 2020-10".to_owned()),
        observations: (1..)
            .zip(answers)
            .map(|(n, (ttl, values))| Observation {
                n,
                reply: Some(reply(*ttl, values)),
            })
            .collect(),
    }
}

fn screen(seen: &Seen, plain: bool) -> String {
    let width = Width::of(seen);
    let rows = (0..seen.observations.len()).map(|i| row(seen, i, width));
    let times = u32::try_from(seen.observations.len()).unwrap();
    head(seen, times) + &rows.collect::<String>() + &foot(seen, plain)
}

fn pool() -> Seen {
    let turn = [
        "216.58.203.174",
        "216.58.203.206",
        "172.217.166.174",
        "172.217.160.206",
        "172.217.174.78",
    ];
    let answers: Vec<(u32, &str)> = (0..8).map(|i| (300, turn[i % 5])).collect();
    seen("A", &answers)
}

#[test]
fn a_pool_is_shown_with_its_turn_and_who_came_first() {
    let expected = "\
google.com A, 8 times, from 127.0.0.1#5300 (lab, authoritative, UDP), addresses recorded in 2020

  #   ttl    time   answer
  1   300    0 ms   216.58.203.174
  2   300    0 ms   216.58.203.206
  3   300    0 ms   172.217.166.174
  4   300    0 ms   172.217.160.206
  5   300    0 ms   172.217.174.78
  6   300    0 ms   216.58.203.174     seen before (#1)
  7   300    0 ms   216.58.203.206     seen before (#2)
  8   300    0 ms   172.217.166.174    seen before (#3)

  216.58.203.174    ########  2   25 %
  216.58.203.206    ########  2   25 %
  172.217.166.174   ########  2   25 %
  172.217.160.206   ####      1   12 %
  172.217.174.78    ####      1   12 %

  5 addresses, one per answer, in turn.   Each new caller is sent somewhere else: DNS load balancing.
";
    assert_eq!(screen(&pool(), false), expected);
}

#[test]
fn plain_has_numbers_for_bars() {
    let screen = screen(&pool(), true);
    assert!(
        screen.contains(
            "\
  216.58.203.174    2 of 8   25 %
  216.58.203.206    2 of 8   25 %
  172.217.166.174   2 of 8   25 %
  172.217.160.206   1 of 8   12 %
  172.217.174.78    1 of 8   12 %
"
        ),
        "{screen}"
    );
    assert!(!screen.contains("##"));
}

#[test]
fn a_rotated_list_is_shown_whole_and_counts_who_comes_first() {
    let list = [
        "74.6.143.25",
        "74.6.143.26",
        "74.6.231.20",
        "74.6.231.21",
        "98.137.11.163",
        "98.137.11.164",
    ];
    let turned = |by: usize| {
        let mut list = list.to_vec();
        list.rotate_left(by);
        list.join(" ")
    };
    let answers: Vec<String> = (0..4).map(turned).collect();
    let answers: Vec<(u32, &str)> = answers.iter().map(|a| (1800, a.as_str())).collect();
    let seen = Seen {
        name: "yahoo.com".to_owned(),
        source: Some("illustrative".to_owned()),
        ..seen("A", &answers)
    };
    let expected = "\
yahoo.com A, 4 times, from 127.0.0.1#5300 (lab, authoritative, UDP), illustrative addresses, set aside for examples

  #   ttl    time   first, then
  1  1800    0 ms   74.6.143.25    74.6.143.26  74.6.231.20  74.6.231.21  98.137.11.163  98.137.11.164
  2  1800    0 ms   74.6.143.26    74.6.231.20  74.6.231.21  98.137.11.163  98.137.11.164  74.6.143.25
  3  1800    0 ms   74.6.231.20    74.6.231.21  98.137.11.163  98.137.11.164  74.6.143.25  74.6.143.26
  4  1800    0 ms   74.6.231.21    98.137.11.163  98.137.11.164  74.6.143.25  74.6.143.26  74.6.231.20

  74.6.143.25     ########  1   25 %
  74.6.143.26     ########  1   25 %
  74.6.231.20     ########  1   25 %
  74.6.231.21     ########  1   25 %
  98.137.11.163             0    0 %
  98.137.11.164             0    0 %

  6 addresses in every answer; each answer starts one further on.   Most programs try the first one first.
";
    assert_eq!(screen(&seen, false), expected);
}

#[test]
fn a_cache_is_seen_counting_down() {
    let address = "216.58.203.174";
    let mut seen = Seen {
        kind: Kind::Cache,
        authoritative: false,
        servers: vec!["127.0.0.1#5301".to_owned()],
        ..seen("A", &[(300, address), (298, address), (296, address)])
    };
    let caches = [Cached::Miss, Cached::Hit, Cached::Hit];
    for (observation, cache) in seen.observations.iter_mut().zip(caches) {
        observation.reply.as_mut().unwrap().cache = Some(cache);
    }
    let expected = "\
google.com A, 3 times, from 127.0.0.1#5301 (lab, through one cache, UDP), addresses recorded in 2020

  #   ttl    time   answer
  1   300    0 ms   216.58.203.174     asked the authority
  2   298    0 ms   216.58.203.174     from the cache, 298 s left
  3   296    0 ms   216.58.203.174     from the cache
";
    let width = Width::to_come(&seen);
    let rows = (0..3).map(|i| row(&seen, i, width));
    assert_eq!(head(&seen, 3) + &rows.collect::<String>(), expected);
    assert_eq!(
        foot(&seen, false),
        "
  216.58.203.174   ########  3  100 %

  1 address: the cache hands out the same answer until its time (TTL) is over.  DNS cannot move a caller sooner than that.
"
    );
}

#[test]
fn a_farm_shows_what_each_of_its_caches_froze() {
    let seen = Seen {
        kind: Kind::Farm,
        servers: ["1", "2", "3"].map(str::to_owned).to_vec(),
        ..seen("A", &[(300, "a"), (300, "b"), (300, "a"), (300, "c")])
    };
    assert!(foot(&seen, true).ends_with(
        "  3 addresses, in no order: each of the 3 caches froze its own.   This is what the original lab's list of answers \
         shows.\n"
    ));
    assert!(head(&seen, 4).contains("from 1 2 3 (lab, through 3 caches, authoritative, UDP)"));
}

#[test]
fn a_name_without_ipv6_exists_all_the_same() {
    let seen = seen("AAAA", &[(300, "")]);
    assert!(screen(&seen, false).ends_with(
        "  1     -    0 ms   no IPv6 address (the name exists)\n\n  no answer held a value, so there is nothing to share \
         out.\n"
    ));
}

#[test]
fn what_is_no_answer_is_told_in_words() {
    let mut seen = seen("A", &[(300, ""), (300, ""), (300, "")]);
    let codes = [rcode::NXDOMAIN, rcode::REFUSED, rcode::SERVFAIL];
    for (observation, rcode) in seen.observations.iter_mut().zip(codes) {
        observation.reply.as_mut().unwrap().rcode = rcode;
    }
    seen.observations.push(Observation { n: 4, reply: None });
    let rows: Vec<String> = (0..4).map(|i| row(&seen, i, Width::of(&seen))).collect();
    assert_eq!(
        rows.concat(),
        "  1     -    0 ms   no such name
  2     -    0 ms   refused: this server does not answer for the name
  3     -    0 ms   the server failed (SERVFAIL)
  4     -       -   no reply\n"
    );
}

#[test]
fn an_answer_that_was_cut_off_says_so() {
    let mut seen = seen("TXT", &[(60, "one")]);
    let reply = seen.observations[0].reply.as_mut().unwrap();
    (reply.tcp, reply.truncated) = (true, true);
    assert_eq!(
        row(&seen, 0, Width::of(&seen)),
        "  1    60    0 ms   one    cut off over UDP, asked again over TCP\n"
    );
}

#[test]
fn live_answers_are_told_from_recorded_ones() {
    let seen = Seen {
        kind: Kind::Live,
        authoritative: false,
        source: None,
        servers: vec!["127.0.0.53#53".to_owned()],
        ..seen("A", &[(60, "a"), (58, "a")])
    };
    assert!(head(&seen, 2).starts_with(
        "google.com A, 2 times, from 127.0.0.53#53 (your resolver, UDP), today's internet\n"
    ));
    assert!(foot(&seen, true).ends_with(
        "  1 address, and its TTL counts down: a cache on the way hands out the same answer until that is over.\n"
    ));
}

#[test]
fn the_names_on_the_way_are_told() {
    let mut seen = seen("A", &[(60, "a")]);
    let reply = seen.observations[0].reply.as_mut().unwrap();
    reply.aliases = vec![(60, "b.test.".to_owned()), (60, "c.test.".to_owned())];
    assert!(head(&seen, 1).contains("2020\nanother name for b.test., then c.test.\n\n"));
}
