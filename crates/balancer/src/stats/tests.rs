use super::*;
use crate::testing::{Bench, LAB};
use lb_core::Uptime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Uptime = Duration::from_secs(1);

/// A server down, one up, three requests.
fn bench() -> Bench {
    let bench = Bench::new(LAB);
    bench.check(0, false, SECOND);
    bench.check(1, true, SECOND);
    for _ in 0..3 {
        bench.request(2 * SECOND);
    }
    bench
}

fn ask_with(bench: &Bench, stats: &Stats, request: &Request<'_>) -> Answer {
    let owner = Proxy::Backend(Arc::clone(bench.plan.backend("stats").unwrap()));
    let (plan, process) = (&bench.plan, &bench.process);
    answer(request, stats, &owner, plan, process, &bench.logger)
}

fn get(path: &str) -> Request<'_> {
    Request {
        method: "GET",
        path_and_query: path,
        authorization: None,
        body: b"",
        admin: false,
    }
}

fn stats(bench: &Bench) -> Stats {
    bench.plan.frontend("stats").unwrap().stats.clone().unwrap()
}

fn text(bench: &Bench, path: &str) -> String {
    let answer = ask_with(bench, &stats(bench), &get(path));
    String::from_utf8(answer.body).unwrap()
}

/// The rows of a CSV by `proxy/object`, columns by name.
fn csv(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut lines = text.lines();
    let header = lines.next().unwrap().trim_start_matches("# ");
    let names: Vec<_> = header.split(',').collect();
    let rows = lines.map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        assert_eq!(cells.len(), names.len(), "{line}");
        let pairs = names.iter().zip(&cells);
        let row = pairs.map(|(name, cell)| (name.to_string(), cell.to_string()));
        (format!("{}/{}", cells[0], cells[1]), row.collect())
    });
    rows.collect()
}

/// Columns of a row of the bench, one after the other.
#[track_caller]
fn check(row: &str, columns: &str, expected: &str) {
    let all = csv(&text(&bench(), "/;csv"));
    let told: Vec<_> = columns.split(',').map(|name| &*all[row][name]).collect();
    assert_eq!(told.join(","), expected, "{row}: {columns}");
}

#[test]
fn rows_come_in_file_order() {
    let text = text(&bench(), "/;csv");
    let names: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(2).collect::<Vec<_>>().join("/"))
        .collect();
    assert_eq!(
        names,
        [
            "web/FRONTEND",
            "app/s1",
            "app/s2",
            "app/s3",
            "app/BACKEND",
            "stats/FRONTEND",
            "stats/BACKEND"
        ]
    );
}

#[test]
fn a_server_that_is_down_tells_why() {
    check(
        "app/s1",
        "status,weight,act,bck,chkfail,chkdown,check_status,check_code,check_duration,last_chk,\
         check_desc,check_rise,check_fall,check_health,stot,lastsess",
        "DOWN,1,1,0,1,1,L4CON,,2,Connection refused,Layer4 connection problem,2,3,0,0,-1",
    );
}

#[test]
fn a_server_that_serves_tells_its_traffic() {
    check(
        "app/s2",
        "status,stot,lbtot,bin,bout,hrsp_2xx,req_tot,connect,reuse,smax,scur,weight,uweight,type,sid,mode",
        "UP,3,3,246,3369,3,3,3,0,1,0,3,3,2,2,http",
    );
}

#[test]
fn a_server_without_checks_leaves_their_columns_empty() {
    check(
        "app/s3",
        "status,chkfail,chkdown,downtime,check_status,check_duration,check_health,addr",
        "no check,,,,,,,",
    );
}

#[test]
fn backends_and_frontends_sum_up() {
    check(
        "app/BACKEND",
        "status,stot,lbtot,act,bck,weight,slim,chkdown,hrsp_2xx,bin,check_status,chkfail,qcur,type",
        "UP,3,3,2,0,4,50,0,3,246,,,0,1",
    );
    check(
        "web/FRONTEND",
        "status,stot,slim,smax,hrsp_2xx,req_tot,conn_tot,act,lbtot,qcur,rate_lim,iid,sid,type",
        "OPEN,3,500,1,3,3,3,,,,0,2,0,0",
    );
    check("stats/BACKEND", "status,downtime,act", "UP,,0");
}

