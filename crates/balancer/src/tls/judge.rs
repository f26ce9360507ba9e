//! Certificates of clients: what is wrong with them by OpenSSL's numbers, and what of that is let pass.

use super::certificate::{self, Certificate};
use super::files::Authorities;
use haproxy_config::model::{BindTls, ClientVerify, VerifyErrors};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use samples::tls::Verdict;
use std::sync::Arc;

/// Who may have signed certificates of clients, and what they took back.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    /// Those that clients are told first, then those that they are not.
    pub(super) authorities: Authorities,
    /// The names that clients are told.
    pub(super) told: Vec<DistinguishedName>,
    pub(super) revocations: Option<Vec<CertificateRevocationListDer<'static>>>,
}

/// Looks at certificates of clients.
#[derive(Debug)]
pub(super) struct Judge {
    webpki: Arc<dyn ClientCertVerifier>,
    trusted: Vec<CertificateDer<'static>>,
    /// `crl-file` without a list: nothing is known of anybody.
    knows_nothing: bool,
    of_certificates: VerifyErrors,
    of_authorities: VerifyErrors,
}

/// Something wrong with a certificate, by OpenSSL's number, and how far above the client's own it stands.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    depth: u8,
    code: u8,
    error: CertificateError,
}

/// What is wrong is not the client's own certificate, but one above it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct AboveIt(Error);

/// Whether a client was refused for a certificate above its own.
pub(super) fn is_about_authority(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::Other(other)) => other.0.is::<AboveIt>(),
        _ => false,
    }
}

/// OpenSSL's numbers (its `x509_vfy.h`).
mod code {
    pub(super) const UNSPECIFIED: u8 = 1;
    pub(super) const NO_LIST: u8 = 3;
    pub(super) const BAD_SIGNATURE: u8 = 7;
    pub(super) const NOT_YET_VALID: u8 = 9;
    pub(super) const EXPIRED: u8 = 10;
    pub(super) const LIST_EXPIRED: u8 = 12;
    pub(super) const SELF_SIGNED: u8 = 18;
    pub(super) const SELF_SIGNED_IN_CHAIN: u8 = 19;
    pub(super) const NO_ISSUER: u8 = 20;
    pub(super) const FIRST_UNVERIFIED: u8 = 21;
    pub(super) const REVOKED: u8 = 23;
    pub(super) const WRONG_PURPOSE: u8 = 26;
}

impl Judge {
    /// # Errors
    ///
    /// A list of revocations that is not understood.
    pub(super) fn new(
        settings: &BindTls,
        trust: Trust,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let lists = trust.revocations;
        let knows_nothing = lists.as_ref().is_some_and(Vec::is_empty);
        let roots = Arc::clone(&trust.authorities.roots);
        let mut builder = WebPkiClientVerifier::builder_with_provider(roots, provider)
            .clear_root_hint_subjects()
            .with_crls(lists.unwrap_or_default())
            .enforce_revocation_expiration();
        if !settings.hides_authorities {
            builder = builder.add_root_hint_subjects(trust.told);
        }
        if settings.verify == ClientVerify::Optional {
            builder = builder.allow_unauthenticated();
        }
        Ok(Self {
            webpki: builder
                .build()
                .map_err(|error| Error::General(error.to_string()))?,
            trusted: trust.authorities.all,
            knows_nothing,
            of_certificates: settings.ignored_of_certificates.clone(),
            of_authorities: settings.ignored_of_authorities.clone(),
        })
    }

