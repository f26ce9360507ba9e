//! The commands: one row each.

use super::patterns::Kind;
use super::session::{Context, Reply, SeverityOutput};
use super::{
    caches, dynamic, errors, frontend, info, maxconn, patterns, server, show, streams, tables,
};
use crate::plan::Level;

/// One command. `words` choose it; what follows them are its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) words: &'static [&'static str],
    /// As help shows it.
    pub(super) usage: &'static str,
    pub(super) help: &'static str,
    /// Below it, the answer is `Permission denied`.
    pub(super) level: Level,
    pub(super) run: fn(&mut Context<'_>, &[String]) -> Reply,
}

/// In the order in which help lists them. HAProxy's commands for what this balancer does not have are not here.
pub(super) const COMMANDS: &[Command] = &[
    command(
        &["add", "acl"],
        "add acl [@<ver>] <acl> <pattern>",
        "add an acl entry",
        Level::Admin,
        |context, words| patterns::add(context, words, Kind::Acl),
    ),
    command(
        &["add", "map"],
        "add map [@<ver>] <map> <key> <val>",
        "add a map entry (payload supported instead of key/val)",
        Level::Admin,
        |context, words| patterns::add(context, words, Kind::Map),
    ),
    command(
        &["add", "server"],
        "add server <bk>/<srv>",
        "create a new server",
        Level::Admin,
        dynamic::add,
    ),
    command(
        &["clear", "acl"],
        "clear acl [@<ver>] <acl>",
        "clear the contents of this acl",
        Level::Admin,
        |context, words| patterns::clear(context, words, Kind::Acl),
    ),
    command(
        &["clear", "counters"],
        "clear counters [all]",
        "clear max statistics counters (or all counters)",
        Level::Operator,
        clear_counters,
    ),
    command(
        &["clear", "map"],
        "clear map [@<ver>] <map>",
        "clear the contents of this map",
        Level::Admin,
        |context, words| patterns::clear(context, words, Kind::Map),
    ),
    command(
        &["clear", "table"],
        "clear table <table> [<filter>]*",
        "remove an entry from a table (filter: data/key)",
        Level::Admin,
        tables::clear,
    ),
    command(
        &["commit", "acl"],
        "commit acl @<ver> <acl>",
        "commit the ACL at this version",
        Level::Admin,
        |context, words| patterns::commit(context, words, Kind::Acl),
    ),
    command(
        &["commit", "map"],
        "commit map @<ver> <map>",
        "commit the map at this version",
        Level::Admin,
        |context, words| patterns::commit(context, words, Kind::Map),
    ),
    command(
        &["del", "acl"],
        "del acl <acl> [<key>|#<ref>]",
        "delete acl entries matching <key>",
        Level::Admin,
        |context, words| patterns::delete(context, words, Kind::Acl),
    ),
    command(
        &["del", "map"],
        "del map <map> [<key>|#<ref>]",
        "delete map entries matching <key>",
        Level::Admin,
        |context, words| patterns::delete(context, words, Kind::Map),
    ),
    command(
        &["del", "server"],
        "del server <bk>/<srv>",
        "remove a dynamically added server",
        Level::Admin,
        dynamic::delete,
    ),
    command(
        &["disable", "agent"],
        "disable agent",
        "disable agent checks",
        Level::Admin,
        server::disable_agent,
    ),
    command(
        &["disable", "frontend"],
        "disable frontend <frontend>",
        "temporarily disable specific frontend",
        Level::Admin,
        frontend::disable,
    ),
    command(
        &["disable", "health"],
        "disable health",
        "disable health checks",
        Level::Admin,
        server::disable_health,
    ),
    command(
        &["disable", "server"],
        "disable server (DEPRECATED)",
        "disable a server for maintenance (use 'set server' instead)",
        Level::Admin,
        server::disable,
    ),
    command(
        &["enable", "agent"],
        "enable agent",
        "enable agent checks",
        Level::Admin,
        server::enable_agent,
    ),
    command(
        &["enable", "frontend"],
        "enable frontend <frontend>",
        "re-enable specific frontend",
        Level::Admin,
        frontend::enable,
    ),
    command(
        &["enable", "health"],
        "enable health",
        "enable health checks",
        Level::Admin,
        server::enable_health,
    ),
    command(
        &["enable", "server"],
        "enable server  (DEPRECATED)",
        "enable a disabled server (use 'set server' instead)",
        Level::Admin,
        server::enable,
    ),
    command(
        &["get", "acl"],
        "get acl <acl> <value>",
        "report the patterns matching a sample for an ACL",
        Level::User,
        |context, words| patterns::get(context, words, Kind::Acl),
    ),
    command(
        &["get", "map"],
        "get map <acl> <value>",
        "report the keys and values matching a sample for a map",
        Level::User,
        |context, words| patterns::get(context, words, Kind::Map),
    ),
    command(
        &["get", "var"],
        "get var <name>",
        "retrieve contents of a process-wide variable",
        Level::Operator,
        show::variable,
    ),
    command(
        &["get", "weight"],
        "get weight <bk>/<srv>",
        "report a server's current weight",
        Level::User,
        server::get_weight,
    ),
    command(
        &["operator"],
        "operator",
        "lower the level of the current CLI session to operator",
        Level::Operator,
        |context, _| lower(context, Level::Operator),
    ),
    command(
        &["prepare", "acl"],
        "prepare acl <acl>",
        "prepare a new version for atomic ACL replacement",
        Level::Admin,
        |context, words| patterns::prepare(context, words, Kind::Acl),
    ),
    command(
        &["prepare", "map"],
        "prepare map <acl>",
        "prepare a new version for atomic map replacement",
        Level::Admin,
        |context, words| patterns::prepare(context, words, Kind::Map),
    ),
    command(
        &["set", "map"],
        "set map <map> [<key>|#<ref>] <value>",
        "modify a map entry",
        Level::Admin,
        patterns::set_map,
    ),
    command(
        &["set", "maxconn", "frontend"],
        "set maxconn frontend <frontend> <value>",
        "change a frontend's maxconn setting",
        Level::Admin,
        maxconn::of_frontend,
    ),
    command(
        &["set", "maxconn", "global"],
        "set maxconn global <value>",
        "change the per-process maxconn setting",
        Level::Admin,
        maxconn::of_process,
    ),
    command(
        &["set", "maxconn", "server"],
        "set maxconn server <bk>/<srv>",
        "change a server's maxconn setting",
        Level::Admin,
        server::set_maxconn,
    ),
    command(
        &["set", "rate-limit"],
        "set rate-limit <setting> <value>",
        "change a rate limiting value",
        Level::Admin,
        maxconn::rate,
    ),
    command(
        &["set", "server"],
        "set server <bk>/<srv> [opts]",
        "change a server's state, weight, address or ssl",
        Level::Admin,
        server::set,
    ),
    command(
        &["set", "severity-output"],
        "set severity-output [none|number|string]",
        "set presence of severity level in feedback information",
        Level::User,
        set_severity_output,
    ),
    command(
        &["set", "table"],
        "set table <table> key <k> [data.* <v>]*",
        "update or create a table entry's data",
        Level::Admin,
        tables::set,
    ),
    command(
        &["set", "timeout"],
        "set timeout [cli] <delay>",
        "change a timeout setting",
        Level::User,
        set_timeout,
    ),
    command(
        &["set", "weight"],
        "set weight <bk>/<srv>  (DEPRECATED)",
        "change a server's weight (use 'set server' instead)",
        Level::Admin,
        server::set_weight,
    ),
    command(
        &["show", "acl"],
        "show acl [@<ver>] <acl>]",
        "report available acls or dump an acl's contents",
        Level::User,
        |context, words| patterns::show(context, words, Kind::Acl),
    ),
    command(
        &["show", "backend"],
        "show backend",
        "list backends in the current running config",
        Level::User,
        show::backends,
    ),
    command(
        &["show", "cache"],
        "show cache",
        "show cache status",
        Level::Admin,
        caches::show,
    ),
    command(
        &["show", "cli", "level"],
        "show cli level",
        "display the level of the current CLI session",
        Level::User,
        show::cli_level,
    ),
    command(
        &["show", "cli", "sockets"],
        "show cli sockets",
        "dump list of cli sockets",
        Level::User,
        show::cli_sockets,
    ),
    command(
        &["show", "env"],
        "show env [var]",
        "dump environment variables known to the process",
        Level::Operator,
        show::env,
    ),
    command(
        &["show", "errors"],
        "show errors [<px>] [request|response]",
        "report last request and/or response errors for each proxy",
        Level::Operator,
        errors::show,
    ),
    command(
        &["show", "info"],
        "show info [desc|json|typed|float]*",
        "report information about the running process",
        Level::User,
        info::show,
    ),
    command(
        &["show", "map"],
        "show map [@ver] [map]",
        "report available maps or dump a map's contents",
        Level::User,
        |context, words| patterns::show(context, words, Kind::Map),
    ),
    command(
        &["show", "resolvers"],
        "show resolvers [id]",
        "dumps counters from all resolvers section and associated name servers",
        Level::User,
        show::resolvers,
    ),
    command(
        &["show", "schema", "json"],
        "show schema json",
        "report schema used for stats",
        Level::User,
        show::schema,
    ),
    command(
        &["show", "servers", "conn"],
        "show servers conn [<backend>]",
        "dump server connections status (all or for a single backend)",
        Level::User,
        show::servers_conn,
    ),
    command(
        &["show", "servers", "state"],
        "show servers state [<backend>]",
        "dump volatile server information (all or for a single backend)",
        Level::User,
        show::servers_state,
    ),
    command(
        &["show", "sess"],
        "show sess [id]",
        "report the list of current sessions or dump this exact session",
        Level::Operator,
        streams::show,
    ),
    command(
        &["show", "stat"],
        "show stat [desc|json|no-maint|typed|up]*",
        "report counters for each proxy and server",
        Level::User,
        show::stat,
    ),
    command(
        &["show", "table"],
        "show table <table> [<filter>]*",
        "report table usage stats or dump this table's contents (filter: data/key)",
        Level::User,
        tables::show,
    ),
    command(
        &["show", "version"],
        "show version",
        "show version of the current process",
        Level::User,
        show::version,
    ),
    command(
        &["shutdown", "frontend"],
        "shutdown frontend <frontend>",
        "stop a specific frontend",
        Level::Admin,
        frontend::shut_down,
    ),
    command(
        &["shutdown", "session"],
        "shutdown session [id]",
        "kill a specific session",
        Level::Admin,
        streams::shut_down,
    ),
    command(
        &["shutdown", "sessions", "server"],
        "shutdown sessions server <bk>/<srv>",
        "kill sessions on a server",
        Level::Admin,
        server::shut_down_sessions,
    ),
    command(
        &["user"],
        "user",
        "lower the level of the current CLI session to user",
        Level::User,
        |context, _| lower(context, Level::User),
    ),
];

