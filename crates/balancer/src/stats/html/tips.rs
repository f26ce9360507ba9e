//! What a cell tells when it is pointed at.

use super::escape::Number;
use crate::stats::columns::Column as C;
use crate::stats::row::Row;

pub(super) fn rates(row: &Row) -> String {
    per_second(row, "Current", [C::ConnRate, C::Rate, C::ReqRate])
}

pub(super) fn highest_rates(row: &Row) -> String {
    per_second(row, "Max", [C::ConnRateMax, C::RateMax, C::ReqRateMax])
}

pub(super) fn frontend_total(row: &Row) -> String {
    let mut lines = vec![
        plain(row, "Cum. connections:", C::ConnTot),
        plain(row, "Cum. sessions:", C::Stot),
    ];
    if is_http(row) {
        lines.push(plain(row, "Cum. HTTP requests:", C::ReqTot));
        lines.extend(responses(row));
        lines.push(plain(row, "Intercepted requests:", C::Intercepted));
    }
    lines.push(plain(row, "Internal errors:", C::Eint));
    table(lines)
}

pub(super) fn server_total(row: &Row) -> String {
    total(row)
}

pub(super) fn backend_total(row: &Row) -> String {
    total(row)
}

/// The connections to a server.
pub(super) fn connections(row: &Row) -> String {
    let limit = |name: &str, column| match row.number(column) {
        0 => line(name, "-".into()),
        _ => plain(row, name, column),
    };
    table(vec![
        plain(row, "Current active connections:", C::Scur),
        plain(row, "Current used connections:", C::UsedConnCur),
        plain(row, "Current idle connections:", C::SrvIcur),
        plain(row, "- unsafe:", C::IdleConnCur),
        plain(row, "- safe:", C::SafeConnCur),
        plain(row, "Estimated need of connections:", C::NeedConnEst),
        limit("Active connections limit:", C::Slim),
        limit("Idle connections limit:", C::SrcIlim),
    ])
}

pub(super) fn resets(row: &Row) -> String {
    format!(
        "Connection resets during transfers: {} client, {} server",
        row.number(C::CliAbrt),
        row.number(C::SrvAbrt)
    )
}

/// Where a server or listener is. Not HTML.
pub(super) fn address(row: &Row) -> String {
    let (address, id) = (row.text(C::Addr), row.id);
    let family = match address {
        "unix" => return format!("unix, id: {id}{}", cookie(row)),
        address if address.starts_with('[') => "IPv6",
        _ => "IPv4",
    };
    format!("{family}: {address}, id: {id}{}", cookie(row))
}

/// How a backend spreads requests. Not HTML.
pub(super) fn balancing(row: &Row) -> String {
    format!("balancing: {}{}", row.text(C::Algo), cookie(row))
}

fn cookie(row: &Row) -> String {
    match row.text(C::Cookie) {
        "" => String::new(),
        cookie => format!(", cookie: '{cookie}'"),
    }
}

fn total(row: &Row) -> String {
    let mut lines = vec![
        plain(row, "Cum. sessions:", C::Stot),
        plain(row, "New connections:", C::Connect),
        share(
            row,
            "Reused connections:",
            C::Reuse,
            row.number(C::Connect) + row.number(C::Reuse),
        ),
    ];
    if is_http(row) {
        lines.push(plain(row, "Cum. HTTP requests:", C::ReqTot));
        lines.extend(responses(row));
    }
    lines.push(plain(row, "Internal errors:", C::Eint));
    lines.push("<tr><th colspan=3>Max / Avg over last 1024 success. conn.</th></tr>".into());
    for (name, max, mean) in [
        ("- Queue time:", C::QtimeMax, C::Qtime),
        ("- Connect time:", C::CtimeMax, C::Ctime),
        ("- Responses time:", C::RtimeMax, C::Rtime),
        ("- Total time:", C::TtimeMax, C::Ttime),
    ] {
        let (max, mean) = (Number(row.number(max)), Number(row.number(mean)));
        lines.push(format!(
            "<tr><th>{name}</th><td>{max} / {mean}</td><td>ms</td></tr>"
        ));
    }
    table(lines)
}

fn responses(row: &Row) -> Vec<String> {
    let all = row.number(C::ReqTot);
    [
        ("- HTTP 1xx responses:", C::Hrsp1xx),
        ("- HTTP 2xx responses:", C::Hrsp2xx),
        ("- HTTP 3xx responses:", C::Hrsp3xx),
        ("- HTTP 4xx responses:", C::Hrsp4xx),
        ("- HTTP 5xx responses:", C::Hrsp5xx),
        ("- other responses:", C::HrspOther),
    ]
    .map(|(name, column)| share(row, name, column, all))
    .to_vec()
}

fn per_second(row: &Row, word: &str, columns: [C; 3]) -> String {
    let lines = ["connection", "session", "request"].iter().zip(columns);
    let lines = lines.map(|(what, column)| {
        let rate = Number(row.number(column));
        line(&format!("{word} {what} rate:"), format!("{rate}/s"))
    });
    table(lines.collect())
}

fn is_http(row: &Row) -> bool {
    row.text(C::Mode) == "http"
}

fn plain(row: &Row, name: &str, column: C) -> String {
    line(name, Number(row.number(column)).to_string())
}

/// A number, and how much of `all` it is.
fn share(row: &Row, name: &str, column: C, all: u64) -> String {
    let part = row.number(column);
    let percent = 100 * part / all.max(1);
    format!(
        "<tr><th>{name}</th><td>{}</td><td>({percent}%)</td></tr>",
        Number(part)
    )
}

fn line(name: &str, value: String) -> String {
    format!("<tr><th>{name}</th><td>{value}</td></tr>")
}

fn table(lines: Vec<String>) -> String {
    format!("<table class=det>{}</table>", lines.concat())
}
