use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use aws_lc_rs::digest;
use jiff::Timestamp;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs as provider},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tracing::warn;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{
    error::{chain, shorten},
    key,
};

/// How a credential decides whom it speaks to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Trust {
    /// False: any certificate does, or where `fingerprints` are given, one of those. Chosen by the user, shown as a
    /// warning.
    pub verify: bool,
    /// PEM of one or more certificates to trust besides the system's.
    pub ca_certificate: Option<String>,
    /// SHA-256 of leaf certificates that are accepted without looking at chain, name and dates.
    pub fingerprints: Vec<[u8; 32]>,
}

impl Default for Trust {
    fn default() -> Self {
        Trust { verify: true, ca_certificate: None, fingerprints: Vec::new() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidTrust {
    #[error("caCertificate holds no PEM certificate, or one that cannot be read")]
    CaCertificate,
    #[error("{0:?} is not a SHA-256 fingerprint (64 hexadecimal digits, colons allowed)")]
    Fingerprint(String),
}

impl Trust {
    /// Reads `AA:BB:…` or `aabb…`.
    pub fn parse_fingerprint(text: &str) -> Result<[u8; 32], InvalidTrust> {
        let invalid = || InvalidTrust::Fingerprint(shorten(text));
        let digits: Vec<u8> = text.bytes().filter(|it| *it != b':' && !it.is_ascii_whitespace()).collect();
        // Checked one by one: from_str_radix alone would take a sign.
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(invalid());
        }
        let mut fingerprint = [0; 32];
        for (byte, pair) in fingerprint.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| invalid())?;
        }
        Ok(fingerprint)
    }
}

/// The TLS side of one credential.
#[derive(Clone)]
pub(crate) struct Tls {
    trust: Trust,
    /// `None` where there is no root to trust: then nothing verifies, and pins still work.
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl Tls {
    pub(crate) fn new(trust: Trust) -> Result<Self, InvalidTrust> {
        let mut roots = system_roots().clone();
        if let Some(pem) = &trust.ca_certificate {
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
            let certificates = certificates.map_err(|_| InvalidTrust::CaCertificate)?;
            let (added, ignored) = roots.add_parsable_certificates(certificates);
            if added == 0 || ignored != 0 {
                return Err(InvalidTrust::CaCertificate);
            }
        }
        let provider = Arc::new(provider::default_provider());
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok();
        Ok(Tls { trust, chain })
    }

    /// The configuration of one connection; what its handshake sees of the certificate goes to `seen`. Sessions are
    /// not resumed: each connection looks at the certificate anew, so that a pin which was taken away holds at once.
    pub(crate) fn config(&self, seen: Arc<Seen>) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(provider::default_provider());
        let Tls { trust, chain } = self.clone();
        let verifier = Verifier { trust, chain, provider: provider.clone(), seen };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let loaded = rustls_native_certs::load_native_certs();
        if !loaded.errors.is_empty() {
            let causes: Vec<String> = loaded.errors.iter().map(|err| chain(err)).collect();
            warn!("some certificate authorities of this system are not trusted: {}", causes.join("; "));
        }
        roots.add_parsable_certificates(loaded.certs);
        roots
    })
}

/// What a person needs to decide about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    pub subject: String,
    pub issuer: String,
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    /// Upper-case hexadecimal with colons.
    pub sha256: String,
}

impl CertificateFacts {
    fn read(der: &[u8]) -> Self {
        let sha256 = sha256(der).iter().map(|it| format!("{it:02X}")).collect::<Vec<_>>().join(":");
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            let unreadable = "(unreadable)".to_owned();
            return CertificateFacts {
                subject: unreadable.clone(),
                issuer: unreadable,
                not_before: None,
                not_after: None,
                sha256,
            };
        };
        let time = |seconds| Timestamp::from_second(seconds).ok();
        CertificateFacts {
            subject: shorten(&certificate.subject().to_string()),
            issuer: shorten(&certificate.issuer().to_string()),
            not_before: time(certificate.validity().not_before.timestamp()),
            not_after: time(certificate.validity().not_after.timestamp()),
            sha256,
        }
    }

    /// What to tell of a certificate that was accepted, and what should be done about it, if anything.
    pub fn verdict(&self, by: TrustedBy) -> (String, Option<String>) {
        match by {
            TrustedBy::Chain => (self.to_string(), None),
            TrustedBy::Fingerprint if self.is_expired() => (
                format!("the pinned certificate has expired: {self}"),
                Some("renew the certificate and pin the new one".to_owned()),
            ),
            TrustedBy::Fingerprint => (format!("trusted by its fingerprint: {self}"), None),
            TrustedBy::Nothing => (
                format!("verification is off, so anybody on the way can read the password; seen: {self}"),
                Some(format!(
                    "turn sslVerification on and give caCertificate, or pin this one: certificateFingerprints = [\"{}\"]",
                    self.sha256
                )),
            ),
        }
    }

    pub fn is_expired(&self) -> bool {
        self.not_after.is_some_and(|it| it < Timestamp::now())
    }
}

