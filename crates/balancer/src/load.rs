//! From files to a plan: reads, parses, resolves.

use crate::cli::Options;
use crate::plan::{self, Loaded, Names, Outcome, Plan};
use crate::server_state;
use crate::tls;
use diagnostics::{Diagnostic, Severity, Sources};
use haproxy_config::{Environment, model};
use lb_core::Uptime;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the files say: a configuration unless something is wrong, and every problem.
#[derive(Debug)]
pub struct Reading {
    pub sources: Sources,
    pub config: Option<model::Config>,
    pub diagnostics: Vec<Diagnostic>,
    /// See [`haproxy_config::Parsed::from_lines`].
    pub from_lines: usize,
    pub loaded: Loaded,
    /// There is no plan, for no other reason than that servers have no address: HAProxy ends with other words then.
    pub lacks_addresses: bool,
}

/// Why files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// HAProxy's words.
    #[error("Cannot open configuration file/directory {} : {}", path.display(), os_text(source))]
    Open {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is not text: byte {at} is not UTF-8", path.display())]
    NotText { path: PathBuf, at: usize },
    /// Folders without a `.cfg` file.
    #[error("no configuration file in {0}")]
    Nothing(String),
}

/// Reads and parses all files of the command line.
///
/// # Errors
///
/// The file that cannot be read. Mistakes *in* the files are in [`Reading::diagnostics`].
pub fn read(options: &Options) -> Result<Reading, ReadError> {
    let mut sources = Sources::new();
    let mut hasher = DefaultHasher::new();
    let mut names = Vec::new();
    for path in expand(&options.files)? {
        let text = read_text(&path)?;
        let name = path.display().to_string();
        text.hash(&mut hasher);
        sources.add(name.as_str(), text);
        names.push(name);
    }
    let mut parsed = haproxy_config::parse(&sources, &environment(options, &names));
    if let (Some(config), Some(watched)) = (&mut parsed.config, &options.watched)
        && !options.check
    {
        watched.amend(config);
    }
    let text = sources.iter().map(|(_, source)| source.text.as_str());
    let text = text.collect();
    Ok(Reading {
        sources,
        config: parsed.config,
        diagnostics: parsed.diagnostics,
        from_lines: parsed.from_lines,
        loaded: Loaded {
            hash: format!("{:016x}", hasher.finish()),
            at: SystemTime::now(),
            files: names,
            text,
        },
        lacks_addresses: false,
    })
}

impl Reading {
    /// Whether HAProxy would warn.
    pub fn has_warnings(&self) -> bool {
        let warns =
            |d: &Diagnostic| d.severity == Severity::Warning && !d.alert && !d.haproxy.is_empty();
        self.diagnostics.iter().any(warns)
    }

    /// Makes the configuration live. Problems that show only now (a name without address) join the diagnostics;
    /// then there is no plan.
    pub fn plan(&mut self, options: &Options, former: Option<&Plan>, now: Uptime) -> Option<Plan> {
        let mut config = self.config.clone()?;
        if options.maxconn.is_some() {
            config.global.maxconn = options.maxconn;
        }
        for frontend in &mut config.frontends {
            frontend.maxconn = frontend.maxconn.or(options.proxy_maxconn);
        }
        let mut material = match tls::load(&config, &self.sources) {
            Ok(material) => material,
            Err(mut problems) => {
                self.diagnostics.append(&mut problems);
                return None;
            }
        };
        self.diagnostics.append(&mut material.warnings);
        let kept = former.is_none().then(|| server_state::read::read(&config));
        let build = plan::build(
            &config,
            self.loaded.clone(),
            material,
            &Names {
                lookup: &resolve,
                nameservers: &system_nameservers(),
                kept: kept.as_ref(),
                tolerate: options.tolerate_unresolved,
            },
            maxconn_from_limits(&config.global),
            former,
            now,
        );
        let (plan, unresolved) = match build {
            Ok(built) => {
                let told = built.restored.into_iter().map(restored);
                self.diagnostics.extend(told);
                (Some(built.plan), built.unresolved)
            }
            Err(unresolved) => (None, unresolved),
        };
        let of_server = |u: &plan::Unresolved| u.outcome != Outcome::Nameserver;
        self.lacks_addresses = plan.is_none() && unresolved.iter().all(of_server);
        let told: Vec<_> = unresolved.iter().map(|u| self.unresolved(u)).collect();
        self.diagnostics.extend(told);
        plan
    }

