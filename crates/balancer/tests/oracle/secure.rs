//! Connections in the clear or inside TLS, for the scripted client and server. Certificates are in `tests/tls`.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection,
    SignatureScheme, StreamOwned, version,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

/// Where the certificates are.
pub(crate) fn folder() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls").into()
}

pub(crate) enum Wire {
    Plain(TcpStream),
    Client(Box<StreamOwned<ClientConnection, TcpStream>>),
    Server(Box<StreamOwned<ServerConnection, TcpStream>>),
    /// The handshake failed.
    Broken(TcpStream),
}

/// What a client says of itself: `first.test alpn http/1.1 certificate client.pem version 1.2`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hello {
    name: Option<String>,
    alpn: Vec<Vec<u8>>,
    certificate: Option<String>,
    old: bool,
}

impl Hello {
    pub(crate) fn parse(text: &str) -> Self {
        let mut hello = Self::default();
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value").to_owned();
            match word {
                "alpn" => hello.alpn = value().split(',').map(|name| name.into()).collect(),
                "certificate" => hello.certificate = Some(value()),
                "version" => hello.old = value() == "1.2",
                name => hello.name = Some(name.to_owned()),
            }
        }
        hello
    }

    fn config(&self) -> ClientConfig {
        let versions = match self.old {
            true => &[&version::TLS12][..],
            false => &[&version::TLS13, &version::TLS12],
        };
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody));
        let mut config = match &self.certificate {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let (chain, key) = read(file);
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols.clone_from(&self.alpn);
        config
    }
}

impl Wire {
    /// Speaks TLS with the balancer; what the client learns of it: `[first.pem http/1.1]`.
    pub(crate) fn secure(self, hello: &Hello) -> (Self, String) {
        let Self::Plain(socket) = self else {
            panic!("TLS begins once");
        };
        let nobody = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST).into());
        let name = hello.name.clone();
        let name = name.map_or(nobody, |name| ServerName::try_from(name).unwrap());
        let connection = ClientConnection::new(Arc::new(hello.config()), name).unwrap();
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            if stream.conn.complete_io(&mut stream.sock).is_err() {
                return (Self::Broken(stream.sock), "[refused]".to_owned());
            }
        }
        let shown = stream.conn.peer_certificates().unwrap()[0].to_vec();
        let alpn = stream.conn.alpn_protocol().unwrap_or(b"-");
        let told = format!("[{} {}]", file_of(&shown), String::from_utf8_lossy(alpn));
        (Self::Client(Box::new(stream)), told)
    }

    /// Speaks TLS with the balancer as a server; the name it asked for: `[sni first.test]`.
    pub(crate) fn accept(self, certificate: &str) -> (Self, String) {
        self.accept_offering(certificate, &[])
    }

    /// The same, where it speaks other protocols besides HTTP/1, and dearer ones.
    pub(crate) fn accept_offering(self, certificate: &str, dearer: &[&str]) -> (Self, String) {
        let Self::Plain(socket) = self else {
            panic!("TLS begins once");
        };
        let (chain, key) = read(certificate);
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let offered = dearer.iter().chain(&["http/1.1", "old"]);
        config.alpn_protocols = offered.map(|name| name.as_bytes().to_vec()).collect();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            if stream.conn.complete_io(&mut stream.sock).is_err() {
                return (Self::Broken(stream.sock), "[refused]".to_owned());
            }
        }
        let told = format!("[sni {}]", stream.conn.server_name().unwrap_or("-"));
        (Self::Server(Box::new(stream)), told)
    }

    /// It is in the clear, or TLS has settled on it.
    pub(crate) fn may_be_http2(&self) -> bool {
        match self {
            Self::Server(stream) => {
                let settled = stream.conn.alpn_protocol();
                settled.is_none_or(|settled| settled == b"h2")
            }
            _ => true,
        }
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) | Self::Broken(socket) => socket,
            Self::Client(stream) => &stream.sock,
            Self::Server(stream) => &stream.sock,
        }
    }

    /// Says that nothing more will come.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) | Self::Broken(_) => {}
            Self::Client(stream) => {
                stream.conn.send_close_notify();
                stream.conn.complete_io(&mut stream.sock)?;
            }
            Self::Server(stream) => {
                stream.conn.send_close_notify();
                stream.conn.complete_io(&mut stream.sock)?;
            }
        }
        self.socket().shutdown(Shutdown::Write)
    }
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = match self {
            Self::Plain(socket) => socket.read(bytes),
            Self::Client(stream) => stream.read(bytes),
            Self::Server(stream) => stream.read(bytes),
            Self::Broken(_) => Ok(0),
        };
        match read {
            // Whether it is said inside TLS that nothing more comes is not looked at.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            read => read,
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Client(stream) => stream.write(bytes),
            Self::Server(stream) => stream.write(bytes),
            Self::Broken(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Client(stream) => stream.flush(),
            Self::Server(stream) => stream.flush(),
            Self::Broken(_) => Ok(()),
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn read(file: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let path = folder().join(file);
    let chain = CertificateDer::pem_file_iter(&path).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    (chain, PrivateKeyDer::from_pem_file(&path).unwrap())
}

/// The file that a certificate stands in.
fn file_of(shown: &[u8]) -> String {
    let files = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "pem"))
        .filter(|path| CertificateDer::from_pem_file(path).is_ok_and(|it| *it == *shown))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.swap_remove(0)
}

/// A client that trusts whoever answers: what is shown to it is what is looked at.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
