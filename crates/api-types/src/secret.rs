use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

/// A secret that an answer tells: the one that makes it, this once, or one that was asked for nothing else. The one kind
/// that is serialised. Not shown by `Debug`.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct ShownOnce(SecretString);

impl From<SecretString> for ShownOnce {
    fn from(secret: SecretString) -> Self {
        ShownOnce(secret)
    }
}

impl From<ShownOnce> for SecretString {
    fn from(shown: ShownOnce) -> Self {
        shown.0
    }
}

impl Serialize for ShownOnce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl fmt::Debug for ShownOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownOnce(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Token;

    #[test]
    fn is_told_and_not_logged() {
        let token = Token { token: Some(SecretString::from("hunter2").into()), ..Token::default() };
        let text = serde_json::to_string(&token).unwrap();
        assert!(text.contains(r#""token":"hunter2""#), "{text}");
        assert!(!format!("{token:?}").contains("hunter2"));
        let read: Token = serde_json::from_str(&text).unwrap();
        assert_eq!(SecretString::from(read.token.unwrap()).expose_secret(), "hunter2");
    }
}
