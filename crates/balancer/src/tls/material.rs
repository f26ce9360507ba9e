//! Everything that a configuration says of TLS, read from its files.

use super::files::{self, Authorities, FileError, Identity};
use super::{Connector, Entry};
use diagnostics::{Diagnostic, Sources, Span};
use haproxy_config::model::{Bind, BindTls, Config, Frontend, ServerTls, TlsFile};
use std::collections::HashMap;
use std::sync::Arc;

/// TLS of a configuration, in its order.
#[derive(Debug, Default)]
pub struct Material {
    /// By frontend and bind.
    pub entries: Vec<Vec<Option<Arc<Entry>>>>,
    /// By backend and server.
    pub connectors: Vec<Vec<Connectors>>,
}

/// Of one server.
#[derive(Clone, Debug, Default)]
pub struct Connectors {
    pub requests: Option<Connector>,
    pub checks: Option<Connector>,
}

/// Reads all files that a configuration names.
///
/// # Errors
///
/// Every file that is missing or wrong, with its place in the configuration.
pub fn load(config: &Config, sources: &Sources) -> Result<Material, Vec<Diagnostic>> {
    let mut loader = Loader {
        sources,
        problems: Vec::new(),
        authorities: HashMap::new(),
    };
    let frontends = config.frontends.iter();
    let entries = frontends.map(|frontend| loader.entries(frontend)).collect();
    let mut connectors = Vec::new();
    for backend in &config.backends {
        let servers = backend.servers.iter().map(|server| {
            let name = format!("{}/{}", backend.name, server.name);
            let checks = server.check.as_ref().and_then(|check| check.tls.as_ref());
            Connectors {
                requests: server
                    .tls
                    .as_ref()
                    .and_then(|tls| loader.connector(tls, &name, server.span)),
                checks: checks.and_then(|tls| loader.connector(&tls.tls, &name, server.span)),
            }
        });
        connectors.push(servers.collect());
    }
    match loader.problems.is_empty() {
        true => Ok(Material {
            entries,
            connectors,
        }),
        false => Err(loader.problems),
    }
}

struct Loader<'a> {
    sources: &'a Sources,
    problems: Vec<Diagnostic>,
    /// Many servers share one file.
    authorities: HashMap<String, Authorities>,
}

