//! TLS towards clients (`bind ... ssl`) and towards servers (`server ... ssl`), and the PROXY protocol.

use diagnostics::Span;
use samples::Expression;

/// Both sides: which versions and ciphers are spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsPolicy {
    pub versions: TlsVersions,
    /// `ciphers`: those of TLS 1.2 by OpenSSL's names, the dearest first; `None`: all.
    pub ciphers: Option<Vec<&'static str>>,
    /// A list of `global` with none among them that is spoken, which matters once TLS is spoken under it.
    pub unspoken: Option<String>,
    /// `ciphersuites`: those of TLS 1.3.
    pub suites: Option<Vec<&'static str>>,
    /// `alpn`: the protocols offered, the dearest first.
    pub alpn: Vec<String>,
    /// Sessions may be taken up again; not with `no-tls-tickets`, `no-ssl-reuse`.
    pub resumption: Resumption,
}

/// Whether a later connection may take up the session of an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resumption {
    #[default]
    Allowed,
    Forbidden,
}

/// A version by HAProxy's names. Those before 1.2 are read, but never spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Ssl3,
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

/// `ssl-min-ver`, `ssl-max-ver`, `no-tlsv12` and their kin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsVersions {
    pub oldest: Option<TlsVersion>,
    pub newest: Option<TlsVersion>,
    pub without: Vec<TlsVersion>,
}

impl TlsVersions {
    /// Whether a version is spoken: without a word on it 1.2 and 1.3 are.
    pub fn contains(&self, version: TlsVersion) -> bool {
        let oldest = self.oldest.unwrap_or(TlsVersion::Tls12);
        let newest = self.newest.unwrap_or(TlsVersion::Tls13);
        // As in HAProxy, a range makes single exceptions void.
        let ranged = self.oldest.is_some() || self.newest.is_some();
        let excepted = !ranged && self.without.contains(&version);
        version >= TlsVersion::Tls12 && (oldest..=newest).contains(&version) && !excepted
    }
}

/// A file that is read when the configuration comes into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFile {
    /// With `crt-base` or `ca-base` in front, where it is relative.
    pub path: String,
    pub span: Span,
}

/// `bind ... ssl`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BindTls {
    /// In order: the first certificate is the default.
    pub certificates: Vec<CertificateSource>,
    pub policy: TlsPolicy,
    /// A client that names a host without certificate is refused.
    pub strict_sni: bool,
    /// The client's order of ciphers counts.
    pub prefer_client_ciphers: bool,
    pub verify: ClientVerify,
    /// `ca-file`: who may have signed certificates of clients.
    pub authorities: Option<TlsFile>,
    /// `ca-verify-file`: who else may have, which clients are not told.
    pub unnamed_authorities: Option<TlsFile>,
    /// `crl-file`: what these authorities have revoked.
    pub revocations: Option<TlsFile>,
    /// Clients are told the names of these authorities; not with `no-ca-names`.
    pub hides_authorities: bool,
    /// `crt-ignore-err`: what may be wrong with a client's certificate.
    pub ignored_of_certificates: VerifyErrors,
    /// `ca-ignore-err`: what may be wrong with those above it.
    pub ignored_of_authorities: VerifyErrors,
}

/// Where certificates of a `bind` come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// `crt`: a file, or a folder of files.
    File(TlsFile),
    /// `crt-list`: a file that names files, with words of their own and names to show them for.
    List(TlsFile),
}

/// A line of a `crt-list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateLine {
    /// With `crt-base` in front, where it is relative.
    pub path: String,
    /// What the `bind` says, and the words in brackets; `None`: there are none.
    pub tls: Option<BindTls>,
    /// The names to show it for, `*` in front for all below, `!` in front for exceptions; without any it is shown for
    /// those that stand in it.
    pub filters: Vec<String>,
    /// What HAProxy complains of, though it goes on.
    pub complaint: Option<String>,
}

