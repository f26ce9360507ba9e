//! The page: HAProxy's columns, groups, order, classes and anchors, so that whoever reads the one reads the other.

mod escape;
mod headings;
mod table;
mod tips;

use super::overview::{Overview, node};
use super::query::{Outcome, Query, SCOPE_MAX};
use super::row::Row;
use super::rows::View;
use super::text::uptime;
use crate::plan::{Plan, Proxy, Stats};
use crate::process::Process;
use crate::version;
use crate::watch::HeldBack;
use escape::Text;
use lb_core::Uptime;
use table::Style;

/// The whole page.
#[derive(Debug)]
pub struct Page<'a> {
    pub stats: &'a Stats,
    pub plan: &'a Plan,
    pub process: &'a Process,
    pub query: &'a Query,
    /// People may act on servers.
    pub admin: bool,
    pub held_back: HeldBack,
    pub now: Uptime,
}

const STYLE: &str = include_str!("style.css");

impl Page<'_> {
    /// `proxies` in order, the halves of a `listen` behind one another.
    pub fn render(&self, proxies: &[Proxy], view: &View) -> String {
        let node = self.stats.show_node.then(|| node(self.plan));
        let title_node = node
            .as_ref()
            .map_or(String::new(), |node| format!(" on {}", Text(node)));
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head>\
             <title>Statistics Report for HAProxy{title_node}</title>\n\
             <link rel=\"icon\" href=\"data:,\">\n\
             <meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <style>\n{STYLE}</style></head>\n<body>{}",
            self.title(&title_node)
        );
        page += &self.head();
        page += &self.banner();
        for group in proxies.chunk_by(|a, b| a.id() == b.id()) {
            page += &self.proxy(group, view);
        }
        page += &headings::list();
        page += "</body></html>\n";
        page
    }

    fn title(&self, node: &str) -> String {
        let product = if self.stats.hide_version {
            "HAProxy".to_owned()
        } else {
            let (version, date) = (version::VERSION, version::RELEASE_DATE);
            format!("HAProxy version {version}, released {date}")
        };
        let description = self.stats.show_desc.as_ref().map(|text| {
            let global = self.plan.global.description.as_deref();
            let text = if text.is_empty() {
                global.unwrap_or_default()
            } else {
                text
            };
            format!(": {}", Text(text))
        });
        let own = if self.stats.hide_version {
            String::new()
        } else {
            let follows = version::FOLLOWS;
            format!(
                "<p class=own>Not HAProxy itself, but the lab's balancer, which behaves as HAProxy {follows} does.</p>\n"
            )
        };
        format!(
            "<h1><a href=\"http://www.haproxy.org/\">{product}</a></h1>\n{own}\
             <h2>Statistics Report for pid {}{node}{}</h2>\n<hr>\n\
             <h3>&gt; General process information</h3>\n",
            self.process.pid,
            description.unwrap_or_default()
        )
    }

    fn head(&self) -> String {
        format!(
            "<div class=head>\n{}{}{}{}</div>\n",
            self.process_information(),
            LEGEND,
            self.display_options(),
            RESOURCES
        )
    }

    fn process_information(&self) -> String {
        let overview = Overview::of(self.plan, self.process, self.now);
        let files = overview.files_max;
        let kilobits = overview.load.bytes_per_second as f64 * 8.0 / 1000.0;
        let loaded = &self.plan.loaded;
        format!(
            "<p><b>pid = </b> {} (process #1, nbproc = 1, nbthread = {})<br>\n\
             <b>uptime = </b> {}<br>\n\
             <b>system limits:</b> memmax = unlimited; ulimit-n = {files}<br>\n\
             <b>maxsock = </b> {files}; <b>maxconn = </b> {}; <b>maxpipes = </b> 0<br>\n\
             current conns = {}; current pipes = 0/0; conn rate = {}/sec; bit rate = {kilobits:.3} kbps<br>\n\
             Running tasks: 0/{}; idle = {} %<br>\n\
             <b>configuration:</b> {} ({})</p>\n",
            self.process.pid,
            self.process.threads,
            uptime(self.now),
            self.plan.maxconn.get(),
            overview.connections,
            overview.connection_rate.now,
            overview.tasks,
            overview.load.idle_percent,
            Text(&loaded.files.join(", ")),
            loaded.hash,
        )
    }

    fn display_options(&self) -> String {
        let query = self.query;
        let (up, quiet) = (query.hide_down, query.no_refresh);
        let toggle_up = if up {
            "Show all servers"
        } else {
            "Hide 'DOWN' servers"
        };
        let mut items = vec![
            format!(
                "<form method=\"GET\"><label>Scope : <input value=\"{}\" name=\"scope\" size=\"8\" \
                 maxlength=\"{SCOPE_MAX}\" tabindex=\"1\"></label></form>",
                Text(&query.scope)
            ),
            self.link("", !up, quiet, toggle_up),
        ];
        if self.stats.refresh.is_some() {
            let toggle = if quiet {
                "Enable refresh"
            } else {
                "Disable refresh"
            };
            items.push(self.link("", up, !quiet, toggle));
        }
        items.push(self.link("", up, quiet, "Refresh now"));
        let uri = Text(&self.stats.uri);
        let scope = self.scope();
        let still = match self.stats.refresh {
            Some(_) => ";norefresh",
            None => "",
        };
        items.push(format!(
            "<a href=\"{uri};csv{still}{scope}\">CSV export</a>"
        ));
        items.push(format!(
            "<a href=\"{uri};json{still}{scope}\">JSON export</a> (<a href=\"{uri};json-schema\">schema</a>)"
        ));
        let items = items.iter().map(|item| format!("<li>{item}\n"));
        format!(
            "<div><b>Display option:</b><ul>{}</ul></div>\n",
            items.collect::<String>()
        )
    }

    /// A link to this page with other options.
    fn link(&self, outcome: &str, up: bool, quiet: bool, text: &str) -> String {
        let uri = Text(&self.stats.uri);
        let up = if up { ";up" } else { "" };
        let quiet = if quiet { ";norefresh" } else { "" };
        let scope = self.scope();
        format!("<a href=\"{uri}{outcome}{up}{quiet}{scope}\">{text}</a>")
    }

    fn scope(&self) -> String {
        if self.query.scope.is_empty() {
            String::new()
        } else {
            format!("?scope={}", Text(&self.query.scope))
        }
    }

    /// What became of the last action.
    fn banner(&self) -> String {
        let Some(outcome) = self.query.outcome else {
            return String::new();
        };
        let (class, text) = told(outcome);
        format!(
            "<p><div class={class}><a class=lfsb href=\"{}\" title=\"Remove this message\">[X]</a> {text}</div>\n",
            Text(&self.stats.uri)
        )
    }

    fn proxy(&self, halves: &[Proxy], view: &View) -> String {
        let rows: Vec<Row> = halves
            .iter()
            .flat_map(|half| view.rows(half, self.now))
            .collect();
        let backend = halves.iter().find_map(|half| match half {
            Proxy::Backend(backend) => Some(backend),
            Proxy::Frontend(_) => None,
        });
        let acted_on = backend.filter(|backend| self.admin && !backend.servers.is_empty());
        let style = Style {
            legends: view.legends,
            admin: acted_on.is_some(),
            held_back: self.held_back,
        };
        let rows: String = rows.iter().map(|row| style.row(row)).collect();
        let name = Text(halves[0].name());
        let corner = match acted_on {
            Some(_) => format!(
                "<input type=\"checkbox\" aria-label=\"all servers of {name}\" onclick=\"for(const box of \
                 this.form.querySelectorAll('input[name=s]'))box.checked=this.checked\">"
            ),
            None => String::new(),
        };
        let table = format!(
            "{}<div class=wide><table class=\"tbl\">\n{}{rows}</table></div>\n",
            self.tab(halves),
            headings::rows(&corner),
        );
        match acted_on {
            Some(backend) => format!(
                "<form method=\"post\">{table}{}",
                ACTIONS.replace("#ID", &format!("#{}", backend.id))
            ),
            None => table,
        }
    }

    /// The name above a table, with the description beside it.
    fn tab(&self, halves: &[Proxy]) -> String {
        let name = Text(halves[0].name());
        let link = format!("<a class=px href=\"#{name}\">{name}</a>");
        let (http, description) = match &halves[0] {
            Proxy::Frontend(f) => (f.mode, &f.description),
            Proxy::Backend(b) => (b.mode, &b.description),
        };
        let link = if self.stats.show_legends {
            let kind = match halves {
                [_, _, ..] => "proxy",
                [Proxy::Frontend(_)] => "frontend",
                _ => "backend",
            };
            let (mode, id) = (super::parts::mode_name(http), halves[0].id());
            format!("<u>{link}<span class=tips>cap: {kind}, mode: {mode}, id: {id}</span></u>")
        } else {
            link
        };
        let (class, description) = match description {
            Some(text) => ("desc", text.as_str()),
            None => ("empty", ""),
        };
        format!(
            "<table class=\"tbl\">\n<tr class=\"titre\"><th class=\"pxname\"><a name=\"{name}\"></a>{link}</th>\
             <th class=\"{class}\">{}</th></tr>\n</table>\n",
            Text(description)
        )
    }
}

