//! Bodies of requests: strict about keys, and clear about which one is wrong.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::http::error::{ApiError, ApiResult};

/// A JSON object of a request.
#[derive(Debug, Clone)]
pub struct Body(pub Map<String, Value>);

impl Body {
    /// Refuses the first of these keys that is there.
    pub fn refuse(&self, read_only: &[&str]) -> ApiResult<()> {
        match read_only.iter().find(|it| self.0.contains_key(**it)) {
            Some(key) => Err(ApiError::structure(format!("{key:?} is read-only"))),
            None => Ok(()),
        }
    }

    /// The object as a type that knows its keys.
    pub fn read<T: DeserializeOwned>(self) -> ApiResult<T> {
        serde_json::from_value(Value::Object(self.0)).map_err(|err| ApiError::structure(err.to_string()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| ApiError::bad_request("the body could not be read"))?;
        if bytes.is_empty() {
            return Ok(Body(Map::new()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(map)) => Ok(Body(map)),
            Ok(_) => Err(ApiError::structure("the body is not a JSON object")),
            Err(err) => Err(ApiError::bad_request(format!("the body is not JSON: {err}"))),
        }
    }
}

/// A required text that is not empty and has at most 255 characters.
pub fn required<'a>(name: &str, value: Option<&'a String>) -> ApiResult<&'a str> {
    let value = value.ok_or_else(|| ApiError::structure(format!("{name:?} is missing")))?;
    text(name, value)
}

/// A text that is not empty and has at most 255 characters, none of them a control character.
pub fn text<'a>(name: &str, value: &'a str) -> ApiResult<&'a str> {
    if value.trim().is_empty() {
        return Err(ApiError::value(format!("{name:?} is empty")));
    }
    if value.chars().count() > 255 {
        return Err(ApiError::value(format!("{name:?} has more than 255 characters")));
    }
    if value.chars().any(char::is_control) {
        return Err(ApiError::value(format!("{name:?} has control characters")));
    }
    Ok(value)
}
