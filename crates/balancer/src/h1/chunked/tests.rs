use super::*;
use proptest::prelude::*;

/// Decodes input that arrives in pieces of these lengths, over and over.
fn decode(input: &[u8], pieces: &[usize]) -> Result<(Vec<u8>, String, bool, usize), Invalid> {
    let mut decoder = Decoder::default();
    let mut trailers = Fields::default();
    let (mut buffer, mut payload) = (Vec::new(), Vec::new());
    let (mut at, mut done, mut lengths) = (0, false, pieces.iter().cycle());
    while at < input.len() && !done {
        let length = (*lengths.next().unwrap()).min(input.len() - at);
        buffer.extend_from_slice(&input[at..at + length]);
        at += length;
        let found = decoder.decode(&mut buffer, &mut trailers)?;
        payload.extend_from_slice(&buffer[found.payload.clone()]);
        buffer.drain(..found.consumed);
        done = found.done;
    }
    let mut text = Vec::new();
    if done {
        last_chunk(&trailers, &mut text);
    }
    let left = buffer.len() + input.len() - at;
    Ok((
        payload,
        String::from_utf8_lossy(&text).into_owned(),
        done,
        left,
    ))
}

#[track_caller]
fn check(input: &str, payload: &str, end: &str, left: usize) {
    let expected = (payload.as_bytes().to_vec(), end.to_string(), true, left);
    for pieces in [&[1][..], &[2], &[3], &[7], &[1000], &[5, 1, 2]] {
        let found = decode(input.as_bytes(), pieces);
        // What stands behind the body may not have been fed in yet.
        assert_eq!(found, Ok(expected.clone()), "{input:?} by {pieces:?}");
    }
}

#[track_caller]
fn refused(input: &str) {
    for pieces in [&[1][..], &[3], &[1000]] {
        assert_eq!(
            decode(input.as_bytes(), pieces),
            Err(Invalid::Chunk),
            "{input:?}"
        );
    }
}

#[test]
fn chunks_become_payload() {
    check("0\r\n\r\n", "", "0\r\n\r\n", 0);
    check("2\r\nok\r\n3\r\nabc\r\n0\r\n\r\n", "okabc", "0\r\n\r\n", 0);
    check(
        "A;x=y\r\n0123456789\r\n000\r\n\r\nGET",
        "0123456789",
        "0\r\n\r\n",
        3,
    );
    check("2 \r\nok\r\n0 ; a\r\n\r\n", "ok", "0\r\n\r\n", 0);
    check("2\nok\n0\n\n", "ok", "0\r\n\r\n", 0);
}

#[test]
fn trailers_go_on_in_lower_case() {
    check(
        "1\r\na\r\n0\r\nX-Sum: 1\r\nX-B:\r\n\r\n",
        "a",
        "0\r\nx-sum: 1\r\nx-b: \r\n\r\n",
        0,
    );
}

#[test]
fn what_is_no_chunk_is_refused() {
    for input in [
        "zz\r\nabc",
        "\r\n",
        ";a\r\n",
        "-1\r\n",
        "+1\r\na\r\n",
        "0x2\r\nok\r\n",
        " 2\r\nok\r\n",
        "2 2\r\nok\r\n",
        "2\rX",
        "2;a\rX",
        "2\r\nokX",
        "2\r\nok\rX",
        "1000000000000000\r\n",
        "FFFFFFFFFFFFFFFFF\r\n",
    ] {
        refused(input);
    }
}

#[test]
fn a_bad_trailer_is_refused() {
    assert_eq!(
        decode(b"0\r\nA B: c\r\n\r\n", &[100]),
        Err(Invalid::FieldName)
    );
}

#[test]
fn size_lines_are_upper_case_without_zeros_in_front() {
    for (size, line) in [
        (1, "1"),
        (10, "A"),
        (16, "10"),
        (255, "FF"),
        (16384, "4000"),
    ] {
        let mut out = Vec::new();
        size_line(size, &mut out);
        assert_eq!(out, format!("{line}\r\n").as_bytes());
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_payload(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
        pieces in prop::collection::vec(1usize..20, 1..10),
    ) {
        let mut input = Vec::new();
        for chunk in &chunks {
            size_line(chunk.len(), &mut input);
            input.extend_from_slice(chunk);
            input.extend_from_slice(b"\r\n");
        }
        last_chunk(&Fields::default(), &mut input);
        let (payload, _, done, left) = decode(&input, &pieces).unwrap();
        prop_assert_eq!(payload, chunks.concat());
        prop_assert!(done);
        prop_assert_eq!(left, 0);
    }

    #[test]
    fn random_bytes_give_the_same_verdict_however_they_come(
        input in prop::collection::vec(prop_oneof![
            Just(b'0'), Just(b'3'), Just(b'\r'), Just(b'\n'), Just(b';'), Just(b'a'), Just(b':'), any::<u8>(),
        ], 0..40),
        pieces in prop::collection::vec(1usize..9, 1..6),
    ) {
        let strip = |found: Result<(Vec<u8>, String, bool, usize), Invalid>| found.map(|(p, t, d, _)| (p, t, d));
        prop_assert_eq!(strip(decode(&input, &pieces)), strip(decode(&input, &[1])));
    }
}
