use super::evaluate;
use crate::Environment;

fn environment() -> Environment {
    Environment {
        variables: [("HOME".to_owned(), "/root".to_owned())].into(),
        ..Environment::default()
    }
}

#[track_caller]
fn check(text: &str, expected: bool) {
    assert_eq!(evaluate(text, &environment()), Ok(expected), "{text}");
}

#[track_caller]
fn check_error(text: &str, words: &str, position: usize) {
    let error = evaluate(text, &environment()).expect_err("must not be readable");
    assert_eq!((error.words.as_str(), error.at + 1), (words, position));
}

#[test]
fn integers_are_true_unless_zero() {
    check("1", true);
    check("-1", true);
    check("0", false);
    check("00", false);
    check("", false);
}

#[test]
fn and_binds_tighter_than_or() {
    check("1 || 0 && 0", true);
    check("(1 || 0) && 0", false);
    check("!0 && !!1", true);
    check("!(0||0)", true);
}

#[test]
fn predicates_ask_the_environment_and_the_version() {
    check("defined(HOME)", true);
    check("defined(NOPE) || defined()", false);
    check("streq(a b,a b) && strneq(a,b)", true);
    check("feature(THREAD)", true);
    check("feature(OPENSSL)", false);
    check("version_atleast(2.6-dev1) && version_before(2.6.13)", true);
    check("version_atleast(2.7) || version_before(2.6.12)", false);
    check("version_atleast(abc)", false);
}

#[test]
fn errors_are_worded_as_haproxy_words_them() {
    check_error("foo(1)", "unparsable conditional expression 'foo(1)'", 1);
    check_error(
        "1 && foo(1) && 1",
        "unparsable conditional expression 'foo(1) && 1'",
        6,
    );
    check_error("1 &&", "unparsable conditional expression '&&'", 3);
    check_error("(1", "expected ')' after conditional expression '(1'", 1);
    check_error(
        "1 2",
        "unexpected character '2' at the end of conditional expression '1 2'",
        3,
    );
    check_error(
        "defined(A,B)",
        "expected ')' before ',B)' in argument 1 of predicate 'defined' used in conditional expression",
        10,
    );
    check_error(
        "streq(a)",
        "missing arguments (got 1/2), type 'string' expected in argument 1 of predicate 'streq' used in conditional expression",
        8,
    );
    check_error(
        "defined(A",
        "expected ')' in argument 1 of predicate 'defined' used in conditional expression",
        10,
    );
    check_error(
        "streq(a,b,c",
        "expected ')' before ',c' in argument 1 of predicate 'streq' used in conditional expression",
        10,
    );
}
