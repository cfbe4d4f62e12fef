//! `stackyard.toml`, with the line of each key.

use std::{fs::File, io, io::Read, path::Path};

use figment::value::{Dict, Empty, Tag, Value};
use toml::de::{DeTable, DeValue};

use super::{
    key,
    layer::{Layer, Place, Source},
};

/// Larger files are something else.
pub(super) const LARGEST: u64 = 1 << 20;

/// The text of a configuration file; `None` if there is no such file and it need not be there.
pub(super) fn text(path: &Path, must_exist: bool, problems: &mut Vec<String>) -> Option<String> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|it| it.take(LARGEST + 1).read_to_end(&mut bytes)) {
        Err(err) if err.kind() == io::ErrorKind::NotFound && !must_exist => return None,
        Err(err) => {
            problems.push(format!("{}: cannot read the file: {err}", path.display()));
            return None;
        }
        Ok(size) if size as u64 > LARGEST => {
            problems.push(format!("{}: the file is larger than 1 MiB", path.display()));
            return None;
        }
        Ok(_) => {}
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(err) => {
            let before = err.as_bytes().iter().take(err.utf8_error().valid_up_to());
            let line = before.filter(|it| **it == b'\n').count() + 1;
            problems.push(format!("{}:{line}: the file is not valid UTF-8", path.display()));
            None
        }
    }
}

/// `None` after syntax errors; unknown keys are problems too, but leave the others. Values are looked at after merging.
pub(super) fn layer(path: &Path, text: &str, problems: &mut Vec<String>) -> Option<Layer> {
    let mut layer = Layer::new("file");
    let (document, errors) = DeTable::parse_recoverable(text);
    // Its own message shows the whole line, which may hold a password.
    for err in &errors {
        let (line, column) = position(text, err.span().map_or(0, |it| it.start));
        problems.push(format!("{}:{line}:{column}: {}", path.display(), err.message().trim()));
    }
    if !errors.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    walk(path, text, "", document.get_ref(), &mut layer, &mut found);
    // The parser's order is alphabetical.
    found.sort();
    problems.extend(found.into_iter().map(|(_, problem)| problem));
    Some(layer)
}

/// `problems` are with their lines.
fn walk(
    path: &Path,
    text: &str,
    parent: &str,
    table: &DeTable<'_>,
    layer: &mut Layer,
    problems: &mut Vec<(usize, String)>,
) {
    for (name, value) in table {
        let (line, _) = position(text, name.span().start);
        let name = if parent.is_empty() { name.get_ref().to_string() } else { format!("{parent}.{}", name.get_ref()) };
        let place = Place { source: Source::File(path.to_owned(), line), name: name.clone() };
        let below = key::below(&name);
        match value.get_ref() {
            value if key::find(&name).is_some() => layer.set(&name, plain(value), place),
            // Names of an unknown table are looked at one by one, for better hints.
            DeValue::Table(inner) if !below.is_empty() || (parent.is_empty() && !inner.is_empty()) => {
                walk(path, text, &name, inner, layer, problems);
            }
            _ if !below.is_empty() => {
                let text = format!("is a table; write [{name}] and below it {}", below.join(", "));
                problems.push((line, place.problem(text)));
            }
            _ => problems.push((
                line,
                place.problem(format_args!("unknown key; {}", key::hint(&name, |it| it.name.to_owned()))),
            )),
        }
    }
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Boolean(it) => Value::from(*it),
        // Out of range for us is still a number to complain about.
        DeValue::Integer(it) => Value::from(i128::from_str_radix(it.as_str(), it.radix()).unwrap_or(i128::MAX)),
        DeValue::Float(it) => Value::from(it.as_str().parse::<f64>().unwrap_or(f64::NAN)),
        DeValue::Datetime(_) => Value::Empty(Tag::Default, Empty::Unit),
        DeValue::Array(items) => Value::Array(Tag::Default, items.iter().map(|it| plain(it.get_ref())).collect()),
        DeValue::Table(_) => Value::Dict(Tag::Default, Dict::new()),
    }
}

/// Line and column, from 1; columns count characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |it| it + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}
