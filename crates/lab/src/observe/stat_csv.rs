//! The balancer's statistics as CSV (`show stat`, or `;csv` on the page), by column name.

use std::collections::HashMap;

/// One row: the value of each column that is not empty.
pub(crate) type Row = HashMap<String, String>;

/// What the balancer believes about one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Belief {
    pub(crate) backend: String,
    pub(crate) server: String,
    /// HAProxy's words: `UP`, `UP 2/3`, `DOWN`, `no check`, `MAINT` ...
    pub(crate) status: String,
    /// The code of the last check, for example `L4OK`; `None` without checks.
    pub(crate) check: Option<String>,
    /// Effective weight.
    pub(crate) weight: u32,
    /// Since the last change of state, in seconds.
    pub(crate) changed: Option<u64>,
    /// Requests since the balancer started: sessions, of which each retry is one more.
    pub(crate) requests: u64,
}

/// The rows of servers; frontends, backends and listeners are left out.
pub(crate) fn beliefs(csv: &str) -> Vec<Belief> {
    rows(csv).iter().filter_map(belief).collect()
}

fn belief(row: &Row) -> Option<Belief> {
    const SERVER: &str = "2";
    let number = |name: &str| row.get(name).and_then(|value| value.parse().ok());
    (row.get("type")? == SERVER).then(|| Belief {
        backend: row.get("pxname").cloned().unwrap_or_default(),
        server: row.get("svname").cloned().unwrap_or_default(),
        status: row.get("status").cloned().unwrap_or_default(),
        check: row
            .get("check_status")
            .map(|code| code.trim_start_matches("* ").to_owned()),
        weight: number("weight")
            .and_then(|n: u64| u32::try_from(n).ok())
            .unwrap_or(0),
        changed: number("lastchg"),
        requests: number("stot")
            .unwrap_or(0)
            .saturating_sub(number("wretr").unwrap_or(0)),
    })
}

/// Every row under the names of the first line (`# pxname,svname,...`).
pub(crate) fn rows(csv: &str) -> Vec<Row> {
    let mut lines = csv.lines().filter(|line| !line.is_empty());
    let Some(head) = lines.next().and_then(|line| line.strip_prefix("# ")) else {
        return Vec::new();
    };
    let names = cells(head);
    let row = |line: &str| {
        let named = names.iter().cloned().zip(cells(line));
        named.filter(|(_, value)| !value.is_empty()).collect()
    };
    lines.map(row).collect()
}

/// The cells of one line; double quotes hold commas, two of them mean one.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = cells.last_mut().expect("begins with one cell");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "# pxname,svname,stot,status,weight,lastchg,type,check_status,last_chk,wretr,\n\
        http-in,FRONTEND,12,OPEN,,,0,,,,\n\
        nodes,server01,8,UP,4,31,2,L4OK,\"passed, \"\"well\"\"\",0,\n\
        nodes,server02,8,DOWN,1,8,2,* L4CON,,6,\n\
        nodes,server03,2,no check,1,31,2,,,0,\n\
        nodes,BACKEND,12,UP,6,31,1,,,6,\n\n";

    #[test]
    fn servers_are_found_under_the_names_of_their_columns() {
        let beliefs = beliefs(CSV);
        let told: Vec<_> = beliefs
            .iter()
            .map(|b| {
                (
                    b.server.as_str(),
                    b.status.as_str(),
                    b.check.as_deref(),
                    b.weight,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("server01", "UP", Some("L4OK"), 4),
                ("server02", "DOWN", Some("L4CON"), 1),
                ("server03", "no check", None, 1),
            ]
        );
    }

    #[test]
    fn a_retry_is_no_request() {
        let requests: Vec<_> = beliefs(CSV).iter().map(|b| b.requests).collect();
        assert_eq!(requests, [8, 2, 2]);
    }

    #[test]
    fn quoted_cells_keep_their_commas() {
        assert_eq!(rows(CSV)[1]["last_chk"], "passed, \"well\"");
    }

    #[test]
    fn what_is_no_csv_has_no_rows() {
        assert!(rows("").is_empty());
        assert!(rows("Permission denied\n").is_empty());
    }
}
