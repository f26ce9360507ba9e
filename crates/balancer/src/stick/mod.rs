//! Stick tables at work: who a request is bound to by what is remembered of its client (manual, "stick").

pub mod ask;
pub mod tracked;

use crate::plan::{Backend, StickKind, Table};
use lb_core::Uptime;
use lb_core::server::ServerIndex;
use lb_core::stick::{Key, KeyKind};
use samples::acl;
use samples::{Kind, Value, View};
use std::sync::Arc;

/// What a request is to be remembered by, once it has its server.
pub type Stores = Vec<(Arc<Table>, Key)>;

/// Goes through the rules of a backend: gives the server that the client is remembered with, unless one was `assigned`
/// already, and what is to be remembered.
pub fn look_up(
    backend: &Backend,
    view: &View<'_>,
    assigned: bool,
    now: Uptime,
) -> (Option<ServerIndex>, Stores) {
    let (mut bound, mut stores) = (None, Stores::new());
    let rules = backend.stick.iter();
    for rule in rules.filter(|rule| rule.kind != StickKind::StoreResponse) {
        let stores_it = matches!(rule.kind, StickKind::On | StickKind::StoreRequest);
        let stored = |(table, _): &(Arc<Table>, Key)| Arc::ptr_eq(table, &rule.table);
        // The first one of a table counts, so that rules can go from the precise to the rough.
        if stores_it && stores.iter().any(stored) {
            continue;
        }
        if !acl::applies(rule.condition.as_ref(), view) {
            continue;
        }
        let value = rule.expression.evaluate(view);
        let Some(key) = value.and_then(|value| key(rule.table.kind, value)) else {
            continue;
        };
        if rule.kind != StickKind::StoreRequest {
            let found = remembered(backend, &rule.table, &key, now);
            if bound.is_none() && !assigned {
                bound = found;
            }
        }
        if stores_it {
            stores.push((Arc::clone(&rule.table), key));
        }
    }
    (bound, stores)
}

/// Adds what the answer tells the client is to be remembered by.
pub fn look_at_answer(backend: &Backend, view: &View<'_>, stores: &mut Stores) {
    let of_request = stores.len();
    let rules = backend.stick.iter();
    for rule in rules.filter(|rule| rule.kind == StickKind::StoreResponse) {
        let mut told = stores[of_request..].iter();
        if told.any(|(table, _)| Arc::ptr_eq(table, &rule.table)) {
            continue;
        }
        if !acl::applies(rule.condition.as_ref(), view) {
            continue;
        }
        let value = rule.expression.evaluate(view);
        if let Some(key) = value.and_then(|value| key(rule.table.kind, value)) {
            stores.push((Arc::clone(&rule.table), key));
        }
    }
}

/// Remembers the server that a request got.
pub fn store(stores: Stores, backend: &Backend, server: ServerIndex, now: Uptime) {
    let server = backend.server(server);
    for (table, key) in stores {
        table
            .live()
            .store_server(&key, server.id, &server.name.as_str().into(), now);
    }
}

/// The server of an entry, if it may be asked; looking keeps the entry alive.
fn remembered(backend: &Backend, table: &Table, key: &Key, now: Uptime) -> Option<ServerIndex> {
    let (id, name) = {
        let mut table = table.live();
        let entry = table.get(key, now)?.clone();
        table.touch(key, now);
        table.server(&entry)
    };
    let mut servers = backend.servers.iter();
    // The name tells it even after lines were moved about.
    let server = servers.find(|server| match &name {
        Some(name) => **name == *server.name,
        None => Some(server.id) == id,
    })?;
    let up = backend.live().server(server.index).is_up();
    (up || backend.persist).then_some(server.index)
}

/// A value as a key; `None`: it cannot be one of that kind.
pub fn key(kind: KeyKind, value: Value<'_>) -> Option<Key> {
    match kind {
        KeyKind::Ip | KeyKind::Ipv6 => match value.cast(Kind::Address)? {
            Value::Address(address) => Key::address(kind, address),
            _ => None,
        },
        KeyKind::Integer => integer(value).map(Key::integer),
        KeyKind::Text(_) => Some(Key::bytes(kind, &value.into_text())),
        KeyKind::Binary(_) => Some(Key::bytes(kind, &value.into_bytes())),
    }
}

/// Of a text, its leading digits: none are 0.
fn integer(value: Value<'_>) -> Option<u32> {
    let number = match value {
        Value::Text(text) => {
            let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
            digits.fold(0u32, |sum, digit| {
                sum.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'))
            })
        }
        value => value.int()? as u32,
    };
    Some(number)
}
