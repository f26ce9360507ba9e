//! The side of servers: `server ... ssl`, and checks over TLS.

use super::files::{Authorities, Identity};
use super::names;
use super::{certificate, terms};
use crate::wire::Whole;
use haproxy_config::model::{Resumption, ServerTls};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption as Sessions, WebPkiServerVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    sign::SingleCertAndKey,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio_rustls::client::TlsStream;

/// How a server's connections begin.
#[derive(Clone, Debug)]
pub struct Connector {
    config: Arc<ClientConfig>,
}

/// Stands where no name is told: addresses are not sent (RFC 6066, section 3).
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Connector {
    pub(super) fn new(
        settings: &ServerTls,
        identity: Option<&Identity>,
        authorities: Option<Authorities>,
        revocations: Option<Vec<CertificateRevocationListDer<'static>>>,
    ) -> Result<Self, Error> {
        let policy = &settings.policy;
        let provider = terms::provider(policy);
        let authorities = authorities.filter(|_| settings.verify);
        let verifier = Verifier {
            trust: authorities
                .map(|authorities| Trust::new(authorities, revocations, &provider))
                .transpose()?,
            host: settings.verify_host.clone(),
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&terms::versions(policy))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let key = SingleCertAndKey::from((*identity.key).clone());
                builder.with_client_cert_resolver(Arc::new(key))
            }
        };
        config.alpn_protocols = offered(&policy.alpn);
        if policy.resumption == Resumption::Forbidden {
            config.resumption = Sessions::disabled();
        }
        Ok(Self {
            config: Arc::new(config),
        })
    }

    /// The same, with other protocols to offer.
    #[must_use]
    pub fn offering(&self, alpn: &[String]) -> Self {
        let mut config = (*self.config).clone();
        config.alpn_protocols = offered(alpn);
        Self {
            config: Arc::new(config),
        }
    }

    /// Speaks TLS with a server; what is no host name is not told to it.
    ///
    /// # Errors
    ///
    /// The connection broke, or one side refused the other.
    pub async fn shake_hands(
        &self,
        server: Whole,
        name: Option<&str>,
    ) -> io::Result<TlsStream<Whole>> {
        let name = name.and_then(|name| ServerName::try_from(name.to_owned()).ok());
        let name = name.unwrap_or(ServerName::IpAddress(NOBODY.into()));
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.config));
        connector.connect(name, server).await
    }
}

fn offered(alpn: &[String]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.clone().into_bytes()).collect()
}

/// What HAProxy says of a check whose TLS came to nothing.
pub fn failed_check(error: &io::Error, told_name: bool) -> &'static str {
    match (is_wrong_name(error), told_name) {
        (false, _) => "SSL handshake failure",
        (true, true) => "Server presented an SSL certificate different from the expected one",
        (true, false) => "Server presented an SSL certificate different from the configured one",
    }
}

/// A server's certificate is good, but for another name.
pub fn is_wrong_name(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(
        inner,
        Some(Error::InvalidCertificate(CertificateError::NotValidForName))
    )
}

/// Looks at a server's certificate as HAProxy does.
#[derive(Debug)]
struct Verifier {
    /// `None`: whoever answers is trusted.
    trust: Option<Trust>,
    /// `verifyhost`; the name that the server was told counts more.
    host: Option<String>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Whose signatures count.
#[derive(Debug)]
struct Trust {
    webpki: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
    /// `crl-file` without a list: nothing is known of anybody.
    knows_nothing: bool,
}

impl Trust {
    fn new(
        authorities: Authorities,
        revocations: Option<Vec<CertificateRevocationListDer<'static>>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let (roots, provider) = (authorities.roots, Arc::clone(provider));
        let knows_nothing = revocations.as_ref().is_some_and(Vec::is_empty);
        let webpki = WebPkiServerVerifier::builder_with_provider(roots, provider)
            .with_crls(revocations.unwrap_or_default())
            .enforce_revocation_expiration()
            .build();
        Ok(Self {
            webpki: webpki.map_err(|error| Error::General(error.to_string()))?,
            trusted: authorities.all,
            knows_nothing,
        })
    }

    /// Whether somebody trusted has signed it; for whom it is does not count here.
    fn look_at(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        told: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext, UnknownRevocationStatus};
        if self.knows_nothing {
            return Err(UnknownRevocationStatus.into());
        }
        // A server that signs for itself is trusted where its own certificate is the authority.
        if self.trusted.contains(certificate) {
            return Ok(());
        }
        let found = self
            .webpki
            .verify_server_cert(certificate, chain, told, &[], now);
        match found {
            // The name is looked at last of all.
            Ok(_)
            | Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        told: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trust) = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        trust.look_at(certificate, chain, told, now)?;
        let wanted = match told {
            ServerName::DnsName(name) => Some(name.as_ref()),
            _ => self.host.as_deref(),
        };
        let Some(wanted) = wanted else {
            return Ok(ServerCertVerified::assertion());
        };
        let read = certificate::read(certificate).unwrap_or_default();
        match read.names().any(|name| names::matches(name, wanted)) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(CertificateError::NotValidForName.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
