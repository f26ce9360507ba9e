//! `lab hit`: sends requests to the balancer and shows who answered.

use super::up::usual;
use crate::dns::Places;
use crate::exit::Exit;
use crate::hit::by_name::{self, ByName, Through};
use crate::hit::diary::Diary;
use crate::hit::report::Report;
use crate::hit::send::{self, Order, Sent};
use crate::hit::strip::Strip;
use crate::hit::target::{self, Target};
use crate::hit::witness::Witness;
use crate::hit::{Failure, Hit, Outcome};
use crate::observe::port;
use crate::plan::shares;
use crate::problem::{Problem, Result};
use crate::supervisor::snapshot::Snapshot;
use crate::ui::{Ui, width, words};
use crate::work_dir::WorkDir;
use clap::Args;
use std::cell::RefCell;
use std::net::{IpAddr, TcpListener};
use std::rc::Rc;
use std::time::Duration;

/// A microscope, not a cannon.
const MOST_REQUESTS: u64 = 10_000;
const MOST_AT_ONCE: u64 = 200;

#[derive(Debug, Args)]
pub(crate) struct HitArgs {
    /// How many requests [default: 8]
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_REQUESTS))]
    count: Option<u64>,
    /// So many at once (the strip is then by time of answer)
    #[arg(short = 'c', value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=MOST_AT_ONCE))]
    at_once: u64,
    /// Use connections again instead of a new one each time
    #[arg(long)]
    keep_alive: bool,
    /// So many a second, for example 5/s
    #[arg(long, value_name = "N/s", value_parser = pace)]
    rate: Option<Duration>,
    /// For so long, for example 10s
    #[arg(long = "for", value_name = "TIME", value_parser = lasting)]
    lasting: Option<Duration>,
    /// Give up on an answer after this long
    #[arg(long, value_name = "TIME", value_parser = lasting, default_value = "10s")]
    timeout: Duration,
    #[arg(long, default_value = "/", value_parser = path)]
    path: String,
    /// For example 'X-Mine: 1'
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Ask this server directly, past the balancer
    #[arg(long, value_name = "NAME|PORT")]
    to: Option<String>,
    /// Ask the name server before each request, and go where it says, for example site.lab:8080
    #[arg(long, value_name = "NAME:PORT", conflicts_with_all = ["to", "keep_alive"])]
    by_name: Option<String>,
    /// With --by-name: ask a cache in front of the name server, or one of three by chance
    #[arg(long, value_name = "cache|farm", requires = "by_name")]
    through: Option<Through>,
    /// Ask from this address of your machine (several, with commas: in turn), for example 127.0.1.1
    #[arg(
        long,
        value_name = "ADDRESS",
        value_delimiter = ',',
        conflicts_with = "by_name"
    )]
    from: Vec<IpAddr>,
    /// Keep the cookies that are set, and send them back, as browsers do
    #[arg(long, conflicts_with = "by_name")]
    cookies: bool,
    /// Fetch /favicon.ico after each page, as browsers do
    #[arg(long)]
    like_a_browser: bool,
    /// Stop at the first error
    #[arg(long)]
    until_error: bool,
    /// One a second, until Ctrl-C
    #[arg(long, conflicts_with_all = ["count", "rate", "lasting", "at_once"])]
    follow: bool,
    /// Answers of each server, in order; any other outcome is exit 1
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    expect: Vec<u64>,
}

