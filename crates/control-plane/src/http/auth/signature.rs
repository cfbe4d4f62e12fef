//! `V1-HMAC-SHA256`: requests signed with an API key pair.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// How far the clocks of client and server may be apart.
pub const MAX_SKEW_S: i64 = 300;
const SCHEME: &str = "V1-HMAC-SHA256 ";
/// RFC 3986 §2.3: everything but unreserved characters is encoded, a space as `%20`.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the client signed: method, date as it was sent, path, canonical query and body, joined by line feeds. The body
/// is signed as it came, for GET and DELETE too.
pub fn string_to_sign(method: &str, date: &str, path: &str, query: &str, body: &[u8]) -> Vec<u8> {
    let mut text = [method, date, path, &canonical_query(query), ""].join("\n").into_bytes();
    text.extend(body);
    text
}

/// Decodes the query as a form, sorts the pairs by name before encoding, and encodes them again.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    let encode = |text: &str| percent_encode(text.as_bytes(), UNRESERVED).to_string();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// `signature` as in the header, with its scheme. Compared in constant time.
pub fn is_right(secret: &SecretString, text: &[u8], signature: &str) -> bool {
    let Some(given) = signature.strip_prefix(SCHEME) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let right = STANDARD.encode(hmac::sign(&key, text).as_ref());
    right.as_bytes().ct_eq(given.trim().as_bytes()).into()
}

/// Seconds between the client's clock and ours; `None` for no ISO 8601 time.
pub fn skew_s(date: &str, now: Timestamp) -> Option<i64> {
    let date: Timestamp = date.parse().ok()?;
    Some(now.as_second() - date.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors made by the published client, scalr-ctl 7.16.2.
    #[test]
    fn signs_as_the_published_client() {
        let check = |query, expected: &str| {
            let path = "/api/v1beta0/account/7/cloud-credentials/";
            let text = string_to_sign("GET", "2026-11-22T03:42:38.000Z", path, query, b"{}");
            let secret = SecretString::from("secretkey");
            assert!(is_right(&secret, &text, &format!("V1-HMAC-SHA256 {expected}")), "{query}");
            assert!(!is_right(&SecretString::from("other"), &text, &format!("V1-HMAC-SHA256 {expected}")));
            assert!(!is_right(&secret, &text, expected), "without its scheme");
        };
        check("", "o5FTv6AhY4/Vj4HKAcMGhKaZQTqYiDjWA7EXSs9XKX0=");
        check("status=enabled&name=a+b", "FOCzCbsq5AhOgURl+v8e4BpoxQTJloo5wWyp0FFNYaw=");
    }

    #[test]
    fn sorts_before_encoding() {
        assert_eq!(canonical_query("b=2&a=%7E*&a=1"), "a=1&a=~%2A&b=2");
    }

    #[test]
    fn skew_of_other_forms() {
        let now = "2026-11-22T03:42:38Z".parse().unwrap();
        assert_eq!(skew_s("2026-11-22T03:42:08.000Z", now), Some(30));
        assert_eq!(skew_s("2026-11-22T05:42:38+02:00", now), Some(0));
        assert_eq!(skew_s("yesterday", now), None);
    }
}
