//! Commands that only look: `show ...`.

use super::session::{Context, Reply};
use crate::plan::{
    Backend, BindAddress, BindHost, Host, Level, Named, Server, ServerAddress, StatsSocket,
};
use crate::stats::formats;
use crate::stats::parts::port_number;
use crate::stats::rows::View;
use crate::stats::schema;
use crate::version;
use lb_core::Uptime;
use lb_core::check::CheckStatus;
use lb_core::server::{RunState, Server as LiveServer};
use samples::Value;
use samples::variables::{Name, Scope};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

pub(super) fn version(_: &mut Context<'_>, _: &[String]) -> Reply {
    Reply::info(version::VERSION)
}

pub(super) fn schema(_: &mut Context<'_>, _: &[String]) -> Reply {
    Reply::Data(format!("{}\n", schema::JSON))
}

pub(super) fn cli_level(context: &mut Context<'_>, _: &[String]) -> Reply {
    Reply::info(level_name(context.session.level))
}

pub(super) fn cli_sockets(context: &mut Context<'_>, _: &[String]) -> Reply {
    let mut text = String::from("# socket lvl processes\n");
    for socket in &context.plan.global.stats_sockets {
        let (address, level) = (socket_address(socket), level_name(socket.level));
        text.push_str(&format!("{address} {level} all\n"));
    }
    Reply::Data(text)
}

pub(super) fn env(_: &mut Context<'_>, arguments: &[String]) -> Reply {
    let line = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        format!("{}={}\n", name.to_string_lossy(), value.to_string_lossy())
    };
    match arguments.first() {
        None => Reply::Data(std::env::vars_os().map(line).collect()),
        Some(name) => match std::env::var_os(name) {
            Some(value) => Reply::Data(line((name.into(), value))),
            None => Reply::error("Variable not found"),
        },
    }
}

/// `get var proc.NAME`.
pub(super) fn variable(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let Some(wanted) = arguments.first() else {
        return Reply::error("Missing process-wide variable identifier.");
    };
    let value = wanted.strip_prefix("proc.").and_then(|name| {
        let name = Name {
            scope: Scope::Process,
            name: name.to_owned(),
        };
        let variables = crate::process::lock(&context.process.variables);
        variables.get(&name).cloned()
    });
    let Some(value) = value else {
        return Reply::error("Variable not found.");
    };
    let kind = match &value {
        Value::Address(ip) if ip.is_ipv4() => "ipv4",
        Value::Address(_) => "ipv6",
        other => other.kind().name(),
    };
    let shown = String::from_utf8_lossy(&value.into_text()).into_owned();
    Reply::info(&format!("{wanted}: type={kind} value=<{shown}>"))
}

pub(super) fn backends(context: &mut Context<'_>, _: &[String]) -> Reply {
    let mut text = String::from("# name\n");
    for backend in &context.plan.backends {
        text.push_str(&backend.name);
        text.push('\n');
    }
    Reply::Data(text)
}

/// `show stat [PROXY TYPES SERVER] [up|no-maint|typed|json|desc]*`; words that are none of these are ignored.
pub(super) fn stat(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let mut view = View {
        legends: context.session.socket_level >= Level::Operator,
        ..View::default()
    };
    let mut proxy = None;
    if let [name, kinds, server, ..] = arguments {
        proxy = match number(name) {
            _ if context.plan.frontend(name).is_some() || context.plan.backend(name).is_some() => {
                let frontend = context.plan.frontend(name).map(|f| f.id);
                frontend.or_else(|| context.plan.backend(name).map(|b| b.id))
            }
            0 => return Reply::error("No such proxy."),
            id => u32::try_from(id).ok(),
        };
        view.kinds = u32::try_from(number(kinds)).ok();
        view.server = u32::try_from(number(server)).ok();
    }
    let has = |wanted: &str| arguments.iter().any(|word| word == wanted);
    (view.hide_down, view.hide_maint) = (has("up"), has("no-maint"));
    let shown = context.plan.proxies().into_iter();
    let shown = shown.filter(|shown| proxy.is_none_or(|id| id == shown.id()));
    let rows: Vec<_> = shown
        .flat_map(|proxy| view.rows(&proxy, context.now))
        .collect();
    let last_form = arguments.iter().rfind(|w| *w == "json" || *w == "typed");
    Reply::Data(match last_form.map(String::as_str) {
        Some("json") => format!("{}\n", formats::json(&rows)),
        Some(_) => formats::typed(&rows, has("desc")),
        None => formats::csv(&rows),
    })
}