/// The words of an outcome, and the colour behind them.
fn told(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Done => ("active_up", "Action processed successfully."),
        Outcome::None => ("active_going_down", "Nothing has changed."),
        Outcome::Part => (
            "active_going_down",
            "Action partially processed.<br>Some server names are probably unknown or ambiguous \
             (duplicated names in the backend).",
        ),
        Outcome::InvalidParameters => (
            "active_down",
            "Action not processed because of invalid parameters.<ul>\
             <li>The action is maybe unknown.</li>\
             <li>Invalid key parameter (empty or too long).</li>\
             <li>The backend name is probably unknown or ambiguous (duplicated names).</li>\
             <li>Some server names are probably unknown or ambiguous (duplicated names in the backend).</li></ul>",
        ),
        Outcome::Denied => ("active_down", "<b>Action denied.</b>"),
        Outcome::TooLarge => (
            "active_down",
            "<b>Action not processed : the buffer couldn't store all the data.<br>\
             You should retry with less servers at a time.</b>",
        ),
        Outcome::Unsupported => (
            "active_down",
            "<b>Invalid requests (unsupported method or chunked encoded request).</b>",
        ),
    }
}

const LEGEND: &str = "\
<div><table class=\"lgd\"><tr>
<td class=\"active_up\">&nbsp;</td><td class=\"noborder\">active UP </td><td class=\"backup_up\">&nbsp;</td><td class=\"noborder\">backup UP </td></tr><tr>
<td class=\"active_going_down\"></td><td class=\"noborder\">active UP, going down </td><td class=\"backup_going_down\"></td><td class=\"noborder\">backup UP, going down </td></tr><tr>
<td class=\"active_going_up\"></td><td class=\"noborder\">active DOWN, going up </td><td class=\"backup_going_up\"></td><td class=\"noborder\">backup DOWN, going up </td></tr><tr>
<td class=\"active_down\"></td><td class=\"noborder\">active or backup DOWN &nbsp;</td><td class=\"active_no_check\"></td><td class=\"noborder\">not checked </td></tr><tr>
<td class=\"maintain\"></td><td class=\"noborder\" colspan=\"3\">active or backup DOWN for maintenance (MAINT) &nbsp;</td></tr><tr>
<td class=\"active_draining\"></td><td class=\"noborder\" colspan=\"3\">active or backup SOFT STOPPED for maintenance &nbsp;</td></tr></table>
Note: \"NOLB\"/\"DRAIN\" = UP with load-balancing disabled.</div>
";

const RESOURCES: &str = "\
<div><b>External resources:</b><ul>
<li><a href=\"http://www.haproxy.org/\">Primary site</a>
<li><a href=\"http://www.haproxy.org/#down\">Updates (v2.6)</a>
<li><a href=\"http://www.haproxy.org/#docs\">Online manual</a>
</ul></div>
";

/// Below the table of a backend whose servers can be acted on.
const ACTIONS: &str = "\
<label>Choose the action to perform on the checked servers : <select name=action><option value=\"\"></option>\
<option value=\"ready\">Set state to READY</option>\
<option value=\"drain\">Set state to DRAIN</option>\
<option value=\"maint\">Set state to MAINT</option>\
<option value=\"dhlth\">Health: disable checks</option>\
<option value=\"ehlth\">Health: enable checks</option>\
<option value=\"hrunn\">Health: force UP</option>\
<option value=\"hnolb\">Health: force NOLB</option>\
<option value=\"hdown\">Health: force DOWN</option></select></label>\
<input type=\"hidden\" name=\"b\" value=\"#ID\">&nbsp;<input type=\"submit\" value=\"Apply\"></form><p>
";