/// Which of OpenSSL's errors about certificates are let pass, by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyErrors {
    All,
    /// Each from 1 to 94.
    These(Vec<u8>),
}

impl Default for VerifyErrors {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl VerifyErrors {
    pub fn contain(&self, code: u8) -> bool {
        match self {
            Self::All => true,
            Self::These(codes) => codes.contains(&code),
        }
    }
}

/// Whether clients must show a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientVerify {
    #[default]
    None,
    /// One that is shown must be good.
    Optional,
    Required,
}

/// `server ... ssl`, or `check-ssl`.
#[derive(Clone, Debug, Default)]
pub struct ServerTls {
    pub policy: TlsPolicy,
    /// Its certificate is looked at.
    pub verify: bool,
    /// Who may have signed it; where `verify`, there is one.
    pub authorities: Option<TlsFile>,
    /// `crl-file`: what they have revoked.
    pub revocations: Option<TlsFile>,
    /// `verifyhost`: the name that must stand in it.
    pub verify_host: Option<String>,
    /// `crt`: ours, for servers that ask for one.
    pub certificate: Option<TlsFile>,
    /// The name that the server is told.
    pub sni: Option<Expression>,
}

/// How checks speak TLS.
#[derive(Clone, Debug)]
pub struct CheckTls {
    /// What counts for the server, too; its `sni` does not.
    pub tls: ServerTls,
    /// `check-sni`.
    pub sni: Option<String>,
}

/// `send-proxy` and its kin: the header that tells a server of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    V1,
    V2(ProxyDetails),
}

/// What a header of version 2 tells beside addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyDetails {
    /// `ssl`: whether the client speaks TLS, and which version. All words about TLS but `authority` bring it with them.
    pub tls: bool,
    /// `cert-cn`: the name in the client's certificate.
    pub common_name: bool,
    /// `cert-key`: what kind of key the certificate shown to the client has.
    pub key: bool,
    /// `cert-sig`: how that is signed.
    pub signature: bool,
    /// `ssl-cipher`
    pub cipher: bool,
    /// `authority`: the name that the client asked for.
    pub authority: bool,
    /// `crc32c`
    pub checksum: bool,
    /// `unique-id`
    pub unique_id: bool,
}

impl ProxyDetails {
    /// What either wants told is told.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            tls: self.tls || other.tls,
            common_name: self.common_name || other.common_name,
            key: self.key || other.key,
            signature: self.signature || other.signature,
            cipher: self.cipher || other.cipher,
            authority: self.authority || other.authority,
            checksum: self.checksum || other.checksum,
            unique_id: self.unique_id || other.unique_id,
        }
    }
}

/// What `global` sets for all `bind` and `server` lines below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsDefaults {
    /// `ssl-default-bind-options`, `-ciphers`, `-ciphersuites`.
    pub bind: BindTls,
    /// `ssl-default-server-options`, `-ciphers`, `-ciphersuites`.
    pub server: TlsPolicy,
    /// `ssl-server-verify none`.
    pub trusts_servers: bool,
    /// `crt-base`.
    pub certificates: Option<String>,
    /// `ca-base`.
    pub authorities: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_makes_exceptions_void() {
        let mut versions = TlsVersions {
            without: vec![TlsVersion::Tls13],
            ..TlsVersions::default()
        };
        assert!(versions.contains(TlsVersion::Tls12));
        assert!(!versions.contains(TlsVersion::Tls13));
        versions.oldest = Some(TlsVersion::Tls12);
        assert!(versions.contains(TlsVersion::Tls13));
        versions.newest = Some(TlsVersion::Tls11);
        assert!(!versions.contains(TlsVersion::Tls12));
    }

    #[test]
    fn what_is_old_is_never_spoken() {
        let versions = TlsVersions {
            oldest: Some(TlsVersion::Ssl3),
            ..TlsVersions::default()
        };
        assert!(!versions.contains(TlsVersion::Tls11));
        assert!(versions.contains(TlsVersion::Tls12));
    }
}
