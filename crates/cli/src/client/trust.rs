//! Whom the client takes for its server.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use aws_lc_rs::digest;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs as provider},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};

use crate::failure::{Failure, Outcome};

/// By default the system's certificate authorities.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// PEM of certificates to trust besides the system's.
    pub ca_certificate: Option<PathBuf>,
    /// SHA-256 of the one certificate to accept, whatever its chain, name and dates.
    pub fingerprint: Option<String>,
    /// Take anybody who answers without TLS, also on another machine.
    pub allow_http: bool,
    /// Why the last certificate was refused, and how to accept it.
    refused: Arc<Mutex<Option<String>>>,
}

impl Trust {
    pub fn new(ca_certificate: Option<PathBuf>, fingerprint: Option<String>, allow_http: bool) -> Self {
        Trust { ca_certificate, fingerprint, allow_http, refused: Arc::default() }
    }

    /// The certificate authorities are only read where they are needed: that takes longer than the request.
    pub(super) fn config(&self, is_tls: bool) -> Outcome<ClientConfig> {
        let provider = Arc::new(provider::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .context("no version of TLS")?;
        if !is_tls {
            return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
        }
        let mut roots = RootCertStore::empty();
        // Some of the system's may be unreadable: what they would have signed is refused later, with its reason.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = &self.ca_certificate {
            let name = path.display();
            let certificates = CertificateDer::pem_file_iter(path).with_context(|| format!("cannot read {name}"))?;
            let certificates: Vec<_> =
                certificates.collect::<Result<_, _>>().with_context(|| format!("{name} holds no PEM certificates"))?;
            if certificates.is_empty() {
                return Err(Failure::Other(anyhow::anyhow!("{name} holds no PEM certificates")));
            }
            for certificate in certificates {
                roots.add(certificate).with_context(|| format!("{name} holds a certificate that cannot be trusted"))?;
            }
        }
        let chain = match roots.is_empty() {
            true => None,
            false => Some(
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                    .build()
                    .context("the certificate authorities cannot be used")?,
            ),
        };
        let pin = self.fingerprint.as_deref().map(parse_fingerprint).transpose()?;
        let verifier = Verifier { chain, pin, provider, refused: self.refused.clone() };
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        Ok(builder.with_no_client_auth())
    }

    pub(super) fn refusal(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads `AA:BB:…` or `aabb…`.
pub fn parse_fingerprint(text: &str) -> Outcome<[u8; 32]> {
    let digits: String = text.chars().filter(|it| *it != ':' && !it.is_whitespace()).collect();
    let mut fingerprint = [0; 32];
    match hex::decode_to_slice(&digits, &mut fingerprint) {
        Ok(()) => Ok(fingerprint),
        Err(_) => {
            Err(Failure::usage(format!("{text:?} is no SHA-256 fingerprint (64 hexadecimal digits, colons allowed)")))
        }
    }
}

#[derive(Debug)]
struct Verifier {
    /// `None`: there are no certificate authorities at all.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// Instead of the chain.
    pin: Option<[u8; 32]>,
    provider: Arc<CryptoProvider>,
    refused: Arc<Mutex<Option<String>>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = digest::digest(&digest::SHA256, leaf);
        let shown = hex::encode_upper(fingerprint.as_ref());
        let refuse = |reason: String, err: Error| {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
            Err(err)
        };
        if let Some(pin) = &self.pin {
            if pin == fingerprint.as_ref() {
                return Ok(ServerCertVerified::assertion());
            }
            let reason = format!("its certificate is another than the one that is pinned; its SHA-256 is {shown}");
            return refuse(reason, CertificateError::ApplicationVerificationFailure.into());
        }
        let verified = match &self.chain {
            Some(chain) => chain.verify_server_cert(leaf, intermediates, name, ocsp, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        verified.or_else(|err| {
            let reason = format!(
                "its certificate is not trusted ({err}); give the certificate authority's with --server-ca-certificate \
                 FILE, or if {shown} is the SHA-256 that its operator tells you, pin it with --server-fingerprint {shown}"
            );
            refuse(reason, err)
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, leaf, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, leaf, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
