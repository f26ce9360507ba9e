use super::*;

use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::{A, SOA};

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn question(text: &str) -> Question {
    Question::of(&Query::query(name(text), RecordType::A))
}

fn address(ttl: u32) -> Record {
    Record::from_rdata(name("a.test."), ttl, RData::A(A::new(192, 0, 2, 1)))
}

fn soa(ttl: u32, minimum: u32) -> Record {
    let soa = SOA::new(name("test."), name("test."), 1, 1, 1, 1, minimum);
    Record::from_rdata(name("test."), ttl, RData::SOA(soa))
}

fn kept(code: ResponseCode, answers: Vec<Record>, authorities: Vec<Record>) -> Kept {
    Kept {
        answers,
        authorities,
        ..Kept::nothing(code)
    }
}

fn positive(ttl: u32) -> Kept {
    kept(ResponseCode::NoError, vec![address(ttl)], Vec::new())
}

#[test]
fn an_answer_lives_as_long_as_its_shortest_record() {
    let lifetime = |answers| kept(ResponseCode::NoError, answers, Vec::new()).lifetime();
    assert_eq!(lifetime(vec![address(3600), address(60)]), 60);
    assert_eq!(lifetime(vec![address(0)]), 0);
    assert_eq!(lifetime(vec![address(1_000_000)]), 86_400);
}

#[test]
fn a_negative_answer_lives_as_its_soa_says() {
    let lifetime = |code, answers, soa| kept(code, answers, soa).lifetime();
    assert_eq!(
        lifetime(ResponseCode::NXDomain, vec![], vec![soa(300, 60)]),
        60
    );
    assert_eq!(
        lifetime(ResponseCode::NoError, vec![], vec![soa(30, 60)]),
        30
    );
    assert_eq!(
        lifetime(ResponseCode::NoError, vec![], vec![soa(100_000, 100_000)]),
        10_800
    );
    assert_eq!(
        lifetime(ResponseCode::NXDomain, vec![], vec![]),
        0,
        "without a SOA it is not kept"
    );
    assert_eq!(
        lifetime(ResponseCode::NXDomain, vec![address(5)], vec![soa(300, 60)]),
        5,
        "an alias to nowhere"
    );
}

#[test]
fn failures_are_not_kept() {
    for code in [
        ResponseCode::ServFail,
        ResponseCode::Refused,
        ResponseCode::FormErr,
    ] {
        assert_eq!(
            kept(code, vec![address(300)], vec![soa(300, 60)]).lifetime(),
            0
        );
    }
}

#[test]
fn time_is_counted_down_to_its_end() {
    let (mut store, start) = (Store::default(), Instant::now());
    let after = |seconds: u64| start + Duration::from_millis(seconds * 1000 + 500);
    store.keep(question("a.test."), positive(10), start);
    let find = |seconds| {
        store
            .find(&question("A.test."), after(seconds))
            .map(|(_, age, left)| (age, left))
    };
    assert_eq!(find(0), Some((0, 10)));
    assert_eq!(find(9), Some((9, 1)));
    assert_eq!(find(10), None);
    assert!(store.find(&question("b.test."), start).is_none());
}

#[test]
fn a_newer_answer_replaces_the_older() {
    let (mut store, start) = (Store::default(), Instant::now());
    store.keep(question("a.test."), positive(10), start);
    store.keep(
        question("a.test."),
        positive(99),
        start + Duration::from_secs(5),
    );
    let later = start + Duration::from_secs(50);
    assert!(store.find(&question("a.test."), later).is_some());
    store.keep(
        question("a.test."),
        Kept::nothing(ResponseCode::ServFail),
        later,
    );
    assert!(store.find(&question("a.test."), later).is_none());
    assert!(store.entries.is_empty() && store.ends.is_empty());
}

#[test]
fn when_it_is_full_what_ends_soonest_goes() {
    let (mut store, start) = (Store::default(), Instant::now());
    store.keep(question("short.test."), positive(5), start);
    for n in 0..MAX_ENTRIES {
        store.keep(question(&format!("n{n}.test.")), positive(60), start);
    }
    assert_eq!(
        (store.entries.len(), store.ends.len()),
        (MAX_ENTRIES, MAX_ENTRIES)
    );
    assert!(store.find(&question("short.test."), start).is_none());
    assert!(store.find(&question("n0.test."), start).is_some());
}

#[test]
fn what_has_ended_makes_room() {
    let (mut store, start) = (Store::default(), Instant::now());
    store.keep(question("a.test."), positive(5), start);
    store.keep(
        question("b.test."),
        positive(60),
        start + Duration::from_secs(6),
    );
    assert_eq!(store.entries.len(), 1);
}
