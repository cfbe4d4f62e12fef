//! Answers, and the envelope that is put around them.

use api_types::envelope::{ErrorEnvelope, ErrorMessage, Freshness, Message, Meta, Pagination};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use store::List;

use crate::http::{error::ApiError, list::ListQuery};

/// A good answer of a handler.
pub struct Reply<T> {
    status: StatusCode,
    data: T,
    warnings: Vec<Message>,
    pagination: Option<Pagination>,
    total: Option<i64>,
    freshness: Option<Freshness>,
}

impl<T> Reply<T> {
    pub fn ok(data: T) -> Self {
        Reply { status: StatusCode::OK, data, warnings: Vec::new(), pagination: None, total: None, freshness: None }
    }

    pub fn created(data: T) -> Self {
        Reply { status: StatusCode::CREATED, ..Reply::ok(data) }
    }

    /// What was asked for goes on in the background.
    pub fn accepted(data: T) -> Self {
        Reply { status: StatusCode::ACCEPTED, ..Reply::ok(data) }
    }

    pub fn warn(mut self, code: &str, message: impl Into<String>) -> Self {
        self.warnings.push(Message { code: code.to_owned(), message: message.into() });
        self
    }

    pub fn freshness(mut self, freshness: Freshness) -> Self {
        self.freshness = Some(freshness);
        self
    }
}

impl<T> Reply<Vec<T>> {
    /// One page with the links to the others.
    pub fn list(list: List<T>, query: &ListQuery) -> Self {
        let pagination = Some(query.links(list.total));
        Reply { pagination, total: Some(list.total), ..Reply::ok(list.rows) }
    }
}

/// What a handler says, waiting for the request id.
#[derive(Clone)]
struct Unwrapped {
    data: Vec<u8>,
    warnings: Vec<Message>,
    pagination: Option<Pagination>,
    total: Option<i64>,
    freshness: Option<Freshness>,
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let Reply { status, data, warnings, pagination, total, freshness } = self;
        let data = match serde_json::to_vec(&data) {
            Ok(data) => data,
            Err(err) => return ApiError::internal(err).into_response(),
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Unwrapped { data, warnings, pagination, total, freshness });
        response
    }
}

/// Puts the envelope around what a handler said; other answers (streams, files) pass.
pub(super) fn wrap(mut response: Response, request_id: &str, string_to_sign: Option<String>) -> Response {
    let extensions = response.extensions_mut();
    let meta = Meta { request_id: request_id.to_owned(), string_to_sign, total: None, freshness: None };
    let body = if let Some(unwrapped) = extensions.remove::<Unwrapped>() {
        envelope(meta, unwrapped)
    } else if let Some(error) = extensions.remove::<ErrorMessage>() {
        serde_json::to_vec(&ErrorEnvelope { meta, errors: vec![error], warnings: Vec::new() }).unwrap_or_default()
    } else {
        return response;
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
    response
}

/// The data is serialised already, so the envelope is written around its bytes.
fn envelope(meta: Meta, unwrapped: Unwrapped) -> Vec<u8> {
    let Unwrapped { data, warnings, pagination, total, freshness } = unwrapped;
    let part = |it: Result<Vec<u8>, serde_json::Error>| it.unwrap_or_else(|_| b"null".to_vec());
    let mut body = b"{\"meta\":".to_vec();
    body.extend(part(serde_json::to_vec(&Meta { total, freshness, ..meta })));
    body.extend(b",\"data\":");
    body.extend(data);
    body.extend(b",\"warnings\":");
    body.extend(part(serde_json::to_vec(&warnings)));
    if let Some(pagination) = pagination {
        body.extend(b",\"pagination\":");
        body.extend(part(serde_json::to_vec(&pagination)));
    }
    body.push(b'}');
    body
}
