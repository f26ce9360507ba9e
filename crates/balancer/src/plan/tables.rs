//! Stick tables, alive.

use super::Plan;
use crate::process::lock;
use haproxy_config::model;
use lb_core::stick::{DataKind, KeyKind, Stored, TableSpec};
use samples::{Condition, Expression};
use std::sync::{Arc, Mutex, MutexGuard};

/// A table and how to get at it.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub kind: KeyKind,
    /// Shared with the same table in the plan before: who tracks an entry goes on doing so.
    live: Arc<Mutex<lb_core::stick::Table>>,
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
}

/// All tables; what is remembered under the same name is taken over from the `former` plan.
pub(super) fn build(config: &model::Config, former: Option<&Plan>) -> Vec<Arc<Table>> {
    let tables = config.tables.iter().enumerate().map(|(index, table)| {
        let spec = spec(config, index, table);
        let kind = spec.key;
        let former = former.and_then(|plan| plan.table(&table.name));
        Arc::new(Table {
            name: table.name.clone(),
            kind,
            live: live(spec, former),
        })
    });
    tables.collect()
}

fn live(spec: TableSpec, former: Option<&Arc<Table>>) -> Arc<Mutex<lb_core::stick::Table>> {
    if let Some(former) = former.filter(|former| *former.live().spec() == spec) {
        return Arc::clone(&former.live);
    }
    let mut live = lb_core::stick::Table::new(spec);
    if let Some(former) = former {
        live.inherit(&former.live());
    }
    Arc::new(Mutex::new(live))
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
            elements: data.elements,
        })
    });
    let mut store: Vec<_> = stored.collect();
    let mut rules = config.backends.iter().flat_map(|backend| &backend.stick);
    if rules.any(|rule| rule.table == index) {
        for kind in [DataKind::ServerId, DataKind::ServerKey] {
            if store.iter().all(|stored| stored.kind != kind) {
                store.push(Stored::plain(kind));
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
