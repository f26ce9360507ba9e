//! Versions and ciphers by HAProxy's and OpenSSL's names.

use haproxy_config::model::{TlsPolicy, TlsVersion};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{CipherSuite, CommonState, ProtocolVersion, SupportedProtocolVersion, version};
use std::sync::Arc;

/// The ciphers of a policy, the dearest first.
pub(super) fn provider(policy: &TlsPolicy) -> Arc<CryptoProvider> {
    let mut provider = ring::default_provider();
    let (new, old): (Vec<_>, Vec<_>) = provider
        .cipher_suites
        .into_iter()
        .partition(|suite| suite.version().version == ProtocolVersion::TLSv1_3);
    let new = chosen(new, policy.suites.as_deref());
    let old = chosen(old, policy.ciphers.as_deref());
    provider.cipher_suites = new.into_iter().chain(old).collect();
    Arc::new(provider)
}

/// Those named, in the order of their names.
fn chosen(
    known: Vec<rustls::SupportedCipherSuite>,
    names: Option<&[&'static str]>,
) -> Vec<rustls::SupportedCipherSuite> {
    let Some(names) = names else {
        return known;
    };
    let find = |name: &&str| known.iter().find(|suite| cipher(suite.suite()).0 == *name);
    names.iter().filter_map(find).copied().collect()
}

pub(super) fn versions(policy: &TlsPolicy) -> Vec<&'static SupportedProtocolVersion> {
    let all = [
        (TlsVersion::Tls13, &version::TLS13),
        (TlsVersion::Tls12, &version::TLS12),
    ];
    let spoken = all
        .into_iter()
        .filter(|(name, _)| policy.versions.contains(*name));
    spoken.map(|(_, version)| version).collect()
}

/// The version that was settled: `TLSv1.3`.
pub(super) fn version_name(connection: &CommonState) -> &'static str {
    match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "TLSv1.2",
    }
}

/// The cipher that was settled, and the bits of its key.
pub(super) fn cipher_name(connection: &CommonState) -> (&'static str, u16) {
    let suite = connection.negotiated_cipher_suite();
    suite.map_or(("", 0), |suite| cipher(suite.suite()))
}

fn cipher(suite: CipherSuite) -> (&'static str, u16) {
    match suite {
        CipherSuite::TLS13_AES_256_GCM_SHA384 => ("TLS_AES_256_GCM_SHA384", 256),
        CipherSuite::TLS13_AES_128_GCM_SHA256 => ("TLS_AES_128_GCM_SHA256", 128),
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => ("TLS_CHACHA20_POLY1305_SHA256", 256),
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 => {
            ("ECDHE-ECDSA-AES256-GCM-SHA384", 256)
        }
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 => {
            ("ECDHE-ECDSA-AES128-GCM-SHA256", 128)
        }
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 => {
            ("ECDHE-ECDSA-CHACHA20-POLY1305", 256)
        }
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => ("ECDHE-RSA-AES256-GCM-SHA384", 256),
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => ("ECDHE-RSA-AES128-GCM-SHA256", 128),
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => {
            ("ECDHE-RSA-CHACHA20-POLY1305", 256)
        }
        _ => ("", 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cipher_has_a_name() {
        for suite in ring::default_provider().cipher_suites {
            assert_ne!(cipher(suite.suite()).0, "", "{suite:?}");
        }
    }

    #[test]
    fn ciphers_stand_in_the_order_they_are_named() {
        let policy = TlsPolicy {
            ciphers: Some(vec![
                "ECDHE-RSA-AES128-GCM-SHA256",
                "ECDHE-ECDSA-AES256-GCM-SHA384",
            ]),
            suites: Some(vec!["TLS_AES_128_GCM_SHA256"]),
            ..TlsPolicy::default()
        };
        let provider = provider(&policy);
        let names = provider
            .cipher_suites
            .iter()
            .map(|suite| cipher(suite.suite()).0);
        assert_eq!(
            names.collect::<Vec<_>>(),
            [
                "TLS_AES_128_GCM_SHA256",
                "ECDHE-RSA-AES128-GCM-SHA256",
                "ECDHE-ECDSA-AES256-GCM-SHA384"
            ]
        );
    }
}