/// `show resolvers [ID]`. The section of the system is there only where the system names a name server.
pub(super) fn resolvers(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let wanted = arguments.first().filter(|name| !name.is_empty());
    let sections = &context.plan.resolvers;
    let shown = sections.iter().filter(|section| section.is_shown());
    let shown = shown.filter(|section| wanted.is_none_or(|name| *name == section.name));
    let mut text = String::new();
    for section in shown {
        text.push_str(&format!("Resolvers section {}\n", section.name));
        for nameserver in &section.nameservers {
            text.push_str(&format!(" nameserver {}:\n", nameserver.name));
            for (name, value) in nameserver.counters.all() {
                text.push_str(&format!("  {:<12} {value}\n", format!("{name}:")));
            }
        }
    }
    match (text.is_empty(), wanted) {
        (false, _) => Reply::Data(text),
        (true, Some(_)) => Reply::error("Can't find that resolvers section"),
        (true, None) => Reply::Data("No resolvers found\n".to_owned()),
    }
}

pub(super) fn servers_state(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let now = context.now;
    servers(
        context,
        arguments,
        "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight \
         srv_iweight srv_time_since_last_change srv_check_status srv_check_result \
         srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id \
         srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr \
         srv_agent_port\n",
        |backend, server, live| state_line(backend, server, live, now),
    )
}

pub(super) fn servers_conn(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    servers(
        context,
        arguments,
        "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est \
         unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]\n",
        conn_line,
    )
}

/// A title and a line for each server, of all backends or of the one that is named.
fn servers(
    context: &Context<'_>,
    arguments: &[String],
    title: &str,
    line: impl Fn(&Backend, &Server, &LiveServer) -> String,
) -> Reply {
    let backends: Vec<&Arc<Backend>> = match arguments.first() {
        None => context.plan.backends.iter().collect(),
        Some(name) => match context.plan.backend(name) {
            Some(backend) => vec![backend],
            None => return Reply::error("Can't find backend."),
        },
    };
    let mut text = title.to_owned();
    for backend in backends {
        let live = backend.live();
        for server in backend.servers.iter() {
            text.push_str(&line(backend, server, live.server(server.index)));
        }
    }
    Reply::Data(text)
}

/// The format of HAProxy's server state files, version 1 (management guide, "show servers state").
fn state_line(backend: &Backend, server: &Server, live: &LiveServer, now: Uptime) -> String {
    let (ip, port) = ip_and_port(&server.address);
    let op_state = match live.run() {
        _ if live.in_maintenance() => 0,
        RunState::Stopped => 0,
        RunState::Running => 2,
        RunState::Stopping => 3,
    };
    let mut line = format!(
        "{} {} {} {} {ip} {op_state} {} {} {} {} ",
        backend.id,
        backend.name,
        server.id,
        server.name,
        admin_bits(server, live),
        live.weight(),
        live.initial_weight(),
        live.last_change(now).as_secs(),
    );
    let check = CheckColumns::of(live);
    let dash = || "-".to_owned();
    let shown = |ip: Option<IpAddr>| ip.map_or_else(dash, |ip| ip.to_string());
    let (checks, agent) = (server.checks_go(), server.agent_goes());
    let host = server.address.named().and_then(Named::host);
    writeln!(
        line,
        "{} {} {} {} {} 0 0 {} {port} - {} {} {} {} {}",
        check.status,
        check.result,
        check.health,
        check.state,
        agent_state(live),
        host.unwrap_or_else(dash),
        u8::from(server.is_secure()),
        checks.port.unwrap_or(0),
        shown(checks.ip),
        shown(agent.ip),
        agent.port.unwrap_or(0),
    )
    .expect("a string takes all that is written");
    line
}

/// `srv_agent_state`
fn agent_state(live: &LiveServer) -> u8 {
    const AGENT: u8 = 16;
    let Some(agent) = live.agent() else { return 0 };
    let bits = [
        (agent.in_progress(), CheckColumns::IN_PROGRESS),
        (agent.enabled(), CheckColumns::ENABLED),
    ];
    let bits = bits
        .into_iter()
        .filter_map(|(holds, bit)| holds.then_some(bit));
    bits.sum::<u8>() + CheckColumns::CONFIGURED + AGENT
}

