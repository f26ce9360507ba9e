//! `bind ... ssl`: the words about TLS.

use super::bind::{BindParser, BindWords, Value};
use super::{Keyword, Sections, Support, row, tls};
use crate::model::{CertificateSource, ClientVerify, TlsFile, VerifyErrors};

use Support::{Full, Ignored, Refused};

const S: Sections = Sections::FRONT;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<BindParser>] = &[
    row("ssl", S, 0, Full(ssl), "clients speak TLS"),
    row("allow-0rtt", S, 0, Ignored, "TLS early data: clients send theirs a round trip later"),
    row("alpn", S, 1, Full(policy), "protocols offered inside TLS, the dearest first: `h2,http/1.1`"),
    row("ca-file", S, 1, Full(ca_file), "authorities of client certificates, see `verify`"),
    row("ca-ignore-err", S, 1, Full(ca_ignore), "errors of OpenSSL about authorities of client certificates that are let pass, by number, or `all`"),
    row("ca-sign-file", S, 1, Refused, "TLS authority for generated certificates"),
    row("ca-sign-pass", S, 1, Refused, "its passphrase"),
    row("ca-verify-file", S, 1, Full(ca_verify_file), "more authorities of client certificates, which clients are not told"),
    row("ciphers", S, 1, Full(policy), "ciphers of TLS 1.2, those of the list that rustls has"),
    row("ciphersuites", S, 1, Full(policy), "ciphers of TLS 1.3"),
    row("crl-file", S, 1, Full(crl_file), "client certificates that are revoked"),
    row("crt", S, 1, Full(crt), "a file with certificate, chain and key, or a folder of such files; the first is the default"),
    row("crt-ignore-err", S, 1, Full(crt_ignore), "errors of OpenSSL about client certificates that are let pass, by number, or `all`"),
    row("crt-list", S, 1, Full(crt_list), "a file with a line for each certificate: its file, words of its own in brackets, names to show it for"),
    row("curves", S, 1, Ignored, "TLS curves; X25519, P-256 and P-384 are spoken"),
    row("ecdhe", S, 1, Ignored, "TLS curve; X25519, P-256 and P-384 are spoken"),
    row("force-sslv3", S, 0, Full(policy), "an old version, which is not spoken"),
    row("force-tlsv10", S, 0, Full(policy), "an old version, which is not spoken"),
    row("force-tlsv11", S, 0, Full(policy), "an old version, which is not spoken"),
    row("force-tlsv12", S, 0, Full(policy), "TLS 1.2 only"),
    row("force-tlsv13", S, 0, Full(policy), "TLS 1.3 only"),
    row("generate-certificates", S, 0, Refused, "TLS certificates made on the fly"),
    row("no-ca-names", S, 0, Full(no_ca_names), "clients are not told the authorities"),
    row("no-sslv3", S, 0, Full(policy), "without SSL 3, which is not spoken anyway"),
    row("no-tls-tickets", S, 0, Full(policy), "sessions are not taken up again"),
    row("no-tlsv10", S, 0, Full(policy), "without TLS 1.0, which is not spoken anyway"),
    row("no-tlsv11", S, 0, Full(policy), "without TLS 1.1, which is not spoken anyway"),
    row("no-tlsv12", S, 0, Full(policy), "without TLS 1.2"),
    row("no-tlsv13", S, 0, Full(policy), "without TLS 1.3"),
    row("npn", S, 1, Ignored, "protocols inside TLS, the old way, which no client speaks any more"),
    row("prefer-client-ciphers", S, 0, Full(prefer_client), "the client's order of ciphers counts"),
    row("ssl-max-ver", S, 1, Full(policy), "newest version of TLS; default TLSv1.3"),
    row("ssl-min-ver", S, 1, Full(policy), "oldest version of TLS; default TLSv1.2, older ones are not spoken"),
    row("strict-sni", S, 0, Full(strict_sni), "no certificate for the name, no connection"),
    row("tls-ticket-keys", S, 1, Ignored, "TLS ticket keys shared with others"),
    row("verify", S, 1, Full(verify), "client certificates: none, optional, required"),
];

fn ssl(words: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    words.ssl = true;
    Ok(())
}

/// What `server` and `global` lines say alike.
fn policy(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    tls::word(&mut words.tls.policy, value.name, value.text)
}

fn crt(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let base = value.defaults.certificates.as_deref();
    let source = CertificateSource::File(file(base, value));
    words.tls.certificates.push(source);
    Ok(())
}

fn crt_list(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let base = value.defaults.certificates.as_deref();
    let source = CertificateSource::List(file(base, value));
    words.tls.certificates.push(source);
    Ok(())
}

fn ca_file(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let base = value.defaults.authorities.as_deref();
    words.tls.authorities = Some(file(base, value));
    Ok(())
}

fn ca_verify_file(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let base = value.defaults.authorities.as_deref();
    words.tls.unnamed_authorities = Some(file(base, value));
    Ok(())
}

fn crl_file(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let base = value.defaults.authorities.as_deref();
    words.tls.revocations = Some(file(base, value));
    Ok(())
}

fn crt_ignore(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.tls.ignored_of_certificates = errors(value)?;
    Ok(())
}

fn ca_ignore(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.tls.ignored_of_authorities = errors(value)?;
    Ok(())
}

/// `all`, or `10,20`.
fn errors(value: &Value<'_>) -> Result<VerifyErrors, String> {
    /// The last one of OpenSSL 3.0.
    const LAST: u8 = 94;
    let (name, list) = (value.name, value.text);
    if list == "all" {
        return Ok(VerifyErrors::All);
    }
    let codes = list.split(',').map(|text| {
        let digits = text.find(|c: char| !c.is_ascii_digit());
        let number = &text[..digits.unwrap_or(text.len())];
        let code = number.parse::<u32>().unwrap_or(0);
        let known = u8::try_from(code).ok();
        known
            .filter(|code| (1..=LAST).contains(code))
            .ok_or_else(|| {
                format!(
                    "'{name}' : ID '{code}' out of range (1..{LAST}) in error IDs list '{list}'"
                )
            })
    });
    codes.collect::<Result<_, _>>().map(VerifyErrors::These)
}

fn file(base: Option<&str>, value: &Value<'_>) -> TlsFile {
    TlsFile {
        path: tls::path(base, value.text),
        span: value.span,
    }
}

fn strict_sni(words: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    words.tls.strict_sni = true;
    Ok(())
}

fn prefer_client(words: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    words.tls.prefer_client_ciphers = true;
    Ok(())
}

fn no_ca_names(words: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    words.tls.hides_authorities = true;
    Ok(())
}

fn verify(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.tls.verify = match value.text {
        "none" => ClientVerify::None,
        "optional" => ClientVerify::Optional,
        "required" => ClientVerify::Required,
        other => {
            return Err(format!(
                "'verify' : unknown verify method '{other}', only 'none', 'optional', and 'required' are supported\n"
            ));
        }
    };
    Ok(())
}