/// The command whose words these begin with, and the arguments behind them.
pub(super) fn find(words: &[String]) -> Option<(&'static Command, &[String])> {
    let begins = |command: &&Command| {
        let mut given = words.iter();
        command
            .words
            .iter()
            .all(|&word| given.next().is_some_and(|given| given == word))
    };
    let command = COMMANDS.iter().find(begins)?;
    Some((command, &words[command.words.len()..]))
}

const fn command(
    words: &'static [&'static str],
    usage: &'static str,
    help: &'static str,
    level: Level,
    run: fn(&mut Context<'_>, &[String]) -> Reply,
) -> Command {
    Command {
        words,
        usage,
        help,
        level,
        run,
    }
}

fn lower(context: &mut Context<'_>, level: Level) -> Reply {
    context.session.level = level;
    Reply::Done
}

/// The plain form forgets only the highest values; `all` needs the highest level.
fn clear_counters(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let all = arguments.first().is_some_and(|word| word == "all");
    if all && context.session.level < Level::Admin {
        return super::denied();
    }
    for frontend in &context.plan.frontends {
        frontend.live().clear(all);
    }
    for backend in &context.plan.backends {
        backend.live().clear_counters(all);
    }
    context.process.totals.clear_highest();
    Reply::Done
}

fn set_severity_output(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    context.session.severity = match arguments.first().map(String::as_str) {
        Some("none") => SeverityOutput::None,
        Some("number") => SeverityOutput::Number,
        Some("string") => SeverityOutput::Word,
        _ => {
            return Reply::error("one of 'none', 'number', 'string' is a required argument");
        }
    };
    Reply::Done
}

