//! Certificates made for one test, in a folder of its own.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};

use crate::mqtt::{Tls, TlsFiles};

/// An authority and what it signed; the files are gone with it.
pub(super) struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "An authority of one's own");
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.path().join("ca.crt"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    /// Signs a certificate for `hosts`, in force until 1 January of a year; leaves `<name>.crt` and `<name>.key`.
    pub(super) fn sign(&self, name: &str, hosts: &[&str], until: i32) {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path(&format!("{name}.crt")), certificate.pem()).unwrap();
        std::fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// A client that trusts this authority and has no certificate itself.
    pub(super) fn trusted(&self) -> Tls {
        Tls::load(TlsFiles { ca: Some(self.path("ca.crt")), ..TlsFiles::default() }).unwrap()
    }

    /// A client that trusts this authority and shows the certificate `name`, which `signer` made.
    pub(super) fn trusted_by_holder(&self, signer: &Self, name: &str) -> Tls {
        Tls::load(TlsFiles {
            ca: Some(self.path("ca.crt")),
            client_certificate: Some(signer.path(&format!("{name}.crt"))),
            client_key: Some(signer.path(&format!("{name}.key"))),
        })
        .unwrap()
    }
}
