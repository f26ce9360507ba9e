//! The statistics of the live plan: one typed table of values, told as CSV, typed lines, JSON or a page.

pub mod columns;
pub mod formats;
pub mod meter;
pub mod overview;
pub mod query;
pub mod row;
pub mod rows;
pub mod schema;
pub mod text;

use crate::logger::Logger;
use crate::plan::{Plan, Proxy, Stats};
use crate::process::Process;
use query::{Form, Query};
use row::Row;
use rows::View;
use std::net::IpAddr;

/// A request whose path begins with `stats uri` of the proxy that got it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `HEAD` or `POST`; other methods are not for us.
    pub method: &'a str,
    /// As in the request line.
    pub path_and_query: &'a str,
    /// The value of the `authorization` header.
    pub authorization: Option<&'a str>,
    /// Of a `POST`, whole.
    pub body: &'a [u8],
    pub client: IpAddr,
}

/// What to send back. For a `HEAD`, without the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub reason: &'static str,
    /// In order, names in lower case. `content-length` is among them when the body is not chunked.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Send the body in chunks, as HAProxy does with what it makes on the way.
    pub chunked: bool,
}

/// Answers a request for the statistics configured as `stats` in `owner`.
pub fn answer(
    request: &Request<'_>,
    stats: &Stats,
    _owner: &Proxy,
    plan: &Plan,
    process: &Process,
    _logger: &Logger,
) -> Answer {
    let suffix = request.path_and_query.strip_prefix(&stats.uri);
    let query = Query::parse(suffix.unwrap_or_default());
    let rows = || shown_rows(&query, stats, plan, process);
    let (content_type, body) = match query.form {
        Form::Html | Form::Csv => ("text/plain", formats::csv(&rows())),
        Form::Typed => ("text/plain", formats::typed(&rows(), false)),
        Form::Json => ("application/json", formats::json(&rows())),
        Form::JsonSchema => ("application/json", format!("{}\n", schema::JSON)),
    };
    let mut headers = vec![
        ("cache-control", "no-cache".to_owned()),
        ("content-type", content_type.to_owned()),
    ];
    if let Some(refresh) = stats.refresh.filter(|_| !query.no_refresh) {
        headers.push(("refresh", refresh.as_secs().to_string()));
    }
    Answer {
        status: 200,
        reason: "OK",
        headers,
        body: body.into_bytes(),
        chunked: true,
    }
}

/// The rows a request asks for, of the proxies within `stats scope`.
fn shown_rows(query: &Query, stats: &Stats, plan: &Plan, process: &Process) -> Vec<Row> {
    let view = View {
        hide_down: query.hide_down,
        hide_maint: query.hide_maint,
        legends: stats.show_legends,
        ..View::default()
    };
    let now = process.now();
    shown_proxies(query, stats, plan)
        .iter()
        .flat_map(|proxy| view.rows(proxy, now))
        .collect()
}

fn shown_proxies(query: &Query, stats: &Stats, plan: &Plan) -> Vec<Proxy> {
    let mut proxies = plan.proxies();
    proxies.retain(|proxy| {
        let in_scope = stats.scope.is_empty() || stats.scope.iter().any(|s| s == proxy.name());
        in_scope && proxy.name().contains(&query.scope)
    });
    proxies
}
