//! The statistics of the live plan: one typed table of values, told as CSV, typed lines, JSON or a page.

mod admin;
mod auth;
pub mod columns;
pub mod formats;
pub mod html;
pub mod meter;
pub mod overview;
pub mod parts;
pub mod prometheus;
pub mod query;
pub mod row;
pub mod rows;
pub mod schema;
pub mod text;

use crate::logger::Logger;
use crate::plan::{Plan, Proxy, Stats};
use crate::process::Process;
use crate::watch::HeldBack;
use html::Page;
use query::{Form, Query};
use row::Row;
use rows::View;

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
    /// It may change servers.
    pub admin: bool,
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
    /// It takes the way of a server's answer: through `http-response`, its framing said and counted with its head.
    pub like_a_servers: bool,
}

/// Answers a request for the statistics configured as `stats` in `owner`.
pub fn answer(
    request: &Request<'_>,
    stats: &Stats,
    owner: &Proxy,
    plan: &Plan,
    process: &Process,
    logger: &Logger,
) -> Answer {
    if !auth::allowed(stats, request.authorization) {
        return auth::required(stats);
    }
    let suffix = request.path_and_query.strip_prefix(&stats.uri);
    let query = Query::parse(suffix.unwrap_or_default());
    if request.method == "POST" {
        return admin::post(request, stats, &query, plan, logger, process.now());
    }
    let question = Question {
        stats,
        owner,
        plan,
        process,
        query: &query,
    };
    let (content_type, body) = question.answer(request.admin);
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
        like_a_servers: false,
    }
}

/// What is asked, by someone who may.
struct Question<'a> {
    stats: &'a Stats,
    owner: &'a Proxy,
    plan: &'a Plan,
    process: &'a Process,
    query: &'a Query,
}

impl Question<'_> {
    /// The type of the answer and its text.
    fn answer(&self, admin: bool) -> (&'static str, String) {
        match self.query.form {
            Form::Html => ("text/html", self.page(admin)),
            Form::Csv => ("text/plain", formats::csv(&self.rows())),
            Form::Typed => ("text/plain", formats::typed(&self.rows(), false)),
            Form::Json => (
                "application/json",
                format!("{}\n", formats::json(&self.rows())),
            ),
            Form::JsonSchema => ("application/json", format!("{}\n", schema::JSON)),
        }
    }

    fn page(&self, admin: bool) -> String {
        let page = Page {
            stats: self.stats,
            plan: self.plan,
            process: self.process,
            query: self.query,
            admin,
            held_back: self.held_back(),
            now: self.process.now(),
        };
        page.render(&self.proxies(), &self.view())
    }

    fn held_back(&self) -> HeldBack {
        let watched = self.process.watched.as_ref();
        watched.map_or_else(HeldBack::default, |watched| watched.held_back())
    }

    fn rows(&self) -> Vec<Row> {
        let (view, now) = (self.view(), self.process.now());
        let proxies = self.proxies();
        proxies
            .iter()
            .flat_map(|proxy| view.rows(proxy, now))
            .collect()
    }

    fn view(&self) -> View {
        View {
            hide_down: self.query.hide_down,
            hide_maint: self.query.hide_maint,
            legends: self.stats.show_legends,
            ..View::default()
        }
    }

    /// Those within `stats scope` whose name contains what was typed into the field.
    fn proxies(&self) -> Vec<Proxy> {
        let scope = &self.stats.scope;
        let in_scope = |name: &str| {
            let named =
                |wanted: &String| wanted == name || (wanted == "." && name == self.owner.name());
            scope.is_empty() || scope.iter().any(named)
        };
        let mut proxies = self.plan.proxies();
        proxies.retain(|p| in_scope(p.name()) && p.name().contains(&self.query.scope));
        proxies
    }
}

#[cfg(test)]
mod tests;
