use super::*;

#[track_caller]
fn check(matching: Matching, pattern: &str, yes: &[&str], no: &[&str]) {
    let pattern = matching.parse(pattern, false).unwrap();
    let holds = |text: &str| {
        let value = Value::text(text.as_bytes()).cast(matching.wants());
        value.is_some_and(|value| matching.holds(&value, &pattern, false))
    };
    for text in yes {
        assert!(holds(text), "{text} matches {pattern:?}");
    }
    for text in no {
        assert!(!holds(text), "{text} does not match {pattern:?}");
    }
}

#[test]
fn text_is_matched_as_the_manual_says() {
    check(Matching::Str, "/a", &["/a"], &["/", "/ab", "/A"]);
    check(Matching::Beg, "/a", &["/a", "/ab"], &["/", "b/a"]);
    check(Matching::End, ".gif", &["/a.gif"], &["/a.gif/", ".gi"]);
    check(Matching::Sub, "oo", &["foo", "oo"], &["o", "bar"]);
    check(
        Matching::Dir,
        "a",
        &["/a", "/a/b", "/b/a?c"],
        &["/ab", "/b"],
    );
    check(Matching::Dir, "/a/", &["/a", "/x/a/"], &["/aa"]);
    check(
        Matching::Dom,
        "example",
        &["www.example.com", "example:80"],
        &["examples.com"],
    );
    check(Matching::Reg, "^/[ab]+$", &["/ab"], &["/abc"]);
    check(Matching::Bin, "4142", &["AB"], &["4142"]);
    check(Matching::Len, "2:3", &["ab", "abc"], &["a", "abcd"]);
}

#[test]
fn case_is_ignored_on_both_sides() {
    let pattern = Matching::Beg.parse("/Ab", true).unwrap();
    assert!(Matching::Beg.holds(&Value::text(b"/aBc"), &pattern, true));
}

#[test]
fn numbers_are_matched_by_ranges() {
    check(Matching::Int, "5", &["5"], &["4", "x"]);
    check(Matching::Int, "5:", &["5", "900"], &["4"]);
    check(Matching::Int, ":5", &["5", "-9"], &["6"]);
    check(Matching::Int, "2:5", &["2", "5"], &["1", "6"]);
    for wrong in ["x", "5:4", "5:6:7", ":", ""] {
        assert!(Range::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn networks_hold_their_addresses() {
    check(
        Matching::Ip,
        "10.0.0.0/8",
        &["10.1.2.3"],
        &["11.0.0.1", "x"],
    );
    check(Matching::Ip, "10/8", &["10.1.2.3"], &["11.0.0.1"]);
    check(
        Matching::Ip,
        "10.0.0.0/255.0.0.0",
        &["10.9.9.9"],
        &["11.0.0.1"],
    );
    check(
        Matching::Ip,
        "2001:db8::/32",
        &["2001:db8::1"],
        &["2001:db9::1"],
    );
    check(
        Matching::Ip,
        "127.0.0.1",
        &["127.0.0.1", "::ffff:127.0.0.1"],
        &["127.0.0.2"],
    );
    assert!(Network::parse("1.2.3.4/33").is_none());
    assert!(Network::parse("localhost").is_none());
}
