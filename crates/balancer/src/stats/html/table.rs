//! The table of one proxy: its rows as HAProxy lays them out.

use super::escape::{Number, Text};
use super::tips;
use crate::stats::columns::Column as C;
use crate::stats::row::{Kind, Row};
use crate::stats::text::two_units;
use crate::watch::HeldBack;

/// Columns from the queue to the warnings, and from the status on.
const TRAFFIC: usize = 21;
const STATE: usize = 9;

/// What the rows of a table have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// `stats show-legends`.
    pub(super) legends: bool,
    /// Servers have a check box.
    pub(super) admin: bool,
    pub(super) held_back: HeldBack,
}

impl Style {
    pub(super) fn row(self, row: &Row) -> String {
        match row.kind {
            Kind::Frontend => self.frontend(row),
            Kind::Listener => self.listener(row),
            Kind::Server => self.server(row),
            Kind::Backend => self.backend(row),
        }
    }

    fn frontend(self, row: &Row) -> String {
        let mut cells = Cells::new("frontend", "");
        cells.name(row.text(C::Pxname), "Frontend", "Frontend", None);
        cells.empty(3);
        if row.text(C::Mode) == "http" {
            cells.with_tip(number(row, C::Rate), &tips::rates(row));
            cells.with_tip(number(row, C::RateMax), &tips::highest_rates(row));
        } else {
            cells.numbers(row, &[C::Rate, C::RateMax]);
        }
        cells.limit(row, C::RateLim);
        cells.numbers(row, &[C::Scur, C::Smax, C::Slim]);
        cells.with_tip(number(row, C::Stot), &tips::frontend_total(row));
        cells.right("").right("");
        cells.numbers(row, &[C::Bin, C::Bout, C::Dreq, C::Dresp, C::Ereq]);
        cells.right("").right("").right("").right("");
        cells.centre(row.text(C::Status));
        cells.finish("<td class=ac colspan=8></td>")
    }

    fn listener(self, row: &Row) -> String {
        let mut cells = Cells::new("socket", "");
        let name = row.text(C::Svname);
        let tip = self.legends.then(|| tips::address(row));
        cells.name(row.text(C::Pxname), &format!("+{name}"), name, tip);
        cells.empty(3).empty(3);
        cells.numbers(row, &[C::Scur, C::Smax, C::Slim, C::Stot]);
        cells.right("&nbsp;").right("&nbsp;");
        cells.numbers(row, &[C::Bin, C::Bout, C::Dreq, C::Dresp, C::Ereq]);
        cells.right("").right("").right("").right("");
        cells.centre(row.text(C::Status));
        cells.finish("<td class=ac colspan=8></td>")
    }

    fn server(self, row: &Row) -> String {
        let (proxy, name) = (row.text(C::Pxname), row.text(C::Svname));
        let tick = format!(
            "<input class='{}-checkbox' type=\"checkbox\" name=\"s\" value=\"{}\" aria-label=\"{}\">",
            Text(proxy),
            Text(name),
            Text(name)
        );
        let class = match self.held_back.states {
            true => "active_no_check".to_owned(),
            false => class(row),
        };
        let mut cells = Cells::new(&class, if self.admin { &tick } else { "" });
        let tip = self.legends.then(|| tips::address(row));
        cells.name(proxy, name, name, tip);
        match self.held_back.shares {
            true => cells.left_out(TRAFFIC),
            false => cells.server_traffic(row),
        };
        match self.held_back.states {
            true => cells.left_out(STATE),
            false => cells.server_state(row),
        };
        cells.finish("")
    }

    fn backend(self, row: &Row) -> String {
        let mut cells = Cells::new("backend", "");
        let tip = self.legends.then(|| tips::balancing(row));
        cells.name(row.text(C::Pxname), "Backend", "Backend", tip);
        match self.held_back.shares {
            true => cells.left_out(TRAFFIC),
            false => cells.backend_traffic(row),
        };
        match self.held_back.states {
            true => cells.left_out(STATE),
            false => cells.backend_state(row),
        };
        cells.finish("")
    }
}