pub(crate) fn run(args: &HitArgs, ui: &Rc<Ui>, work: &WorkDir) -> Result {
    let snapshot = super::status::look(work)?;
    let target = match &args.by_name {
        Some(typed) => by_name(typed, args.through, work)?,
        None => target::choose(snapshot.as_ref(), args.to.as_deref(), usual::BALANCER)?,
    };
    // Tried by binding: a connection would be one more for the balancer to log.
    if target.by_name.is_none() && port::test(target.address).is_ok() {
        return Err(nothing_listens(&target));
    }
    if let Some(&wrong) = args
        .from
        .iter()
        .find(|from| TcpListener::bind((**from, 0)).is_err())
    {
        return Err(not_mine(wrong));
    }
    let mark = format!(
        "lab-hit/{} ({:x})",
        env!("CARGO_PKG_VERSION"),
        std::process::id()
    );
    let witness = if target.direct {
        None
    } else {
        Witness::call(work, &mark)
    };
    let order = order(args, &target, mark);
    if !ui.json {
        ui.say(heading(args, &order, &target, snapshot.as_ref()));
        ui.say("");
    }
    let sent = send_and_show(order, &target, ui, work)?;
    let reached = sent
        .hits
        .iter()
        .filter(|hit| hit.outcome != Outcome::Failed(Failure::Refused))
        .count();
    let account =
        witness.map(|witness| witness.account(reached + usize::try_from(sent.icons).unwrap_or(0)));
    let report = Report {
        target: &target,
        hits: &sent.hits,
        account: account.as_deref(),
    };
    if ui.json {
        ui.say_json(&report.to_json(sent.icons));
    } else {
        ui.say(format!("\n\n{}", report.render(ui.plain, width())));
        if target.by_name.is_some()
            && let Some(verdict) = by_name::verdict(&sent.hits)
        {
            ui.say(format!("\n{verdict}"));
        }
        if sent.icons > 0 {
            ui.say(format!(
                "  and {} for /favicon.ico, which turned the wheel too",
                words::count(sent.icons, "request")
            ));
        }
    }
    verdict(args, &report, &sent, ui)
}

/// The name server of the lab that runs here, or of this folder.
fn by_name(typed: &str, through: Option<Through>, work: &WorkDir) -> Result<Target> {
    let by_name = ByName::new(typed, Places::here(work)?, through)?;
    super::runtime()?.block_on(target::by_name(by_name))
}

fn verdict(args: &HitArgs, report: &Report<'_>, sent: &Sent, ui: &Ui) -> Result {
    if sent.interrupted {
        return Ok(Exit::Interrupted);
    }
    if !args.expect.is_empty() {
        let answers: Vec<u64> = report.parts().iter().map(|part| part.answers).collect();
        let as_expected = answers == args.expect;
        if !as_expected {
            ui.talk(format!(
                "  expected {}, but it was {}",
                commas(&args.expect),
                commas(&answers)
            ));
        }
        return Ok(if as_expected { Exit::Done } else { Exit::No });
    }
    Ok(if report.errors() == 0 {
        Exit::Done
    } else {
        Exit::No
    })
}

