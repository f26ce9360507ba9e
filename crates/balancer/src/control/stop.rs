//! What is said of every proxy: when the process stops, and when it is asked (SIGHUP).

use crate::plan::{Backend, Frontend, Plan, Proxy};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What HAProxy says of each proxy when it stops; both halves of a `listen` share a line.
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let mut totals: BTreeMap<u32, (String, u64, u64)> = BTreeMap::new();
    for proxy in plan.proxies() {
        let (front, back) = match &proxy {
            Proxy::Frontend(frontend) => (frontend.live().counters().conn_tot, 0),
            Proxy::Backend(backend) => (0, backend.live().counters().stot),
        };
        let total = totals
            .entry(proxy.id())
            .or_insert_with(|| (proxy.name().to_string(), 0, 0));
        (total.1, total.2) = (total.1 + front, total.2 + back);
    }
    let lines = totals.into_values().map(|(name, front, back)| {
        format!("Proxy {name} stopped (cumulated conns: FE: {front}, BE: {back}).")
    });
    lines.collect()
}

type Halves = (Option<Arc<Frontend>>, Option<Arc<Backend>>);

/// Servers and proxies in file order; both halves of a `listen` share a line.
pub(super) fn state_lines(plan: &Plan) -> Vec<String> {
    let mut halves: BTreeMap<u32, Halves> = BTreeMap::new();
    for proxy in plan.proxies() {
        match proxy {
            Proxy::Frontend(frontend) => {
                let id = frontend.id;
                halves.entry(id).or_default().0 = Some(frontend)
            }
            Proxy::Backend(backend) => {
                let id = backend.id;
                halves.entry(id).or_default().1 = Some(backend)
            }
        }
    }
    let mut lines = Vec::new();
    for (frontend, backend) in halves.into_values() {
        if let Some(backend) = &backend {
            let live = backend.live();
            lines.extend(live.servers().map(|server| {
                let (waiting, _) = server.queue();
                let counters = server.counters();
                let state = if server.is_up() { "UP" } else { "DOWN" };
                format!(
                    "Server {}/{} is {state}. Conn: {} act, {} pend, {} tot.",
                    backend.name,
                    server.name(),
                    counters.scur,
                    waiting,
                    counters.stot
                )
            }));
        }
        lines.push(proxy_line(frontend.as_deref(), backend.as_deref()));
    }
    lines
}

fn proxy_line(frontend: Option<&Frontend>, backend: Option<&Backend>) -> String {
    let (act_front, tot_front) = frontend.map_or((0, 0), |frontend| {
        let live = frontend.live();
        (live.counters().scur, live.counters().conn_tot)
    });
    let name = frontend.map_or_else(
        || backend.map_or("", |backend| &backend.name),
        |frontend| &frontend.name,
    );
    let Some(backend) = backend.filter(|backend| !backend.servers.is_empty()) else {
        return format!(
            "Proxy {name} has no servers. Conn: act(FE+BE): {act_front}+0, 0 pend (0 unass), \
             tot(FE+BE): {tot_front}+0."
        );
    };
    let live = backend.live();
    let unassigned = live.queue().0;
    let pending = live.servers().map(|server| server.queue().0).sum::<u64>() + unassigned;
    let counters = live.counters();
    let how = whats_left(live.usable(), live.usable_backups());
    format!(
        "Proxy {name} {how} Conn: act(FE+BE): {act_front}+{}, {} pend ({} unass), tot(FE+BE): {tot_front}+{}.",
        counters.scur, pending, unassigned, counters.stot
    )
}

/// What a backend can still do.
fn whats_left(active: usize, backup: usize) -> String {
    match (active, backup) {
        (0, 0) => "has no server available !".to_owned(),
        (0, _) => "is running on backup servers !".to_owned(),
        _ => format!("has {active} active servers and {backup} backup servers available."),
    }
}

#[cfg(test)]
mod tests {
    use super::whats_left;

    #[test]
    fn backups_are_told_apart() {
        assert_eq!(
            whats_left(2, 1),
            "has 2 active servers and 1 backup servers available."
        );
        assert_eq!(whats_left(0, 1), "is running on backup servers !");
        assert_eq!(whats_left(0, 0), "has no server available !");
    }
}
