//! Certificates, keys and authorities in PEM files.

use super::certificate::{self, Certificate};
use crate::load::os_text;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, RootCertStore};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate with its key, ready to be shown.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) certificate: Certificate,
}

/// Who is trusted.
#[derive(Clone, Debug)]
pub(super) struct Authorities {
    pub(super) roots: Arc<RootCertStore>,
    /// The same as they came: a certificate that is among them is trusted itself.
    pub(super) all: Vec<CertificateDer<'static>>,
}

/// What is wrong with a file; the words are HAProxy's.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error(
        "unable to stat SSL certificate from file '{path}' : {}.",
        os_text(source)
    )]
    Missing {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("unable to load certificate from file '{0}'.")]
    NoCertificate(String),
    #[error("No Private Key found in '{0}.key'.")]
    NoKey(String),
    #[error("unable to load private key from file '{0}'.")]
    OddKey(String),
    #[error("inconsistencies between private key and certificate loaded '{0}'.")]
    Mismatch(String),
    #[error("Couldn't open the ca-file '{path}' ({why}).")]
    Authorities { path: String, why: String },
    #[error("cannot open file '{path}' : {}", os_text(source))]
    List {
        path: String,
        #[source]
        source: io::Error,
    },
}

/// The certificates that `crt` means: of a file, or of all files of a folder in the order of their names.
pub(super) fn identities(path: &str) -> Result<Vec<Identity>, FileError> {
    let missing = |source| FileError::Missing {
        path: path.to_owned(),
        source,
    };
    let kind = std::fs::metadata(path).map_err(missing)?;
    if !kind.is_dir() {
        return identity(path).map(|identity| vec![identity]);
    }
    let files = folder(Path::new(path)).map_err(missing)?;
    let read = files.iter().map(|file| identity(&file.to_string_lossy()));
    read.collect()
}

/// Files of other meaning (`.key` and the like), hidden ones and folders are passed over.
fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    const OTHERS: [&str; 4] = ["key", "ocsp", "sctl", "issuer"];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        let hidden = file
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let other = file
            .extension()
            .is_some_and(|end| OTHERS.iter().any(|other| end == *other));
        if file.is_file() && !hidden && !other {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Certificate, chain and key of a file; the key may stand beside it, in `FILE.key`.
pub(super) fn identity(path: &str) -> Result<Identity, FileError> {
    let missing = |source| FileError::Missing {
        path: path.to_owned(),
        source,
    };
    let bytes = std::fs::read(path).map_err(missing)?;
    let chain = certificates(&bytes).unwrap_or_default();
    let first = chain.first().and_then(|first| certificate::read(first));
    let certificate = first.ok_or_else(|| FileError::NoCertificate(path.to_owned()))?;
    let key = match PrivateKeyDer::from_pem_slice(&bytes) {
        Err(pem::Error::NoItemsFound) => PrivateKeyDer::from_pem_file(format!("{path}.key")),
        found => found,
    };
    let key = key.map_err(|_| FileError::NoKey(path.to_owned()))?;
    let key = any_supported_type(&key).map_err(|_| FileError::OddKey(path.to_owned()))?;
    let key = CertifiedKey::new(chain, key);
    match key.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(Identity {
            key: Arc::new(key),
            certificate,
        }),
        Err(_) => Err(FileError::Mismatch(path.to_owned())),
    }
}

fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    CertificateDer::pem_slice_iter(bytes).collect()
}

/// The system's own, as OpenSSL looks for them.
const SYSTEM: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Who is trusted, as `ca-file` says; `@system-ca`: whom the system trusts.
pub(super) fn authorities(path: &str) -> Result<Authorities, FileError> {
    let wrong = |why: &str| FileError::Authorities {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    let system = || SYSTEM.into_iter().find(|path| Path::new(path).exists());
    let file = match path {
        "@system-ca" => system().ok_or_else(|| wrong("the system has none"))?,
        path => path,
    };
    let bytes = std::fs::read(file).map_err(|error| wrong(&os_text(&error)))?;
    let all = certificates(&bytes).unwrap_or_default();
    Authorities::of(all).ok_or_else(|| wrong("no certificate or crl found"))
}

/// What was revoked, as `crl-file` says. A file that holds only certificates is none the less taken.
pub(super) fn revocations(
    path: &str,
) -> Result<Vec<CertificateRevocationListDer<'static>>, FileError> {
    let wrong = |why: &str| FileError::Authorities {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(&os_text(&error)))?;
    let lists = CertificateRevocationListDer::pem_slice_iter(&bytes);
    let lists: Vec<_> = lists.collect::<Result<_, _>>().unwrap_or_default();
    let others = || certificates(&bytes).unwrap_or_default();
    match lists.is_empty() && others().is_empty() {
        true => Err(wrong("no certificate or crl found")),
        false => Ok(lists),
    }
}

/// The text of a `crt-list`.
pub(super) fn list(path: &str) -> Result<String, FileError> {
    let read = std::fs::read(path).map_err(|source| FileError::List {
        path: path.to_owned(),
        source,
    });
    read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

impl Authorities {
    /// `None`: not one is understood.
    pub(super) fn of(all: Vec<CertificateDer<'static>>) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        let (taken, _) = roots.add_parsable_certificates(all.iter().cloned());
        (taken > 0).then(|| Self {
            roots: Arc::new(roots),
            all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> String {
        format!("{}/tests/tls/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    fn error(path: &str) -> String {
        identities(path)
            .unwrap_err()
            .to_string()
            .replace(&file(""), "")
    }

    #[test]
    fn every_mistake_has_its_words() {
        let missing =
            "unable to stat SSL certificate from file 'no.pem' : No such file or directory.";
        assert_eq!(error(&file("no.pem")), missing);
        let no_key = "No Private Key found in 'authority.pem.key'.";
        assert_eq!(error(&file("authority.pem")), no_key);
        let none = "unable to load certificate from file 'make.sh'.";
        assert_eq!(error(&file("make.sh")), none);
        let mismatch = "inconsistencies between private key and certificate loaded 'mixed.pem'.";
        assert_eq!(error(&file("mixed.pem")), mismatch);
        let none = authorities(&file("make.sh")).unwrap_err().to_string();
        assert!(none.ends_with("(no certificate or crl found)."), "{none}");
    }

    #[test]
    fn a_folder_gives_its_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::copy(file("wild.pem"), at("b.pem")).unwrap();
        std::fs::copy(file("second.pem"), at("a.pem")).unwrap();
        std::fs::write(at("a.pem.ocsp"), "").unwrap();
        std::fs::write(at(".hidden"), "").unwrap();
        let read = identities(folder.path().to_str().unwrap()).unwrap();
        let names: Vec<_> = read
            .iter()
            .map(|it| it.certificate.content.subject.line())
            .collect();
        assert_eq!(names, ["/CN=second.test", "/CN=*.wild.test"]);
    }

    #[test]
    fn a_key_may_stand_beside_its_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("first.crt");
        let text = std::fs::read_to_string(file("first.pem")).unwrap();
        let (certificate, key) = text.split_at(text.find("-----BEGIN PRIVATE").unwrap());
        std::fs::write(&path, certificate).unwrap();
        std::fs::write(folder.path().join("first.crt.key"), key).unwrap();
        assert!(identity(path.to_str().unwrap()).is_ok());
    }
}
