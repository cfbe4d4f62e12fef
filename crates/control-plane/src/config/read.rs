//! Takes one key after the other out of the merged layers, so that every wrong value is told and not only the first.

use std::collections::BTreeMap;

use figment::{Figment, value};

use super::{
    Value,
    layer::{Layer, Place, Source},
};

pub(super) struct Reader<'a> {
    merged: Figment,
    layers: &'a [Layer],
    pub values: BTreeMap<String, Value>,
    pub problems: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Later layers win.
    pub fn new(layers: &'a [Layer], problems: Vec<String>) -> Self {
        let merged = layers.iter().fold(Figment::new(), |merged, layer| merged.merge(layer));
        Reader { merged, layers, values: BTreeMap::new(), problems }
    }

    /// Where the value of `key` is written; `None` for a default.
    pub fn place(&self, key: &str) -> Option<&'a Place> {
        let layer = self.merged.find_metadata(key)?;
        self.layers.iter().find(|it| it.name == layer.name)?.place(key)
    }

    /// `None` after a problem, which is then in `problems`. The default is read like any other value.
    pub fn take<T>(
        &mut self,
        key: &str,
        default: impl Into<value::Value>,
        read: impl Fn(&value::Value) -> Result<T, String>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        if let Some(found) = self.find(key, &read, &show)? {
            return Some(found);
        }
        let place = Place { source: Source::Default, name: key.to_owned() };
        self.note(key, &default.into(), &place, read, show)
    }

    /// `Some(None)` if it is written nowhere, which is then shown as an empty text; `None` after a problem.
    pub fn find<T>(
        &mut self,
        key: &str,
        read: impl Fn(&value::Value) -> Result<T, String>,
        show: impl Fn(&T) -> String,
    ) -> Option<Option<T>> {
        match (self.merged.find_value(key), self.place(key)) {
            (Ok(value), Some(place)) => self.note(key, &value, place, read, show).map(Some),
            _ => {
                let value = Value { text: String::new(), source: Source::Default };
                self.values.insert(key.to_owned(), value);
                Some(None)
            }
        }
    }

    fn note<T>(
        &mut self,
        key: &str,
        value: &value::Value,
        place: &Place,
        read: impl Fn(&value::Value) -> Result<T, String>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        match read(value) {
            Ok(it) => {
                self.values.insert(key.to_owned(), Value { text: show(&it), source: place.source.clone() });
                Some(it)
            }
            Err(problem) => {
                self.problems.push(place.problem(problem));
                None
            }
        }
    }
}
