//! The side of clients: a `bind` with `ssl`.

use super::files::Identity;
use super::judge::{Judge, Trust};
use super::names::Names;
use super::{certificate, judge, terms};
use crate::wire::Stream;
use haproxy_config::model::{BindTls, ClientVerify, Resumption};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{HandshakeKind, ServerConfig, ServerConnection, SignatureAlgorithm};
use samples::tls::{Certificate, Tls, Verdict};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tokio_rustls::LazyConfigAcceptor;

/// What clients of a listener are met with.
#[derive(Debug)]
pub struct Entry {
    chooser: Arc<Chooser>,
    /// For certificates without words of their own, and where there is none.
    common: Terms,
    /// By the certificate's place.
    own: HashMap<usize, Terms>,
}

/// A certificate with what a `crt-list` says of it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) identity: Identity,
    /// The names to show it for; without any, those that stand in it.
    pub(super) filters: Vec<String>,
    /// Words of its own, and whom they trust.
    pub(super) own: Option<(BindTls, Option<Trust>)>,
}

/// How TLS is spoken.
#[derive(Debug)]
struct Terms {
    config: Arc<ServerConfig>,
    /// For clients that offer none of the protocols: they are served all the same.
    without_alpn: Arc<ServerConfig>,
    judge: Option<Arc<Judge>>,
}

/// Two are the same only when they are one: certificates may have changed in their files.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Entry {}

/// Why there is no connection; told as HAProxy tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("Connection closed during SSL handshake")]
    Empty,
    #[error("Connection error during SSL handshake")]
    Aborted,
    #[error("Timeout during SSL handshake")]
    Timeout,
    #[error("SSL client certificate not trusted")]
    Untrusted,
    #[error("SSL client CA chain cannot be verified")]
    UntrustedChain,
    #[error("SSL handshake failure")]
    Refused,
}

impl Failure {
    /// Nothing was said, or not to its end.
    pub fn is_silence(self) -> bool {
        matches!(self, Self::Empty | Self::Aborted | Self::Timeout)
    }
}

impl Entry {
    /// # Errors
    ///
    /// What does not go together, or a list of revocations that is not understood.
    pub(super) fn new(
        settings: &BindTls,
        trust: Option<&Trust>,
        shown: &[Shown],
    ) -> Result<Self, rustls::Error> {
        let chooser = Arc::new(Chooser::new(settings, shown));
        let mut own = HashMap::new();
        for (place, shown) in shown.iter().enumerate() {
            if let Some((settings, trust)) = &shown.own {
                let key = SingleCertAndKey::from((*shown.identity.key).clone());
                let terms = Terms::new(settings, trust.as_ref(), Arc::new(key))?;
                own.insert(place, terms);
            }
        }
        let resolver = Arc::clone(&chooser) as Arc<dyn ResolvesServerCert>;
        let common = Terms::new(settings, trust, resolver)?;
        Ok(Self {
            chooser,
            common,
            own,
        })
    }

    /// Speaks TLS with a client from its first byte on.
    ///
    /// # Errors
    ///
    /// What went wrong, which the client was told where TLS has words for it.
    pub async fn shake_hands(&self, client: Stream) -> Result<(Stream, Tls), Failure> {
        let mut first = [0];
        match client.reader.peek(&mut first).await {
            Ok(0) => return Err(Failure::Empty),
            Err(_) => return Err(Failure::Aborted),
            // Who does not speak TLS would not understand its words either.
            Ok(_) if first[0] != HANDSHAKE => return Err(Failure::Refused),
            Ok(_) => {}
        }
        let client = client.whole().map_err(|error| failure(&error))?;
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), client);
        let hello = hello.await.map_err(|error| failure(&error))?;
        let chosen = self.chooser.choose(&hello.client_hello());
        let terms = chosen.and_then(|place| self.own.get(&place));
        let terms = terms.unwrap_or(&self.common);
        let config = terms.config_for(&hello.client_hello());
        let stream = hello.into_stream(Arc::clone(config)).await;
        let stream = stream.map_err(|error| failure(&error))?;
        let mut facts = facts(stream.get_ref().1, terms.judge.as_deref());
        facts.shown = chosen.map(|place| Arc::clone(&self.chooser.shown[place].1));
        Ok((Stream::from(tokio_rustls::TlsStream::Server(stream)), facts))
    }
}