#[test]
fn hiding_servers_tells_how_many_there_are() {
    let rows = csv(&text(&bench(), "/;csv;up"));
    assert!(!rows.contains_key("app/s1"));
    assert_eq!(rows["app/BACKEND"]["status"], "UP (2/3)");
}

#[test]
fn the_scope_field_filters_by_name() {
    let rows = csv(&text(&bench(), "/;csv?scope=sta"));
    let names: Vec<_> = rows.keys().map(String::as_str).collect();
    assert_eq!(names, ["stats/BACKEND", "stats/FRONTEND"]);
}

#[test]
fn legends_tell_addresses() {
    let bench = bench();
    let stats = Stats {
        show_legends: true,
        ..stats(&bench)
    };
    let body = ask_with(&bench, &stats, &get("/;csv")).body;
    let rows = csv(&String::from_utf8(body).unwrap());
    assert_eq!(rows["app/s3"]["addr"], "[::1]:8082");
    assert_eq!(rows["app/BACKEND"]["algo"], "roundrobin");
}

#[test]
fn legends_tell_cookies() {
    let text = LAB
        .replace("backend app", "backend app\n cookie SRV insert")
        .replace("8080 check", "8080 check cookie one");
    let bench = Bench::new(&text);
    let stats = Stats {
        show_legends: true,
        ..stats(&bench)
    };
    let body = ask_with(&bench, &stats, &get("/;csv")).body;
    let rows = csv(&String::from_utf8(body).unwrap());
    let cookies =
        ["s1", "s2", "BACKEND"].map(|name| rows[&format!("app/{name}")]["cookie"].as_str());
    assert_eq!(cookies, ["one", "", "SRV"]);
    let page = String::from_utf8(ask_with(&bench, &stats, &get("/")).body).unwrap();
    assert!(page.contains("id: 1, cookie: &#39;one&#39;"), "{page}");
    assert!(page.contains("balancing: roundrobin, cookie: &#39;SRV&#39;"));
}

#[test]
fn headers_are_haproxys() {
    let bench = bench();
    let stats = Stats {
        refresh: Some(10 * SECOND),
        ..stats(&bench)
    };
    let headers = |path| {
        let answer = ask_with(&bench, &stats, &get(path));
        assert_eq!((answer.status, answer.chunked), (200, true));
        let lines = answer.headers.into_iter().map(|(n, v)| format!("{n}: {v}"));
        lines.collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(
        headers("/"),
        "cache-control: no-cache | content-type: text/html | refresh: 10"
    );
    assert_eq!(
        headers("/;csv;norefresh"),
        "cache-control: no-cache | content-type: text/plain"
    );
    assert_eq!(
        headers("/;json"),
        "cache-control: no-cache | content-type: application/json | refresh: 10"
    );
}

#[test]
fn json_and_its_schema_are_json() {
    let bench = bench();
    let rows: serde_json::Value = serde_json::from_str(&text(&bench, "/;json")).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 7);
    let schema: serde_json::Value = serde_json::from_str(&text(&bench, "/;json-schema")).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-04/schema#");
}

#[test]
fn the_page_has_what_programs_look_for() {
    let page = text(&bench(), "/");
    for piece in [
        "<title>Statistics Report for HAProxy</title>",
        "HAProxy version 2.6.12-lab0.1.0, released ",
        "<tr class=\"frontend\"><td></td><td class=ac><a name=\"web/Frontend\"></a>",
        "<tr class=\"active_down\"><td></td><td class=ac><a name=\"app/s1\"></a><a class=lfsb href=\"#app/s1\">s1</a></td>",
        "<tr class=\"active_up\"><td></td><td class=ac><a name=\"app/s2\"></a>",
        "<tr class=\"active_no_check\"><td></td><td class=ac><a name=\"app/s3\"></a>",
        "<tr class=\"backend\"><td></td><td class=ac><a name=\"app/Backend\"></a>",
        "<i>no check</i>",
        " L4CON in 2ms<span class=tips>Layer4 connection problem: Connection refused</span>",
        "<dt>Server, Dwn</dt><dd>how many times this server went from UP to DOWN</dd>",
    ] {
        assert!(page.contains(piece), "{piece} is not in {page}");
    }
    assert_eq!(page.matches("name=\"app\"").count(), 1);
    assert!(!page.contains("<form method=\"post\">"), "nobody may act");
}

