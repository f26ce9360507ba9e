use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn table(size: usize, store: &[DataKind]) -> Table {
    let stored = store.iter().map(|kind| Stored {
        kind: *kind,
        period: 10 * SECOND,
        elements: if kind.is_array() { 2 } else { 1 },
    });
    Table::new(TableSpec {
        name: "t".into(),
        key: KeyKind::Text(8),
        size,
        expire: Some(10 * SECOND),
        nopurge: false,
        store: stored.collect(),
    })
}

fn key(text: &str) -> Key {
    Key::bytes(KeyKind::Text(8), text.as_bytes())
}

fn keys(table: &Table) -> Vec<String> {
    let keys = table.iter().map(|(key, _)| key.show(table.spec().key));
    keys.collect()
}

#[test]
fn entries_end_some_time_after_their_last_use() {
    let mut table = table(9, &[]);
    table.entry(&key("a"), SECOND);
    table.entry(&key("b"), 2 * SECOND);
    table.entry(&key("a"), 3 * SECOND);
    table.expire(12 * SECOND);
    assert_eq!(keys(&table), ["a"]);
    assert!(table.get(&key("a"), 13 * SECOND).is_none());
}

#[test]
fn what_is_tracked_stays() {
    let mut table = table(1, &[]);
    table.hold(&key("a"), SECOND);
    table.expire(99 * SECOND);
    assert_eq!(keys(&table), ["a"]);
    assert!(!table.remove(&key("a")));
    assert!(table.entry(&key("b"), 99 * SECOND).is_none(), "it is full");
    table.release(&key("a"), 99 * SECOND);
    assert!(table.entry(&key("b"), 99 * SECOND).is_some());
    assert_eq!(keys(&table), ["b"]);
}

#[test]
fn a_full_table_forgets_what_ends_first_or_takes_nothing() {
    let mut purging = table(2, &[]);
    for (at, name) in (1..).zip(["a", "b", "a", "c"]) {
        assert!(purging.entry(&key(name), at * SECOND).is_some());
    }
    assert_eq!(keys(&purging), ["a", "c"]);
    let mut full = table(1, &[]);
    full.spec.nopurge = true;
    full.entry(&key("a"), SECOND);
    assert!(full.entry(&key("b"), SECOND).is_none());
}

#[test]
fn events_are_counted_where_they_are_stored() {
    use DataKind::{ConnCur, Gpc0, HttpReqCnt, HttpReqRate};
    let mut table = table(9, &[Gpc0, ConnCur, HttpReqRate]);
    let key = key("a");
    table.entry(&key, SECOND);
    for kind in [Gpc0, ConnCur, ConnCur, HttpReqRate, HttpReqRate, HttpReqCnt] {
        table.count(&key, kind, 1, SECOND);
    }
    table.uncount(&key, ConnCur);
    let entry = table.get(&key, SECOND).unwrap().clone();
    let value = |kind| table.value(&entry, kind, SECOND);
    assert_eq!(value(Gpc0), Some(1));
    assert_eq!(value(ConnCur), Some(1));
    assert_eq!(value(HttpReqRate), Some(2));
    assert_eq!(value(HttpReqCnt), None);
    assert_eq!(
        table.line(&key, &entry, SECOND),
        "key=a use=0 exp=10000 gpc0=1 conn_cur=1 http_req_rate(10000)=2"
    );
}

#[test]
fn a_client_is_remembered_with_its_server() {
    let mut table = table(9, &[DataKind::ServerId, DataKind::ServerKey]);
    table.store_server(&key("a"), 3, &"s3".into(), SECOND);
    let entry = table.get(&key("a"), SECOND).unwrap().clone();
    assert_eq!(table.server(&entry), (Some(3), Some("s3".into())));
    let line = "key=a use=0 exp=10000 server_id=3 server_key=s3";
    assert_eq!(table.line(&key("a"), &entry, SECOND), line);
}

#[test]
fn keys_are_cut_filled_and_shown() {
    let shown = |kind: KeyKind, text: &str| Key::read(kind, text).map(|key| key.show(kind));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(shown(KeyKind::Text(3), "abcd"), some("abc"));
    assert_eq!(shown(KeyKind::Text(9), "a b=c"), some("a\\ b\\=c"));
    assert_eq!(shown(KeyKind::Binary(3), "AB"), some("414200"));
    assert_eq!(shown(KeyKind::Integer, "42"), some("42"));
    assert_eq!(shown(KeyKind::Integer, "x"), None);
    assert_eq!(shown(KeyKind::Ip, "::ffff:1.2.3.4"), some("1.2.3.4"));
    assert_eq!(shown(KeyKind::Ip, "2001:db8::1"), None);
    assert_eq!(shown(KeyKind::Ipv6, "1.2.3.4"), some("::ffff:1.2.3.4"));
}

#[test]
fn arrays_stand_in_for_numbered_kinds() {
    use DataKind::{Gpc, Gpc0, Gpc1, Gpc1Rate, GpcRate};
    let mut table = table(9, &[Gpc, GpcRate]);
    let key = key("a");
    table.entry(&key, SECOND);
    assert_eq!(table.count(&key, Gpc1, 2, SECOND), Some(2));
    assert_eq!(table.count_at(&key, (Gpc, 0), 1, SECOND), Some(1));
    assert_eq!(table.count_at(&key, (Gpc, 2), 1, SECOND), None);
    assert_eq!(table.count(&key, Gpc1Rate, 3, SECOND), Some(3));
    let entry = table.get(&key, SECOND).unwrap().clone();
    assert_eq!(table.value(&entry, Gpc0, SECOND), Some(1));
    assert_eq!(
        table.line(&key, &entry, SECOND),
        "key=a use=0 exp=10000 gpc0=1 gpc1=2 gpc0_rate(10000)=0 gpc1_rate(10000)=3"
    );
}

#[test]
fn a_table_of_a_new_file_takes_over_entries_but_nobody_who_tracks_them() {
    let mut former = table(9, &[DataKind::ConnCur, DataKind::ConnCnt]);
    former.hold(&key("a"), SECOND);
    for kind in [DataKind::ConnCur, DataKind::ConnCnt] {
        former.count(&key("a"), kind, 1, SECOND);
    }
    let mut new = table(9, &[DataKind::ConnCur, DataKind::ConnCnt]);
    new.inherit(&former);
    let entry = new.get(&key("a"), SECOND).unwrap().clone();
    assert_eq!(
        new.line(&key("a"), &entry, SECOND),
        "key=a use=0 exp=10000 conn_cur=0 conn_cnt=1"
    );
}
