//! An existing `scalr-server.rb` of the system this one replaces: a Ruby file, of which we read and never run a part.
//!
//! It sets things like `routing[:endpoint_host] = "…"`, and with `app[:configuration] = {…}` the application's own
//! settings, a few of which mean the same here. Reading is strict there and forgiving elsewhere.

mod parse;
mod statement;
mod string;
#[cfg(test)]
mod tests;
mod token;

use std::path::Path;

use self::{
    parse::{Item, Node},
    statement::{Document, parse},
    token::Position,
};
use super::{
    file,
    layer::{Layer, Place, Source},
};

/// How a value of theirs becomes one of ours.
#[derive(Clone, Copy)]
enum Meaning {
    /// The same text or symbol.
    Text,
    /// A whole number of seconds.
    Seconds,
    /// A number, kept.
    Number,
}

/// Their key in `app[:configuration]`, ours, and how they relate. Any other key is listed in a warning.
const KNOWN: [(&str, &str, Meaning); 15] = [
    ("scalr.instances_connection_policy", "instances_connection_policy", Meaning::Text),
    ("scalr.openstack.instances_connection_policy", "openstack.instances_connection_policy", Meaning::Text),
    ("scalr.vmware.instances_connection_policy", "vmware.instances_connection_policy", Meaning::Text),
    ("scalr.openstack.action_on_missing_server", "openstack.action_on_missing_server", Meaning::Text),
    ("scalr.openstack.action_on_failed_server", "openstack.action_on_failed_server", Meaning::Text),
    ("scalr.vmware.action_on_missing_server", "vmware.action_on_missing_server", Meaning::Text),
    ("scalr.vmware.action_on_failed_server", "vmware.action_on_failed_server", Meaning::Text),
    ("scalr.vmware.placement.host_metrics_weight.cpu", "vmware.placement_weight_cpu", Meaning::Number),
    ("scalr.vmware.placement.host_metrics_weight.memory", "vmware.placement_weight_memory", Meaning::Number),
    ("scalr.vmware.placement.host_metrics_weight.disk", "vmware.placement_weight_disk", Meaning::Number),
    // Of GB there, of GiB here.
    ("scalr.vmware.datastore_vm_launch_buffer", "vmware.datastore_buffer_gib", Meaning::Number),
    ("scalr.cache.instance_types.lifetime", "instance_types_lifetime", Meaning::Seconds),
    // `"+30 min"`, as PHP's strtotime has it.
    ("scalr.security.user.session.timeout", "session.idle", Meaning::Text),
    ("scalr.security.user.session.lifetime", "session.lifetime", Meaning::Text),
    ("scalr.security.user.suspension.failed_login_attempts", "failed_login_attempts", Meaning::Number),
];

/// The policy for all platforms, as early releases had it outside `app[:configuration]`, which wins.
const EARLY_POLICY: &str = "app[:instances_connection_policy]";

pub(super) fn layer(path: &Path, must_exist: bool, problems: &mut Vec<String>, warnings: &mut Vec<String>) -> Layer {
    match file::text(path, must_exist, problems) {
        Some(text) => from_text(path, &text, problems, warnings),
        None => Layer::new("legacy"),
    }
}

fn from_text(path: &Path, text: &str, problems: &mut Vec<String>, warnings: &mut Vec<String>) -> Layer {
    let mut layer = Layer::new("legacy");
    let document = match parse(text) {
        Ok(document) => document,
        Err(err) => {
            let advice = "edit the file, or set legacy_config to an edited copy";
            problems.push(format!("{}:{}: {}; {advice}", path.display(), err.at, err.text));
            return layer;
        }
    };
    for skipped in &document.skipped {
        warnings.push(format!("{}:{}: this statement is skipped: {}", path.display(), skipped.at.line, skipped.text));
    }
    let beside = path.with_file_name("scalr-server-local.rb");
    if beside.exists() {
        warnings.push(format!("{}: this file is not read; put what it sets into stackyard.toml", beside.display()));
    }

    let mut unknown: Vec<(Position, &str)> = Vec::new();
    for other in &document.others {
        match &other.value {
            Some(value) if other.name == EARLY_POLICY => {
                set(&mut layer, path, (EARLY_POLICY, "instances_connection_policy", Meaning::Text), value, problems);
            }
            _ => unknown.push((other.at, &other.name)),
        }
    }
    let mut leaves = Vec::new();
    flatten("", &merged(path, &document, problems, warnings), &mut leaves);
    for (key, item) in &leaves {
        match KNOWN.iter().find(|it| it.0 == key) {
            Some(known) => set(&mut layer, path, *known, item, problems),
            None => unknown.push((item.at, key)),
        }
    }
    if !unknown.is_empty() {
        unknown.sort();
        let names: Vec<_> = unknown.iter().map(|(at, name)| format!("{name} (line {})", at.line)).collect();
        warnings.push(format!("{}: keys that mean nothing here: {}", path.display(), names.join(", ")));
    }
    layer
}

