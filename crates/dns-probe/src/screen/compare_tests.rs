use super::*;
use crate::tally::{Observation, Reply};

fn seen(name: &str, ttl: u32, answers: &[String]) -> Seen {
    let reply = |values: &String| Reply {
        ttl: Some(ttl),
        ms: 0,
        tcp: false,
        truncated: false,
        rcode: 0,
        records: values.split_whitespace().map(str::to_owned).collect(),
        aliases: Vec::new(),
        cache: None,
        view: None,
    };
    Seen {
        name: name.to_owned(),
        rtype: "A".to_owned(),
        kind: Kind::Lab,
        servers: vec!["127.0.0.1#5300".to_owned()],
        authoritative: true,
        tcp: false,
        source: Some("recorded 2020-10".to_owned()),
        observations: (1..)
            .zip(answers)
            .map(|(n, values)| Observation {
                n,
                reply: Some(reply(values)),
            })
            .collect(),
    }
}

/// Eight answers with one of `n` values each, in turn.
fn pool(n: usize) -> Vec<String> {
    (0..8).map(|i| format!("a{}", i % n)).collect()
}

/// Eight answers with all of `n` values, each turned by one.
fn turning(n: usize) -> Vec<String> {
    let mut list: Vec<String> = (0..n).map(|i| format!("a{i}")).collect();
    (0..8)
        .map(|_| {
            let text = list.join(" ");
            list.rotate_left(1);
            text
        })
        .collect()
}

#[test]
fn names_stand_beside_one_another() {
    let rows = [
        seen("google.com", 300, &pool(5)),
        seen("facebook.com", 60, &pool(1)),
        seen("outlook.com", 300, &turning(4)),
        seen("yahoo.com", 1800, &turning(6)),
    ];
    let expected = "\
8 questions each, lab zone, recorded answers (today's: --live)

  name          per answer  different  order        ttl     first place            looks like
  google.com    1           5          -             300    2 2 2 1 1              a pool, one handed out at a time
  facebook.com  1           1          -              60    8                      one address, chosen by where you are; short ttl
  outlook.com   4           4          rotates       300    2 2 2 2                a list, turned by one each time
  yahoo.com     6           6          rotates      1800    2 2 1 1 1 1            a list, turned by one each time
";
    assert_eq!(text(&rows, 8), expected);
}

#[test]
fn todays_answers_stand_below_the_recorded_ones() {
    let today = Seen {
        kind: Kind::Live,
        source: None,
        servers: vec!["127.0.0.53#53".to_owned()],
        ..seen("google.com", 120, &pool(1))
    };
    let rows = [seen("google.com", 300, &pool(5)), today];
    let screen = text(&rows, 8);
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(
        lines[0],
        "8 questions each, lab zone, recorded answers, today's from 127.0.0.53#53"
    );
    assert_eq!(
        lines[4],
        "    today     1           1          -             120    8                      one address"
    );
}

#[test]
fn made_up_answers_are_called_so() {
    let made_up = Seen {
        source: Some("illustrative".to_owned()),
        ..seen("yahoo.com", 1800, &turning(6))
    };
    let rows = [seen("google.com", 300, &pool(5)), made_up];
    assert!(text(&rows, 8).starts_with(
        "8 questions each, lab zone, recorded and illustrative answers (today's: --live)\n"
    ));
}

#[test]
fn a_name_without_an_answer_says_why() {
    let mut nobody = seen("a.test", 300, &["".to_owned()]);
    nobody.observations[0].reply.as_mut().unwrap().rcode = crate::dns::rcode::NXDOMAIN;
    nobody.observations[0].reply.as_mut().unwrap().ttl = None;
    let screen = text(&[nobody], 1);
    assert!(screen.starts_with("1 question each, "), "{screen}");
    assert!(screen.trim_end().ends_with("no such name"), "{screen}");
}