/// `srv_admin_state`: why people, or name servers, keep it from serving.
fn admin_bits(server: &Server, live: &LiveServer) -> u8 {
    const FORCED_MAINT: u8 = 1;
    const INHERITED_MAINT: u8 = 2;
    const CONFIG_MAINT: u8 = 4;
    const FORCED_DRAIN: u8 = 8;
    const INHERITED_DRAIN: u8 = 16;
    const RESOLUTION_MAINT: u8 = 32;
    const RENAMED: u8 = 64;
    let admin = live.admin();
    let renamed = server.address.named().is_some_and(Named::is_renamed);
    [
        (admin.forced_by_people(), FORCED_MAINT),
        (admin.inherited_maint, INHERITED_MAINT),
        (live.disabled_in_file(), CONFIG_MAINT),
        (admin.forced_drain, FORCED_DRAIN),
        (admin.inherited_drain, INHERITED_DRAIN),
        (admin.resolution_maint, RESOLUTION_MAINT),
        (renamed, RENAMED),
    ]
    .into_iter()
    .filter_map(|(holds, bit)| holds.then_some(bit))
    .sum()
}

/// The four columns on checks.
struct CheckColumns {
    status: u8,
    result: u8,
    health: u32,
    state: u8,
}

impl CheckColumns {
    const IN_PROGRESS: u8 = 1;
    const CONFIGURED: u8 = 2;
    const ENABLED: u8 = 4;
    const PAUSED: u8 = 8;

    fn of(live: &LiveServer) -> Self {
        let Some(check) = live.check() else {
            let unchecked = live.unchecked();
            return Self {
                status: unchecked.status.number(),
                result: result_number(unchecked.status),
                health: unchecked.health,
                // The word in the file sets this bit for good.
                state: match live.disabled_in_file() {
                    true => Self::PAUSED,
                    false => 0,
                },
            };
        };
        let mut state = Self::CONFIGURED;
        for (holds, bit) in [
            (check.in_progress(), Self::IN_PROGRESS),
            (check.enabled(), Self::ENABLED),
            (live.in_maintenance() && check.enabled(), Self::PAUSED),
        ] {
            if holds {
                state |= bit;
            }
        }
        Self {
            status: check.last().status.number(),
            result: match check.in_progress() {
                true => 0,
                false => result_number(check.last().status),
            },
            health: if live.in_maintenance() {
                0
            } else {
                check.health().value()
            },
            state,
        }
    }
}

/// `srv_check_result`: 0 none yet or one under way, 2 failed, 3 passed, 4 passed conditionally.
fn result_number(status: CheckStatus) -> u8 {
    use CheckStatus::{Initializing, L7OkConditional, Unknown};
    match status {
        Unknown | Initializing => 0,
        L7OkConditional => 4,
        passed if passed.passed() => 3,
        _ => 2,
    }
}

fn conn_line(backend: &Backend, server: &Server, live: &LiveServer) -> String {
    /// HAProxy's `pool-purge-delay`, milliseconds.
    const PURGE_DELAY: u32 = 5000;
    let (ip, port) = ip_and_port(&server.address);
    let (used, most, idle) = {
        let counters = live.counters();
        (counters.scur, counters.smax, counters.idle)
    };
    format!(
        "{}/{} {}/{} {ip} {port} - {PURGE_DELAY} {used} {most} {used} {idle} 0 -1 {idle} {idle}\n",
        backend.name, server.name, backend.id, server.id
    )
}

fn ip_and_port(address: &ServerAddress) -> (String, u16) {
    let place = address.place();
    let ip = place.and_then(|place| place.ip);
    (
        ip.map_or_else(|| "-".to_owned(), |ip| ip.to_string()),
        place.map_or(0, |place| port_number(place.port)),
    )
}

fn socket_address(socket: &StatsSocket) -> String {
    match &socket.address {
        BindAddress::Unix(path) => format!("unix@{path}"),
        BindAddress::Abstract(name) => format!("abns@{name}"),
        BindAddress::Fd(fd) => format!("sockpair@{fd}"),
        BindAddress::Inet { host, port } => match host {
            BindHost::AnyV4 => format!("ipv4@0.0.0.0:{port}"),
            BindHost::AnyV6 => format!("ipv6@[::]:{port}"),
            BindHost::Host(host) => match host {
                Host::Ip(std::net::IpAddr::V6(ip)) => format!("ipv6@[{ip}]:{port}"),
                other => format!("ipv4@{}:{port}", host_name(other)),
            },
        },
    }
}

fn host_name(host: &Host) -> String {
    match host {
        Host::Ip(ip) => ip.to_string(),
        Host::Name(name) => name.clone(),
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::User => "user",
        Level::Operator => "operator",
        Level::Admin => "admin",
    }
}

/// As C's `atoi`: the number a text begins with, else 0.
pub(super) fn number(text: &str) -> i64 {
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    text[..sign + digits].parse().unwrap_or(0)
}
