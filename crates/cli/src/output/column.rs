use jiff::Timestamp;
use serde_json::Value;

use super::age::{ago, ago_text};

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub title: &'static str,
    /// RFC 6901, into the row.
    pointer: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    /// A time; shown by how long ago it is.
    Age,
    Bytes,
    Mib,
    /// The texts at this pointer of each item.
    Each(&'static str),
}

impl Column {
    pub const fn text(title: &'static str, pointer: &'static str) -> Self {
        Column { title, pointer, kind: Kind::Text }
    }

    pub const fn age(title: &'static str, pointer: &'static str) -> Self {
        Column { title, pointer, kind: Kind::Age }
    }

    pub const fn bytes(title: &'static str, pointer: &'static str) -> Self {
        Column { title, pointer, kind: Kind::Bytes }
    }

    pub const fn mib(title: &'static str, pointer: &'static str) -> Self {
        Column { title, pointer, kind: Kind::Mib }
    }

    pub const fn each(title: &'static str, pointer: &'static str, of_item: &'static str) -> Self {
        Column { title, pointer, kind: Kind::Each(of_item) }
    }

    /// What is absent is an empty cell.
    pub fn cell(&self, row: &Value) -> String {
        let Some(value) = row.pointer(self.pointer).filter(|it| !it.is_null()) else { return String::new() };
        match self.kind {
            Kind::Text => text(value),
            Kind::Age => ago_text(value.as_str().unwrap_or_default()),
            Kind::Bytes => value.as_i64().map(bytes).unwrap_or_default(),
            Kind::Mib => value.as_i64().map(|it| bytes(it.saturating_mul(1 << 20))).unwrap_or_default(),
            Kind::Each(of_item) => {
                let items = value.as_array().into_iter().flatten();
                items.filter_map(|it| it.pointer(of_item)).map(text).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// A text without its quotes, anything else as JSON.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) if items.iter().all(|it| !it.is_object() && !it.is_array()) => {
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A field of one object: a time with its age, a list of objects one a line.
pub fn field(value: &Value) -> String {
    match value {
        Value::String(it) => match it.parse::<Timestamp>() {
            Ok(time) => format!("{it} ({})", ago(time, Timestamp::now())),
            Err(_) => it.clone(),
        },
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(|it| pairs(it).join(", ")).collect::<Vec<_>>().join("\n")
        }
        Value::Object(_) => pairs(value).join("\n"),
        other => text(other),
    }
}

/// `key: value` of an object; anything else as it is.
fn pairs(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| format!("{key}: {}", text(value))).collect(),
        other => vec![text(other)],
    }
}

/// In the largest binary unit that leaves a number of at least one.
fn bytes(count: i64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut tenths = i128::from(count) * 10;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if tenths % 10 == 0 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_in_words() {
        let check = |count, expected| assert_eq!(bytes(count), expected);
        check(0, "0 B");
        check(1023, "1023 B");
        check(1536, "1.5 KiB");
        check(2 << 30, "2 GiB");
        check(i64::MAX, "8191.9 PiB");
    }

    #[test]
    fn cells_of_what_the_api_says() {
        let row = json!({ "name": "a", "on": true, "tags": ["x", "y"], "usedBy": [{ "name": "e1" }, { "name": "e2" }], "gone": null });
        assert_eq!(Column::text("", "/name").cell(&row), "a");
        assert_eq!(Column::text("", "/on").cell(&row), "yes");
        assert_eq!(Column::text("", "/tags").cell(&row), "x, y");
        assert_eq!(Column::text("", "/gone").cell(&row), "");
        assert_eq!(Column::text("", "/nothing").cell(&row), "");
        assert_eq!(Column::each("", "/usedBy", "/name").cell(&row), "e1, e2");
    }
}
