//! What each line of `show info` tells.

use super::{About, Collector};
use crate::stats::overview::Overview;
use crate::stats::row::Value;
use crate::stats::text::uptime;
use crate::version;
use lb_core::Uptime;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn product(all: &mut Collector, context: &About<'_>, float: bool) {
    let process = context.process;
    all.text("Name", "POS", "HAProxy", "The product this one follows");
    all.text(
        "Version",
        "POS",
        version::VERSION,
        "Release followed, and our own version",
    );
    all.text(
        "Release_date",
        "POS",
        version::RELEASE_DATE,
        "Date of the release followed",
    );
    all.numbers(
        "CGS",
        &[
            ("Nbthread", process.threads as u64, "Worker threads"),
            ("Nbproc", 1, "Worker processes, always 1"),
        ],
    );
    all.numbers(
        "KGP",
        &[("Process_num", 1, "Number of the process, always 1")],
    );
    all.numbers("SGP", &[("Pid", process.pid.into(), "Process id")]);
    all.text("Uptime", "MDP", uptime(context.now), "Time since the start");
    if float {
        let seconds = context.now.as_secs_f64();
        all.add(
            "Uptime_sec",
            "MDP",
            Value::Float(seconds),
            "Seconds since the start",
        );
    } else {
        let seconds = context.now.as_secs();
        all.numbers("MDP", &[("Uptime_sec", seconds, "Seconds since the start")]);
    }
}

/// The limit of memory in bytes (`-m`), 0: there is none.
fn memory_limit() -> u64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::As);
    limit.current.unwrap_or(0)
}

/// Memory is the allocator's: there are no pools to count.
pub(super) fn memory(all: &mut Collector) {
    let megabytes = memory_limit() / (1024 * 1024);
    all.numbers(
        "CLP",
        &[("Memmax_MB", megabytes, "Most memory, 0: no limit")],
    );
    all.numbers(
        "MGP",
        &[
            ("PoolAlloc_MB", 0, "Memory of pools; there are none"),
            ("PoolUsed_MB", 0, "Memory of pools in use; there are none"),
        ],
    );
    all.numbers(
        "MCP",
        &[("PoolFailed", 0, "Allocations from pools that failed")],
    );
}

pub(super) fn connections(all: &mut Collector, context: &About<'_>, overview: &Overview) {
    let most = u64::from(context.plan.maxconn.get());
    all.numbers(
        "CLP",
        &[
            (
                "Ulimit-n",
                overview.files_max,
                "Most open files of the process",
            ),
            ("Maxsock", overview.files_max, "Most sockets of the process"),
            ("Maxconn", most, "Most client connections of the process"),
            (
                "Hard_maxconn",
                most,
                "Most client connections that the system's limits allow",
            ),
        ],
    );
    all.numbers(
        "MGP",
        &[("CurrConns", overview.connections, "Client connections now")],
    );
    all.numbers(
        "MCP",
        &[
            (
                "CumConns",
                overview.connections_total,
                "Client connections so far",
            ),
            ("CumReq", overview.requests_total, "Requests so far"),
        ],
    );
    all.numbers(
        "MMP",
        &[(
            "MaxSslConns",
            context.plan.global.max_tls_connections.into(),
            "Most TLS connections, 0: no limit",
        )],
    );
    all.numbers(
        "MGP",
        &[(
            "CurrSslConns",
            overview.tls_connections,
            "TLS connections now",
        )],
    );
    all.numbers(
        "MCP",
        &[(
            "CumSslConns",
            overview.tls_connections_total,
            "TLS connections so far",
        )],
    );
    all.numbers("CLP", &[("Maxpipes", 0, "Most pipes for splicing")]);
    all.numbers(
        "MGP",
        &[
            ("PipesUsed", 0, "Pipes in use"),
            ("PipesFree", 0, "Pipes kept for use"),
        ],
    );
}

pub(super) fn rates(all: &mut Collector, context: &About<'_>, overview: &Overview) {
    let limits = &context.plan.rates;
    let (connections, sessions) = (overview.connection_rate, overview.session_rate);
    let name = "New client connections in the last second";
    all.numbers("MRP", &[("ConnRate", connections.now, name)]);
    all.numbers(
        "CLP",
        &[(
            "ConnRateLimit",
            limits.connections.get().into(),
            "Most of them, 0: no limit",
        )],
    );
    all.numbers(
        "MMP",
        &[("MaxConnRate", connections.max, "Highest ConnRate so far")],
    );
    let name = "New sessions in the last second";
    all.numbers("MRP", &[("SessRate", sessions.now, name)]);
    all.numbers(
        "CLP",
        &[(
            "SessRateLimit",
            limits.sessions.get().into(),
            "Most of them, 0: no limit",
        )],
    );
    all.numbers(
        "MRP",
        &[("MaxSessRate", sessions.max, "Highest SessRate so far")],
    );
}

/// As HAProxy reckons it: what is not a new key was one taken up again.
fn reused(overview: &Overview) -> u64 {
    let (all, keys) = (overview.handshake_rate.now, overview.key_rate.now);
    match all {
        0 => 0,
        all => 100_u64.saturating_sub((100 * keys + (all - 1) / 2) / all),
    }
}

