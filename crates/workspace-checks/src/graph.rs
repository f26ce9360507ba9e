use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::root;

/// Packages and who depends on whom, as `cargo metadata` resolves them for Linux.
pub struct Graph {
    packages: BTreeMap<String, Package>,
    members: Vec<String>,
    /// From id to the ids it needs to be built and run; those of tests alone are left out.
    needs: BTreeMap<String, Vec<String>>,
}

/// A package of the graph.
#[derive(Debug, Clone)]
pub struct Package {
    id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression, as its manifest states it.
    pub license: Option<String>,
    /// Where it comes from; `None` for a path.
    pub source: Option<String>,
    /// Its manifest.
    pub manifest: PathBuf,
}

impl Graph {
    /// Asks cargo.
    ///
    /// # Panics
    /// When cargo fails, for instance because `Cargo.lock` is out of date; cargo says why.
    pub fn load() -> Self {
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--format-version=1", "--locked"]);
        command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]);
        let output = command
            .current_dir(root())
            .output()
            .expect("cargo can be started");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
        Self::from_metadata(&metadata)
    }

    fn from_metadata(metadata: &Value) -> Self {
        let nodes = array(&metadata["resolve"]["nodes"]);
        let resolved: BTreeSet<String> = nodes.iter().map(|node| text(&node["id"])).collect();
        let packages = array(&metadata["packages"])
            .iter()
            .map(Package::from_metadata);
        Self {
            packages: packages
                .filter(|package| resolved.contains(&package.id))
                .map(|package| (package.id.clone(), package))
                .collect(),
            members: array(&metadata["workspace_members"])
                .iter()
                .map(text)
                .collect(),
            needs: nodes
                .iter()
                .map(|node| (text(&node["id"]), needs(node)))
                .collect(),
        }
    }

    /// Every package, those of tests among them.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }

    /// The packages of this workspace.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().map(|id| &self.packages[id])
    }

    /// The names of what a member needs directly, tests left out.
    pub fn direct_needs(&self, package: &Package) -> BTreeSet<&str> {
        self.needs[&package.id]
            .iter()
            .map(|id| self.packages[id].name.as_str())
            .collect()
    }

    /// The names of all that a member needs, directly or not, tests left out.
    pub fn all_needs(&self, package: &Package) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = self.needs[&package.id].iter().collect();
        while let Some(id) = next.pop() {
            if seen.insert(id) {
                next.extend(&self.needs[id]);
            }
        }
        seen.into_iter()
            .map(|id| self.packages[id].name.as_str())
            .collect()
    }
}

impl Package {
    fn from_metadata(package: &Value) -> Self {
        Self {
            id: text(&package["id"]),
            name: text(&package["name"]),
            version: text(&package["version"]),
            license: package["license"].as_str().map(str::to_owned),
            source: package["source"].as_str().map(str::to_owned),
            manifest: PathBuf::from(text(&package["manifest_path"])),
        }
    }
}

/// The ids that a node of the resolve needs as an ordinary or a build dependency.
fn needs(node: &Value) -> Vec<String> {
    let beyond_tests = |dep: &&Value| {
        array(&dep["dep_kinds"])
            .iter()
            .any(|kind| kind["kind"] != "dev")
    };
    array(&node["deps"])
        .iter()
        .filter(beyond_tests)
        .map(|dep| text(&dep["pkg"]))
        .collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .expect("cargo writes a string here")
        .to_owned()
}
