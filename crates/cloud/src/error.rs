use std::time::Duration;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a cloud call failed, sorted by what the caller can do about it. A cloud's own words and its request id are
/// in the text of each variant or in its source; a secret never is.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The cloud does not let this user in. Only this variant starts the clock that suspends a link.
    #[error("the cloud refused this credential: {0}")]
    Unauthorized(String),
    /// Logged in, but this may not be done. Names the privilege or the policy rule where the cloud does.
    #[error("not permitted: {0}")]
    Forbidden(String),
    #[error("not found: {0}")]
    NotFound(String),
    /// The thing is in no state for this now, or the name is taken. A later try may do.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Asked for something that cannot be (an image that does not exist, a size too small): a repetition cannot help.
    #[error("the cloud refused the request: {0}")]
    Refused(String),
    #[error("quota exceeded: {0}")]
    QuotaExceeded(String),
    #[error("the cloud asks to retry in {0:?}")]
    Busy(Duration),
    /// Not sent: the cloud works on as much for us as it takes at once. Says where; a later try will do.
    #[error("held back: {0}")]
    HeldBack(String),
    #[error("cannot reach {endpoint}")]
    Unreachable { endpoint: String, source: BoxError },
    /// The service answered, but with an error of its own or with something that cannot be read.
    #[error("{endpoint} answered with an error: {message}")]
    Service { endpoint: String, message: String },
    /// The cloud has no such service, or is a version we do not speak.
    #[error("not supported by this cloud: {0}")]
    Unsupported(String),
    /// The configuration of the credential cannot work; says which field.
    #[error("{field}: {message}")]
    Invalid { field: &'static str, message: String },
}