/// The colour of a server's row.
fn class(row: &Row) -> String {
    let role = if row.number(C::Act) > 0 {
        "active"
    } else {
        "backup"
    };
    let status = row.text(C::Status);
    let (word, partly) = match status.split_once(' ') {
        Some((word, _)) => (word, true),
        None => (status, false),
    };
    let state = match (word, partly) {
        ("MAINT", _) => return "maintain".into(),
        ("no", _) => "no_check",
        ("DOWN", true) => "going_up",
        ("DOWN", false) => "down",
        ("DRAIN", _) => "draining",
        ("NOLB", false) => "nolb",
        ("UP", false) if row.number(C::Weight) == 0 => "draining",
        ("UP", false) => "up",
        _ => "going_down",
    };
    format!("{role}_{state}")
}

fn server_status(row: &Row) -> String {
    let status = row.text(C::Status);
    if status == "no check" {
        return "<i>no check</i>".into();
    }
    let arrow = match status.split_once(' ') {
        Some(("DOWN", _)) => " &uarr;",
        Some(("UP" | "NOLB" | "DRAIN", _)) => " &darr;",
        _ => "",
    };
    format!("{} {status}{arrow}", two_units(row.number(C::Lastchg)))
}

fn last(row: &Row) -> String {
    match row.get(C::Lastsess) {
        Some(crate::stats::row::Value::S32(seconds @ 0..)) => {
            two_units(seconds.unsigned_abs().into())
        }
        _ => "?".into(),
    }
}

fn number(row: &Row, column: C) -> String {
    Number(row.number(column)).to_string()
}

/// The cells of one row, from left to right.
struct Cells(String);

impl Cells {
    fn new(class: &str, tick: &str) -> Self {
        Self(format!("<tr class=\"{class}\"><td>{tick}</td>"))
    }

    /// What is said elsewhere than on this page, for now.
    fn left_out(&mut self, columns: usize) -> &mut Self {
        self.0 += &format!(
            "<td class=ac colspan={columns}><i>left out while your guess is open</i></td>"
        );
        self
    }

    fn server_traffic(&mut self, row: &Row) -> &mut Self {
        self.numbers(row, &[C::Qcur, C::Qmax]).limit(row, C::Qlimit);
        self.numbers(row, &[C::Rate, C::RateMax]).right("");
        self.with_tip(number(row, C::Scur), &tips::connections(row));
        self.numbers(row, &[C::Smax]).limit(row, C::Slim);
        self.with_tip(number(row, C::Stot), &tips::server_total(row));
        self.numbers(row, &[C::Lbtot]).right(&last(row));
        self.numbers(row, &[C::Bin, C::Bout]).right("");
        self.numbers(row, &[C::Dresp]).right("");
        self.numbers(row, &[C::Econ]);
        self.with_tip(number(row, C::Eresp), &tips::resets(row));
        self.numbers(row, &[C::Wretr, C::Wredis]);
        self
    }

    fn server_state(&mut self, row: &Row) -> &mut Self {
        self.centre(&server_status(row));
        self.last_check(row).weight(row);
        let mark = |column| if row.number(column) > 0 { "Y" } else { "-" };
        self.centre(mark(C::Act)).centre(mark(C::Bck));
        if row.get(C::Chkfail).is_some() {
            self.with_tip(number(row, C::Chkfail), "Failed Health Checks");
            self.numbers(row, &[C::Chkdown]);
            self.right(&two_units(row.number(C::Downtime)));
        } else if row.get(C::Tracked).is_some() {
            self.via(row.text(C::Tracked));
        } else {
            self.empty(3);
        }
        let throttle = row.get(C::Throttle);
        self.centre(&throttle.map_or("-".into(), |percent| format!("{percent} %")));
        self
    }

    fn backend_traffic(&mut self, row: &Row) -> &mut Self {
        self.numbers(row, &[C::Qcur, C::Qmax]).right("");
        self.numbers(row, &[C::Rate, C::RateMax]).right("");
        self.numbers(row, &[C::Scur, C::Smax, C::Slim]);
        self.with_tip(number(row, C::Stot), &tips::backend_total(row));
        self.numbers(row, &[C::Lbtot]).right(&last(row));
        self.numbers(row, &[C::Bin, C::Bout, C::Dreq, C::Dresp]);
        self.right("").numbers(row, &[C::Econ]);
        self.with_tip(number(row, C::Eresp), &tips::resets(row));
        self.numbers(row, &[C::Wretr, C::Wredis]);
        self
    }