fn commas(numbers: &[u64]) -> String {
    numbers
        .iter()
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

fn order(args: &HitArgs, target: &Target, user_agent: String) -> Order {
    const USUAL: u64 = 8;
    let endless = args.follow || args.lasting.is_some() || args.until_error;
    Order {
        address: target.address,
        by_name: target.by_name.clone(),
        path: args.path.clone(),
        headers: args.header.clone(),
        user_agent,
        count: args
            .count
            .unwrap_or(if endless { MOST_REQUESTS } else { USUAL }),
        lasting: args.lasting,
        at_once: usize::try_from(args.at_once).unwrap_or(1),
        pace: if args.follow {
            Some(Duration::from_secs(1))
        } else {
            args.rate
        },
        keep_alive: args.keep_alive,
        from: args.from.clone(),
        cookies: args.cookies,
        patience: args.timeout,
        icon: args.like_a_browser,
        until_error: args.until_error,
    }
}

/// Writes the strip as the answers come in.
fn send_and_show(order: Order, target: &Target, ui: &Rc<Ui>, work: &WorkDir) -> Result<Sent> {
    let weights: Vec<u32> = target.servers.iter().map(|server| server.weight).collect();
    let turn = if target.direct || order.at_once > 1 || order.icon {
        0
    } else {
        shares::turn(&weights)
    };
    let strip = RefCell::new(Strip::new(turn, width()));
    let screen = Rc::clone(ui);
    let diary = match target.direct {
        true => None,
        false => Diary::open(work, &order.path),
    };
    let show = move |hit: &Hit| {
        if let Some(diary) = &diary {
            diary.keep(hit);
        }
        if !screen.json {
            screen.draw(&strip.borrow_mut().next(&hit.shown()));
        }
    };
    super::runtime()?.block_on(send::send(order, show))
}

fn heading(args: &HitArgs, order: &Order, target: &Target, snapshot: Option<&Snapshot>) -> String {
    let many = match (args.follow, args.count, order.lasting) {
        (true, ..) => "one request a second".to_owned(),
        (_, None, Some(time)) => format!("requests for {}", words::took(time)),
        (_, None, None) if args.until_error => "requests until the first error".to_owned(),
        _ => words::count(order.count, "request"),
    };
    let how = match order.at_once {
        1 => "one after the other".to_owned(),
        n => format!("{n} at once; the strip is by time of answer"),
    };
    let asking = target.by_name.as_ref().map_or_else(String::new, |by_name| {
        format!(
            "\nbefore each, {} is asked for {}; the first address of its answer is taken",
            by_name.who(),
            by_name.host
        )
    });
    let from: Vec<String> = order.from.iter().map(IpAddr::to_string).collect();
    let from = match from.is_empty() {
        true => String::new(),
        false => format!(", from {}", from.join(" and ")),
    };
    let jar = if order.cookies { ", cookies kept" } else { "" };
    let slow = match snapshot {
        Some(snapshot) if !snapshot.all_well() => "          this takes a while if a server hangs",
        _ => "",
    };
    format!(
        "{many} to http://{}{}{from}, {how}{jar}{slow}{asking}",
        target.place(),
        order.path
    )
}

fn not_mine(address: IpAddr) -> Problem {
    let what = format!("{address} is no address of this machine, so nothing can be sent from it");
    Problem::new("no-such-address", Exit::Usage, what)
        .why("on Linux every address that begins with 127 is")
        .next("for example:  lab hit --from 127.0.1.1")
}

fn nothing_listens(target: &Target) -> Problem {
    let problem = Problem::new(
        "nothing-listens",
        Exit::NotReady,
        format!("nothing listens on {}", target.address),
    )
    .fact("port", target.address.port());
    match target.direct {
        true => problem.why("that server is not running").next(format!(
            "start it:  lab start {0}      or, in a terminal of its own:  lab serve {0}",
            target.address.port()
        )),
        false => problem
            .why("the balancer is not running")
            .next("lab up      or:  lab balancer -f myhaproxy.cfg"),
    }
}

/// `5/s`: the time from one request to the next.
fn pace(text: &str) -> std::result::Result<Duration, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    match number.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 10_000.0 => Ok(Duration::from_secs_f64(1.0 / rate)),
        _ => Err("it is a number of requests a second, for example 5/s".to_owned()),
    }
}

/// `500ms`, `10s`, `2m`.
fn lasting(text: &str) -> std::result::Result<Duration, String> {
    let wrong = || "it is a time, for example 500ms, 10s or 2m".to_owned();
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..at].parse().map_err(|_| wrong())?;
    match &text[at..] {
        "ms" => Ok(Duration::from_millis(number)),
        "s" | "" => Ok(Duration::from_secs(number)),
        "m" => number
            .checked_mul(60)
            .map(Duration::from_secs)
            .ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn path(text: &str) -> std::result::Result<String, String> {
    match text.starts_with('/') && !text.contains(char::is_whitespace) {
        true => Ok(text.to_owned()),
        false => Err("a path begins with / and has no blanks".to_owned()),
    }
}

fn header(text: &str) -> std::result::Result<(String, String), String> {
    text.split_once(':')
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| "a header is NAME: VALUE".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_times_are_read() {
        assert_eq!(pace("5/s").unwrap(), Duration::from_millis(200));
        assert_eq!(pace("0.5").unwrap(), Duration::from_secs(2));
        assert!(pace("0/s").is_err() && pace("fast").is_err());
        let read = ["500ms", "10s", "2m", "3"].map(|text| lasting(text).unwrap().as_millis());
        assert_eq!(read, [500, 10_000, 120_000, 3_000]);
        assert!(lasting("s").is_err() && lasting("1h").is_err());
    }

    #[test]
    fn paths_and_headers_are_read() {
        assert!(path("x").is_err() && path("/a b").is_err());
        assert_eq!(
            header("X-Mine:  1 ").unwrap(),
            ("X-Mine".into(), "1".into())
        );
        assert!(header("none").is_err());
    }
}
