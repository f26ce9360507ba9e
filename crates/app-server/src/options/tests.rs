use super::*;

fn parse_words(words: &str) -> Result<Command, Failure> {
    parse("lab serve", words.split_whitespace().map(OsString::from))
}

#[track_caller]
fn options(words: &str) -> Options {
    match parse_words(words) {
        Ok(Command::Serve(options)) => options,
        other => panic!("{words}: {other:?}"),
    }
}

#[track_caller]
fn refused(words: &str, expected: &str) {
    let failure = parse_words(words).expect_err(words);
    assert_eq!(failure.text(), expected);
    assert_eq!(
        format!("{:?}", failure.exit_code()),
        format!("{:?}", std::process::ExitCode::from(2))
    );
}

#[test]
fn a_port_alone_listens_on_this_machine_only() {
    let options = options("8080");
    assert_eq!(
        options.bind.with(options.port).to_string(),
        "127.0.0.1:8080"
    );
    assert_eq!(options.name.as_str(), "server-8080");
    assert_eq!(options, Options::new(options.port));
}

#[test]
fn every_option_can_follow_or_lead_and_hold_its_value() {
    let after = options(
        "8081 --bind 0.0.0.0 --name server02 --headers --quiet --plain --echo plain --latency 50ms..200ms --error-rate 5%",
    );
    let before = options(
        "--error-rate=5% --latency=50ms..200ms --echo=plain --plain -q --headers --name=server02 --bind=0.0.0.0 8081",
    );
    assert_eq!(after, before);
    assert_eq!(after.bind.with(after.port).to_string(), "0.0.0.0:8081");
    assert_eq!(after.name.as_str(), "server02");
    assert_eq!(after.behaviour.latency.to_string(), "50ms..200ms");
    assert_eq!(after.behaviour.error_rate.to_string(), "5%");
    assert!(after.headers && after.quiet && after.plain && after.echo == Echo::Plain);
}

#[test]
fn help_is_asked_for_anywhere() {
    for words in ["-h", "--help", "8080 --help", "--nme x --help"] {
        let asked = parse_words(words);
        assert_eq!(asked.is_ok(), !words.contains("nme"), "{words}");
    }
    assert!(help("lab serve").starts_with("usage: lab serve PORT"));
}

#[test]
fn what_is_no_port_is_told_what_one_is() {
    refused(
        "eighty",
        "`eighty` is not a port\n  why   a port is a whole number from 1 to 65535\n  next  lab serve 8080\n",
    );
    refused(
        "0",
        "`0` is not a port\n  why   0 asks the system for any free port, so nobody would know where to ask\n  next  lab serve 8080\n",
    );
    for word in ["65536", "99999999999999999999"] {
        let why = "ports end at 65535: TCP has 16 bits for the number";
        refused(
            word,
            &format!("`{word}` is not a port\n  why   {why}\n  next  lab serve 8080\n"),
        );
    }
    for word in ["80.5", "+80", ":8080"] {
        let why = "a port is a whole number from 1 to 65535";
        refused(
            word,
            &format!("`{word}` is not a port\n  why   {why}\n  next  lab serve 8080\n"),
        );
    }
}

#[test]
fn a_missing_or_second_port_is_told_so() {
    refused(
        "",
        "which port?\n  why   a server listens on one port of this machine, and none was given\n  next  lab serve 8080\n",
    );
    refused(
        "8080 8081",
        "`8081` is one word too many\n  why   one server listens on one port; each further server is a process of its own\n  next  lab serve 8081      in another terminal\n",
    );
}

#[test]
fn an_unknown_option_is_met_with_the_known_ones() {
    refused(
        "8080 --nme x",
        "there is no option `--nme`\n  why   known: --bind --name --headers --echo --latency --error-rate --quiet --plain --help\n  next  lab serve --help\n",
    );
}

#[test]
fn a_wrong_value_is_met_with_an_example() {
    refused(
        "8080 --bind localhost",
        "`--bind localhost` cannot be\n  why   an address is written in digits: 127.0.0.1 is this machine alone, 0.0.0.0 all its networks\n  next  lab serve 8080 --bind 127.0.0.1\n",
    );
    refused(
        "8080 --name",
        "`--name` needs a value after it\n  next  lab serve 8080 --name server01\n",
    );
    refused(
        "8080 --headers=yes",
        "`--headers` takes no value, but `yes` follows it\n  next  lab serve 8080 --headers\n",
    );
    for wrong in [
        "--name=a\u{e9}",
        "--echo=loud",
        "--latency=5",
        "--error-rate=5",
        "--name=",
    ] {
        assert!(parse_words(&format!("8080 {wrong}")).is_err(), "{wrong}");
    }
}
