//! `STACKYARD_…` variables. Read by hand and not with figment's own provider, which guesses a type from the text
//! (`[::1]:7780` begins like a list, `1` becomes a number): the type is known from the key.

use std::ffi::OsString;

use figment::value::{Tag, Value};
use vault::KeySource;

use super::{
    key::{KEYS, Key, Kind, hint},
    layer::{Layer, Place, Source},
};

pub(super) type Variables = [(OsString, OsString)];

/// Variables of ours that are no configuration of the server: the client's, and the path of the file itself.
pub(super) const RESERVED: [&str; 11] = [
    "STACKYARD_CONFIG",
    "STACKYARD_URL",
    "STACKYARD_CONTEXT",
    "STACKYARD_ACCOUNT",
    "STACKYARD_ENVIRONMENT",
    "STACKYARD_API_KEY_ID",
    "STACKYARD_API_SECRET_KEY",
    "STACKYARD_TOKEN",
    "STACKYARD_PASSWORD",
    "STACKYARD_ALLOW_HTTP",
    "STACKYARD_CACHE",
];
const RESERVED_PREFIX: &str = "STACKYARD_TEST_";

/// Values that are not Unicode are a problem; unknown names are looked for by [`unknown`].
pub(super) fn layer(variables: &Variables, problems: &mut Vec<String>) -> Layer {
    let mut layer = Layer::new("environment");
    for key in &KEYS {
        let name = key.variable();
        let Some((_, text)) = variables.iter().find(|(it, _)| *it == *name) else { continue };
        let place = Place { source: Source::Environment(name), name: key.name.to_owned() };
        match text.to_str() {
            None => problems.push(place.problem("is not valid UTF-8")),
            Some("") => problems.push(place.problem("is empty; give it a value or unset it")),
            Some(text) => layer.set(key.name, value(key.kind, text), place),
        }
    }
    layer
}

/// A list is written `a,b` or `["a", "b"]`; the empty one `[]`. What is no number stays text and is refused as such.
fn value(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Text => Value::from(text),
        Kind::Number => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        Kind::List => {
            let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text).trim();
            let items = inner.split(',').map(|it| Value::from(it.trim().trim_matches(['"', '\''])));
            let items = if inner.is_empty() { Vec::new() } else { items.collect() };
            Value::Array(Tag::Default, items)
        }
    }
}

/// One problem for each variable that looks like ours and is not. `master_key` may name one of its own.
pub(super) fn unknown(variables: &Variables, master_key: Option<&KeySource>) -> Vec<String> {
    let key_variable = master_key.and_then(|it| match it {
        KeySource::Env(name) => Some(name.as_str()),
        KeySource::File(_) | KeySource::SystemdCredential(_) => None,
    });
    let names = variables.iter().map(|(name, _)| name.to_string_lossy());
    let mut unknown: Vec<_> = names
        .filter(|name| name.starts_with("STACKYARD_") && !name.starts_with(RESERVED_PREFIX))
        .filter(|name| !RESERVED.contains(&&**name) && Some(&**name) != key_variable)
        .filter(|name| KEYS.iter().all(|it| it.variable() != **name))
        .map(|name| {
            let key = name.trim_start_matches("STACKYARD_").to_lowercase().replace("__", ".");
            format!("environment variable {name}: unknown key; {}", hint(&key, Key::variable))
        })
        .collect();
    unknown.sort();
    unknown
}