/// One line, for messages.
impl fmt::Display for CertificateFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CertificateFacts { subject, issuer, sha256, .. } = self;
        let date = |it: Option<Timestamp>| it.map_or("(unreadable)".to_owned(), |it| it.to_string());
        let (from, to) = (date(self.not_before), date(self.not_after));
        write!(f, "subject {subject:?}, issuer {issuer:?}, valid from {from} to {to}, SHA-256 {sha256}")
    }
}

fn sha256(der: &[u8]) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest::digest(&digest::SHA256, der).as_ref());
    fingerprint
}

/// Why a certificate was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedBy {
    /// Chain, name and dates were checked.
    Chain,
    Fingerprint,
    /// The user turned verification off.
    Nothing,
}

/// The outcome of the last look at a certificate on one connection.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Option<(CertificateFacts, Result<TrustedBy, String>)>>);

impl Seen {
    pub(crate) fn take(&self) -> Option<(CertificateFacts, Result<TrustedBy, String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, facts: CertificateFacts, outcome: Result<TrustedBy, String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((facts, outcome));
    }
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    seen: Arc<Seen>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let facts = CertificateFacts::read(leaf);
        let is_pinned = self.trust.fingerprints.contains(&sha256(leaf));
        let outcome = if is_pinned {
            Ok(TrustedBy::Fingerprint)
        } else if !self.trust.verify && self.trust.fingerprints.is_empty() {
            Ok(TrustedBy::Nothing)
        } else if !self.trust.verify {
            Err(TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        } else if let Some(chain) = &self.chain {
            match chain.verify_server_cert(leaf, intermediates, name, ocsp, now) {
                Ok(_) => Ok(TrustedBy::Chain),
                Err(err) => Err(err),
            }
        } else {
            Err(TlsError::InvalidCertificate(CertificateError::UnknownIssuer))
        };
        let reason = |err| match (explain(err), self.trust.fingerprints.is_empty()) {
            (reason, true) => reason,
            (_, false) if !self.trust.verify => "it is none of the pinned ones".to_owned(),
            (reason, false) => format!("{reason}, and it is none of the pinned ones"),
        };
        self.seen.put(facts, outcome.as_ref().map(|it| *it).map_err(reason));
        outcome.map(|_| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match ParsedCertificate::try_from(certificate) {
            Ok(_) => rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms),
            Err(_) => key::verify_tls12_signature(message, certificate, signature, algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match ParsedCertificate::try_from(certificate) {
            Ok(_) => rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms),
            Err(_) => key::verify_tls13_signature(message, certificate, signature, algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn explain(err: &TlsError) -> String {
    match err {
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => "its issuer is not known here".to_owned(),
        TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "it is for another name".to_owned(),
        TlsError::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "it has expired".to_owned()
        }
        TlsError::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "it is not valid yet".to_owned()
        }
        TlsError::InvalidCertificate(CertificateError::BadSignature) => {
            "it is not signed with the key of the authority it names".to_owned()
        }
        TlsError::InvalidCertificate(CertificateError::Other(other))
            if format!("{other:?}").contains("CaUsedAsEndEntity") =>
        {
            "it is a certificate authority's own (self-signed)".to_owned()
        }
        TlsError::InvalidCertificate(CertificateError::Other(other))
            if format!("{other:?}").contains("UnsupportedCertVersion") =>
        {
            "it is of X.509 version 1, which has no place for names".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(fingerprint: [u8; 32], is_upper: bool) -> Vec<String> {
        let pair = |it: &u8| if is_upper { format!("{it:02X}") } else { format!("{it:02x}") };
        fingerprint.iter().map(pair).collect()
    }

    #[test]
    fn a_sign_is_no_digit() {
        assert!(Trust::parse_fingerprint(&"+f".repeat(32)).is_err());
        assert!(Trust::parse_fingerprint(&"٣".repeat(32)).is_err());
    }

    proptest! {
        #[test]
        fn a_fingerprint_is_read_in_every_spelling(
            fingerprint: [u8; 32], is_upper: bool, separator in "[: \\t]?", around in "[ \n]{0,3}",
        ) {
            let text = format!("{around}{}{around}", hex(fingerprint, is_upper).join(&separator));
            prop_assert_eq!(Trust::parse_fingerprint(&text).unwrap(), fingerprint);
        }

        #[test]
        fn one_character_of_another_kind_is_refused(
            fingerprint: [u8; 32], place in 0..64_usize, wrong in "[^0-9a-fA-F]",
        ) {
            let mut text = hex(fingerprint, false).concat();
            text.replace_range(place..=place, &wrong);
            prop_assert!(Trust::parse_fingerprint(&text).is_err());
        }

        #[test]
        fn another_length_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assume!(bytes.len() != 32);
            let text: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
            prop_assert!(Trust::parse_fingerprint(&text).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused_with_a_short_message(text in "\\PC{0,300}") {
            if let Err(err) = Trust::parse_fingerprint(&text) {
                prop_assert!(err.to_string().chars().count() < 1000);
            }
        }
    }
}
