use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsAcceptor;

/// A certificate and the key that belongs to it.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

pub type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate authority named `name`.
pub fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a server certificate says, valid for 127.0.0.1 from 2020 to 2060.
pub fn leaf() -> CertificateParams {
    leaf_for(&["127.0.0.1"])
}

pub fn leaf_for(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "keystone");
    params.not_before = date_time_ymd(2020, 1, 2);
    params.not_after = date_time_ymd(2060, 3, 4);
    params
}

/// Ended in 2021.
pub fn expired_leaf() -> CertificateParams {
    let mut params = leaf();
    params.not_after = date_time_ymd(2021, 3, 4);
    params
}

impl Identity {
    pub fn signed_by(authority: &Issuer<'_, KeyPair>, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key_der(&key) }
    }

    pub fn self_signed(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key_der(&key) }
    }

    /// An authority that poses as a server.
    pub fn of(authority: &Authority) -> Self {
        Identity { chain: vec![authority.der().clone()], key: key_der(authority.key()) }
    }

    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.chain[0])
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor_speaking(&[&TLS12, &TLS13])
    }

    pub fn acceptor_speaking(&self, versions: &[&'static rustls::SupportedProtocolVersion]) -> TlsAcceptor {
        let key = provider::sign::any_supported_type(&self.key).unwrap();
        // Not `with_single_cert`, which refuses a key that does not belong to the certificate.
        let resolver = SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), key));
        let builder = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()));
        let builder = builder.with_protocol_versions(versions).unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(builder.with_cert_resolver(Arc::new(resolver))))
    }
}

pub fn sha256(der: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    digest.as_ref().try_into().unwrap()
}

fn key_der(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}
