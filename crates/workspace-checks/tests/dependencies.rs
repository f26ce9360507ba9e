//! What comes from outside, held against `deny.toml`: the same questions that `cargo deny` asks.

mod licence;

use std::collections::BTreeMap;
use std::fs;

use semver::{Version, VersionReq};
use toml::{Table, Value};
use workspace_checks::{Graph, root};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn deny() -> Table {
    let text = fs::read_to_string(root().join("deny.toml")).expect("deny.toml can be read");
    text.parse().expect("deny.toml is TOML")
}

#[test]
fn everything_comes_from_the_one_registry() {
    for package in Graph::load().packages() {
        if let Some(source) = &package.source {
            assert_eq!(source, REGISTRY, "{} {}", package.name, package.version);
        }
    }
}

#[test]
fn every_licence_is_allowed() {
    let deny = deny();
    let allowed = deny["licenses"]["allow"].as_array().expect("a list");
    let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    for package in Graph::load().packages() {
        let licence = package.license.as_deref().unwrap_or_default();
        let name = format!("{} {}", package.name, package.version);
        assert!(
            licence::allows(licence, &allowed),
            "{name} is under `{licence}`"
        );
    }
}

#[test]
fn no_crate_is_there_twice_but_those_named() {
    let skips = skips();
    let graph = Graph::load();
    let mut versions: BTreeMap<&str, Vec<Version>> = BTreeMap::new();
    for package in graph.packages() {
        let version = package.version.parse().expect("a version");
        versions.entry(&package.name).or_default().push(version);
    }
    let skipped = |name: &str, version: &Version| {
        let names = |(skip, req): &(String, VersionReq)| skip == name && req.matches(version);
        skips.iter().any(names)
    };
    let twice = |(name, versions): &(&&str, &Vec<Version>)| {
        versions
            .iter()
            .filter(|version| !skipped(name, version))
            .count()
            > 1
    };
    let twice: Vec<_> = versions.iter().filter(twice).collect();
    assert!(
        twice.is_empty(),
        "there more than once, without a reason in deny.toml: {twice:#?}"
    );
    for (name, req) in &skips {
        let used = versions
            .get(name.as_str())
            .is_some_and(|v| v.len() > 1 && v.iter().any(|v| req.matches(v)));
        assert!(
            used,
            "the exception for `{name}@{req}` in deny.toml is not needed any more"
        );
    }
}

/// The exceptions of deny.toml: names and versions.
fn skips() -> Vec<(String, VersionReq)> {
    let deny = deny();
    let skips = deny["bans"]["skip"].as_array().expect("a list");
    let skip = |skip: &Value| {
        let (name, version) = skip["crate"].as_str()?.split_once('@')?;
        assert!(
            skip.get("reason").is_some(),
            "the exception for `{name}` needs a reason"
        );
        Some((name.to_owned(), version.parse().ok()?))
    };
    skips
        .iter()
        .map(|s| skip(s).expect("an exception is `name@version` and a reason"))
        .collect()
}
