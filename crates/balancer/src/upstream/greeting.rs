//! What a connection to a server begins with.

use crate::plan::{ProxyDetails, ProxyHeader, Server};
use crate::proxy_protocol::{Ends, Shown, Tls as ToldTls, Values, write_v1, write_v2};
use samples::tls::Tls;

/// Only connections that began alike stand in for each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Greeting {
    /// Of the PROXY protocol; empty: none.
    pub header: Vec<u8>,
    /// The name told inside TLS.
    pub name: Option<String>,
}

/// Whom a header tells of.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    pub ends: Ends,
    pub tls: Option<&'a Tls>,
    /// The name it asked for, as a PROXY header has told it.
    pub authority: Option<&'a [u8]>,
    /// Of its request.
    pub unique_id: Option<&'a str>,
}

impl Greeting {
    /// That of a client's request; `name` computes what its server is told inside TLS.
    pub fn new(server: &Server, client: Client<'_>, name: impl FnOnce() -> Option<String>) -> Self {
        let ends = Some(client.ends);
        let header = server.proxy_header.map(|header| match header {
            ProxyHeader::V1 => write_v1(ends),
            ProxyHeader::V2(details) => client.header(details),
        });
        Self {
            header: header.unwrap_or_default(),
            name: match server.sni {
                Some(_) => name(),
                None => None,
            },
        }
    }

    /// That of a check, whose connection has these ends.
    pub fn of_check(header: Option<ProxyHeader>, ends: Option<Ends>) -> Vec<u8> {
        match header {
            None => Vec::new(),
            Some(ProxyHeader::V1) => write_v1(ends),
            Some(ProxyHeader::V2(details)) => {
                let values = Values {
                    checksum: details.checksum,
                    tls: details.tls.then(ToldTls::default),
                    ..Values::default()
                };
                write_v2(None, &values)
            }
        }
    }
}

impl Client<'_> {
    fn header(&self, details: ProxyDetails) -> Vec<u8> {
        let asked = self.tls.and_then(|tls| tls.sni.as_deref());
        let asked = self.authority.or(asked.map(str::as_bytes));
        let unique_id = self.unique_id.unwrap_or_default();
        let key = self.key();
        let values = Values {
            checksum: details.checksum,
            alpn: self
                .tls
                .and_then(|tls| tls.alpn.as_deref())
                .map(str::as_bytes),
            authority: asked.filter(|_| details.authority),
            unique_id: details.unique_id.then_some(unique_id.as_bytes()),
            tls: details.tls.then(|| match self.tls {
                Some(tls) => told(details, tls, key.as_deref()),
                None => ToldTls::default(),
            }),
        };
        write_v2(Some(self.ends), &values)
    }

    /// `EC256`: of the certificate that the client was shown.
    fn key(&self) -> Option<String> {
        let shown = self.tls?.shown.as_ref()?;
        let kind = match shown.key? {
            "rsaEncryption" => "RSA",
            "id-ecPublicKey" => "EC",
            _ => return None,
        };
        Some(format!("{kind}{}", shown.bits))
    }
}

fn told<'a>(details: ProxyDetails, tls: &'a Tls, key: Option<&'a str>) -> ToldTls<'a> {
    let certificate = tls.certificate.as_ref();
    let common_name = certificate.and_then(|it| it.subject.part("CN", 1));
    let signature = tls.shown.as_ref().and_then(|shown| shown.signature);
    ToldTls {
        version: Some(tls.version),
        certificate: certificate.map(|_| match tls.resumed {
            true => Shown::Before,
            false => Shown::Here,
        }),
        fault: tls.verdict.result,
        common_name: common_name.filter(|_| details.common_name),
        key: key.filter(|_| details.key),
        signature: signature.filter(|_| details.signature),
        cipher: details.cipher.then_some(tls.cipher),
    }
}