fn set(layer: &mut Layer, path: &Path, known: (&str, &str, Meaning), item: &Item, problems: &mut Vec<String>) {
    let (theirs, ours, meaning) = known;
    let place = Place { source: Source::Legacy(path.to_owned(), item.at.line), name: theirs.to_owned() };
    let expected = match (meaning, &item.node) {
        (Meaning::Text, Node::Text(text) | Node::Symbol(text)) => return layer.set(ours, text.as_str(), place),
        (Meaning::Seconds, Node::Integer(seconds)) => return layer.set(ours, format!("{seconds}s"), place),
        (Meaning::Number, Node::Integer(number)) => return layer.set(ours, *number, place),
        (Meaning::Text, _) => "expected text in quotes",
        (Meaning::Seconds, _) => "expected a whole number of seconds, such as 86400",
        (Meaning::Number, _) => "expected a whole number",
    };
    problems.push(place.problem(format_args!("{expected}, found {}", item.node.kind())));
}

/// `app[:configuration]` after all statements. A whole one replaces what was before, as in Ruby; one with subscripts
/// is merged into it.
fn merged(path: &Path, document: &Document, problems: &mut Vec<String>, warnings: &mut Vec<String>) -> Item {
    let mut whole: Option<Item> = None;
    for assignment in &document.configuration {
        let mut value = assignment.value.clone();
        later_wins(path, &mut value, warnings);
        for key in assignment.path.iter().rev() {
            value = Item { at: assignment.at, node: Node::Hash(vec![(key.clone(), value)]) };
        }
        value.at = assignment.at;
        if !matches!(value.node, Node::Hash(_)) {
            let (line, kind) = (assignment.at.line, value.node.kind());
            problems.push(format!("{}:{line}: app[:configuration] = … expected a hash, found {kind}", path.display()));
            continue;
        }
        match &mut whole {
            Some(before) if !assignment.path.is_empty() => merge(before, value),
            Some(before) => {
                warnings.push(format!(
                    "{}:{}: this app[:configuration] = … replaces the one of line {}, as in Ruby; merge the two into one",
                    path.display(),
                    assignment.at.line,
                    before.at.line
                ));
                whole = Some(value);
            }
            None => whole = Some(value),
        }
    }
    whole.unwrap_or(Item { at: Position { line: 1, column: 1 }, node: Node::Hash(Vec::new()) })
}

/// Leaves one value of each key of a hash, as Ruby does.
fn later_wins(path: &Path, item: &mut Item, warnings: &mut Vec<String>) {
    let entries = match &mut item.node {
        Node::Hash(entries) => entries,
        Node::Array(items) => return items.iter_mut().for_each(|it| later_wins(path, it, warnings)),
        _ => return,
    };
    let mut kept: Vec<(String, Item)> = Vec::new();
    for (key, mut value) in std::mem::take(entries) {
        later_wins(path, &mut value, warnings);
        match kept.iter_mut().find(|(it, _)| *it == key) {
            Some((_, before)) => {
                let (line, before_line) = (value.at.line, before.at.line);
                let path = path.display();
                warnings.push(format!(
                    "{path}:{line}: {key} replaces the one of line {before_line}, as in Ruby; merge them"
                ));
                *before = value;
            }
            None => kept.push((key, value)),
        }
    }
    *entries = kept;
}

fn merge(into: &mut Item, from: Item) {
    match (&mut into.node, from.node) {
        (Node::Hash(entries), Node::Hash(news)) => {
            for (key, value) in news {
                match entries.iter_mut().find(|(it, _)| *it == key) {
                    Some((_, before)) => merge(before, value),
                    None => entries.push((key, value)),
                }
            }
        }
        (_, node) => *into = Item { at: from.at, node },
    }
}

/// Everything that is not a hash, by its dotted key.
fn flatten(prefix: &str, item: &Item, leaves: &mut Vec<(String, Item)>) {
    match &item.node {
        Node::Hash(entries) => {
            for (key, value) in entries {
                let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&key, value, leaves);
            }
        }
        _ => leaves.push((prefix.to_owned(), item.clone())),
    }
}
