//! What a connection to a server begins with.

use crate::plan::{ProxyDetails, ProxyHeader, Server};
use crate::proxy_protocol::{self, Ends, Shown, Tls as ToldTls, write_v1, write_v2};
use samples::tls::Tls;

/// Only connections that began alike stand in for each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Greeting {
    /// Of the PROXY protocol; empty: none.
    pub header: Vec<u8>,
    /// The name told inside TLS.
    pub name: Option<String>,
}

impl Greeting {
    /// That of a client's request; `name` computes what its server is told inside TLS.
    pub fn new(
        server: &Server,
        ends: Ends,
        tls: Option<&Tls>,
        name: impl FnOnce() -> Option<String>,
    ) -> Self {
        let header = server.proxy_header.map(|header| match header {
            ProxyHeader::V1 => write_v1(Some(ends)),
            ProxyHeader::V2(details) => write_v2(Some(ends), told(details, tls)),
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
            Some(ProxyHeader::V2(details)) => write_v2(None, told(details, None)),
        }
    }
}

fn told(details: ProxyDetails, tls: Option<&Tls>) -> Option<ToldTls<'_>> {
    let certificate = tls.and_then(|tls| tls.certificate.as_ref());
    let common_name = certificate.and_then(|it| it.subject.part("CN", 1));
    details.tls.then(|| proxy_protocol::Tls {
        version: tls.map(|tls| tls.version),
        certificate: certificate.map(|_| match tls.is_some_and(|tls| tls.resumed) {
            true => Shown::Before,
            false => Shown::Here,
        }),
        common_name: common_name.filter(|_| details.common_name),
    })
}
