use std::{fmt, time::Duration};

use cloud::CloudError;
use cloud_http::{HttpError, Stage};
use secrecy::SecretString;

use crate::soap::fault::Fault;

/// Why a call has no answer. Cheap to repeat to everybody who waited for the same login.
#[derive(Debug, Clone)]
pub struct CallError {
    /// `https://vc.example:443`.
    pub endpoint: String,
    pub method: &'static str,
    /// As in the vCenter's logs; empty before anything was sent.
    pub operation_id: String,
    pub cause: Cause,
}

#[derive(Debug, Clone)]
pub enum Cause {
    Http(HttpError),
    /// A status that SOAP does not use: 404, 503, a page of a proxy.
    Status {
        status: u16,
        text: String,
    },
    /// An answer that is no SOAP.
    Unreadable(String),
    Fault(Fault),
    /// An ESXi host, or a version that we do not speak.
    Unsupported(String),
    /// We have logged out for good.
    Closed,
}

/// Of a page that is no SOAP, enough to recognize it.
const MAX_PAGE: usize = 200;

/// Faults of a state that passes, or that somebody can end: the name is taken, a task is under way, no host or
/// datastore has room (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/, Fault Types).
const LATER: [&str; 13] = [
    "DuplicateName",
    "AlreadyExists",
    "FileAlreadyExists",
    "InvalidPowerState",
    "InvalidState",
    "TaskInProgress",
    "ConcurrentAccess",
    "InsufficientResourcesFault",
    "InsufficientCpuResourcesFault",
    "InsufficientMemoryResourcesFault",
    "InsufficientHostCapacityFault",
    "InsufficientStorageSpace",
    "NoDiskSpace",
];

/// Faults of what was asked for: a repetition cannot help.
const WRONG: [&str; 23] = [
    "InvalidArgument",
    "InvalidRequest",
    "InvalidName",
    "InvalidType",
    "InvalidFolder",
    "InvalidDatastore",
    "InvalidVmConfig",
    "InvalidDeviceSpec",
    "InvalidDeviceBacking",
    "InvalidController",
    "NotEnoughCpus",
    "MemorySizeNotSupported",
    "CpuHotPlugNotSupported",
    "MemoryHotPlugNotSupported",
    "TooManyDevices",
    "TooManySnapshotLevels",
    "SnapshotDisabled",
    "CannotAccessNetwork",
    "CannotAccessFile",
    "CannotAccessVmComponent",
    "CustomizationFault",
    "NicSettingMismatch",
    "UncustomizableGuest",
];

impl Cause {
    /// To be cleaned with [`Cause::without`], which also cuts it.
    pub fn status(status: u16, page: &[u8]) -> Self {
        Cause::Status { status, text: String::from_utf8_lossy(page).into_owned() }
    }

    /// In words that do not repeat what was sent: servers do.
    pub fn without(self, secrets: &[SecretString]) -> Self {
        let clean = |text: String| cloud::without(&text, secrets);
        match self {
            Cause::Status { status, text } => {
                let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
                Cause::Status { status, text: text.chars().take(MAX_PAGE).collect() }
            }
            Cause::Unreadable(text) => Cause::Unreadable(clean(text)),
            Cause::Unsupported(text) => Cause::Unsupported(clean(text)),
            Cause::Fault(fault) => Cause::Fault(fault.without(secrets)),
            Cause::Http(_) | Cause::Closed => self,
        }
    }
}

impl CallError {
    /// The session ended: logging in again may help, once.
    pub fn is_not_authenticated(&self) -> bool {
        self.is_fault("NotAuthenticated")
    }

    /// User and password were refused: sending them again soon could lock the account.
    pub fn is_refused_login(&self) -> bool {
        self.method == "Login" && (self.is_fault("InvalidLogin") || self.is_fault("PasswordExpired"))
    }

    pub fn is_fault(&self, name: &str) -> bool {
        matches!(&self.cause, Cause::Fault(fault) if fault.name == name)
    }

    /// More sessions than the vCenter allows. vpxd then answers 503 before SOAP is reached
    /// (https://knowledge.broadcom.com/external/article/375546); hosts and older versions send a fault.
    pub fn is_session_limit(&self) -> bool {
        match &self.cause {
            Cause::Status { status, .. } => *status == 503,
            Cause::Fault(fault) => {
                let text = fault.text.to_lowercase();
                text.contains("session") && ["limit", "maximum", "too many"].iter().any(|it| text.contains(it))
            }
            _ => false,
        }
    }

