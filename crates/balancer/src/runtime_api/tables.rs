//! Commands on stick tables.

use super::session::{Context, Reply};
use crate::plan::Table;
use lb_core::stick::{self, DataKind, Entry, Key};
use std::fmt::Write;

/// `show table [T [key K | data.X OP V ...]]`.
pub(super) fn show(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let Some(name) = arguments.first() else {
        // the last one of the file comes first
        let tables = context.plan.tables.iter().rev();
        return Reply::Data(tables.map(|table| head(table, context)).collect());
    };
    let Some(table) = find(context, name) else {
        return Reply::error("No such table");
    };
    let which = match Which::read(table, arguments, SHOW) {
        Ok(which) => which,
        Err(wrong) => return wrong,
    };
    let now = context.now;
    let mut live = table.live();
    live.expire(now);
    let mut text = String::new();
    for (key, entry) in live
        .iter()
        .filter(|(key, entry)| which.holds(&live, key, entry, context))
    {
        let address = std::ptr::from_ref(entry);
        let _ = writeln!(text, "{address:p}: {}", live.line(key, entry, now));
    }
    drop(live);
    if matches!(which, Which::Key(_)) && text.is_empty() {
        return Reply::Done;
    }
    Reply::Data(head(table, context) + &text)
}

/// `set table T key K [data.X V ...]`.
pub(super) fn set(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let Some(name) = arguments.first() else {
        return Reply::error(
            "Required arguments: <table> key <key> [data.<store_data_type> <value>]*",
        );
    };
    let Some(table) = find(context, name) else {
        return Reply::error("No such table");
    };
    match arguments.get(1).map(String::as_str) {
        Some("key") => {}
        Some(word) if word.starts_with("data.") => {
            return Reply::error(
                "content-based lookup is only supported with the \"show\" and \"clear\" actions",
            );
        }
        Some(_) => {
            return Reply::error(
                "Required arguments: <table> key <key> [data.<store_data_type> <value>]*",
            );
        }
        None => return Reply::Done,
    }
    let key = match key(table, arguments.get(2)) {
        Ok(key) => key,
        Err(wrong) => return wrong,
    };
    let now = context.now;
    let mut live = table.live();
    if live.entry(&key, now).is_none() {
        return Reply::error("Unable to allocate a new entry");
    }
    for pair in arguments.get(3..).unwrap_or_default().chunks(2) {
        let kind = match data(&pair[0]) {
            None => return Reply::error("\"data.<type>\" followed by a value expected"),
            Some(None) => return Reply::error("Unknown data type"),
            Some(Some(kind)) => kind,
        };
        if !live.stores(kind) {
            return Reply::error("Data type not stored in this table");
        }
        let Some(value) = pair.get(1).and_then(|text| text.parse().ok()) else {
            return Reply::error("Require a valid integer value to store");
        };
        live.set(&key, kind, value, now);
    }
    Reply::Done
}

/// `clear table T [key K | data.X OP V ...]`.
pub(super) fn clear(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let Some(name) = arguments.first() else {
        return Reply::error(CLEAR);
    };
    let Some(table) = find(context, name) else {
        return Reply::error("No such table");
    };
    let which = match Which::read(table, arguments, CLEAR) {
        Ok(which) => which,
        Err(wrong) => return wrong,
    };
    let mut live = table.live();
    live.expire(context.now);
    let chosen = live
        .iter()
        .filter(|(key, entry)| which.holds(&live, key, entry, context));
    let chosen: Vec<Key> = chosen.map(|(key, _)| key.clone()).collect();
    let mut busy = false;
    for key in &chosen {
        busy |= !live.remove(key);
    }
    if busy && matches!(which, Which::Key(_)) {
        // HAProxy's spelling
        return Reply::error("Entry currently in use, cannot remove");
    }
    Reply::Done
}

const SHOW: &str =
    "Optional argument only supports \"data.<store_data_type>\" <operator> <value> and key <key>";
const CLEAR: &str = "Required arguments: <table> \"data.<store_data_type>\" <operator> <value> or <table> key <key>";

fn find<'a>(context: &'a Context<'_>, name: &str) -> Option<&'a Table> {
    context.plan.table(name).map(|table| &**table)
}

fn head(table: &Table, context: &Context<'_>) -> String {
    let mut live = table.live();
    live.expire(context.now);
    let spec = live.spec();
    format!(
        "# table: {}, type: {}, size:{}, used:{}\n",
        table.name,
        spec.key.name(),
        spec.size,
        live.len()
    )
}

/// Which entries a command is about.
enum Which {
    All,
    Key(Key),
    /// All of these hold.
    Data(Vec<Filter>),
}

struct Filter {
    kind: DataKind,
    holds: fn(&u64, &u64) -> bool,
    value: u64,
}

impl Which {
    fn read(table: &Table, arguments: &[String], usage: &str) -> Result<Self, Reply> {
        match arguments.get(1).map(String::as_str) {
            None => Ok(Self::All),
            Some("key") => key(table, arguments.get(2)).map(Self::Key),
            Some(word) if word.starts_with("data.") => filters(table, &arguments[1..]),
            Some(_) => Err(Reply::error(usage)),
        }
    }

    fn holds(&self, table: &stick::Table, key: &Key, entry: &Entry, context: &Context<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Key(wanted) => key == wanted,
            Self::Data(filters) => filters.iter().all(|filter| {
                let value = table.value(entry, filter.kind, context.now);
                value.is_some_and(|value| (filter.holds)(&value, &filter.value))
            }),
        }
    }
}

fn filters(table: &Table, arguments: &[String]) -> Result<Which, Reply> {
    let mut filters = Vec::new();
    for (number, words) in (1..).zip(arguments.chunks(3)) {
        let wrong = |text: &str| Reply::error(&format!("Filter entry #{number}: {text}"));
        let kind = data(&words[0]).flatten();
        let kind = kind.ok_or_else(|| wrong("Unknown data type"))?;
        if !table.live().stores(kind) {
            return Err(wrong("Data type not stored in this table"));
        }
        let holds = words.get(1).and_then(|word| operator(word));
        let holds = holds.ok_or_else(|| {
            wrong("Require and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"")
        })?;
        let value = words.get(2).and_then(|text| text.parse().ok());
        let value =
            value.ok_or_else(|| wrong("Require a valid integer value to compare against"))?;
        filters.push(Filter { kind, holds, value });
    }
    Ok(Which::Data(filters))
}

fn operator(word: &str) -> Option<fn(&u64, &u64) -> bool> {
    Some(match word {
        "eq" => u64::eq,
        "ne" => u64::ne,
        "le" => u64::le,
        "ge" => u64::ge,
        "lt" => u64::lt,
        "gt" => u64::gt,
        _ => return None,
    })
}

/// `data.X`: the outer `None` when it is not of that form, the inner one when there is no such kind.
fn data(word: &str) -> Option<Option<DataKind>> {
    word.strip_prefix("data.").map(DataKind::of_name)
}

fn key(table: &Table, text: Option<&String>) -> Result<Key, Reply> {
    let text = text.ok_or_else(|| Reply::error("Key value expected"))?;
    Key::read(table.kind, text).ok_or_else(|| Reply::error("Invalid key"))
}
