//! Everything that a configuration says of TLS, read from its files.

use super::entry::Shown;
use super::files::{self, Authorities, FileError};
use super::judge::Trust;
use super::{Connector, Entry};
use diagnostics::{Diagnostic, Severity, Sources, Span};
use haproxy_config::model::{
    Bind, BindTls, CertificateSource, Config, Frontend, Server, ServerTls, TlsDefaults, TlsFile,
};
use rustls_pki_types::CertificateRevocationListDer;
use std::collections::HashMap;
use std::sync::Arc;

/// TLS of a configuration, in its order.
#[derive(Debug, Default)]
pub struct Material {
    /// By frontend and bind.
    pub entries: Vec<Vec<Option<Arc<Entry>>>>,
    /// By backend and server.
    pub connectors: Vec<Vec<Connectors>>,
    /// What is odd about files, though they are taken.
    pub warnings: Vec<Diagnostic>,
}

/// Of one server.
#[derive(Clone, Debug, Default)]
pub struct Connectors {
    pub requests: Option<Connector>,
    pub checks: Option<Connector>,
    /// Of checks whose steps say so.
    pub steps: Option<Connector>,
}

/// Reads all files that a configuration names.
///
/// # Errors
///
/// Every file that is missing or wrong, with its place in the configuration.
pub fn load(config: &Config, sources: &Sources) -> Result<Material, Vec<Diagnostic>> {
    let mut loader = Loader {
        sources,
        defaults: &config.global.tls,
        problems: Vec::new(),
        authorities: HashMap::new(),
    };
    let frontends = config.frontends.iter();
    let entries = frontends.map(|frontend| loader.entries(frontend)).collect();
    let mut connectors = Vec::new();
    for backend in &config.backends {
        let servers = backend.servers.iter().map(|server| {
            let name = format!("{}/{}", backend.name, server.name);
            loader.connectors(server, &name)
        });
        connectors.push(servers.collect());
    }
    match loader.errors() {
        0 => Ok(Material {
            entries,
            connectors,
            warnings: loader.problems,
        }),
        _ => Err(loader.problems),
    }
}

/// What a server added while the balancer runs needs; `name` is `BACKEND/SERVER`.
///
/// # Errors
///
/// HAProxy's words for the first file that is missing or wrong.
pub fn connectors(
    server: &Server,
    name: &str,
    defaults: &TlsDefaults,
    sources: &Sources,
) -> Result<Connectors, String> {
    let mut loader = Loader {
        sources,
        defaults,
        problems: Vec::new(),
        authorities: HashMap::new(),
    };
    let connectors = loader.connectors(server, name);
    let problems = loader.problems.iter();
    let error = problems
        .into_iter()
        .find(|it| it.severity == Severity::Error);
    match error {
        None => Ok(connectors),
        Some(error) => Err(error.haproxy.first().unwrap_or(&error.message).clone()),
    }
}

struct Loader<'a> {
    sources: &'a Sources,
    defaults: &'a TlsDefaults,
    problems: Vec<Diagnostic>,
    /// Many servers share one file.
    authorities: HashMap<String, Authorities>,
}

