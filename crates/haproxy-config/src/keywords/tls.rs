//! What `bind`, `server` and `global` lines say alike about TLS: versions, ciphers, protocols.

use crate::model::{Resumption, TlsPolicy, TlsVersion, TlsVersions};

/// The ciphers of TLS 1.2 that are spoken, by OpenSSL's names.
const CIPHERS: [&str; 6] = [
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305",
];

/// Those of TLS 1.3.
const SUITES: [&str; 3] = [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
];

/// Carries out one of the words that need no file: `no-tlsv12`, `ssl-min-ver TLSv1.3`, `ciphers LIST` and so on.
///
/// # Errors
/// What is wrong with its value, in HAProxy's words.
pub(super) fn word(policy: &mut TlsPolicy, name: &str, value: &str) -> Result<(), String> {
    let versions = &mut policy.versions;
    match name {
        "ssl-min-ver" => versions.oldest = Some(version(value)?),
        "ssl-max-ver" => versions.newest = Some(version(value)?),
        "no-tls-tickets" | "no-ssl-reuse" => policy.resumption = Resumption::Forbidden,
        "tls-tickets" | "ssl-reuse" => policy.resumption = Resumption::Allowed,
        "ciphers" => {
            policy.ciphers = Some(chosen(value, &CIPHERS)?);
            policy.unspoken = None;
        }
        "ciphersuites" => policy.suites = Some(chosen(value, &SUITES)?),
        "alpn" | "check-alpn" => policy.alpn = protocols(value)?,
        _ => single_version(versions, name),
    }
    Ok(())
}

/// `no-tlsv12`, `force-tlsv12`.
fn single_version(versions: &mut TlsVersions, name: &str) {
    let named = |prefix: &str| {
        Some(match name.strip_prefix(prefix)? {
            "sslv3" => TlsVersion::Ssl3,
            "tlsv10" => TlsVersion::Tls10,
            "tlsv11" => TlsVersion::Tls11,
            "tlsv12" => TlsVersion::Tls12,
            "tlsv13" => TlsVersion::Tls13,
            _ => return None,
        })
    };
    if let Some(version) = named("no-") {
        versions.without.push(version);
    } else if let Some(version) = named("force-") {
        (versions.oldest, versions.newest) = (Some(version), Some(version));
    }
}

fn version(name: &str) -> Result<TlsVersion, String> {
    Ok(match name {
        "SSLv3" => TlsVersion::Ssl3,
        "TLSv1.0" => TlsVersion::Tls10,
        "TLSv1.1" => TlsVersion::Tls11,
        "TLSv1.2" => TlsVersion::Tls12,
        "TLSv1.3" => TlsVersion::Tls13,
        _ => return Err(format!("'{name}' : unknown ssl/tls version")),
    })
}

/// The ciphers of a list that are known, in its order. A word for a whole family (`HIGH`, `ECDHE+AESGCM`) stands for all
/// of them: what else it means is not spoken anyway.
fn chosen<const N: usize>(
    list: &str,
    known: &[&'static str; N],
) -> Result<Vec<&'static str>, String> {
    let words = list.split([':', ',', ' ']);
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty() && !word.starts_with(['!', '-', '+', '@']))
        .collect();
    let is_family = |word: &str| !word.contains('-') && !word.starts_with("TLS_");
    if words
        .iter()
        .any(|word| is_family(word) && known_family(word))
    {
        return Ok(known.to_vec());
    }
    let named = words.iter();
    let named = named.filter_map(|word| known.iter().find(|name| *name == word));
    match named.copied().collect::<Vec<_>>() {
        none if none.is_empty() => Err(format!("no cipher of '{list}' is spoken here")),
        some => Ok(some),
    }
}

/// Whether OpenSSL calls ciphers by this word that are among those spoken.
fn known_family(word: &str) -> bool {
    const FAMILIES: [&str; 22] = [
        "ALL",
        "COMPLEMENTOFDEFAULT",
        "DEFAULT",
        "HIGH",
        "TLSv1.2",
        "ECDH",
        "ECDHE",
        "EECDH",
        "kEECDH",
        "kECDHE",
        "ECDSA",
        "aECDSA",
        "RSA",
        "aRSA",
        "AES",
        "AES128",
        "AES256",
        "AESGCM",
        "CHACHA20",
        "SHA256",
        "SHA384",
        "FIPS",
    ];
    word.split('+').all(|part| FAMILIES.contains(&part))
}

/// `h2,http/1.1`: at most 255 letters each; empty ones are passed over.
fn protocols(list: &str) -> Result<Vec<String>, String> {
    let names = list.split(',').filter(|name| !name.is_empty());
    let names: Vec<_> = names.map(str::to_owned).collect();
    match names.iter().any(|name| name.len() > 255) {
        true => Err("'alpn' : too long a protocol name".to_owned()),
        false => Ok(names),
    }
}

/// A file as written, behind the folder of `crt-base` or `ca-base` where it is relative.
pub(super) fn path(base: Option<&str>, path: &str) -> String {
    match base {
        Some(base) if !path.starts_with(['/', '@']) => format!("{base}/{path}"),
        _ => path.to_owned(),
    }
}

/// What HAProxy says where the value of a word is missing.
pub(super) fn missing(name: &str) -> String {
    let what = match name {
        "crt" | "crt-list" => "certificate location",
        "crl-file" => "CRLfile path",
        "crt-ignore-err" | "ca-ignore-err" => "error IDs list",
        "ca-file" | "ca-verify-file" => "CAfile path",
        "verify" => "verify method",
        "ssl-min-ver" | "ssl-max-ver" => "the ssl/tls version",
        "alpn" | "check-alpn" => "the comma-delimited ALPN protocol suite",
        "ciphers" | "ciphersuites" => "cipher suite",
        "sni" => "sni expression",
        "check-sni" => "SNI",
        "verifyhost" => "hostname to verify against",
        other => other,
    };
    format!("'{name}' : missing {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ciphers(list: &str) -> Result<Option<Vec<&'static str>>, String> {
        let mut policy = TlsPolicy::default();
        word(&mut policy, "ciphers", list).map(|()| policy.ciphers)
    }

    #[test]
    fn a_list_keeps_what_is_spoken_in_its_order() {
        let list =
            "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-GCM-SHA384:!MD5";
        let expected = vec![
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
        ];
        assert_eq!(ciphers(list), Ok(Some(expected)));
    }

    #[test]
    fn families_stand_for_all() {
        for list in ["HIGH:!aNULL:!MD5", "ECDHE+AESGCM", "ECDH+AESGCM"] {
            assert_eq!(ciphers(list), Ok(Some(CIPHERS.to_vec())), "{list}");
        }
    }

    #[test]
    fn a_list_of_what_nobody_speaks_is_wrong() {
        assert!(ciphers("NONSENSE").is_err());
        assert!(ciphers("AES128-SHA:DES-CBC3-SHA").is_err());
    }

    #[test]
    fn one_version_by_force() {
        let mut policy = TlsPolicy::default();
        word(&mut policy, "force-tlsv13", "").unwrap();
        assert!(!policy.versions.contains(TlsVersion::Tls12));
        assert!(policy.versions.contains(TlsVersion::Tls13));
    }
}