    /// What rules see of a certificate that was let pass.
    pub(super) fn verdict(&self, shown: &[CertificateDer<'_>]) -> Verdict {
        let mut verdict = Verdict::default();
        let Some((own, above)) = shown.split_first() else {
            return verdict;
        };
        for fault in self.faults(own, above, UnixTime::now()) {
            verdict.result = fault.code;
            if fault.depth == 0 && verdict.certificate == 0 {
                verdict.certificate = fault.code;
            } else if fault.depth > 0 && verdict.authority == 0 {
                (verdict.authority, verdict.depth) = (fault.code, fault.depth);
            }
        }
        verdict
    }

    /// Everything that is wrong, in OpenSSL's order: times that do not fit come last.
    fn faults(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Vec<Fault> {
        let mut times = Vec::new();
        let mut faults = self.other_faults(own, above, now, &mut times);
        faults.append(&mut times);
        faults
    }

    /// A time that does not fit is one fault; whatever else there is shows at a time that does.
    fn other_faults(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        now: UnixTime,
        times: &mut Vec<Fault>,
    ) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut time = now;
        if self.knows_nothing {
            add(
                &mut faults,
                0,
                code::NO_LIST,
                CertificateError::UnknownRevocationStatus,
            );
        }
        let read = certificate::read(own).unwrap_or_default();
        if read.is_self_signed() {
            self.self_signed(own, &read, now, &mut faults, times);
            return faults;
        }
        // Each certificate of a chain can be too old or too new.
        for _ in 0..=2 * (above.len() + 1) {
            let Err(error) = self.webpki.verify_client_cert(own, above, time) else {
                return faults;
            };
            let error = match error {
                Error::InvalidCertificate(error) => error,
                other => {
                    let error = CertificateError::Other(rustls::OtherError(Arc::new(other)));
                    add(&mut faults, 0, code::UNSPECIFIED, error);
                    return faults;
                }
            };
            match error {
                CertificateError::ExpiredContext { not_after, .. } => {
                    time = not_after;
                    add(times, 0, code::EXPIRED, error);
                }
                CertificateError::NotValidYetContext { not_before, .. } => {
                    time = not_before;
                    add(times, 0, code::NOT_YET_VALID, error);
                }
                CertificateError::UnknownIssuer => {
                    unknown_issuer(&mut faults, own, above);
                    return faults;
                }
                other => {
                    add(&mut faults, 0, number(&other), other);
                    return faults;
                }
            }
        }
        add(&mut faults, 0, code::UNSPECIFIED, CertificateError::Expired);
        faults
    }

    /// It is an authority itself, perhaps even a trusted one.
    fn self_signed(
        &self,
        own: &CertificateDer<'_>,
        read: &Certificate,
        now: UnixTime,
        faults: &mut Vec<Fault>,
        times: &mut Vec<Fault>,
    ) {
        if !self.trusted.contains(own) {
            add(
                faults,
                0,
                code::SELF_SIGNED,
                CertificateError::UnknownIssuer,
            );
        }
        if !read.has_begun(now) {
            add(times, 0, code::NOT_YET_VALID, CertificateError::NotValidYet);
        }
        if read.has_ended(now) {
            add(times, 0, code::EXPIRED, CertificateError::Expired);
        }
    }

    fn lets_pass(&self, fault: &Fault) -> bool {
        let ignored = match fault.depth {
            0 => &self.of_certificates,
            _ => &self.of_authorities,
        };
        ignored.contain(fault.code)
    }
}

fn add(faults: &mut Vec<Fault>, depth: u8, code: u8, error: CertificateError) {
    if faults
        .iter()
        .all(|known| (known.depth, known.code) != (depth, code))
    {
        faults.push(Fault { depth, code, error });
    }
}

/// As OpenSSL tells it, which looks for whoever signed the last certificate of a chain.
fn unknown_issuer(faults: &mut Vec<Fault>, own: &CertificateDer<'_>, above: &[CertificateDer<'_>]) {
    let error = || CertificateError::UnknownIssuer;
    let depth = u8::try_from(above.len()).unwrap_or(u8::MAX);
    let last = certificate::read(above.last().unwrap_or(own)).unwrap_or_default();
    match (last.is_self_signed(), depth) {
        (true, _) => add(faults, depth, code::SELF_SIGNED_IN_CHAIN, error()),
        (false, _) => {
            add(faults, depth, code::NO_ISSUER, error());
            if depth == 0 {
                add(faults, 0, code::FIRST_UNVERIFIED, error());
            }
        }
    }
}

fn number(error: &CertificateError) -> u8 {
    match error {
        CertificateError::Revoked => code::REVOKED,
        CertificateError::UnknownRevocationStatus => code::NO_LIST,
        CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => code::LIST_EXPIRED,
        CertificateError::BadSignature => code::BAD_SIGNATURE,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            code::WRONG_PURPOSE
        }
        _ => code::UNSPECIFIED,
    }
}

impl ClientCertVerifier for Judge {
    fn offer_client_auth(&self) -> bool {
        self.webpki.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.webpki.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.webpki.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let mut faults = self.faults(own, above, now).into_iter();
        match faults.find(|fault| !self.lets_pass(fault)) {
            None => Ok(ClientCertVerified::assertion()),
            Some(fault) if fault.depth == 0 => Err(Error::InvalidCertificate(fault.error)),
            Some(fault) => {
                let error = AboveIt(Error::InvalidCertificate(fault.error));
                let error = rustls::OtherError(Arc::new(error));
                Err(Error::InvalidCertificate(CertificateError::Other(error)))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}
