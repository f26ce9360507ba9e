use super::*;

fn read(words: &str) -> Result<Command, Failure> {
    parse(
        "lab nameserver",
        words.split_whitespace().map(OsString::from),
    )
}

fn serve(words: &str) -> Options {
    match read(words) {
        Ok(Command::Serve(options)) => options,
        other => panic!("{words}: {other:?}"),
    }
}

#[track_caller]
fn wrong(words: &str, message: &str) {
    let problem = read(words).unwrap_err().problem().clone();
    assert_eq!(problem.message, message);
    assert!(
        problem.why.is_some() || !problem.next.is_empty(),
        "{words}: no way out"
    );
}

#[test]
fn nothing_said_is_the_built_in_zone_on_loopback() {
    let options = serve("");
    assert_eq!(options.listen.port, 5300);
    assert_eq!(
        options.listen.needed,
        ["127.0.0.1".parse::<IpAddr>().unwrap()]
    );
    assert_eq!(options.listen.wanted, Some("::1".parse().unwrap()));
    let built_in = Role::Authority {
        zone: ZoneOptions::default(),
        caches: Vec::new(),
    };
    assert_eq!(options.role, built_in);
    assert_eq!((options.rate, options.quiet), (None, false));
}

#[test]
fn an_address_that_is_given_replaces_the_usual_ones() {
    let listen = serve("--bind 127.0.0.2 --bind=::1 --port=53").listen;
    assert_eq!(listen.needed.len(), 2);
    assert_eq!((listen.wanted, listen.port), (None, 53));
}

#[test]
fn caches_follow_the_server_or_stand_where_they_are_told() {
    let ports = |words: &str| match serve(words).role {
        Role::Authority { caches, .. } => caches,
        other @ Role::CacheOf(_) => panic!("{other:?}"),
    };
    assert_eq!(ports("--caches 3"), [5301, 5302, 5303]);
    assert_eq!(ports("--caches 2 --cache-port 6000"), [6000, 6001]);
    assert_eq!(ports("--port 53 --caches 1"), [54]);
}

#[test]
fn a_cache_may_stand_alone_in_front_of_any_server() {
    for word in ["192.0.2.1#53", "192.0.2.1:53"] {
        let options = serve(&format!("--cache-of {word} --port 5301"));
        assert_eq!(options.role, Role::CacheOf("192.0.2.1:53".parse().unwrap()));
    }
    let options = serve("--cache-of ::1");
    assert_eq!(options.role, Role::CacheOf("[::1]:5300".parse().unwrap()));
}

#[test]
fn a_zone_can_be_looked_at_alone() {
    assert_eq!(
        read("--check --zone x.toml").unwrap(),
        Command::Check(Some("x.toml".into()))
    );
    assert_eq!(read("--check").unwrap(), Command::Check(None));
    assert_eq!(read("--help --bogus").unwrap(), Command::Help);
}

#[test]
fn mistakes_are_named() {
    wrong("--prot 53", "there is no option `--prot`");
    wrong("53", "one word too many: `53`");
    wrong("--port", "`--port` needs a value after it");
    wrong("--port 70000", "`--port 70000` cannot be");
    wrong("--bind 0.0.0.0", "`--bind 0.0.0.0` cannot be");
    wrong(
        "--quiet=yes",
        "`--quiet` takes no value, but `yes` follows it",
    );
    wrong("--ttl -1", "`--ttl -1` cannot be");
    wrong("--watch site.lab", "`--watch site.lab` cannot be");
    wrong("--watch site.lab:0", "`--watch site.lab:0` cannot be");
    wrong("--rate 0", "`--rate 0` cannot be");
    wrong("--caches 17", "`--caches 17` cannot be");
    wrong("--cache-port 6000", "`--cache-port` without caches");
    wrong(
        "--caches 3 --cache-port 5299",
        "no room for 3 caches from port 5299 on",
    );
    wrong(
        "--caches 3 --port 65534",
        "no room for 3 caches from port 65535 on",
    );
    wrong(
        "--cache-of 127.0.0.1#5300 --ttl 5",
        "`--ttl` does not go with `--cache-of`",
    );
}

#[test]
fn a_name_to_watch_needs_no_final_dot() {
    let Role::Authority { zone, .. } = serve("--watch site.lab:8080 --watch b.lab.:80").role else {
        panic!()
    };
    let name = |text| Name::from_ascii(text).unwrap();
    assert_eq!(
        zone.watch,
        [(name("site.lab."), 8080), (name("b.lab."), 80)]
    );
}