fn set_timeout(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    if arguments.first().is_none_or(|word| word != "cli") {
        return Reply::error("'set timeout' only supports 'cli'.");
    }
    let Some(delay) = arguments.get(1) else {
        return Reply::error("Expects an integer value.");
    };
    match delay_of(delay) {
        Some(timeout) => context.session.timeout = timeout,
        None => return Reply::error("Invalid timeout value."),
    }
    Reply::Done
}

/// A time of at least a millisecond, and at most what HAProxy's clock holds; in seconds when no unit follows.
fn delay_of(text: &str) -> Option<std::time::Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let milliseconds = match unit {
        "us" => number.parse::<u64>().ok()?.div_ceil(1000),
        "ms" => number.parse().ok()?,
        "" | "s" => number.parse::<u64>().ok()?.checked_mul(1000)?,
        "m" => number.parse::<u64>().ok()?.checked_mul(60_000)?,
        "h" => number.parse::<u64>().ok()?.checked_mul(3_600_000)?,
        "d" => number.parse::<u64>().ok()?.checked_mul(86_400_000)?,
        _ => return None,
    };
    let most = u64::from(i32::MAX.unsigned_abs());
    (1..=most)
        .contains(&milliseconds)
        .then(|| std::time::Duration::from_millis(milliseconds))
}
