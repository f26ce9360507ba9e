//! Proxies and servers: who they are and how busy.

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::{BackendLoad, Load, ServerLoad, View};
use std::time::Duration;

use Kind::{Bool, Int, Text};
use Needs::{Backend, Frontend, Nothing, Server};

const PROXY: &[Parameter] = &[Parameter::Proxy];
const SERVER: &[Parameter] = &[Parameter::Server];

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("fe_name", Text, Frontend, |view, _| Some(Value::text(view.world.frontend().as_bytes()))),
    one("fe_id", Int, Frontend, |view, _| Some(number(view.world.frontend_id()))),
    one("be_name", Text, Backend, |view, _| view.world.backend().map(|name| Value::text(name.as_bytes()))),
    one("be_id", Int, Backend, |view, _| view.world.backend_id().map(number)),
    one("srv_name", Text, Server, |view, _| view.world.server().map(|name| Value::text(name.as_bytes()))),
    one("srv_id", Int, Server, |view, _| view.world.server_id().map(number)),
    one("nbsrv", Int, Nothing, |view, arguments| Some(number(backend(view, arguments)?.usable))).taking(PROXY, 0),
    one("be_conn", Int, Nothing, |view, arguments| Some(number(backend(view, arguments)?.load.sessions))).taking(PROXY, 0),
    one("be_sess_rate", Int, Nothing, |view, arguments| Some(number(backend(view, arguments)?.load.rate))).taking(PROXY, 0),
    one("queue", Int, Nothing, |view, arguments| Some(number(backend(view, arguments)?.queued))).taking(PROXY, 0),
    one("avg_queue", Int, Nothing, |view, arguments| Some(average_queue(backend(view, arguments)?))).taking(PROXY, 0),
    one("connslots", Int, Nothing, |view, arguments| Some(Value::Int(backend(view, arguments)?.slots.unwrap_or(-1)))).taking(PROXY, 0),
    one("fe_conn", Int, Nothing, |view, arguments| Some(number(frontend(view, arguments)?.sessions))).taking(PROXY, 0),
    one("fe_sess_rate", Int, Nothing, |view, arguments| Some(number(frontend(view, arguments)?.rate))).taking(PROXY, 0),
    one("fe_req_rate", Int, Nothing, |view, arguments| Some(number(frontend(view, arguments)?.requests))).taking(PROXY, 0),
    one("srv_is_up", Bool, Nothing, |view, arguments| Some(Value::Bool(server(view, arguments)?.up))).taking(SERVER, 1),
    one("srv_conn", Int, Nothing, |view, arguments| Some(number(server(view, arguments)?.sessions))).taking(SERVER, 1),
    one("srv_queue", Int, Nothing, |view, arguments| Some(number(server(view, arguments)?.queued))).taking(SERVER, 1),
    one("srv_sess_rate", Int, Nothing, |view, arguments| Some(number(server(view, arguments)?.rate))).taking(SERVER, 1),
    one("be_conn_free", Int, Nothing, |view, arguments| Some(Value::Int(backend(view, arguments)?.free.unwrap_or(-1)))).taking(PROXY, 0),
    one("srv_conn_free", Int, Nothing, |view, arguments| Some(Value::Int(server(view, arguments)?.free.unwrap_or(-1)))).taking(SERVER, 1),
    one("srv_iweight", Int, Nothing, |view, arguments| Some(number(server(view, arguments)?.initial_weight))).taking(SERVER, 1),
    one("srv_uweight", Int, Nothing, |view, arguments| Some(number(server(view, arguments)?.weight))).taking(SERVER, 1),
    one("fe_defbe", Text, Frontend, |view, _| view.world.default_backend().map(|name| Value::text(name.as_bytes()))),
    one("fe_client_timeout", Int, Frontend, |view, _| Some(milliseconds(view.world.timeouts().client))),
    one("be_server_timeout", Int, Backend, |view, _| Some(milliseconds(view.world.timeouts().backend?.server))),
    one("be_tunnel_timeout", Int, Backend, |view, _| Some(milliseconds(view.world.timeouts().backend?.tunnel))),
    one("cur_server_timeout", Int, Backend, |view, _| Some(milliseconds(view.world.timeouts().current?.server))),
    one("cur_tunnel_timeout", Int, Backend, |view, _| Some(milliseconds(view.world.timeouts().current?.tunnel))),
    one("prio_class", Int, Nothing, |view, _| view.world.priority().map(|(class, _)| Value::Int(class))),
    one("prio_offset", Int, Nothing, |view, _| view.world.priority().map(|(_, offset)| Value::Int(offset))),
    one("stopping", Bool, Nothing, |view, _| Some(Value::Bool(view.world.is_stopping()))),
    one("srv_weight", Int, Nothing, |view, arguments| Some(number(server(view, arguments)?.weight))).taking(SERVER, 1),
];

/// 0: for ever.
fn milliseconds(limit: Option<Duration>) -> Value<'static> {
    let milliseconds = limit.map_or(0, |limit| limit.as_millis());
    Value::Int(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

fn number(number: u32) -> Value<'static> {
    Value::Int(number.into())
}

/// The backend named, or the one whose rule this is.
fn backend(view: &View<'_>, arguments: &[Argument]) -> Option<BackendLoad> {
    let name = Argument::proxy(arguments, 0);
    view.world
        .backend_load(name.unwrap_or_else(|| view.world.proxy()))
}

fn frontend(view: &View<'_>, arguments: &[Argument]) -> Option<Load> {
    let name = Argument::proxy(arguments, 0);
    view.world
        .frontend_load(name.unwrap_or_else(|| view.world.proxy()))
}

fn server(view: &View<'_>, arguments: &[Argument]) -> Option<ServerLoad> {
    let Some(Argument::Server { backend, server }) = arguments.first() else {
        return None;
    };
    let backend = backend.as_deref().unwrap_or_else(|| view.world.proxy());
    view.world.server_load(backend, server)
}

/// Waiting for each usable server, rounded up; twice the whole queue where there is none.
fn average_queue(backend: BackendLoad) -> Value<'static> {
    number(match backend.usable {
        0 => backend.queued.saturating_mul(2),
        usable => backend.queued.div_ceil(usable),
    })
}
