//! Signatures of a handshake under certificates that the library which checks chains cannot read: it takes version 3
//! only, and `openssl x509 -req`, the usual recipe for a certificate of one's own, makes version 1. Such a certificate
//! can be pinned; that the server holds its key is proved here.

use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, PeerMisbehaved,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, SubjectPublicKeyInfoDer},
};
use x509_parser::{
    asn1_rs::{BitString, Sequence},
    prelude::{FromDer, X509Certificate},
};

pub(crate) fn verify_tls13_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, TlsError> {
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| unreadable())?;
    let key = SubjectPublicKeyInfoDer::from(certificate.public_key().raw);
    verify_tls13_signature_with_raw_key(message, &key, signature, algorithms)
}

pub(crate) fn verify_tls12_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, TlsError> {
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| unreadable())?;
    // SubjectPublicKeyInfo ::= SEQUENCE { algorithm SEQUENCE { … }, subjectPublicKey BIT STRING } (RFC 5280 §4.1).
    let (_, key) = Sequence::from_der(certificate.public_key().raw).map_err(|_| unreadable())?;
    let (rest, algorithm) = Sequence::from_der(&key.content).map_err(|_| unreadable())?;
    let (_, bits) = BitString::from_der(rest).map_err(|_| unreadable())?;
    let candidates = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signature.scheme).map(|(_, it)| *it);
    let candidates = candidates.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    let verified = candidates
        .iter()
        .filter(|it| it.public_key_alg_id().as_ref() == algorithm.content.as_ref())
        .any(|it| it.verify_signature(&bits.data, message, signature.signature()).is_ok());
    match verified {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(TlsError::InvalidCertificate(CertificateError::BadSignature)),
    }
}

fn unreadable() -> TlsError {
    TlsError::InvalidCertificate(CertificateError::BadEncoding)
}
