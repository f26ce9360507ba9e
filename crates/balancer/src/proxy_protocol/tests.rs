use super::*;

fn ends(source: &str, destination: &str) -> Ends {
    Ends {
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
    }
}

#[test]
fn what_is_written_is_read() {
    for told in [
        Some(ends("192.0.2.1:1000", "127.0.0.1:80")),
        Some(ends("[2001:db8::1]:1000", "[::1]:80")),
        None,
    ] {
        for mut bytes in [write_v1(told), write_v2(told, &Values::default())] {
            let length = bytes.len();
            bytes.extend(b"GET / HTTP/1.1\r\n");
            assert_eq!(
                parse(&bytes),
                Ok(Header {
                    length,
                    ends: told,
                    extras: Ok(Extras::default())
                })
            );
        }
    }
}

#[test]
fn ends_of_two_families_are_written_as_one() {
    let mixed = ends("192.0.2.1:1000", "[::1]:80");
    let text = String::from_utf8(write_v1(Some(mixed))).unwrap();
    assert_eq!(text, "PROXY TCP6 ::ffff:192.0.2.1 ::1 1000 80\r\n");
}

#[test]
fn wrong_headers_are_told_apart() {
    let check = |bytes: &[u8], wrong| assert_eq!(parse(bytes), Err(wrong), "{bytes:?}");
    check(b"", Wrong::Empty);
    check(b"GET / HTTP/1.1\r\n\r\n", Wrong::NotOne);
    check(b"PROXY TCP4 192.0.2.1 127.0.0.1 1000", Wrong::Truncated);
    check(b"PROXY TCP4 192.0.2.1 127.0.0.1 1000\r\n", Wrong::Invalid);
    check(b"PROXY TCP4 ::1 ::1 1 2\r\n", Wrong::Invalid);
    check(
        b"PROXY TCP4 192.0.2.1 127.0.0.1 1 99999\r\n",
        Wrong::Invalid,
    );
    check(
        &[b"PROXY UNKNOWN".as_slice(), &[b'x'; 100], b"\r\n"].concat(),
        Wrong::Invalid,
    );
    check(&SIGNATURE[..], Wrong::Truncated);
    check(
        &[&SIGNATURE[..], &[0x31, 0x11, 0, 0]].concat(),
        Wrong::Invalid,
    );
    check(
        &[&SIGNATURE[..], &[0x21, 0x11, 0, 4, 1, 2, 3, 4]].concat(),
        Wrong::Invalid,
    );
}

#[test]
fn what_else_stands_in_a_header_is_passed_over() {
    let unix = [&SIGNATURE[..], &[0x21, 0x31, 0, 2, 7, 7]].concat();
    assert_eq!(
        parse(&unix),
        Ok(Header {
            length: 18,
            ends: None,
            extras: Ok(Extras::default()),
        })
    );
    let unknown = b"PROXY UNKNOWN ffff::1 ffff::1 1 2\r\nrest";
    assert_eq!(
        parse(unknown),
        Ok(Header {
            length: 35,
            ends: None,
            extras: Ok(Extras::default()),
        })
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_too_odd(bytes: Vec<u8>, version in 0..3u8) {
        let head: &[u8] = match version { 0 => b"", 1 => b"PROXY ", _ => SIGNATURE };
        let bytes = [head, &bytes].concat();
        if let Ok(header) = parse(&bytes) {
            assert!(header.length <= bytes.len());
        }
    }
}

#[test]
fn what_tls_has_settled_stands_behind_the_ends() {
    let tls = Tls {
        version: Some("TLSv1.3"),
        certificate: Some(Shown::Here),
        common_name: Some("visitor"),
        ..Tls::default()
    };
    let with = |tls| Values {
        tls: Some(tls),
        ..Values::default()
    };
    let header = write_v2(None, &with(tls));
    let value = b"\x07\0\0\0\0\x21\0\x07TLSv1.3\x22\0\x07visitor";
    let expected = [SIGNATURE, &b"\x20\0\0\x1c\x20\0\x19"[..], value].concat();
    assert_eq!(header, expected);
    let clear = write_v2(None, &with(Tls::default()));
    assert_eq!(clear[14..], *b"\0\x08\x20\0\x05\0\0\0\0\0");
    assert_eq!(parse(&header).unwrap().ends, None);
}

#[test]
fn a_header_with_a_checksum_is_read_only_when_it_came_whole() {
    let values = Values {
        checksum: true,
        authority: Some(b"far.test"),
        ..Values::default()
    };
    let told = ends("192.0.2.1:1000", "127.0.0.1:80");
    let mut header = write_v2(Some(told), &values);
    let extras = Extras {
        authority: Some(b"far.test".to_vec()),
    };
    assert_eq!(parse(&header).unwrap().extras, Ok(extras));
    *header.last_mut().unwrap() ^= 1;
    let read = parse(&header).unwrap();
    assert_eq!((read.ends, read.extras), (Some(told), Err(Wrong::Invalid)));
}