impl Loader<'_> {
    fn entries(&mut self, frontend: &Frontend) -> Vec<Option<Arc<Entry>>> {
        let mut entries: Vec<Option<Arc<Entry>>> = Vec::new();
        let mut former: Option<&Bind> = None;
        for bind in &frontend.binds {
            // The addresses of one line have everything in common.
            let again = former.is_some_and(|former| former.span == bind.span);
            former = Some(bind);
            let entry = match (again, &bind.tls) {
                (true, _) => entries.last().cloned().flatten(),
                (false, None) => None,
                (false, Some(tls)) => {
                    let section = if frontend.listen {
                        "listen"
                    } else {
                        "frontend"
                    };
                    let title =
                        format!("'bind {}' in section '{section}' : ", self.text(bind.span));
                    self.entry(tls, &title, bind.span)
                }
            };
            entries.push(entry);
        }
        entries
    }

    fn entry(&mut self, tls: &BindTls, title: &str, at: Span) -> Option<Arc<Entry>> {
        let before = self.problems.len();
        let mut identities: Vec<Identity> = Vec::new();
        for file in &tls.certificates {
            match files::identities(&file.path) {
                Ok(mut read) => identities.append(&mut read),
                Err(error) => self.tell(&error, title, file.span),
            }
        }
        let authorities = tls.authorities.as_ref();
        let authorities = authorities.and_then(|file| self.authorities(file, title));
        if self.problems.len() > before {
            return None;
        }
        if identities.is_empty() {
            self.no_certificate(at);
            return None;
        }
        match Entry::new(tls, identities, authorities.as_ref()) {
            Ok(entry) => Some(Arc::new(entry)),
            Err(error) => {
                self.unusable(&error, at);
                None
            }
        }
    }

    fn connector(&mut self, tls: &ServerTls, name: &str, at: Span) -> Option<Connector> {
        let title = format!("'server {name}' : ");
        let before = self.problems.len();
        let identity = tls.certificate.as_ref().and_then(|file| {
            let read = files::identity(&file.path);
            read.map_err(|error| self.tell(&error, &title, file.span))
                .ok()
        });
        let authorities = tls.authorities.as_ref();
        let authorities = authorities.and_then(|file| self.authorities(file, &title));
        if self.problems.len() > before {
            return None;
        }
        let connector = Connector::new(tls, identity.as_ref(), authorities);
        connector.map_err(|error| self.unusable(&error, at)).ok()
    }

    fn authorities(&mut self, file: &TlsFile, title: &str) -> Option<Authorities> {
        if let Some(known) = self.authorities.get(&file.path) {
            return Some(known.clone());
        }
        match files::authorities(&file.path) {
            Ok(read) => {
                self.authorities.insert(file.path.clone(), read.clone());
                Some(read)
            }
            Err(error) => {
                self.tell(&error, title, file.span);
                None
            }
        }
    }

    fn text(&self, span: Span) -> &str {
        &self.sources.get(span.source).text[span.start..span.end]
    }

    fn tell(&mut self, error: &FileError, title: &str, at: Span) {
        let line = self.sources.location(at).line;
        let file = &self.sources.get(at.source).name;
        let parsing = if title.starts_with("'bind") {
            "parsing "
        } else {
            ""
        };
        let place = format!("config : {parsing}[{file}:{line}] : {title}");
        let diagnostic = Diagnostic::error("tls-file", what(error)).at(at, "");
        let diagnostic = match error {
            FileError::Missing { .. } => diagnostic
                .next("is its path right, seen from the folder where the balancer was started?"),
            FileError::NoCertificate(_) => {
                diagnostic.next("it must hold  -----BEGIN CERTIFICATE-----")
            }
            FileError::NoKey(path) => diagnostic.next(format!(
                "put the key into the same file, behind the certificate:  cat {path} KEY > BOTH.pem"
            )),
            FileError::OddKey(_) => diagnostic
                .why("keys are RSA, ECDSA on P-256 or P-384, or Ed25519, without a passphrase"),
            FileError::Mismatch(_) => diagnostic.next("are certificate and key of one pair?"),
            FileError::Authorities { .. } => {
                diagnostic.next("it must hold certificates:  -----BEGIN CERTIFICATE-----")
            }
        };
        let diagnostic = match error {
            FileError::Authorities { path, .. } if parsing.is_empty() => diagnostic
                .haproxy(format!("{place}{error}"))
                .haproxy(format!("config : 'ca-file' : unable to load {path}.")),
            FileError::Authorities { path, .. } => diagnostic
                .haproxy(format!("config : {error}"))
                .haproxy(format!("{place}'ca-file' : unable to load {path}")),
            _ => diagnostic.haproxy(format!("{place}{error}")),
        };
        self.problems.push(diagnostic);
    }

    /// A folder without certificates.
    fn no_certificate(&mut self, at: Span) {
        let line = self.sources.location(at).line;
        let (file, address) = (&self.sources.get(at.source).name, self.text(at));
        let words = format!(
            "config : Proxy: no SSL certificate specified for bind '{address}' at [{file}:{line}] (use 'crt')."
        );
        self.problems.push(
            Diagnostic::error("no-certificate", "the folder of `crt` holds no certificate")
                .at(at, "")
                .next("put a file with certificate and key into it")
                .haproxy(words),
        );
    }

    fn unusable(&mut self, error: &rustls::Error, at: Span) {
        self.problems.push(
            Diagnostic::error("tls-settings", "these words about TLS do not go together")
                .at(at, "")
                .why(error.to_string()),
        );
    }
}

/// The mistake in a few words.
fn what(error: &FileError) -> String {
    match error {
        FileError::Missing { path, .. } => format!("`{path}` cannot be read"),
        FileError::NoCertificate(path) => format!("`{path}` holds no certificate"),
        FileError::NoKey(path) => format!("`{path}` holds no private key"),
        FileError::OddKey(path) => format!("the key in `{path}` cannot be used"),
        FileError::Mismatch(path) => format!("certificate and key in `{path}` are not a pair"),
        FileError::Authorities { path, why } => format!("no authorities in `{path}`: {why}"),
    }
}
