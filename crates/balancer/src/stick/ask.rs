//! Answers to what rules ask of stick tables, and the changes that some questions bring along.

use crate::plan::{Plan, Table};
use lb_core::Uptime;
use lb_core::stick::{DataKind, Entry, Key};
use samples::tables::{Ask, Datum, Entry as Whose, Question, Told};
use std::sync::Arc;
use std::time::Duration;

/// Answers a question of a rule of the section `proxy`; `tracked` tells what a counter tracks.
pub fn ask(
    question: &Question<'_>,
    plan: &Plan,
    proxy: &str,
    tracked: impl Fn(usize) -> Option<(Arc<Table>, Key)>,
    now: Uptime,
) -> Told {
    let named = question.table.map(|name| plan.table(name));
    let (table, key) = match &question.entry {
        Whose::Tracked(counter) => {
            let Some((table, key)) = tracked(*counter) else {
                return Told::Nothing;
            };
            (named.map_or(Some(table), |named| named.cloned()), Some(key))
        }
        Whose::Key(value) => {
            let table = named.unwrap_or_else(|| plan.table(proxy)).cloned();
            let key = table
                .as_ref()
                .and_then(|table| super::key(table.kind, value.clone()));
            (table, key)
        }
    };
    let (Some(table), Some(key)) = (table, key) else {
        return Told::Nothing;
    };
    let makes_entry = matches!(question.entry, Whose::Key(_));
    match question.ask {
        Ask::Increment(datum) => increment(&table, &key, datum, makes_entry, now),
        Ask::Clear(datum) => clear(&table, &key, datum, makes_entry, now),
        Ask::CountConnection => count_connection(&table, &key, now),
        // Whoever looks an entry up holds it meanwhile, and HAProxy counts that.
        Ask::Trackers if makes_entry || question.table.is_some() => {
            match look(&table, &key, Ask::Trackers, now) {
                Told::Number(number) => Told::Number(number + 1),
                told => told,
            }
        }
        other => look(&table, &key, other, now),
    }
}

/// What can be told without a change.
fn look(table: &Table, key: &Key, ask: Ask, now: Uptime) -> Told {
    let mut live = table.live();
    live.expire(now);
    let stored = match ask {
        Ask::Number(datum) => place(datum).is_some_and(|place| live.stores_at(place)),
        _ => true,
    };
    let Some(entry) = live.get(key, now).cloned() else {
        return Told::NoEntry;
    };
    if !stored {
        return Told::Nothing;
    }
    let told = match ask {
        Ask::Exists => Some(1),
        Ask::Trackers => Some(entry.uses().into()),
        Ask::Number(datum) => number(&live, &entry, datum, now),
        Ask::Left => live.left(&entry, now).map(milliseconds),
        Ask::Idle => live.idle(&entry, now).map(milliseconds),
        Ask::Increment(_) | Ask::Clear(_) | Ask::CountConnection => None,
    };
    told.map_or(Told::Nothing, Told::Number)
}

fn number(table: &lb_core::stick::Table, entry: &Entry, datum: Datum, now: Uptime) -> Option<u64> {
    table.value_at(entry, place(datum)?, now)
}

/// Counts one in a counter and in its rate; gives the counter, or what the rate has counted in its period.
pub fn increment(table: &Table, key: &Key, datum: Datum, makes_entry: bool, now: Uptime) -> Told {
    let mut live = table.live();
    if live.get(key, now).is_none() && !(makes_entry && live.entry(key, now).is_some()) {
        return Told::NoEntry;
    }
    let rate = rate_of(datum).and_then(|place| live.count_at(key, place, 1, now));
    let count = place(datum).and_then(|place| live.count_at(key, place, 1, now));
    live.touch(key, now);
    count.or(rate).map_or(Told::Nothing, Told::Number)
}

fn clear(table: &Table, key: &Key, datum: Datum, makes_entry: bool, now: Uptime) -> Told {
    let mut live = table.live();
    if live.get(key, now).is_none() && !(makes_entry && live.entry(key, now).is_some()) {
        return Told::NoEntry;
    }
    let entry = live.touch(key, now).cloned();
    let before = entry.and_then(|entry| number(&live, &entry, datum, now));
    if let Some(place) = place(datum) {
        live.set_at(key, place, 0, now);
    }
    before.map_or(Told::Nothing, Told::Number)
}

/// Sets a tag.
pub fn set(table: &Table, key: &Key, datum: Datum, value: u64, now: Uptime) {
    if let Some(place) = place(datum) {
        let mut live = table.live();
        live.set_at(key, place, value, now);
        live.touch(key, now);
    }
}

fn count_connection(table: &Table, key: &Key, now: Uptime) -> Told {
    let mut live = table.live();
    if live.entry(key, now).is_none() {
        return Told::Nothing;
    }
    let count = live.count(key, DataKind::ConnCnt, 1, now);
    count.map_or(Told::Nothing, Told::Number)
}

fn place(datum: Datum) -> Option<(DataKind, usize)> {
    Some((DataKind::of_name(datum.name)?, datum.element))
}

fn rate_of(datum: Datum) -> Option<(DataKind, usize)> {
    let rate = match datum.name {
        "gpc0" => DataKind::Gpc0Rate,
        "gpc1" => DataKind::Gpc1Rate,
        "gpc" => DataKind::GpcRate,
        _ => return None,
    };
    Some((rate, datum.element))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