    fn backend_state(&mut self, row: &Row) -> &mut Self {
        let (since, status) = (two_units(row.number(C::Lastchg)), row.text(C::Status));
        if status.starts_with("DOWN") {
            self.centre(&format!(
                "{since} <font color=\"red\"><b>{status}</b></font>"
            ));
        } else {
            self.centre(&format!("{since} {status}"));
        }
        self.centre("&nbsp;").weight(row);
        self.centre(&number(row, C::Act))
            .centre(&number(row, C::Bck));
        self.centre("&nbsp;").numbers(row, &[C::Chkdown]);
        match row.get(C::Downtime) {
            Some(_) => self.right(&two_units(row.number(C::Downtime))),
            None => self.right("&nbsp;"),
        };
        self.right("");
        self
    }

    /// The name, which is an anchor and a link to itself.
    fn name(&mut self, proxy: &str, anchor: &str, shown: &str, tip: Option<String>) -> &mut Self {
        let (proxy, anchor, shown) = (Text(proxy), Text(anchor), Text(shown));
        let link = format!(
            "<a name=\"{proxy}/{anchor}\"></a><a class=lfsb href=\"#{proxy}/{anchor}\">{shown}</a>"
        );
        let content = match tip {
            Some(tip) => format!("<u>{link}<span class=tips>{}</span></u>", Text(&tip)),
            None => link,
        };
        self.centre(&content)
    }

    fn right(&mut self, content: &str) -> &mut Self {
        self.0 += &format!("<td>{content}</td>");
        self
    }

    fn centre(&mut self, content: &str) -> &mut Self {
        self.0 += &format!("<td class=ac>{content}</td>");
        self
    }

    fn empty(&mut self, columns: usize) -> &mut Self {
        self.0 += &format!("<td colspan={columns}></td>");
        self
    }

    /// In the place of what checks have counted: the server that is tracked.
    fn via(&mut self, leader: &str) -> &mut Self {
        let leader = Text(leader);
        self.0 += &format!(
            "<td class=ac colspan=3><a class=lfsb href=\"#{leader}\">via {leader}</a></td>"
        );
        self
    }

    fn numbers(&mut self, row: &Row, columns: &[C]) -> &mut Self {
        for &column in columns {
            self.right(&number(row, column));
        }
        self
    }

    /// A limit: `-` when there is none.
    fn limit(&mut self, row: &Row, column: C) -> &mut Self {
        match row.number(column) {
            0 => self.right("-"),
            limit => self.right(&Number(limit).to_string()),
        }
    }

    /// A cell that tells more when it is pointed at or has the focus. `tip` is HTML.
    fn with_tip(&mut self, content: String, tip: &str) -> &mut Self {
        self.right(&format!(
            "<u tabindex=0>{content}<span class=tips>{tip}</span></u>"
        ))
    }

    fn last_check(&mut self, row: &Row) -> &mut Self {
        let status = row.text(C::CheckStatus);
        if status.is_empty() {
            return self.right("");
        }
        let code = row.get(C::CheckCode);
        let code = code.map_or(String::new(), |code| format!("/{code}"));
        let took = row.get(C::CheckDuration);
        let took = took.map_or(String::new(), |took| format!(" in {took}ms"));
        let mut tip = row.text(C::CheckDesc).to_owned();
        if !row.text(C::LastChk).is_empty() {
            tip += &format!(": {}", row.text(C::LastChk));
        }
        self.centre(&format!(
            "<u tabindex=0> {status}{code}{took}<span class=tips>{}</span></u>",
            Text(&tip)
        ))
    }

    fn weight(&mut self, row: &Row) -> &mut Self {
        let (now, wanted) = (row.number(C::Weight), row.number(C::Uweight));
        self.centre(&format!("{now}/{wanted}"))
    }

    fn finish(&mut self, rest: &str) -> String {
        format!("{}{rest}</tr>\n", self.0)
    }
}
