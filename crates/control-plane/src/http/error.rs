//! The only place that knows status codes.

use api_types::{envelope::ErrorMessage, validations::Validation};
use axum::response::{IntoResponse, Response};
use cloud::CloudError;
use http::StatusCode;
use store::DbError;
use tracing::error;

use crate::secrets::SecretError;

/// Why a request is refused. The message is one sentence for the caller; the cause goes to the log.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    remedy: Option<String>,
    validation: Option<Box<Validation>>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        ApiError { status, code, message: message.into(), remedy: None, validation: None }
    }

    /// The request could not be understood at all.
    pub fn bad_request(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// A key is missing, unknown or of the wrong type.
    pub fn structure(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::BAD_REQUEST, "InvalidStructure", message)
    }

    /// The form is right and the value is not.
    pub fn value(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::BAD_REQUEST, "InvalidValue", message)
    }

    pub fn unauthenticated(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::UNAUTHORIZED, "BadAuthentication", message)
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::FORBIDDEN, "PermissionViolation", message)
    }

    /// `what` with its id: `cloud credentials abcdef012345`.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        ApiError::new(StatusCode::NOT_FOUND, "ObjectNotFound", format!("there is no {what}"))
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::CONFLICT, code, message)
    }

    /// What the store says of a new or changed row with a name: a name that is taken is told. `kind` with its article,
    /// `place` is where nothing else may have it: `an environment`, `in this account`.
    pub fn of_named(err: DbError, kind: &str, name: &str, place: &str) -> Self {
        match err {
            DbError::Duplicate { .. } => {
                let message = format!("{kind} named {name:?} exists already {place}");
                ApiError::conflict("UnicityViolation", message).remedy("choose another name")
            }
            other => other.into(),
        }
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
    }

    /// A failure of ours: logged here with its whole chain, told to the caller without it.
    pub fn internal(err: impl Into<anyhow::Error>) -> Self {
        let err = err.into();
        error!("{err:#}");
        if let Some(err) = err.chain().find_map(no_database) {
            return err;
        }
        let message = "the control plane failed; its log has the reason under this request id";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
    }

    /// Later it may work, without a change of the request.
    pub fn is_unavailable(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// For rows that keep why something failed.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the caller can do, where that is known.
    pub fn advice(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub fn validation(mut self, validation: Validation) -> Self {
        self.validation = Some(Box::new(validation));
        self
    }
}

/// A database that is full or away, also where a secret was to be read or written.
fn no_database(err: &(dyn std::error::Error + 'static)) -> Option<ApiError> {
    let of_secret = err.downcast_ref().and_then(|it| match it {
        SecretError::Db(err) => Some(err),
        SecretError::Vault { .. } => None,
    });
    match err.downcast_ref().or(of_secret)? {
        DbError::Full(_) => Some(
            ApiError::unavailable("the database or its disk is full; nothing was saved")
                .remedy("ask the platform operator to free space or to raise its limit, then try again"),
        ),
        DbError::Busy(_) | DbError::Unreachable(_) => {
            Some(ApiError::unavailable("the database does not answer; nothing was saved").remedy("try again"))
        }
        _ => None,
    }
}

impl From<DbError> for ApiError {
    fn from(err: DbError) -> Self {
        match err {
            DbError::NotFound { what } => ApiError::not_found(what),
            DbError::Duplicate { .. } => ApiError::conflict("UnicityViolation", err.to_string()),
            DbError::InUse { .. } => ApiError::conflict("ObjectInUse", err.to_string()),
            DbError::Nul => ApiError::value("a text contains a NUL character"),
            other => ApiError::internal(other),
        }
    }
}

impl From<CloudError> for ApiError {
    fn from(err: CloudError) -> Self {
        let message = err.to_string();
        match err {
            CloudError::Invalid { .. } => ApiError::value(message),
            CloudError::NotFound(_) => ApiError::conflict("ObjectNotFoundOnCloud", message),
            CloudError::Unauthorized(_) => ApiError::conflict("UnacceptableObjectConfiguration", message)
                .remedy("validate the cloud credentials to see what the cloud says"),
            CloudError::Conflict(_) => ApiError::conflict("UnacceptableState", message),
            CloudError::Forbidden(_)
            | CloudError::QuotaExceeded(_)
            | CloudError::Unsupported(_)
            | CloudError::Refused(_) => ApiError::conflict("UnacceptableObjectConfiguration", message),
            CloudError::Unreachable { endpoint, source } => {
                ApiError::unavailable(format!("cannot reach {endpoint}: {source}"))
                    .remedy("validate the cloud credentials to see how far a connection comes")
            }
            CloudError::Busy(_) | CloudError::HeldBack(_) | CloudError::Service { .. } => {
                ApiError::unavailable(message).remedy("try again later")
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let ApiError { status, code, message, remedy, validation } = self;
        let error = ErrorMessage { code: code.to_owned(), message, remedy, validation: validation.map(|it| *it) };
        let mut response = status.into_response();
        // The envelope is closed where the request id is known (http::envelope).
        response.extensions_mut().insert(error);
        response
    }
}
