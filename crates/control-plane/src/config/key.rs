//! The keys there are: what is not in this list is refused, wherever it is written.

/// What a key holds. Text includes addresses, durations and whatever else is written in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    List,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Dotted: `session.idle` is `idle` below `[session]`. At most one dot.
    pub name: &'static str,
    pub kind: Kind,
    /// A running server cannot take a new value.
    pub needs_restart: bool,
}

const fn live(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, needs_restart: false }
}

const fn fixed(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, needs_restart: true }
}

pub(super) const KEYS: [Key; 35] = [
    fixed("listen", Kind::Text),
    fixed("data_dir", Kind::Text),
    fixed("database_url", Kind::Text),
    fixed("master_key", Kind::Text),
    live("tls.certificate", Kind::Text),
    live("tls.key", Kind::Text),
    live("trusted_proxies", Kind::List),
    live("allowed_cloud_networks", Kind::List),
    live("cloud_proxy", Kind::Text),
    live("private_networks", Kind::List),
    live("instances_connection_policy", Kind::Text),
    live("openstack.instances_connection_policy", Kind::Text),
    live("openstack.action_on_missing_server", Kind::Text),
    live("openstack.action_on_failed_server", Kind::Text),
    live("vmware.instances_connection_policy", Kind::Text),
    live("vmware.action_on_missing_server", Kind::Text),
    live("vmware.action_on_failed_server", Kind::Text),
    live("vmware.placement_weight_cpu", Kind::Number),
    live("vmware.placement_weight_memory", Kind::Number),
    live("vmware.placement_weight_disk", Kind::Number),
    live("vmware.datastore_buffer_gib", Kind::Number),
    live("instance_types_lifetime", Kind::Text),
    live("sync_interval", Kind::Text),
    live("validation_limit", Kind::Text),
    live("revalidation_interval", Kind::Text),
    live("suspend_after", Kind::Text),
    live("port_limit", Kind::Text),
    live("customization_limit", Kind::Text),
    live("operation_limit", Kind::Text),
    live("session.idle", Kind::Text),
    live("session.lifetime", Kind::Text),
    live("failed_login_attempts", Kind::Number),
    fixed("log.format", Kind::Text),
    fixed("log.level", Kind::Text),
    live("legacy_config", Kind::Text),
];

impl Key {
    /// `STACKYARD_SESSION__IDLE` for `session.idle`.
    pub fn variable(&self) -> String {
        format!("STACKYARD_{}", self.name.to_uppercase().replace('.', "__"))
    }
}

pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|it| it.name == name)
}

/// The names below `[table]`; empty when there is no such table.
pub(super) fn below(table: &str) -> Vec<&'static str> {
    let parts = KEYS.iter().filter_map(|it| it.name.split_once('.'));
    parts.filter(|(it, _)| *it == table).map(|(_, name)| name).collect()
}

/// What somebody who wrote `unknown` probably meant, else everything that could have been meant; `show` is how a key is
/// called there.
pub(super) fn hint(unknown: &str, show: impl Fn(&Key) -> String) -> String {
    let distance = |key: &Key| edit_distance(&unknown.to_lowercase().replace('-', "_"), key.name);
    match KEYS.iter().map(|it| (distance(it), it)).min_by_key(|it| it.0) {
        // A third of the letters may be wrong.
        Some((distance, key)) if distance <= key.name.len() / 3 => format!("did you mean {}?", show(key)),
        _ => match unknown.split_once('.').map(|(table, _)| (table, below(table))) {
            Some((table, names)) if !names.is_empty() => format!("the keys of [{table}] are {}", names.join(", ")),
            _ => format!("the keys are {}", KEYS.iter().map(show).collect::<Vec<_>>().join(", ")),
        },
    }
}

/// Levenshtein: how many letters to insert, delete or replace. Long texts are not worth comparing.
fn edit_distance(left: &str, right: &str) -> usize {
    const LONGEST: usize = 100;
    let right: Vec<char> = right.chars().collect();
    if left.chars().count() > LONGEST {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (n, a) in left.chars().enumerate() {
        let mut diagonal = n;
        let mut last = n + 1;
        for (b, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = *cell;
            last = replaced.min(last + 1).min(*cell + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = n + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("listn", "listen", 1)]
        {
            assert_eq!(edit_distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn hints() {
        let hint = |unknown| hint(unknown, |it| it.name.to_owned());
        assert_eq!(hint("data-dir"), "did you mean data_dir?");
        assert_eq!(hint("opnstack.instance_connection_policy"), "did you mean openstack.instances_connection_policy?");
        assert_eq!(hint("tls.password"), "the keys of [tls] are certificate, key");
        assert!(hint("colour").starts_with("the keys are listen, data_dir, "));
    }

    #[test]
    fn variables_are_upper_case_with_two_underscores_for_a_dot() {
        let names: Vec<_> = KEYS.iter().map(Key::variable).collect();
        assert!(names.contains(&"STACKYARD_OPENSTACK__INSTANCES_CONNECTION_POLICY".to_owned()));
        assert!(names.contains(&"STACKYARD_LISTEN".to_owned()));
    }
}
