//! Bodies of requests: strict about keys, and clear about which one is wrong.

use std::{fmt, io, time::Duration};

use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use cloud::file::Upload;
use futures_util::{StreamExt, stream};
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::http::error::{ApiError, ApiResult};

/// So long a client may be silent before its body is whole.
const SILENCE: Duration = Duration::from_secs(30);
/// So long a body may take, however it trickles in.
const LONGEST: Duration = Duration::from_secs(300);

/// A JSON object of a request. It may hold passwords, so `Debug` shows its keys alone.
#[derive(Clone)]
pub struct Body(pub Map<String, Value>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Body").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

/// The whole body of a request, before it is known who sends it: bounded in size and in time.
pub(super) async fn read_whole(body: axum::body::Body, max_bytes: usize) -> ApiResult<Bytes> {
    let too_late = |_| ApiError::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", "the body did not come in time");
    let mut parts = body.into_data_stream();
    let read = async {
        let mut whole = BytesMut::new();
        while let Some(part) = timeout(SILENCE, parts.next()).await.map_err(too_late)? {
            let part = part.map_err(|_| ApiError::bad_request("the body ended before it was whole"))?;
            if whole.len() + part.len() > max_bytes {
                return Err(ApiError::bad_request(format!("the body is larger than {max_bytes} bytes")));
            }
            whole.extend_from_slice(&part);
        }
        Ok(whole.freeze())
    };
    timeout(LONGEST, read).await.map_err(too_late)?
}

/// The file of an upload, with a time-out for each piece; it breaks off when the server stops. [`ApiError`] without its
/// size, or where it is too large.
pub(super) fn file(request: Request, max_bytes: u64, stopping: CancellationToken) -> ApiResult<Upload> {
    let size = request.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    let size_bytes = size.ok_or_else(|| {
        let message = "the size of the file is not known before it comes";
        ApiError::new(StatusCode::LENGTH_REQUIRED, "LengthRequired", message).remedy("send it with Content-Length")
    })?;
    if size_bytes > max_bytes {
        let message = format!("the file has {size_bytes} bytes, more than {max_bytes}");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", message));
    }
    let parts = request.into_body().into_data_stream();
    let pieces = stream::unfold(Some((parts, stopping)), async |state| {
        let (mut parts, stopping) = state?;
        let next = stopping.run_until_cancelled(timeout(SILENCE, parts.next())).await;
        let why = match next {
            Some(Ok(Some(Ok(piece)))) => return Some((Ok(piece), Some((parts, stopping)))),
            Some(Ok(None)) => return None,
            Some(Ok(Some(Err(_)))) => "the connection with the client ended".to_owned(),
            Some(Err(_)) => format!("nothing came from the client for {} s", SILENCE.as_secs()),
            None => "the control plane stops".to_owned(),
        };
        Some((Err(io::Error::other(why)), None))
    });
    Ok(Upload { size_bytes, pieces: Box::pin(pieces) })
}

impl Body {
    /// Refuses the first of these keys that is there.
    pub fn refuse(&self, read_only: &[&str]) -> ApiResult<()> {
        match read_only.iter().find(|it| self.0.contains_key(**it)) {
            Some(key) => Err(ApiError::structure(format!("{key:?} is read-only"))),
            None => Ok(()),
        }
    }

    /// Refuses the first of these keys that is there: they can be set only when the object is made.
    pub fn refuse_later(&self, create_only: &[&str]) -> ApiResult<()> {
        match create_only.iter().find(|it| self.0.contains_key(**it)) {
            Some(key) => Err(ApiError::structure(format!("{key:?} can only be set when it is created"))),
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

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use futures_util::stream;
    use serde_json::json;

    use super::*;

    async fn check(parts: impl Iterator<Item = Duration> + Send + 'static, expected: Result<usize, u16>) {
        let parts = stream::iter(parts).then(async |wait| {
            tokio::time::sleep(wait).await;
            Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
        });
        let read = read_whole(axum::body::Body::from_stream(parts), 1000).await;
        let read = read.map(|it| it.len()).map_err(|err| err.into_response().status().as_u16());
        assert_eq!(read, expected);
    }

    /// The clock of these is moved by hand.
    #[tokio::test(start_paused = true)]
    async fn who_sends_no_body_is_not_waited_for() {
        let every = |seconds: u64, n_parts: usize| std::iter::repeat_n(Duration::from_secs(seconds), n_parts);
        check(every(20, 10), Ok(10)).await;
        check(every(31, 1), Err(408)).await;
        check(every(20, 100), Err(408)).await;
        check(every(0, 1000), Ok(1000)).await;
        check(every(0, 1001), Err(400)).await;
    }

    #[test]
    fn a_body_shows_no_password() {
        let Value::Object(map) = json!({ "email": "me@example", "password": "hunter2" }) else { unreachable!() };
        assert_eq!(format!("{:?}", Body(map)), r#"Body(["email", "password"])"#);
    }
}
