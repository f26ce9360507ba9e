//! The side of clients: a `bind` with `ssl`.

use super::files::{Authorities, Identity};
use super::names::Names;
use super::{certificate, terms};
use crate::wire::Stream;
use haproxy_config::model::{BindTls, ClientVerify, Resumption};
use rustls::server::{
    ClientHello, NoServerSessionStorage, ResolvesServerCert, WebPkiClientVerifier,
};
use rustls::sign::CertifiedKey;
use rustls::{HandshakeKind, ServerConfig, ServerConnection, SignatureAlgorithm};
use samples::tls::{Certificate, Tls};
use std::io;
use std::sync::Arc;
use tokio_rustls::LazyConfigAcceptor;

/// What clients of a listener are met with.
#[derive(Debug)]
pub struct Entry {
    config: Arc<ServerConfig>,
    /// For clients that offer none of the protocols: they are served all the same.
    without_alpn: Arc<ServerConfig>,
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
    #[error("SSL handshake failure")]
    Refused,
}

impl Failure {
    /// Nothing was said, or not to its end.
    pub fn is_silence(self) -> bool {
        !matches!(self, Self::Refused | Self::Untrusted)
    }
}

impl Entry {
    pub(super) fn new(
        settings: &BindTls,
        identities: Vec<Identity>,
        authorities: Option<&Authorities>,
    ) -> Result<Self, rustls::Error> {
        let policy = &settings.policy;
        let provider = terms::provider(policy);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&terms::versions(policy))?;
        let builder = match authorities.filter(|_| settings.verify != ClientVerify::None) {
            None => builder.with_no_client_auth(),
            Some(authorities) => {
                let roots = Arc::clone(&authorities.roots);
                let mut verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                if settings.verify == ClientVerify::Optional {
                    verifier = verifier.allow_unauthenticated();
                }
                if settings.hides_authorities {
                    verifier = verifier.clear_root_hint_subjects();
                }
                let verifier = verifier.build();
                let verifier =
                    verifier.map_err(|error| rustls::Error::General(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(Chooser::new(settings, identities)));
        config.ignore_client_order = !settings.prefer_client_ciphers;
        if policy.resumption == Resumption::Forbidden {
            config.send_tls13_tickets = 0;
            config.session_storage = Arc::new(NoServerSessionStorage {});
        }
        let without_alpn = Arc::new(config.clone());
        config.alpn_protocols = policy
            .alpn
            .iter()
            .map(|name| name.clone().into_bytes())
            .collect();
        Ok(Self {
            config: Arc::new(config),
            without_alpn,
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
        let config = self.config_for(&hello.client_hello());
        let stream = hello.into_stream(Arc::clone(config)).await;
        let stream = stream.map_err(|error| failure(&error))?;
        let facts = facts(stream.get_ref().1);
        Ok((Stream::from(tokio_rustls::TlsStream::Server(stream)), facts))
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
        Some(rustls::Error::InvalidCertificate(_)) => Failure::Untrusted,
        // Closed in the middle of it.
        _ if error.kind() == io::ErrorKind::UnexpectedEof => Failure::Empty,
        _ => Failure::Refused,
    }
}

fn facts(connection: &ServerConnection) -> Tls {
    let (cipher, bits) = terms::cipher_name(connection);
    let shown = connection.peer_certificates().and_then(<[_]>::first);
    let alpn = connection.alpn_protocol();
    Tls {
        sni: connection.server_name().map(str::to_owned),
        alpn: alpn.map(|name| String::from_utf8_lossy(name).into_owned()),
        version: terms::version_name(connection),
        cipher,
        bits,
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        certificate: shown.map(|der| {
            let names = certificate::read(der).unwrap_or_default();
            Certificate {
                subject: names.subject,
                issuer: names.issuer,
                der: der.to_vec(),
            }
        }),
    }
}

/// Chooses a certificate for each client.
#[derive(Debug)]
struct Chooser {
    /// In the order of the configuration.
    identities: Vec<Identity>,
    names: Names,
    strict: bool,
}

impl Chooser {
    fn new(settings: &BindTls, identities: Vec<Identity>) -> Self {
        let mut names = Names::default();
        for (place, identity) in identities.iter().enumerate() {
            for name in identity.certificate.names() {
                names.add(name, place);
            }
        }
        Self {
            identities,
            names,
            strict: settings.strict_sni,
        }
    }

    /// Of several for a name, one that the client can check, those with elliptic curves first.
    fn choose(&self, hello: &ClientHello<'_>) -> Option<&Identity> {
        let places = hello
            .server_name()
            .map_or(&[][..], |name| self.names.find(name));
        let named = places.iter().map(|&place| &self.identities[place]);
        let usable = named.filter(|it| {
            let key = &it.key.key;
            key.choose_scheme(hello.signature_schemes()).is_some()
        });
        let best = usable.min_by_key(|it| it.key.key.algorithm() != SignatureAlgorithm::ECDSA);
        let default = self.identities.first().filter(|_| !self.strict);
        best.or(default)
    }
}

impl ResolvesServerCert for Chooser {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(&hello)
            .map(|identity| Arc::clone(&identity.key))
    }
}
