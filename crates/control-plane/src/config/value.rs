//! What each kind of value must look like. An error completes "KEY: …" and says what to write; it shows the wrong text
//! only where that cannot be a secret.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    time::Duration,
};

use cloud::address::{ConnectionPolicy, UnknownPolicy};
use figment::value::{Num, Value};
use ipnet::IpNet;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use url::Url;
use vault::{KeySource, VaultError};

use super::{LogFormat, OnFailed, OnMissing, key};

pub(super) fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::String(_, text) => Ok(text),
        other => Err(format!("expected text in quotes, found {}", kind(other))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "true or false",
        Value::Num(_, Num::F32(_) | Num::F64(_)) => "a number with a fraction",
        Value::Num(..) => "a number",
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
        Value::Empty(..) => "a date or time",
    }
}

pub(super) fn listen(value: &Value) -> Result<SocketAddr, String> {
    let text = text(value)?;
    text.parse()
        .map_err(|_| format!("{text:?} is not an address with a port; write it like 127.0.0.1:7780 or [::1]:7780"))
}

pub(super) fn path(value: &Value) -> Result<PathBuf, String> {
    match text(value)? {
        "" => Err("is empty; write a path".to_owned()),
        text => Ok(PathBuf::from(text)),
    }
}

/// A file that is read later on; that it can be opened is known now.
pub(super) fn readable_file(value: &Value) -> Result<PathBuf, String> {
    let path = path(value)?;
    let readable = std::fs::File::open(&path).and_then(|it| it.metadata());
    match readable.map(|it| it.is_file()) {
        Ok(true) => Ok(path),
        Ok(false) => Err(format!("{} is not a file", path.display())),
        Err(err) => Err(format!("cannot read {}: {err}", path.display())),
    }
}

pub(super) fn policy(value: &Value) -> Result<ConnectionPolicy, String> {
    let text = text(value).map_err(|err| format!("{err}; choose one of public, local, auto"))?;
    text.parse().map_err(|err: UnknownPolicy| err.to_string())
}

/// Written like `24h`, `5m`, `30s` or `1h 30m`, as jiff's friendly format has it; a day is 24 hours.
/// <https://docs.rs/jiff/latest/jiff/fmt/friendly/index.html>
pub(super) fn duration(value: &Value, allowed: RangeInclusive<Duration>) -> Result<Duration, String> {
    let range = || format!("allowed are {} to {}", duration_text(allowed.start()), duration_text(allowed.end()));
    let text = match value {
        Value::String(_, text) => text,
        other => {
            return Err(format!(
                "expected a duration like \"24h\", \"5m\" or \"30s\", found {}; {}",
                kind(other),
                range()
            ));
        }
    };
    let parsed = text.parse::<Span>().and_then(|it| it.to_duration(SpanRelativeTo::days_are_24_hours()));
    match parsed.map(Duration::try_from) {
        Ok(Ok(duration)) if allowed.contains(&duration) => Ok(duration),
        Ok(_) => Err(format!("{text:?} is out of range; {}", range())),
        Err(_) => Err(format!("{text:?} is not a duration; write it like 24h, 5m or 30s; {}", range())),
    }
}

pub(crate) fn duration_text(duration: &Duration) -> String {
    SignedDuration::try_from(*duration).map_or_else(|_| format!("{duration:?}"), |it| format!("{it:#}"))
}

pub(super) fn number(value: &Value, allowed: RangeInclusive<u32>) -> Result<u32, String> {
    let range = || format!("allowed are {} to {}", allowed.start(), allowed.end());
    match value {
        Value::Num(_, number) if !matches!(number, Num::F32(_) | Num::F64(_)) => {
            let found = number.to_i128().or_else(|| number.to_u128().and_then(|it| it.try_into().ok()));
            let found = found.and_then(|it| u32::try_from(it).ok()).filter(|it| allowed.contains(it));
            found.ok_or_else(|| format!("the number is out of range; {}", range()))
        }
        other => Err(format!("expected a whole number, found {}; {}", kind(other), range())),
    }
}

pub(super) fn networks(value: &Value) -> Result<Vec<IpNet>, String> {
    let Value::Array(_, items) = value else {
        return Err(format!("expected a list like [\"10.0.0.0/8\", \"fd00::/8\"], found {}", kind(value)));
    };
    items.iter().map(network).collect()
}

fn network(value: &Value) -> Result<IpNet, String> {
    let text = text(value)?;
    match text.parse::<IpNet>() {
        Ok(network) if network.addr() == network.network() => Ok(network),
        // Taken for a typing error, since such a list says who is let in.
        Ok(network) => Err(format!("{text:?} has bits outside its prefix; did you mean {}?", network.trunc())),
        Err(_) => Err(match text.parse::<IpAddr>().map(IpNet::from) {
            Ok(one) => format!("{text:?} is an address, not a network; write {one}"),
            Err(_) => format!("{text:?} is not a network; write it like 10.0.0.0/8 or fd00::/8"),
        }),
    }
}

pub(super) fn networks_text(networks: &[IpNet]) -> String {
    let names: Vec<_> = networks.iter().map(IpNet::to_string).collect();
    format!("[{}]", names.join(", "))
}

