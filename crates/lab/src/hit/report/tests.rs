use super::*;
use crate::hit::Failure;
use crate::hit::target::Expected;

fn target(weights: &[u32]) -> Target {
    let server = |(at, &weight): (usize, &u32)| Expected {
        name: format!("server0{}", at + 1),
        port: 8080 + u16::try_from(at).unwrap(),
        weight,
    };
    Target {
        address: "127.0.0.1:3000".parse().unwrap(),
        direct: false,
        by_name: None,
        servers: weights.iter().enumerate().map(server).collect(),
        known_from: KnownFrom::Balancer,
    }
}

/// One hit for each word: a port, or `503!`.
fn hits(words: &str) -> Vec<Hit> {
    let hit = |word: &str| match word.parse::<u16>() {
        Ok(port) => Hit {
            to: None,
            took: Duration::from_micros(400),
            outcome: Outcome::Answered {
                status: 200,
                server: None,
                port: Some(port),
            },
        },
        Err(_) => Hit {
            to: None,
            took: Duration::from_millis(3003),
            outcome: Outcome::Answered {
                status: 503,
                server: None,
                port: None,
            },
        },
    };
    words.split_whitespace().map(hit).collect()
}

fn refused() -> Request {
    Request {
        server: Some("server02".into()),
        status: Some(503),
        ms: 3003,
        retries: 3,
        termination: "SC--".into(),
        ..Request::default()
    }
}

#[test]
fn weights_show_as_bars_beside_what_was_expected() {
    let turn = "8080 8080 8081 8080 8082 8080 8083";
    let hits = hits(&format!("{turn} {turn}"));
    let target = target(&[4, 1, 1, 1]);
    let report = Report {
        target: &target,
        hits: &hits,
        account: Some(&[]),
    };
    let text = report.render(false, 0);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "  server01  8080  ################################   8   57 %   weight 4, expected 8"
    );
    assert_eq!(
        lines[1],
        "  server02  8081  ########                           2   14 %   weight 1, expected 2"
    );
    assert_eq!(
        lines[5],
        "  14 answered (200), 0 errors.   fastest 0.4 ms, middle 0.4 ms, slowest 0.4 ms"
    );
}

#[test]
fn bars_are_shorter_in_a_narrow_terminal() {
    let hits = hits("8080 8080 8081");
    let target = target(&[2, 1]);
    let report = Report {
        target: &target,
        hits: &hits,
        account: None,
    };
    let text = report.render(false, 60);
    assert_eq!(
        text.lines().next(),
        Some("  server01  8080  ######   2   67 %   weight 2, expected 2")
    );
}

#[test]
fn a_dead_server_carries_its_errors() {
    let turn = "8080 8080 503! 8080 8082 8080 8083";
    let hits = hits(&format!("{turn} {turn}"));
    let (target, account) = (target(&[4, 1, 1, 1]), [refused(), refused()]);
    let report = Report {
        target: &target,
        hits: &hits,
        account: Some(&account),
    };
    let text = report.render(false, 0);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[1],
        "  server02  8081  ........                           0    0 %   weight 1, expected 2   2 x 503 after 3.0 s"
    );
    assert_eq!(
        lines[5],
        "  12 answered (200), 2 x 503.   answers: fastest 0.4 ms, middle 0.4 ms, slowest 0.4 ms.    \
         errors: 3.0 s each (3 retries, 1 s apart)"
    );
    assert_eq!(report.errors(), 2);
}

#[test]
fn errors_alone_are_told_with_one_full_stop() {
    let (target, hits) = (target(&[1]), hits("503! 503!"));
    let account = [refused(), refused()];
    let report = Report {
        target: &target,
        hits: &hits,
        account: Some(&account),
    };
    let text = report.render(false, 0);
    assert_eq!(
        text.lines().last(),
        Some("  0 answered, 2 x 503.   errors: 3.0 s each (3 retries, 1 s apart)")
    );
}

#[test]
fn plain_says_it_in_words() {
    let hits = hits("8080 8081");
    let target = target(&[1, 1]);
    let text = Report {
        target: &target,
        hits: &hits,
        account: None,
    }
    .render(true, 0);
    assert!(
        text.starts_with("  server01  8080  1 of 2   weight 1, expected 1\n"),
        "{text}"
    );
    assert!(!text.contains('#'));
}

#[test]
fn unexpected_answers_and_a_silent_balancer_are_told() {
    let mut hits = hits("9999 8080");
    hits.push(Hit {
        to: None,
        took: Duration::from_millis(1),
        outcome: Outcome::Failed(Failure::Reset),
    });
    let mut target = target(&[1]);
    target.known_from = KnownFrom::Nowhere;
    let report = Report {
        target: &target,
        hits: &hits,
        account: None,
    };
    let text = report.render(false, 0);
    assert!(text.contains("unknown   9999"), "{text}");
    assert!(text.contains("an even split would be 3"), "{text}");
    assert!(
        text.contains("1 x reset.") && text.contains("who was asked is not known"),
        "{text}"
    );
    assert_eq!(report.to_json(0)["errors"]["reset"], 1);
}
