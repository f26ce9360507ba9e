//! How busy the backend or server of a name is.

use super::{Converter, row};
use crate::value::{Kind, Value};
use crate::view::View;

use Kind::{Int, Text};

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("nbsrv", Text, Int, |value, _, view| Some(Value::Int(view.world.backend_load(&name(value))?.usable.into()))),
    row("srv_queue", Text, Int, queue),
];

fn name(value: Value<'_>) -> String {
    String::from_utf8_lossy(&value.into_text()).into_owned()
}

/// Of `[BACKEND/]SERVER`.
fn queue<'a>(value: Value<'a>, _: &'a [crate::Argument], view: &View<'a>) -> Option<Value<'a>> {
    let name = name(value);
    let (backend, server) = match name.split_once('/') {
        Some(parts) => parts,
        None => (view.world.backend()?, &*name),
    };
    let load = view.world.server_load(backend, server)?;
    Some(Value::Int(load.queued.into()))
}