pub(super) fn tls_and_compression(all: &mut Collector, context: &About<'_>, overview: &Overview) {
    let handshakes = overview.handshake_rate;
    let limit = context.plan.rates.handshakes.get().into();
    let name = "New TLS connections in the last second";
    all.numbers("MRP", &[("SslRate", handshakes.now, name)]);
    all.numbers(
        "CLP",
        &[("SslRateLimit", limit, "Most of them, 0: no limit")],
    );
    all.numbers(
        "MMP",
        &[("MaxSslRate", handshakes.max, "Highest SslRate so far")],
    );
    all.numbers(
        "MGP",
        &[(
            "SslFrontendKeyRate",
            overview.key_rate.now,
            "TLS keys made for clients in the last second",
        )],
    );
    all.numbers(
        "MMP",
        &[(
            "SslFrontendMaxKeyRate",
            overview.key_rate.max,
            "Highest SslFrontendKeyRate so far",
        )],
    );
    let name = "Percent of TLS clients that resumed a session";
    all.numbers(
        "MGP",
        &[("SslFrontendSessionReuse_pct", reused(overview), name)],
    );
    all.numbers(
        "MRP",
        &[(
            "SslBackendKeyRate",
            0,
            "TLS keys made for servers in the last second",
        )],
    );
    all.numbers(
        "MMP",
        &[(
            "SslBackendMaxKeyRate",
            0,
            "Highest SslBackendKeyRate so far",
        )],
    );
    all.numbers(
        "MCP",
        &[
            ("SslCacheLookups", 0, "Lookups in the cache of TLS sessions"),
            (
                "SslCacheMisses",
                0,
                "Lookups in the cache of TLS sessions that found nothing",
            ),
        ],
    );
    all.numbers(
        "MRP",
        &[
            (
                "CompressBpsIn",
                0,
                "Bytes given to compression in the last second",
            ),
            (
                "CompressBpsOut",
                0,
                "Bytes that came out of compression in the last second",
            ),
        ],
    );
    all.numbers(
        "CLP",
        &[("CompressBpsRateLim", 0, "Most of them, 0: no limit")],
    );
    all.skip();
    all.skip();
}

pub(super) fn state(all: &mut Collector, context: &About<'_>, overview: &Overview) {
    let (connections, listeners) = (overview.connections, overview.listeners);
    all.numbers(
        "MGP",
        &[
            (
                "Tasks",
                overview.tasks,
                "Connections, listeners of each thread, health checks",
            ),
            ("Run_queue", 0, "Tasks that wait for a processor"),
        ],
    );
    let idle = u64::from(overview.load.idle_percent);
    all.numbers(
        "MaP",
        &[(
            "Idle_pct",
            idle,
            "Percent of the threads' time spent waiting",
        )],
    );
    all.text("node", "COS", &overview.node, "Name of this machine");
    match &context.plan.global.description {
        Some(text) => all.text("description", "COS", text, "Description in the file"),
        None => all.skip(),
    }
    all.numbers(
        "MGP",
        &[
            ("Stopping", 0, "1: no new connections are taken"),
            ("Jobs", connections + listeners, "Connections and listeners"),
            (
                "Unstoppable Jobs",
                0,
                "Connections that a stop does not wait for",
            ),
            ("Listeners", listeners, "Addresses listened on"),
            ("ActivePeers", 0, "Peers that exchange tables"),
            ("ConnectedPeers", 0, "Peers that are connected"),
            (
                "DroppedLogs",
                context.logger.dropped(),
                "Log lines that could not be sent",
            ),
            ("BusyPolling", 0, "1: threads never sleep"),
            ("FailedResolutions", 0, "DNS questions without an answer"),
        ],
    );
}

pub(super) fn output(all: &mut Collector, context: &About<'_>, overview: &Overview) {
    let rate = overview.load.bytes_per_second;
    for (name, tags, number, meaning) in [
        (
            "TotalBytesOut",
            "MGP",
            overview.bytes_out,
            "Bytes sent so far",
        ),
        (
            "TotalSplicdedBytesOut",
            "MGP",
            0,
            "Bytes sent without a copy so far",
        ),
        ("BytesOutRate", "MRP", rate, "Bytes sent a second"),
    ] {
        all.add(name, tags, Value::U64(number), meaning);
    }
    all.numbers(
        "MGP",
        &[("DebugCommandsIssued", 0, "Commands for developers so far")],
    );
    all.numbers(
        "MCP",
        &[("CumRecvLogs", 0, "Log lines received to be passed on")],
    );
    all.text("Build info", "POS", version::VERSION, "Build");
    all.numbers(
        "CLP",
        &[("Memmax_bytes", memory_limit(), "Most memory, 0: no limit")],
    );
    for name in ["PoolAlloc_bytes", "PoolUsed_bytes"] {
        all.add(
            name,
            "MGP",
            Value::U64(0),
            "Memory of pools; there are none",
        );
    }
    let start = unix_seconds(context.process.started_at);
    all.numbers(
        "MDP",
        &[("Start_time_sec", start, "Start, in seconds since 1970")],
    );
    all.text("Tainted", "SGP", "0", "Experimental features in use");
}

/// What HAProxy does not tell: which configuration is in force.
pub(super) fn configuration(all: &mut Collector, context: &About<'_>) {
    let loaded = &context.plan.loaded;
    all.text(
        "Config_hash",
        "KOP",
        &loaded.hash,
        "Hash of the configuration in force",
    );
    let at = unix_seconds(loaded.at);
    let name = "When it was loaded, in seconds since 1970";
    all.numbers("MTP", &[("Config_loaded", at, name)]);
}

fn unix_seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.as_ref().map_or(0, Uptime::as_secs)
}
