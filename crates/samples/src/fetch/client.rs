//! The client's connection, and the one to the server.

use super::{Fetch, Needs, one};
use crate::value::{Kind, Value};

use Kind::{Address, Bool, Int, Text};
use Needs::{Client, Frontend, RequestFacts, Server};

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("src", Address, Client, |view, _| Some(Value::Address(view.source?.ip()))),
    one("src_port", Int, Client, |view, _| Some(Value::Int(view.source?.port().into()))),
    one("src_is_local", Bool, Client, |view, _| Some(Value::Bool(view.source?.ip().is_loopback()))),
    one("dst", Address, Client, |view, _| Some(Value::Address(view.destination?.ip()))),
    one("dst_port", Int, Client, |view, _| Some(Value::Int(view.destination?.port().into()))),
    one("dst_is_local", Bool, Client, |view, _| Some(Value::Bool(view.destination?.ip().is_loopback()))),
    one("fc_src", Address, Client, |view, _| Some(Value::Address(view.world.connection()?.source.ip()))),
    one("fc_src_port", Int, Client, |view, _| Some(Value::Int(view.world.connection()?.source.port().into()))),
    one("fc_src_is_local", Bool, Client, |view, _| Some(Value::Bool(view.world.connection()?.source.ip().is_loopback()))),
    one("fc_dst", Address, Client, |view, _| Some(Value::Address(view.world.connection()?.destination.ip()))),
    one("fc_dst_port", Int, Client, |view, _| Some(Value::Int(view.world.connection()?.destination.port().into()))),
    one("fc_dst_is_local", Bool, Client, |view, _| Some(Value::Bool(view.world.connection()?.destination.ip().is_loopback()))),
    one("bc_src", Address, Server, |view, _| Some(Value::Address(view.world.server_connection()?.source?.ip()))),
    one("bc_src_port", Int, Server, |view, _| Some(Value::Int(view.world.server_connection()?.source?.port().into()))),
    one("bc_dst", Address, Server, |view, _| Some(Value::Address(view.world.server_connection()?.destination.ip()))),
    one("bc_dst_port", Int, Server, |view, _| Some(Value::Int(view.world.server_connection()?.destination.port().into()))),
    one("bc_http_major", Int, Server, |view, _| view.world.server_connection()?.http_major.map(|major| Value::Int(major.into()))),
    one("fc_rcvd_proxy", Bool, Client, |view, _| Some(Value::Bool(view.world.connection()?.proxied))),
    one("so_id", Int, Frontend, |view, _| Some(Value::Int(view.world.connection()?.listener.into()))),
    one("so_name", Text, Frontend, |view, _| view.world.connection()?.listener_name.map(|name| Value::text(name.as_bytes()))),
    one("http_first_req", Bool, RequestFacts, |view, _| Some(Value::Bool(view.world.connection()?.first_request))),
    // What is looked at is a connection that has come about.
    one("fc_err", Int, Client, |_, _| Some(Value::Int(0))),
    one("fc_err_str", Text, Client, |_, _| Some(Value::text(b"Success"))),
    one("fc_http_major", Int, Client, |view, _| Some(Value::Int(view.http_major.into()))),
];
