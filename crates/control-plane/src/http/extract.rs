//! Paths and queries as axum reads them, refused in the envelope of the API.

use axum::extract::{FromRequestParts, rejection::QueryRejection};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::error::ApiError;

/// The parameters of a path. An id of the wrong form is not found, like one that nothing has.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Path(path)),
            Err(_) => Err(ApiError::not_found(format!("object {}", parts.uri.path()))),
        }
    }
}

/// The query of a route that is no list.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Query(query)),
            Err(QueryRejection::FailedToDeserializeQueryString(err)) => {
                let cause = std::error::Error::source(&err).map_or_else(|| err.to_string(), ToString::to_string);
                Err(ApiError::value(format!("the query is not right: {cause}")))
            }
            Err(err) => Err(ApiError::bad_request(err.body_text())),
        }
    }
}