impl Loader<'_> {
    fn errors(&self) -> usize {
        let problems = self.problems.iter();
        problems.filter(|it| it.severity == Severity::Error).count()
    }

    fn connectors(&mut self, server: &Server, name: &str) -> Connectors {
        let check = server.check.as_ref();
        let checks = check.and_then(|check| check.tls.as_ref());
        let steps = check.and_then(|check| check.step_tls.as_ref());
        let mut connector = |tls| self.connector(tls, name, server.span);
        Connectors {
            requests: server.tls.as_ref().and_then(&mut connector),
            checks: checks.and_then(|checks| connector(&checks.tls)),
            steps: steps.and_then(connector),
        }
    }

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
                    self.entry(tls, &title, &frontend.name, bind.span)
                }
            };
            entries.push(entry);
        }
        entries
    }

    fn entry(&mut self, tls: &BindTls, title: &str, proxy: &str, at: Span) -> Option<Arc<Entry>> {
        let before = self.errors();
        let mut shown: Vec<Shown> = Vec::new();
        for source in &tls.certificates {
            match source {
                CertificateSource::File(file) => shown.extend(self.file(file, title)),
                CertificateSource::List(list) => self.list(list, tls, title, at, &mut shown),
            }
        }
        let trust = self.trust(tls, title);
        if self.errors() > before {
            return None;
        }
        if shown.is_empty() && !tls.certificates.is_empty() {
            self.no_certificate(tls, proxy, at);
        }
        if self.errors() > before {
            return None;
        }
        match Entry::new(tls, trust.as_ref(), &shown) {
            Ok(entry) => Some(Arc::new(entry)),
            Err(error) => {
                self.unusable(&error, at);
                None
            }
        }
    }

    /// What `crt` names.
    fn file(&mut self, file: &TlsFile, title: &str) -> Vec<Shown> {
        let read = files::identities(&file.path);
        let read = read.map_err(|error| self.tell(&error, title, file.span));
        let shown = |identity| Shown {
            identity,
            filters: Vec::new(),
            own: None,
        };
        read.unwrap_or_default().into_iter().map(shown).collect()
    }

    /// What `crt-list` names: up to the first line that is wrong.
    fn list(
        &mut self,
        list: &TlsFile,
        tls: &BindTls,
        title: &str,
        at: Span,
        shown: &mut Vec<Shown>,
    ) {
        let title = format!("{title}'crt-list' : ");
        let text = match files::list(&list.path) {
            Ok(text) => text,
            Err(error) => return self.tell(&error, &title, list.span),
        };
        let lines = haproxy_config::crt_list(&text, list, tls, self.defaults);
        let lines = match lines {
            Ok(lines) => lines,
            Err(wrong) => return self.tell_line(list, &title, &wrong),
        };
        for line in lines {
            let before = self.errors();
            if let Some(words) = line.complaint {
                let words = format!("{}{words}", self.place(&title, at));
                let what = "names before the bracket: neither counts";
                let warning = Diagnostic::warning("crt-list", what).at(list.span, "");
                self.problems.push(warning.haproxy(words));
            }
            let own = line.tls.map(|tls| {
                let trust = self.trust(&tls, &title);
                (tls, trust)
            });
            match files::identity(&line.path) {
                Ok(identity) => shown.push(Shown {
                    identity,
                    filters: line.filters,
                    own,
                }),
                Err(error) => self.tell(&error, &title, list.span),
            }
            if self.errors() > before {
                return;
            }
        }
    }

    /// `None`: nobody is said to be trusted, or it is wrong.
    fn trust(&mut self, tls: &BindTls, title: &str) -> Option<Trust> {
        let named = tls.authorities.as_ref();
        let named = named.map(|file| self.authorities(file, "ca-file", title));
        let unnamed = tls.unnamed_authorities.as_ref();
        let unnamed = unnamed.map(|file| self.authorities(file, "ca-verify-file", title));
        let revocations = tls.revocations.as_ref();
        let revocations = revocations.map(|file| self.revocations(file, title));
        let told = named.iter().flatten();
        let told = told.flat_map(|authorities| authorities.roots.subjects());
        let told = told.collect();
        let all = [named, unnamed].into_iter().flatten().flatten();
        Some(Trust {
            authorities: Authorities::of(all.flat_map(|authorities| authorities.all).collect())?,
            told,
            revocations: revocations.flatten(),
        })
    }

    fn revocations(
        &mut self,
        file: &TlsFile,
        title: &str,
    ) -> Option<Vec<CertificateRevocationListDer<'static>>> {
        let read = files::revocations(&file.path);
        read.map_err(|error| self.tell_named(&error, "crl-file", title, file.span))
            .ok()
    }

    fn connector(&mut self, tls: &ServerTls, name: &str, at: Span) -> Option<Connector> {
        let title = format!("'server {name}' : ");
        let before = self.errors();
        let identity = tls.certificate.as_ref().and_then(|file| {
            let read = files::identity(&file.path);
            read.map_err(|error| self.tell(&error, &title, file.span))
                .ok()
        });
        let authorities = tls.authorities.as_ref();
        let authorities = authorities.and_then(|file| self.authorities(file, "ca-file", &title));
        let revocations = tls.revocations.as_ref();
        let revocations = revocations.and_then(|file| self.revocations(file, &title));
        if self.errors() > before {
            return None;
        }
        let connector = Connector::new(tls, identity.as_ref(), authorities, revocations);
        connector.map_err(|error| self.unusable(&error, at)).ok()
    }

    fn authorities(
        &mut self,
        file: &TlsFile,
        word: &'static str,
        title: &str,
    ) -> Option<Authorities> {
        if let Some(known) = self.authorities.get(&file.path) {
            return Some(known.clone());
        }
        match files::authorities(&file.path) {
            Ok(read) => {
                self.authorities.insert(file.path.clone(), read.clone());
                Some(read)
            }
            Err(error) => {
                self.tell_named(&error, word, title, file.span);
                None
            }
        }
    }

    fn text(&self, span: Span) -> &str {
        &self.sources.get(span.source).text[span.start..span.end]
    }

    /// `config : parsing [FILE:LINE] : ` and so on, as HAProxy begins.
    fn place(&self, title: &str, at: Span) -> String {
        let line = self.sources.location(at).line;
        let file = &self.sources.get(at.source).name;
        let parsing = if title.starts_with("'bind") {
            "parsing "
        } else {
            ""
        };
        format!("config : {parsing}[{file}:{line}] : {title}")
    }

    fn tell(&mut self, error: &FileError, title: &str, at: Span) {
        let place = self.place(title, at);
        let diagnostic = explained(error, at).haproxy(format!("{place}{error}"));
        self.problems.push(diagnostic);
    }

    /// Of a file that a word other than `crt` names.
    fn tell_named(&mut self, error: &FileError, word: &str, title: &str, at: Span) {
        let FileError::Authorities { path, .. } = error else {
            return self.tell(error, title, at);
        };
        let (place, diagnostic) = (self.place(title, at), explained(error, at));
        self.problems.push(match title.starts_with("'bind") {
            true => diagnostic
                .haproxy(format!("config : {error}"))
                .haproxy(format!("{place}'{word}' : unable to load {path}")),
            false => diagnostic
                .haproxy(format!("{place}{error}"))
                .haproxy(format!("config : '{word}' : unable to load {path}.")),
        });
    }

    /// A line of a `crt-list`.
    fn tell_line(&mut self, list: &TlsFile, title: &str, wrong: &str) {
        let place = self.place(title, list.span);
        let what = wrong.trim_start_matches("parsing ").trim_end();
        let diagnostic = Diagnostic::error("crt-list", what).at(list.span, "").next(
            "a line is  FILE [alpn h2,http/1.1] NAME...  with brackets and names left out at will",
        );
        self.problems
            .push(diagnostic.haproxy(format!("{place}{wrong}")));
    }

    /// A folder or list without certificates.
    fn no_certificate(&mut self, tls: &BindTls, proxy: &str, at: Span) {
        let line = self.sources.location(at).line;
        let (file, address) = (&self.sources.get(at.source).name, self.text(at));
        let what = "what `crt` or `crt-list` names holds no certificate";
        let (diagnostic, end) = match tls.strict_sni {
            true => (
                Diagnostic::warning("no-certificate", what),
                ", ssl connections will fail (use 'crt')",
            ),
            false => (Diagnostic::error("no-certificate", what), " (use 'crt')"),
        };
        let words = format!(
            "config : Proxy '{proxy}': no SSL certificate specified for bind '{address}' at [{file}:{line}]{end}."
        );
        self.problems.push(
            diagnostic
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

/// The mistake and what to do.
fn explained(error: &FileError, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error("tls-file", what(error)).at(at, "");
    match error {
        FileError::Missing { .. } | FileError::List { .. } => diagnostic
            .next("is its path right, seen from the folder where the balancer was started?"),
        FileError::NoCertificate(_) => diagnostic.next("it must hold  -----BEGIN CERTIFICATE-----"),
        FileError::NoKey(path) => diagnostic.next(format!(
            "put the key into the same file, behind the certificate:  cat {path} KEY > BOTH.pem"
        )),
        FileError::OddKey(_) => diagnostic
            .why("keys are RSA, ECDSA on P-256 or P-384, or Ed25519, without a passphrase"),
        FileError::Mismatch(_) => diagnostic.next("are certificate and key of one pair?"),
        FileError::Authorities { .. } => {
            diagnostic.next("it must hold certificates:  -----BEGIN CERTIFICATE-----")
        }
    }
}

/// The mistake in a few words.
fn what(error: &FileError) -> String {
    match error {
        FileError::Missing { path, .. } | FileError::List { path, .. } => {
            format!("`{path}` cannot be read")
        }
        FileError::NoCertificate(path) => format!("`{path}` holds no certificate"),
        FileError::NoKey(path) => format!("`{path}` holds no private key"),
        FileError::OddKey(path) => format!("the key in `{path}` cannot be used"),
        FileError::Mismatch(path) => format!("certificate and key in `{path}` are not a pair"),
        FileError::Authorities { path, why } => format!("`{path}` is of no use: {why}"),
    }
}