impl Terms {
    fn new(
        settings: &BindTls,
        trust: Option<&Trust>,
        certificates: Arc<dyn ResolvesServerCert>,
    ) -> Result<Self, rustls::Error> {
        let policy = &settings.policy;
        let provider = terms::provider(policy);
        let trust = trust.filter(|_| settings.verify != ClientVerify::None);
        let judge = trust.map(|trust| Judge::new(settings, trust.clone(), Arc::clone(&provider)));
        let judge = judge.transpose()?.map(Arc::new);
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&terms::versions(policy))?;
        let builder = match &judge {
            None => builder.with_no_client_auth(),
            Some(judge) => builder.with_client_cert_verifier(Arc::clone(judge) as _),
        };
        let mut config = builder.with_cert_resolver(certificates);
        config.ignore_client_order = !settings.prefer_client_ciphers;
        if policy.resumption == Resumption::Forbidden {
            config.send_tls13_tickets = 0;
            config.session_storage = Arc::new(NoServerSessionStorage {});
        }
        let without_alpn = Arc::new(config.clone());
        let names = policy.alpn.iter();
        config.alpn_protocols = names.map(|name| name.clone().into_bytes()).collect();
        Ok(Self {
            config: Arc::new(config),
            without_alpn,
            judge,
        })
    }

    fn config_for(&self, hello: &ClientHello<'_>) -> &Arc<ServerConfig> {
        let ours = &self.config.alpn_protocols;
        let mut offered = hello.alpn().into_iter().flatten();
        match offered.any(|name| ours.iter().any(|known| known == name)) {
            true => &self.config,
            false => &self.without_alpn,
        }
    }
}

/// The first byte of every connection that speaks TLS: a record of type handshake.
const HANDSHAKE: u8 = 0x16;

fn failure(error: &io::Error) -> Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(error) if judge::is_about_authority(error) => Failure::UntrustedChain,
        Some(rustls::Error::InvalidCertificate(_)) => Failure::Untrusted,
        // Closed in the middle of it.
        _ if error.kind() == io::ErrorKind::UnexpectedEof => Failure::Empty,
        _ => Failure::Refused,
    }
}

fn facts(connection: &ServerConnection, judge: Option<&Judge>) -> Tls {
    let (cipher, bits) = terms::cipher_name(connection);
    let chain = connection.peer_certificates().unwrap_or_default();
    let alpn = connection.alpn_protocol();
    Tls {
        sni: connection.server_name().map(str::to_owned),
        alpn: alpn.map(|name| String::from_utf8_lossy(name).into_owned()),
        version: terms::version_name(connection),
        cipher,
        bits,
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        verdict: judge.map_or_else(Verdict::default, |judge| judge.verdict(chain)),
        certificate: chain.first().map(|der| {
            let read = certificate::read(der);
            read.unwrap_or_default().content
        }),
        shown: None,
    }
}

/// Chooses a certificate for each client.
#[derive(Debug)]
struct Chooser {
    /// In the order of the configuration.
    shown: Vec<(Arc<CertifiedKey>, Arc<Certificate>)>,
    names: Names,
    strict: bool,
}

impl Chooser {
    fn new(settings: &BindTls, shown: &[Shown]) -> Self {
        let mut names = Names::default();
        for (place, shown) in shown.iter().enumerate() {
            for filter in &shown.filters {
                names.add(filter, place);
            }
            let in_it = shown.identity.certificate.names();
            for name in in_it.filter(|_| shown.filters.is_empty()) {
                names.add(name, place);
            }
        }
        Self {
            shown: shown
                .iter()
                .map(|Shown { identity, .. }| {
                    let content = identity.certificate.content.clone();
                    (Arc::clone(&identity.key), Arc::new(content))
                })
                .collect(),
            names,
            strict: settings.strict_sni,
        }
    }

    /// Of several for a name, one that the client can check, those with elliptic curves first.
    fn choose(&self, hello: &ClientHello<'_>) -> Option<usize> {
        let name = hello.server_name();
        let named = name.map_or_else(Vec::new, |name| self.names.find(name));
        let usable = named.into_iter().filter(|&place| {
            let key = &self.shown[place].0.key;
            key.choose_scheme(hello.signature_schemes()).is_some()
        });
        let is_ecdsa =
            |place: usize| self.shown[place].0.key.algorithm() == SignatureAlgorithm::ECDSA;
        let best = usable.min_by_key(|&place| !is_ecdsa(place));
        best.or((!self.strict && !self.shown.is_empty()).then_some(0))
    }
}

impl ResolvesServerCert for Chooser {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(&hello)
            .map(|place| Arc::clone(&self.shown[place].0))
    }
}
