use super::*;

use proptest::prelude::*;

/// `example. A`, RD set, with these counts of answers, authorities and additionals.
fn packet(counts: [u8; 3], rest: &[u8]) -> Vec<u8> {
    let [answers, authorities, additionals] = counts;
    let mut packet = vec![
        0x12,
        0x34,
        1,
        0,
        0,
        1,
        0,
        answers,
        0,
        authorities,
        0,
        additionals,
    ];
    packet.extend(b"\x07example\0\0\x01\0\x01");
    packet.extend(rest);
    packet
}

fn opt(version: u8, flags: u8, options: &[u8]) -> Vec<u8> {
    let mut record = vec![0, 0, 41, 4, 208, 0, version, flags, 0];
    record.extend(u16::try_from(options.len()).unwrap().to_be_bytes());
    record.extend(options);
    record
}

fn edns(rest: &[u8]) -> Option<Edns> {
    match Incoming::read(&packet([0, 0, 1], rest)) {
        Incoming::Query(query) => query.edns,
        other => panic!("{other:?}"),
    }
}

fn is_malformed(packet: &[u8]) -> bool {
    matches!(Incoming::read(packet), Incoming::Malformed(..))
}

#[test]
fn a_plain_question_has_no_edns() {
    let Incoming::Query(query) = Incoming::read(&packet([0; 3], b"")) else {
        panic!()
    };
    assert_eq!(query.question.name.to_ascii(), "example.");
    assert_eq!(query.header.id, 0x1234);
    assert!(query.header.recursion_desired);
    assert_eq!(query.edns, None);
}

#[test]
fn the_opt_record_is_understood() {
    let read = edns(&opt(
        0,
        0x80,
        &[0xff, 0, 0, 0, 0, 8, 0, 6, 0, 1, 16, 0, 198, 51],
    ))
    .unwrap();
    assert_eq!(read.udp_size, 1232);
    assert!(read.dnssec_ok && read.wants_label);
    assert_eq!(read.subnet.unwrap().to_string(), "198.51.0.0/16");
}

#[test]
fn the_labs_option_tells_on_whose_behalf_a_question_is() {
    let asked_by = |word: &[u8]| {
        let length = u8::try_from(word.len()).unwrap();
        let read = edns(&opt(0, 0, &[&[0xff, 0, 0, length], word].concat())).unwrap();
        (read.wants_label, read.asked_by)
    };
    assert_eq!(asked_by(b""), (true, AskedBy::Client));
    assert_eq!(asked_by(b"cache"), (true, AskedBy::Cache));
    assert_eq!(asked_by(b"probe"), (true, AskedBy::Probe));
    assert_eq!(asked_by(b"anything"), (false, AskedBy::Client));
}

#[test]
fn unknown_options_are_passed_over() {
    let cookie = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
    let read = edns(&opt(0, 0, &cookie)).unwrap();
    assert_eq!((read.subnet, read.wants_label), (None, false));
}

#[test]
fn a_size_below_512_counts_as_512() {
    let mut record = opt(0, 0, &[]);
    record[3..5].copy_from_slice(&[0, 100]);
    assert_eq!(edns(&record).unwrap().udp_size, 512);
}

#[test]
fn another_edns_version_is_not_read_further() {
    let read = edns(&opt(1, 0, &[0, 8, 0])).unwrap();
    assert_eq!(read.version, 1);
}

#[test]
fn contradictions_are_malformed() {
    let good = opt(0, 0, &[]);
    let twice = [good.clone(), good.clone()].concat();
    assert!(is_malformed(&packet([0, 0, 2], &twice)), "two OPT records");
    assert!(
        is_malformed(&packet([0, 0, 1], b"")),
        "a record that is not there"
    );
    assert!(
        is_malformed(&packet([0, 0, 0], b"\0")),
        "bytes behind the end"
    );
    assert!(
        is_malformed(&packet([0, 0, 1], &opt(0, 0, &[0, 8, 0]))),
        "half an option"
    );
    assert!(
        is_malformed(&packet([0, 0, 1], &opt(0, 0, &[0, 8, 0, 4, 0, 1, 33, 0]))),
        "a bad subnet"
    );
    let mut named = good;
    named.splice(0..1, *b"\x01a\0");
    assert!(
        is_malformed(&packet([0, 0, 1], &named)),
        "an OPT record with a name"
    );
}

#[test]
fn one_question_is_what_a_query_holds() {
    let mut none = packet([0; 3], b"");
    none[5] = 0;
    assert!(is_malformed(&none));
    let mut two = packet([0; 3], b"\xc0\x0c\0\x01\0\x01");
    two[5] = 2;
    assert!(is_malformed(&two));
}

#[test]
fn a_name_that_points_at_itself_is_malformed() {
    let packet = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1];
    assert!(is_malformed(&packet));
}

#[test]
fn answers_and_scraps_are_noise() {
    let mut answer = packet([0; 3], b"");
    answer[2] |= 0x80;
    assert!(matches!(Incoming::read(&answer), Incoming::Noise));
    assert!(matches!(Incoming::read(&answer[..11]), Incoming::Noise));
    assert!(matches!(Incoming::read(b""), Incoming::Noise));
}

#[test]
fn other_operations_are_told_apart() {
    let mut notify = packet([0; 3], b"");
    notify[2] |= 4 << 3;
    assert!(matches!(
        Incoming::read(&notify),
        Incoming::OtherOperation(_)
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Incoming::read(&bytes);
    }

    #[test]
    fn no_bytes_behind_a_good_header_make_it_panic(counts in any::<[u8; 3]>(), rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Incoming::read(&packet(counts.map(|count| count % 4), &rest));
    }
}