    /// What the person who typed the credential can do.
    pub fn remedy(&self) -> String {
        match &self.cause {
            Cause::Http(err) => err.remedy(),
            _ if self.is_session_limit() => {
                "wait until the vCenter has started; if it has, end idle sessions (vSphere Client, Monitor, Sessions) \
                 or raise config.vmacore.soap.maxSessionCount"
                    .to_owned()
            }
            Cause::Status { .. } | Cause::Unreadable(_) => {
                "check that the URL is that of a vCenter, for example https://vcenter.example/sdk".to_owned()
            }
            Cause::Closed => "ask again".to_owned(),
            Cause::Unsupported(_) => "use the URL of a vCenter Server of vSphere 6.7 or later".to_owned(),
            Cause::Fault(fault) => match fault.name.as_str() {
                "InvalidLogin" => {
                    "check user name and password by logging in to the vSphere Client; write the user as \
                                   user@domain or DOMAIN\\user, and check that the account is not locked or expired"
                        .to_owned()
                }
                "NoPermission" if self.method == "Login" => {
                    "give this user a role on the root folder of the vCenter, with \"Propagate to children\" (the role \
                     script prints the commands)"
                        .to_owned()
                }
                "NoPermission" => "add the privilege to the role of this user".to_owned(),
                _ => format!("look for {} in the logs of the vCenter (vpxd.log)", self.operation_id),
            },
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Http(err) => return write!(f, "{err}"),
            Cause::Unsupported(text) => return write!(f, "{text}"),
            Cause::Closed => {
                return write!(
                    f,
                    "logged out of {}, because the credential was changed, deleted or let go",
                    self.endpoint
                );
            }
            Cause::Status { status: 503, text } => {
                write!(f, "HTTP 503, the vCenter is not ready or has too many sessions{}", quoted(text))?;
            }
            Cause::Status { status, text } => write!(f, "HTTP {status}{}", quoted(text))?,
            Cause::Unreadable(text) => write!(f, "the answer cannot be read: {text}")?,
            Cause::Fault(fault) => {
                if self.is_session_limit() {
                    f.write_str("too many sessions: ")?;
                }
                write!(f, "{fault}")?;
                if let Some(privilege) = &fault.privilege {
                    write!(f, ", privilege {privilege}")?;
                }
                if let Some(object) = &fault.object {
                    write!(f, ", object {object}")?;
                }
                if let Some(property) = &fault.property {
                    write!(f, ", property {property}")?;
                }
            }
        }
        match self.operation_id.as_str() {
            "" => write!(f, " [{} at {}]", self.method, self.endpoint),
            operation_id => write!(f, " [{} at {}, opID {operation_id}]", self.method, self.endpoint),
        }
    }
}

impl std::error::Error for CallError {}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text:?}") }
}

impl From<CallError> for CloudError {
    fn from(err: CallError) -> Self {
        let text = err.to_string();
        let CallError { endpoint, method, cause, .. } = err;
        match cause {
            Cause::Http(HttpError::Busy { retry_after, .. }) => {
                CloudError::Busy(retry_after.unwrap_or(Duration::from_secs(30)))
            }
            Cause::Http(err @ (HttpError::TooLarge { .. } | HttpError::Redirect { .. })) => {
                CloudError::Service { endpoint, message: err.to_string() }
            }
            Cause::Http(err) if err.stage() == Stage::Url => {
                CloudError::Invalid { field: "url", message: err.to_string() }
            }
            Cause::Http(err) => CloudError::Unreachable { endpoint, source: Box::new(err) },
            Cause::Unsupported(_) => CloudError::Unsupported(text),
            Cause::Fault(fault) => match fault.name.as_str() {
                "InvalidLogin" | "PasswordExpired" => CloudError::Unauthorized(text),
                "NoPermission" if method == "Login" => CloudError::Unauthorized(format!(
                    "user name and password are right, but this user has no role in this vCenter: {text}"
                )),
                "NoPermission" => CloudError::Forbidden(text),
                "ManagedObjectNotFound" | "NotFound" => CloudError::NotFound(text),
                name if LATER.contains(&name) => CloudError::Conflict(text),
                name if WRONG.contains(&name) => CloudError::Refused(text),
                "MethodNotFound" | "NotSupported" | "NotImplemented" => CloudError::Unsupported(text),
                _ => CloudError::Service { endpoint, message: text },
            },
            Cause::Status { .. } | Cause::Unreadable(_) | Cause::Closed => {
                CloudError::Service { endpoint, message: text }
            }
        }
    }
}
