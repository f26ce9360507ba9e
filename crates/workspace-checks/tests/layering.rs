//! The layers of `docs/ARCHITECTURE.md`: who may know whom, and what must be absent where.

use std::collections::BTreeSet;

use workspace_checks::{Graph, sources};

/// Each crate with the members it may import. Tests may import `testkit` beside them.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("diagnostics", &[]),
    ("haproxy-config", &["diagnostics", "samples"]),
    ("lb-core", &[]),
    ("procs", &[]),
    ("samples", &[]),
    (
        "balancer",
        &[
            "diagnostics",
            "haproxy-config",
            "lb-core",
            "procs",
            "samples",
        ],
    ),
    ("app-server", &["diagnostics", "procs"]),
    ("course", &["diagnostics"]),
    ("dns-authority", &["diagnostics", "procs"]),
    ("dns-probe", &[]),
    (
        "lab",
        &[
            "app-server",
            "balancer",
            "course",
            "diagnostics",
            "dns-authority",
            "dns-probe",
            "haproxy-config",
            "procs",
        ],
    ),
    ("testkit", &[]),
    ("workspace-checks", &[]),
];

/// The crates that only decide: text or events in, values out.
const PURE: [&str; 5] = [
    "course",
    "diagnostics",
    "haproxy-config",
    "lb-core",
    "samples",
];

/// Runtimes, sockets, files and randomness, by the crates that bring them.
const IMPURE_CRATES: [&str; 14] = [
    "axum",
    "fastrand",
    "getrandom",
    "hyper",
    "hyper-util",
    "libc",
    "mio",
    "notify",
    "rand",
    "reqwest",
    "rustix",
    "socket2",
    "tempfile",
    "tokio",
];

/// The same from the standard library, and the clock.
const IMPURE_PATHS: [&str; 15] = [
    "Timestamp::now",
    "Zoned::now",
    "std::env",
    "std::fs",
    "std::os",
    "std::process",
    "std::thread",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "UnixListener",
    "UnixStream",
    "Instant::now",
    "SystemTime::now",
    "println!",
];

#[test]
fn members_import_only_what_their_layer_allows() {
    let graph = Graph::load();
    let members: BTreeSet<&str> = graph.members().map(|member| member.name.as_str()).collect();
    let listed: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, listed, "every member has its row in MAY_IMPORT");
    for member in graph.members() {
        let needs = graph.direct_needs(member);
        let imports: Vec<&&str> = needs
            .iter()
            .filter(|name| members.contains(*name))
            .collect();
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| *name == member.name)
            .expect("listed");
        for import in imports {
            assert!(
                allowed.contains(import),
                "`{}` must not import `{import}`",
                member.name
            );
        }
    }
}

#[test]
fn pure_crates_bring_no_runtime_socket_or_file() {
    let graph = Graph::load();
    for member in graph
        .members()
        .filter(|member| PURE.contains(&member.name.as_str()))
    {
        let needs = graph.all_needs(member);
        let impure: Vec<&&str> = IMPURE_CRATES
            .iter()
            .filter(|name| needs.contains(*name))
            .collect();
        assert!(
            impure.is_empty(),
            "`{}` is pure, yet it needs {impure:?}",
            member.name
        );
    }
}

#[test]
fn pure_crates_name_no_file_socket_or_clock() {
    for name in PURE {
        for file in sources(name) {
            let found: Vec<String> = IMPURE_PATHS
                .iter()
                .flat_map(|path| file.lines_with(path))
                .collect();
            assert!(
                found.is_empty(),
                "`{name}` is pure, yet:\n{}",
                found.join("\n")
            );
        }
    }
}

#[test]
fn only_the_plan_knows_configuration_and_decisions() {
    for file in sources("balancer") {
        let config = file.lines_with("haproxy_config::");
        // The type of `now` decides nothing: it passes through on its way to the plan.
        let decides = |line: &String| line.replace("lb_core::Uptime", "").contains("lb_core::");
        let core: Vec<String> = file
            .lines_with("lb_core::")
            .into_iter()
            .filter(decides)
            .collect();
        // `testing.rs` makes plans of texts for unit tests and feeds them results.
        let is_plan = file.path.starts_with("src/plan") || file.path == "src/testing.rs";
        assert!(
            is_plan || config.is_empty() || core.is_empty(),
            "only the plan sees both haproxy_config and lb_core, yet:\n{}",
            [config, core].concat().join("\n")
        );
    }
}

#[test]
fn the_lab_uses_of_other_programs_only_their_command_line() {
    for file in sources("lab") {
        for program in ["app_server", "balancer", "dns_authority", "dns_probe"] {
            for line in file.lines_with(&format!("{program}::")) {
                assert!(
                    only_runs(&line, program),
                    "only `{program}::run` and what it takes may be used, yet:\n{line}"
                );
            }
        }
    }
}

/// Besides `run`, what it takes beside its words, and what it tells its listener; a balancer lets its watcher look on.
const BESIDE_RUN: [&str; 10] = [
    "HeldBack",
    "run_watched",
    "Watch",
    "Defaults",
    "Report",
    "Answered",
    "AskedBy",
    "FromCache",
    "Transport",
    "Way",
];

/// Whether each path into the crate `program` on this line is that of `run`, or of what belongs to that. A module of the
/// lab's own may have its name.
fn only_runs(line: &str, program: &str) -> bool {
    let path = format!("{program}::");
    line.match_indices(&path).all(|(at, _)| {
        let before = line[..at].chars().next_back();
        let own_module = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        let rest = &line[at + path.len()..];
        let is = |word: &str| {
            let after = rest.strip_prefix(word).map(|rest| rest.chars().next());
            after.is_some_and(|c| !c.is_some_and(|c| c.is_alphanumeric() || c == '_'))
        };
        let group = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let all_are = |(names, _): (&str, &str)| {
            names
                .split(',')
                .all(|name| BESIDE_RUN.contains(&name.trim()))
        };
        own_module
            || is("run")
            || BESIDE_RUN.iter().any(|word| is(word))
            || group.is_some_and(all_are)
    })
}

#[test]
fn the_check_of_the_lab_sees_what_it_should() {
    assert!(only_runs("x => balancer::run(args),", "balancer"));
    assert!(only_runs(
        "use crate::observe::balancer::Facts;",
        "balancer"
    ));
    assert!(only_runs("use dns_probe::Defaults;", "dns_probe"));
    assert!(!only_runs("use dns_probe::label::Label;", "dns_probe"));
    assert!(!only_runs("use balancer::plan::Plan;", "balancer"));
    assert!(only_runs("use dns_probe::{Defaults, Report};", "dns_probe"));
    assert!(!only_runs("use balancer::{run, plan};", "balancer"));
    assert!(!only_runs("use dns_probe::{Report, label};", "dns_probe"));
    assert!(!only_runs("balancer::runtime_api()", "balancer"));
}