#[test]
fn every_row_of_the_page_is_as_wide_as_its_headings() {
    let page = without_tips(&text(&bench(), "/"));
    let rows = page.split("<tr class=\"").skip(1).filter(|row| {
        let class = row.split('"').next().unwrap();
        ["frontend", "backend"].contains(&class) || class.starts_with("active")
    });
    let mut seen = 0;
    for row in rows {
        let row = row.split("</tr>").next().unwrap();
        let spans = row.split("colspan=").skip(1).map(|span| {
            let digits = span.split(|c: char| !c.is_ascii_digit()).next().unwrap();
            digits.parse::<usize>().unwrap() - 1
        });
        let width = row.matches("<td").count() + spans.sum::<usize>();
        assert_eq!(width, 32, "{row}");
        seen += 1;
    }
    assert_eq!(seen, 7, "no row was left out");
}

/// Tips hold tables of their own.
fn without_tips(page: &str) -> String {
    let mut pieces = page.split("<span class=tips>");
    let mut outer = pieces.next().unwrap().to_owned();
    for piece in pieces {
        outer.push_str(piece.split_once("</span></u>").unwrap().1);
    }
    outer
}

#[test]
fn what_people_wrote_cannot_become_markup() {
    let bench = Bench::new(&LAB.replace(
        "backend app\n",
        "backend app\n    description <script>alert(1)</script>\n",
    ));
    let page = text(&bench, "/");
    assert!(!page.contains("<script>alert"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!text(&bench, "/?scope=%22onfocus=").contains("onfocus"));
}

#[test]
fn a_password_is_asked_for() {
    let bench = bench();
    let stats = Stats {
        auth: vec![("a".into(), "b".into()), ("user".into(), "pass".into())],
        realm: Some("My Realm".into()),
        ..stats(&bench)
    };
    let with = |authorization: Option<&str>| {
        let request = Request {
            authorization,
            ..get("/;csv")
        };
        ask_with(&bench, &stats, &request)
    };
    let refused = with(None);
    assert_eq!(refused.status, 401);
    let challenge = "Basic realm=\"My Realm\"".to_owned();
    assert!(refused.headers.contains(&("www-authenticate", challenge)));
    assert!(refused.headers.contains(&("content-length", "112".into())));
    assert_eq!(with(Some("Basic YTpj")).status, 401);
    assert_eq!(with(Some("Bearer YTpi")).status, 401);
    assert_eq!(with(Some("Basic YTpi")).status, 200);
    assert_eq!(with(Some("basic dXNlcjpwYXNz")).status, 200);
}

/// Where an action sends the browser.
#[track_caller]
fn acts(body: &str, expected: &str) -> Bench {
    let bench = bench();
    let stats = stats(&bench);
    let request = Request {
        method: "POST",
        admin: true,
        body: body.as_bytes(),
        ..get("/")
    };
    let answer = ask_with(&bench, &stats, &request);
    assert_eq!((answer.status, answer.chunked), (303, false));
    let expected = format!("/;st={expected}");
    let location = answer.headers.iter().find(|(name, _)| *name == "location");
    assert_eq!(location.map(|(_, to)| to), Some(&expected), "{body}");
    bench
}

#[test]
fn actions_are_done_and_answered_as_haproxy_does() {
    let status = |bench: &Bench, server: &str| {
        let rows = csv(&text(bench, "/;csv"));
        rows[&format!("app/{server}")]["status"].clone()
    };
    let bench = acts("s=s2&s=s3&action=drain&b=app", "DONE");
    assert_eq!(
        (status(&bench, "s2"), status(&bench, "s3")),
        ("DRAIN".into(), "DRAIN".into())
    );
    let bench = acts("s=s2&action=maint&b=%233", "DONE");
    assert_eq!(status(&bench, "s2"), "MAINT");
    let bench = acts("s=s3&s=zz&action=hdown&b=app", "PART");
    assert_eq!(status(&bench, "s3"), "DOWN");
    acts("s=zz&action=drain&b=app", "ERRP");
    acts("s=s2&action=explode&b=app", "ERRP");
    acts("s=s2&action=drain&b=no", "ERRP");
    acts("action=drain&b=app", "NONE");
    acts("s=s2&b=app", "NONE");
    acts("s=s3&action=ehlth&b=app", "NONE");
    acts("s=s2&action=dagent&b=app", "NONE");
    acts("", "NONE");
}

#[test]
fn who_may_not_act_is_told_so() {
    let bench = bench();
    let request = Request {
        method: "POST",
        body: b"s=s2&action=maint&b=app",
        ..get("/;up")
    };
    let stats = stats(&bench);
    let location = |request: &Request<'_>| {
        let answer = ask_with(&bench, &stats, request);
        let mut headers = answer.headers.into_iter();
        headers.find(|(name, _)| *name == "location").unwrap().1
    };
    assert_eq!(location(&request), "/;st=DENY;up");
    let admin = true;
    assert_eq!(location(&Request { admin, ..request }), "/;st=DONE;up");
    let page = ask_with(&bench, &stats, &Request { admin, ..get("/") }).body;
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("<input class='app-checkbox' type=\"checkbox\" name=\"s\" value=\"s1\""));
    assert!(page.contains("name=\"b\" value=\"#3\""));
}

