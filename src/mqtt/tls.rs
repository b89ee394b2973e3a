//! TLS to an external broker: the files are read and checked once, at the start.
//!
//! The broker's certificate must be signed by the configured authority (else by one the system knows), be in force and name
//! the host that was asked for, a name or an address. There is no switch to leave that out.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::error::MqttError;

/// No certificate or key is as large as this, in bytes; a bundle of all public authorities is a fifth of it.
const LARGEST_FILE_BYTES: u64 = 1 << 20;

/// Key of the authority's file below `mqtt` in the configuration.
pub const CA_FILE: &str = "ca_file";
/// Key of the client certificate's file.
pub const CLIENT_CERTIFICATE_FILE: &str = "client_certificate_file";
/// Key of the client key's file.
pub const CLIENT_KEY_FILE: &str = "client_key_file";

/// The files that TLS needs, all PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificates of the authorities that may have signed the broker's; none: those the system knows.
    pub ca: Option<PathBuf>,
    /// This client's certificate, its chain after it, if the broker asks for one.
    pub client_certificate: Option<PathBuf>,
    /// The key of that certificate, without a passphrase.
    pub client_key: Option<PathBuf>,
}

/// TLS, ready for use. Two are equal if they come from the same [`Tls::load`].
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    files: TlsFiles,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for Tls {}

impl TlsFiles {
    /// Reads and checks the files that are named, and nothing else of the machine.
    ///
    /// # Errors
    /// [`MqttError::TlsFile`] with the key, the file, what was found and what to do.
    pub fn check(&self) -> Result<(), MqttError> {
        client_config(self, RootCertStore::empty()).map(|_| ())
    }
}

impl Tls {
    /// Reads and checks all files; without [`TlsFiles::ca`] the system's authorities too.
    ///
    /// # Errors
    /// As [`TlsFiles::check`], and [`MqttError::NoAuthorities`] if the system has none.
    pub fn load(files: TlsFiles) -> Result<Self, MqttError> {
        let roots = if files.ca.is_none() { system_authorities()? } else { RootCertStore::empty() };
        Ok(Self { config: Arc::new(client_config(&files, roots)?), files })
    }

    /// What rumqttc needs.
    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        self.config.clone()
    }

    /// The authority's file, if one was configured.
    pub(crate) fn ca(&self) -> Option<&Path> {
        self.files.ca.as_deref()
    }

    /// Whether this client has a certificate to show.
    pub(crate) fn has_client_certificate(&self) -> bool {
        self.files.client_certificate.is_some()
    }
}

/// Whether everybody on this machine may read the file. False also for a file that is not there: others complain of that.
pub fn readable_by_everybody(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn client_config(files: &TlsFiles, mut roots: RootCertStore) -> Result<ClientConfig, MqttError> {
    if let Some(path) = &files.ca {
        let wrong = |found: String, remedy| {
            let expected = "the certificate of the authority that signed the broker's (PEM)";
            MqttError::TlsFile { key: CA_FILE, path: path.clone(), found, expected, remedy }
        };
        for certificate in certificates(path).map_err(|(found, remedy)| wrong(found, remedy))? {
            roots.add(certificate).map_err(|error| {
                wrong(format!("a certificate that cannot be read ({error})"), "copy it from the authority again")
            })?;
        }
    }
    // Chosen here and not by the process, so that no other part of the program has a say in it.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| MqttError::Tls { detail: error.to_string() })?
        .with_root_certificates(roots);
    let (certificate, key) = match (&files.client_certificate, &files.client_key) {
        (None, None) => return Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(path), None) => return Err(alone(CLIENT_CERTIFICATE_FILE, path, "add mqtt.client_key_file")),
        (None, Some(path)) => return Err(alone(CLIENT_KEY_FILE, path, "add mqtt.client_certificate_file")),
    };
    let chain = certificates(certificate).map_err(|(found, remedy)| MqttError::TlsFile {
        key: CLIENT_CERTIFICATE_FILE,
        path: certificate.clone(),
        found,
        expected: "this client's certificate (PEM)",
        remedy,
    })?;
    let wrong_key = |(found, remedy)| MqttError::TlsFile {
        key: CLIENT_KEY_FILE,
        path: key.clone(),
        found,
        expected: "the key of mqtt.client_certificate_file (PEM, no passphrase)",
        remedy,
    };
    let private_key = private_key(key).map_err(wrong_key)?;
    builder.with_client_auth_cert(chain, private_key).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            wrong_key(("the key of another certificate".to_owned(), "give the two files that were made together"))
        }
        other => wrong_key((
            format!("a key or certificate that cannot be used ({other})"),
            "make both again, see packaging/mosquitto/README.md",
        )),
    })
}