    fn unresolved(&self, it: &plan::Unresolved) -> Diagnostic {
        let place = self.sources.location(it.span).line;
        let file = &self.sources.get(it.span.source).name;
        let (backend, server, host) = (&it.backend, &it.server, &it.host);
        let words = match it.outcome {
            Outcome::Fatal => format!("could not resolve address '{host}'."),
            Outcome::NoMethod => format!("no method found to resolve address '{host}'."),
            Outcome::Disabled => {
                format!("could not resolve address '{host}', disabling server.")
            }
            Outcome::FellBack => {
                format!("could not resolve address '{host}', falling back to configured address.")
            }
            Outcome::Nameserver => {
                let name = host
                    .rsplit_once(':')
                    .map_or(host.as_str(), |(name, _)| name);
                return Diagnostic::error("name-not-resolved", format!("`{name}` has no address"))
                    .at(it.span, "this name server is looked up once, at start")
                    .next("write the address itself, for example 127.0.0.1:5300")
                    .haproxy(format!(
                        "config : parsing [{file}:{place}] : 'nameserver {server}' : invalid address: '{name}' in '{host}'\n"
                    ));
            }
        };
        let what = format!("`{host}` has no address");
        let why = format!("the system's resolver does not know `{host}`, or does not answer");
        let words = format!("config : [{file}:{place}] : 'server {backend}/{server}' : {words}");
        let diagnostic = match it.outcome {
            Outcome::Disabled => Diagnostic::warning("name-not-resolved", what)
                .at(it.span, "its server waits in maintenance until it resolves")
                .why(why),
            Outcome::FellBack => Diagnostic::warning("name-not-resolved", what)
                .at(it.span, "its server begins with the address of `init-addr`")
                .why(why),
            Outcome::NoMethod => Diagnostic::error("name-not-resolved", what)
                .at(it.span, "`init-addr` names no way that led to one")
                .next("add  none  to its words: the server then waits in maintenance"),
            _ => Diagnostic::error("name-not-resolved", what)
                .at(it.span, "this name is looked up at start")
                .why(why)
                .next("write the address itself, for example 127.0.0.1, or let it wait for one:  init-addr none resolvers NAME"),
        };
        diagnostic.haproxy(words)
    }
}

/// What is said of a state that a server begins in, or of the file that it stands in.
fn restored(words: String) -> Diagnostic {
    Diagnostic::warning("server-state", words.clone()).haproxy(format!("config : {words}"))
}

/// Files as they are; of a folder, its visible `.cfg` files in byte order.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(folder(path).map_err(|source| ReadError::Open {
                path: path.clone(),
                source,
            })?);
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let names: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
        return Err(ReadError::Nothing(names.join(" ")));
    }
    Ok(files)
}

fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".cfg") && !name.starts_with('.') && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn read_text(path: &Path) -> Result<String, ReadError> {
    let bytes = std::fs::read(path).map_err(|source| ReadError::Open {
        path: path.to_path_buf(),
        source,
    })?;
    String::from_utf8(bytes).map_err(|error| ReadError::NotText {
        path: path.to_path_buf(),
        at: error.utf8_error().valid_up_to(),
    })
}

/// The variables a file may name (manual 2.3), HAProxy's own among them.
/// What configuration files may ask about: the environment, and what HAProxy adds to it.
pub fn environment(options: &Options, files: &[String]) -> Environment {
    let mut variables: std::collections::BTreeMap<_, _> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let peer = options.local_peer.clone().unwrap_or_else(hostname);
    variables.insert("HAPROXY_LOCALPEER".into(), peer);
    variables.insert("HAPROXY_CFGFILES".into(), files.join(";"));
    variables.insert(
        "HAPROXY_STARTUP_VERSION".into(),
        crate::version::VERSION.into(),
    );
    Environment {
        variables,
        read_file: |path| std::fs::read(path).ok(),
    }
}

pub fn hostname() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// The first answer wins, as in HAProxy; IPv4 before IPv6 is the resolver's own choice.
fn resolve(host: &str) -> Option<IpAddr> {
    (host, 0).to_socket_addrs().ok()?.next().map(|a| a.ip())
}

/// The name servers of /etc/resolv.conf; none where there is no such file.
fn system_nameservers() -> Vec<IpAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver"))
            .then(|| words.next()?.parse().ok())
            .flatten()
    };
    text.lines().filter_map(address).collect()
}

/// Without `global maxconn`: two descriptors a connection, and some for the rest.
fn maxconn_from_limits(global: &model::Global) -> Option<u32> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    let limit = global.most_open_files.map_or(limit, |most| most.min(limit));
    let usable = limit.saturating_sub(28) / 2;
    Some(u32::try_from(usable).unwrap_or(u32::MAX).max(1))
}

/// The system's words without Rust's ` (os error 2)`.
pub fn os_text(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_visible_cfg_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.cfg", "a.cfg", "A.cfg", ".hidden.cfg", "notes.txt"] {
            std::fs::write(folder.path().join(name), "global\n").unwrap();
        }
        let files = expand(&[folder.path().into()]).unwrap();
        let names: Vec<_> = files
            .iter()
            .map(|f| f.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["A.cfg", "a.cfg", "b.cfg"]);
    }

    #[test]
    fn a_missing_file_is_told_in_haproxys_words() {
        let options = Options {
            files: vec!["nosuch.cfg".into()],
            ..Options::default()
        };
        let error = read(&options).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Cannot open configuration file/directory nosuch.cfg : No such file or directory"
        );
    }

    #[test]
    fn the_hash_follows_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.cfg");
        let options = Options {
            files: vec![file.clone()],
            ..Options::default()
        };
        let hash = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read(&options).unwrap().loaded.hash
        };
        assert_eq!(hash("global\n"), hash("global\n"));
        assert_ne!(hash("global\n"), hash("global\n "));
    }
}