/// Where the master key is, never the key itself: a key pasted here must not show up in a message.
pub(super) fn master_key(value: &Value) -> Result<KeySource, String> {
    match text(value)?.parse() {
        Ok(KeySource::Env(name)) if key::KEYS.iter().any(|it| it.variable() == name) => {
            let problem = "env: names the variable of a key of this configuration; take another name";
            Err(VaultError::BadSource(problem).to_string())
        }
        Ok(source) => Ok(source),
        Err(err) => Err(err.to_string()),
    }
}

/// `sqlite://PATH` (the path as it is, without percent-encoding) or a PostgreSQL URL.
pub(super) fn database_url(value: &Value) -> Result<String, String> {
    const ENCODE: &str = "special characters of a password are percent-encoded (@ is %40, / is %2F)";
    const FORMS: &str = "write sqlite://PATH or postgres://USER@HOST/DATABASE";
    let text = text(value)?;
    match text.split_once("://") {
        Some(("sqlite", "")) => Err(format!("the path is missing; {FORMS}")),
        Some(("sqlite", _)) => Ok(text.to_owned()),
        Some(("postgres" | "postgresql", _)) => match Url::parse(text) {
            // `postgres://me:1/2@host` is a URL, too: of the host `me`.
            Ok(url) if format!("{}{:?}{:?}", url.path(), url.query(), url.fragment()).contains('@') => {
                Err(format!("{ENCODE}; {FORMS}"))
            }
            Ok(_) => Ok(text.to_owned()),
            Err(err) => Err(format!("is not a URL: {err}; {ENCODE}; {FORMS}")),
        },
        // The rest may hold a password, and so may a text without a scheme.
        Some((scheme, _)) if scheme.len() <= 20 && scheme.chars().all(|it| it.is_ascii_lowercase()) => {
            Err(format!("{scheme}:// is no database known here; {FORMS}"))
        }
        _ => Err(format!("is no database URL; {FORMS}")),
    }
}

/// The URL without its password, for messages.
pub(super) fn database_url_text(url: &str) -> String {
    let parsed = match Url::parse(url) {
        _ if url.starts_with("sqlite://") => return url.to_owned(),
        Ok(parsed) => parsed,
        Err(_) => return "(not shown)".to_owned(),
    };
    let mut shown = parsed.clone();
    if parsed.password().is_some() && shown.set_password(Some("***")).is_err() {
        return "(not shown)".to_owned();
    }
    if parsed.query().is_some() {
        let pairs = parsed.query_pairs().map(|(name, value)| match &*name {
            "password" => (name, "***".into()),
            _ => (name, value),
        });
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown.to_string()
}

/// Normalised to `http://host:port`.
pub(super) fn proxy(value: &Value) -> Result<String, String> {
    const FORM: &str = "write it like http://proxy.example.com:3128";
    let Ok(url) = Url::parse(text(value)?) else { return Err(format!("is not a URL; {FORM}")) };
    let problem = match url.scheme() {
        "http" if !url.username().is_empty() || url.password().is_some() => {
            Some("a user and password are not supported")
        }
        "http" if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => {
            Some("has more than host and port")
        }
        "http" => None,
        _ => Some("is not an http:// URL"),
    };
    match (problem, url.host(), url.port_or_known_default()) {
        (None, Some(host), Some(port)) => Ok(format!("http://{host}:{port}")),
        (problem, ..) => Err(format!("{}; {FORM}", problem.unwrap_or("has no host"))),
    }
}

pub(super) fn log_format(value: &Value) -> Result<LogFormat, String> {
    match text(value)? {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("{other:?} is not a log format; choose one of text, json")),
    }
}

pub(super) fn on_missing(value: &Value) -> Result<OnMissing, String> {
    match text(value)? {
        "flag" => Ok(OnMissing::Flag),
        "ignore" => Ok(OnMissing::Ignore),
        "terminate" => Ok(OnMissing::Terminate),
        other => Err(format!("{other:?} is no such action; choose one of flag, ignore, terminate")),
    }
}

/// A virtual machine that is missed may have been moved to a vCenter that the credentials do not list.
pub(super) fn on_missing_machine(value: &Value) -> Result<OnMissing, String> {
    match on_missing(value)? {
        OnMissing::Terminate => Err("a virtual machine that is not found may be in another vCenter, so it is never \
                                     terminated for that; choose one of flag, ignore"
            .to_owned()),
        action => Ok(action),
    }
}

pub(super) fn on_failed(value: &Value) -> Result<OnFailed, String> {
    match text(value)? {
        "alert" => Ok(OnFailed::Alert),
        "ignore" => Ok(OnFailed::Ignore),
        "terminate" => Ok(OnFailed::Terminate),
        other => Err(format!("{other:?} is no such action; choose one of alert, ignore, terminate")),
    }
}

/// Directives of `tracing-subscriber`'s filter, without its filters by span. There a lone word that is no level is
/// the name of a module to log in full, so that `infoo` would log everything of nothing; here it is refused.
pub(super) fn log_level(value: &Value) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let text = text(value)?;
    let is_module = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || "_-:.".contains(it));
    for directive in text.split(',').map(str::trim) {
        let is_right = match directive.split_once('=') {
            Some((module, level)) => is_module(module) && LEVELS.contains(&level),
            None => LEVELS.contains(&directive),
        };
        if !is_right {
            let levels = LEVELS.join(", ");
            return Err(format!("{directive:?} is not a log level; choose one of {levels}, or write module=level"));
        }
    }
    Ok(text.to_owned())
}