/// What was found instead, and what to do.
type Wrong = (String, &'static str);

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Wrong> {
    let bytes = read(path)?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err((no_pem(&bytes, "certificate"), remedy_for(&bytes))),
        Err(error) => Err((format!("damaged PEM ({error})"), "copy the file again, whole")),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Wrong> {
    let bytes = read(path)?;
    if contains(&bytes, "ENCRYPTED") {
        return Err((
            "a key with a passphrase".to_owned(),
            "nobody is there to type it at night: take it off with openssl pkey -in OLD -out NEW, and chmod 600 NEW",
        ));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => (no_pem(&bytes, "private key"), remedy_for(&bytes)),
        error => (format!("damaged PEM ({error})"), "copy the file again, whole"),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > LARGEST_FILE_BYTES => {
            Err(("a file of more than 1 MiB".to_owned(), "name the PEM file itself"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => {
            let remedy = match error.kind() {
                std::io::ErrorKind::NotFound => "check the path; relative ones start at the configuration's folder",
                std::io::ErrorKind::PermissionDenied => "make it readable for the user that Crampwatch runs as",
                _ => "name a PEM file",
            };
            Err((format!("a file that cannot be read ({error})"), remedy))
        }
    }
}

fn no_pem(bytes: &[u8], wanted: &str) -> String {
    if bytes.is_empty() {
        "an empty file".to_owned()
    } else if contains(bytes, "PRIVATE KEY-----") {
        format!("a private key and no {wanted}")
    } else if contains(bytes, "-----BEGIN CERTIFICATE-----") {
        format!("a certificate and no {wanted}")
    } else if bytes[0] == 0x30 {
        // An ASN.1 sequence: what PEM wraps.
        format!("DER and no PEM, so no {wanted}")
    } else {
        format!("no {wanted}")
    }
}

fn remedy_for(bytes: &[u8]) -> &'static str {
    if bytes.first() == Some(&0x30) {
        "convert it: openssl x509 -inform der -in OLD -out NEW (a key: openssl pkey -inform der …)"
    } else {
        "were two files mixed up? packaging/mosquitto/README.md shows how to make them"
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn alone(key: &'static str, path: &Path, remedy: &'static str) -> MqttError {
    let (found, expected) = ("one without the other".to_owned(), "both a client certificate and its key, or neither");
    MqttError::TlsFile { key, path: path.to_owned(), found, expected, remedy }
}

fn system_authorities() -> Result<RootCertStore, MqttError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // A system's collection may hold odd ones; what cannot be read cannot vouch for anything.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let detail = found.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
        return Err(MqttError::NoAuthorities { detail });
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use rstest::rstest;

    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        /// A certificate, its key, the key of another one, and what is none of these.
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            let key = KeyPair::generate().unwrap();
            let certificate = CertificateParams::new(vec!["pi".to_owned()]).unwrap().self_signed(&key).unwrap();
            let whole = certificate.pem();
            for (name, content) in [
                ("good.crt", whole.as_bytes()),
                ("good.key", key.serialize_pem().as_bytes()),
                ("other.key", KeyPair::generate().unwrap().serialize_pem().as_bytes()),
                ("der.crt", certificate.der()),
                ("empty", b""),
                ("words", b"hello"),
                ("cut.crt", &whole.as_bytes()[..whole.len() / 2]),
                ("locked.key", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
            ] {
                std::fs::write(folder.0.path().join(name), content).unwrap();
            }
            folder
        }

        fn files(&self, ca: &str, certificate: &str, key: &str) -> TlsFiles {
            let path = |name: &str| (!name.is_empty()).then(|| self.0.path().join(name));
            TlsFiles { ca: path(ca), client_certificate: path(certificate), client_key: path(key) }
        }
    }

    #[rstest]
    #[case("good.crt", "", "")]
    #[case("good.crt", "good.crt", "good.key")]
    #[case("", "good.crt", "good.key")]
    fn good_files_are_taken(#[case] ca: &str, #[case] certificate: &str, #[case] key: &str) {
        let folder = Folder::new();
        folder.files(ca, certificate, key).check().unwrap();
    }

    #[rstest]
    #[case("missing", "", "", "mqtt.ca_file", "check the path")]
    #[case("empty", "", "", "mqtt.ca_file", "an empty file")]
    #[case("words", "", "", "mqtt.ca_file", "no certificate")]
    #[case("good.key", "", "", "mqtt.ca_file", "a private key and no certificate")]
    #[case("der.crt", "", "", "mqtt.ca_file", "openssl x509 -inform der")]
    #[case("cut.crt", "", "", "mqtt.ca_file", "damaged PEM")]
    #[case("good.crt", "good.crt", "", "mqtt.client_certificate_file", "add mqtt.client_key_file")]
    #[case("good.crt", "", "good.key", "mqtt.client_key_file", "add mqtt.client_certificate_file")]
    #[case("good.crt", "good.key", "good.key", "mqtt.client_certificate_file", "a private key and no certificate")]
    #[case("good.crt", "good.crt", "good.crt", "mqtt.client_key_file", "a certificate and no private key")]
    #[case("good.crt", "good.crt", "other.key", "mqtt.client_key_file", "the key of another certificate")]
    #[case("good.crt", "good.crt", "locked.key", "mqtt.client_key_file", "openssl pkey")]
    fn a_bad_file_is_named_with_what_it_holds_and_what_to_do(
        #[case] ca: &str,
        #[case] certificate: &str,
        #[case] key: &str,
        #[case] setting: &str,
        #[case] part: &str,
    ) {
        let folder = Folder::new();
        let error = Tls::load(folder.files(ca, certificate, key)).unwrap_err().to_string();
        assert!(error.starts_with(setting) && error.contains(part) && error.contains("expected"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_everybody_can_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new();
        let key = folder.0.path().join("good.key");
        for (mode, open) in [(0o644, true), (0o640, false), (0o600, false)] {
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(readable_by_everybody(&key), open, "{mode:o}");
        }
        assert!(!readable_by_everybody(Path::new("/does/not/exist")));
    }

    #[test]
    fn no_key_is_printed() {
        let folder = Folder::new();
        let tls = Tls::load(folder.files("good.crt", "good.crt", "good.key")).unwrap();
        let printed = format!("{tls:?}");
        assert!(printed.contains("good.key") && !printed.contains("PRIVATE"), "{printed}");
    }
}