#[test]
fn outcomes_are_shown_on_the_page() {
    let page = text(&bench(), "/;st=DONE");
    assert!(page.contains("<div class=active_up>"), "{page}");
    assert!(page.contains("Action processed successfully."));
    assert!(text(&bench(), "/;st=DENY").contains("<b>Action denied.</b>"));
}

#[test]
fn listeners_are_counted_when_asked_for() {
    let bench = Bench::new(&LAB.replace(
        "    bind 127.0.0.1:3000\n",
        "    bind 127.0.0.1:3000\n    bind 127.0.0.1:3001 name second\n    option socket-stats\n",
    ));
    let web = bench.plan.frontend("web").unwrap();
    for _ in 0..2 {
        let mut live = web.live();
        let listener = live.listener_mut(([127, 0, 0, 1], 3001).into());
        listener.connection_opened();
        listener.traffic(82, 123);
        listener.request_failed();
        listener.connection_closed();
    }
    let rows = csv(&text(&bench, "/;csv"));
    let told = |row: &str| {
        let columns = [
            "scur", "smax", "slim", "stot", "bin", "bout", "ereq", "status", "sid", "type",
        ];
        columns.map(|column| &*rows[row][column]).join(",")
    };
    assert_eq!(told("web/sock-1"), "0,0,0,0,0,0,0,OPEN,1,3");
    assert_eq!(told("web/second"), "0,1,0,2,164,246,2,OPEN,2,3");
    assert_eq!(rows["web/second"]["addr"], "", "not without legends");
    let page = text(&bench, "/");
    assert!(
        page.contains("<tr class=\"socket\"><td></td><td class=ac><a name=\"web/+second\"></a>")
    );
}

#[test]
fn the_page_names_the_server_that_is_tracked() {
    let config = LAB.replace("server s3 [::1]:8082", "server s3 [::1]:8082 track s1");
    assert_ne!(config, LAB, "the bench has a third server");
    let bench = Bench::new(&config);
    bench.check(0, false, SECOND);
    let page = text(&bench, "/");
    assert!(
        page.contains("<a class=lfsb href=\"#app/s1\">via app/s1</a>"),
        "{page}"
    );
}

/// Somebody for whom everything is left out.
struct Guessing;

impl crate::Watch for Guessing {
    fn amend(&self, _: &mut haproxy_config::model::Config) {}

    fn in_force(&self, _: &str) {}

    fn held_back(&self) -> HeldBack {
        HeldBack {
            shares: true,
            states: true,
        }
    }
}

#[test]
fn what_is_to_be_guessed_is_left_out_of_the_page_alone() {
    let mut bench = bench();
    let all = text(&bench, "/");
    let process = Arc::get_mut(&mut bench.process).expect("nobody else holds it");
    process.watched = Some(crate::watch::Watched::by(Guessing));
    let page = text(&bench, "/");
    assert!(all.contains("L4CON") && !page.contains("L4CON"), "{page}");
    assert!(page.contains("<td class=ac colspan=21><i>left out while your guess is open</i></td>"));
    let columns = |page: &str| page.matches("<tr class=").count();
    assert_eq!(columns(&page), columns(&all));
    assert!(text(&bench, "/;csv").contains("L4CON"));
}
