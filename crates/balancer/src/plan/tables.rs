//! Stick tables, alive.

use super::Plan;
use crate::process::lock;
use haproxy_config::model;
use lb_core::stick::{DataKind, KeyKind, Stored, TableSpec};
use samples::{Condition, Expression};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// A table and how to get at it.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub kind: KeyKind,
    store: Vec<DataKind>,
    live: Mutex<lb_core::stick::Table>,
}

/// A `stick` line.
#[derive(Debug)]
pub struct StickRule {
    pub kind: model::StickKind,
    pub expression: Expression,
    pub table: Arc<Table>,
    pub condition: Option<Condition>,
}

impl Table {
    /// Its entries: hold them for a few lines, never over an `.await`.
    pub fn live(&self) -> MutexGuard<'_, lb_core::stick::Table> {
        lock(&self.live)
    }

    /// Whether it remembers data of this kind.
    pub fn stores(&self, kind: DataKind) -> bool {
        self.store.contains(&kind)
    }
}

/// All tables; what is remembered under the same name is taken over from the `former` plan.
pub(super) fn build(config: &model::Config, former: Option<&Plan>) -> Vec<Arc<Table>> {
    let tables = config.tables.iter().enumerate().map(|(index, table)| {
        let spec = spec(config, index, table);
        let kind = spec.key;
        let store = spec.store.iter().map(|stored| stored.kind).collect();
        let mut live = lb_core::stick::Table::new(spec);
        let former = former.and_then(|plan| plan.tables.iter().find(|it| it.name == table.name));
        if let Some(former) = former {
            live.inherit(&former.live());
        }
        Arc::new(Table {
            name: table.name.clone(),
            kind,
            store,
            live: Mutex::new(live),
        })
    });
    tables.collect()
}

pub(super) fn rules(backend: &model::Backend, tables: &[Arc<Table>]) -> Vec<StickRule> {
    let rules = backend.stick.iter().map(|rule| StickRule {
        kind: rule.kind,
        expression: rule.expression.clone(),
        table: Arc::clone(&tables[rule.table]),
        condition: rule.condition.clone(),
    });
    rules.collect()
}

/// What is written, and the server where `stick` lines ask for it.
fn spec(config: &model::Config, index: usize, table: &model::StickTable) -> TableSpec {
    let stored = table.store.iter().filter_map(|data| {
        Some(Stored {
            kind: DataKind::of_name(data.name)?,
            period: data.period.unwrap_or_default(),
        })
    });
    let mut store: Vec<_> = stored.collect();
    let mut rules = config.backends.iter().flat_map(|backend| &backend.stick);
    if rules.any(|rule| rule.table == index) {
        for kind in [DataKind::ServerId, DataKind::ServerKey] {
            if store.iter().all(|stored| stored.kind != kind) {
                store.push(Stored {
                    kind,
                    period: Duration::ZERO,
                });
            }
        }
    }
    store.sort_by_key(|stored| stored.kind);
    TableSpec {
        name: table.name.clone(),
        key: match table.key {
            model::StickKey::Ip => KeyKind::Ip,
            model::StickKey::Ipv6 => KeyKind::Ipv6,
            model::StickKey::Integer => KeyKind::Integer,
            model::StickKey::Text(length) => KeyKind::Text(length),
            model::StickKey::Binary(length) => KeyKind::Binary(length),
        },
        size: table.size as usize,
        expire: table.expire,
        nopurge: table.nopurge,
        store,
    }
}
