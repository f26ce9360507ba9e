use super::*;
use proptest::prelude::*;

/// The parts of a request as text: first line, then `name=value` in brackets.
fn shown(input: &[u8]) -> Result<Option<String>, Invalid> {
    let mut head = RequestHead::default();
    let Some(length) = request(input, &mut head)? else {
        return Ok(None);
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut out = format!(
        "{} {} {}",
        text(head.method()),
        text(head.target()),
        text(head.version_text())
    );
    for (name, value) in head.fields.iter() {
        out += &format!(" [{}={}]", text(name), text(value));
    }
    if length < input.len() {
        out += &format!(" +{}", input.len() - length);
    }
    Ok(Some(out))
}

#[track_caller]
fn check(input: &str, expected: &str) {
    assert_eq!(
        shown(input.as_bytes()),
        Ok(Some(expected.into())),
        "{input:?}"
    );
}

#[track_caller]
fn refused(input: &[u8], why: Invalid) {
    let text = String::from_utf8_lossy(input);
    assert_eq!(shown(input), Err(why), "{text:?}");
}

#[test]
fn a_plain_request() {
    check(
        "GET /a?b=c HTTP/1.1\r\nHost: X:80\r\nUser-Agent: curl\r\n\r\nrest",
        "GET /a?b=c HTTP/1.1 [host=X:80] [user-agent=curl] +4",
    );
}

#[test]
fn haproxys_leniency() {
    check("\r\n\n\r\nGET / HTTP/1.1\n\n", "GET / HTTP/1.1");
    check("GET  \t /  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1");
    check("ge-T / HTTP/1.5\r\n\r\n", "ge-T / HTTP/1.5");
    check(
        "GET / HTTP/1.1\r\nA:\r\nB: \t \r\n\r\n",
        "GET / HTTP/1.1 [a=] [b=]",
    );
    check(
        "GET / HTTP/1.1\r\nA: \x01\u{e9}\r\n\r\n",
        "GET / HTTP/1.1 [a=\x01\u{e9}]",
    );
    check(
        "GET / HTTP/1.1\r\nA: x\0y\r\n\r\n",
        "GET / HTTP/1.1 [a=x\0y]",
    );
}

#[test]
fn folded_values_are_unfolded_with_a_space_for_each_byte() {
    check(
        "GET / HTTP/1.1\r\nA: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1 [a=a   b]",
    );
    check(
        "GET / HTTP/1.1\r\nA: a\n\tb\r\n\r\n",
        "GET / HTTP/1.1 [a=a \tb]",
    );
    check(
        "GET / HTTP/1.1\r\nA:\r\n b\r\n  \r\n\r\n",
        "GET / HTTP/1.1 [a=b]",
    );
}

#[test]
fn what_two_readers_could_read_in_two_ways_is_refused() {
    refused(b"GET /\r\n\r\n", Invalid::StartLine);
    refused(b"GET\r\n\r\n", Invalid::StartLine);
    refused(b" GET / HTTP/1.1\r\n\r\n", Invalid::StartLine);
    refused(b"GET / HTTP/1.1 \r\n\r\n", Invalid::StartLine);
    refused(b"GET /a b HTTP/1.1\r\n\r\n", Invalid::StartLine);
    refused(b"GET /a#b HTTP/1.1\r\n\r\n", Invalid::StartLine);
    refused(b"GET /\xff HTTP/1.1\r\n\r\n", Invalid::StartLine);
    refused(b"GET /\x7f HTTP/1.1\r\n\r\n", Invalid::StartLine);
    refused(b"GET / RTSP/1.0\r\n\r\n", Invalid::StartLine);
    refused(b"GET / HTTP/11\r\n\r\n", Invalid::StartLine);
    refused(b"GET / HTTP/1.1\rX\n\r\n", Invalid::StartLine);
    refused(b"\x16\x03\x01", Invalid::StartLine);
    refused(b"GET / HTTP/1.1\r\nA B: c\r\n\r\n", Invalid::FieldName);
    refused(b"GET / HTTP/1.1\r\nA : c\r\n\r\n", Invalid::FieldName);
    refused(b"GET / HTTP/1.1\r\n: c\r\n\r\n", Invalid::FieldName);
    refused(b"GET / HTTP/1.1\r\n A: c\r\n\r\n", Invalid::FieldName);
    refused(b"GET / HTTP/1.1\r\nA\r\n\r\n", Invalid::FieldName);
    refused(b"GET / HTTP/1.1\r\nA\xc3: c\r\n\r\n", Invalid::FieldName);
    refused(b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", Invalid::BareCr);
    refused(b"GET / HTTP/1.1\r\n\rX", Invalid::BareCr);
}

#[test]
fn a_hundred_fields_pass_and_one_more_does_not() {
    let with = |count: usize| {
        let fields: String = (0..count).map(|n| format!("X-{n}: 1\r\n")).collect();
        shown(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes())
    };
    assert!(with(100).is_ok_and(|shown| shown.is_some()));
    assert_eq!(with(101), Err(Invalid::TooManyFields));
}

#[test]
fn an_error_is_seen_before_the_line_ends() {
    refused(b"GARBAGE\x01", Invalid::StartLine);
    refused(b"GET / HTTP/1.1\r\nno colon", Invalid::FieldName);
}

#[track_caller]
fn check_status(line: &str, expected: Result<u16, Invalid>) {
    let mut head = ResponseHead::default();
    let read = response(format!("{line}\r\n\r\n").as_bytes(), &mut head);
    assert_eq!(read.map(|_| head.status), expected, "{line}");
}

#[test]
fn status_lines() {
    check_status("HTTP/1.1 200 OK", Ok(200));
    check_status("HTTP/1.0 404 Not  Found", Ok(404));
    check_status("HTTP/1.1 200", Ok(200));
    check_status("HTTP/1.1 999 Odd", Ok(999));
    check_status("HTTP/1.1 99 Short", Err(Invalid::StartLine));
    check_status("HTTP/1.1 2000 Long", Err(Invalid::StartLine));
    check_status("HTTP/1.1 OK", Err(Invalid::StartLine));
    check_status("garbage", Err(Invalid::StartLine));
    check_status("HTTP/1.1 200OK", Err(Invalid::StartLine));
}

proptest! {
    /// More bytes never change the verdict, and nothing panics.
    #[test]
    fn any_prefix_is_partial_or_has_the_verdict_of_the_whole(
        input in prop::collection::vec(prop::sample::select(vec![
            &b"GET / HTTP/1.1"[..], b"\r\n", b"\n", b"\r", b" ", b"\t",
            b":", b"A", b"Content-Length: 1", b"\0", b"\xff", b"HTTP/1.0",
        ]), 0..12).prop_map(|pieces| pieces.concat())
    ) {
        let whole = shown(&input);
        for end in 0..input.len() {
            match shown(&input[..end]) {
                Ok(None) => {}
                Err(why) => prop_assert_eq!(Err(why), whole.clone()),
                Ok(Some(head)) => {
                    let whole = whole.clone().unwrap().unwrap();
                    prop_assert!(whole.starts_with(head.split(" +").next().unwrap()));
                }
            }
        }
    }

    #[test]
    fn random_bytes_do_no_harm(input in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = shown(&input);
        let _ = response(&input, &mut ResponseHead::default());
    }
}
