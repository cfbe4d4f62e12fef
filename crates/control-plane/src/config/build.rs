//! From merged layers to a [`Config`]: the defaults, the ranges and what must hold between keys.

use std::{path::PathBuf, time::Duration};

use cloud::server::Weights;
use figment::value::{Tag, Value};
use secrecy::ExposeSecret;

use super::{
    Config, Log, Overrides, PlacementConfig, PlatformConfig, Session, Tls,
    layer::{Layer, Place, Source},
    read::Reader,
    value,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn flags(overrides: &Overrides, problems: &mut Vec<String>) -> Layer {
    let mut layer = Layer::new("flags");
    let place = |name: &str| Place { source: Source::Flag, name: name.to_owned() };
    if let Some(listen) = overrides.listen {
        layer.set("listen", listen.to_string(), place("--listen"));
    }
    match overrides.data_dir.as_ref().map(|it| (it, it.to_str())) {
        Some((_, Some(path))) => layer.set("data_dir", path, place("--data-dir")),
        Some((path, None)) => problems.push(place("--data-dir").problem(format_args!("{path:?} is not valid UTF-8"))),
        None => {}
    }
    if let Some(url) = &overrides.database_url {
        layer.set("database_url", url.expose_secret(), place("--database-url"));
    }
    layer
}

/// `None` after a problem, all of which are then in the reader.
pub(super) fn config(reader: &mut Reader<'_>, warnings: &mut Vec<String>) -> Option<Config> {
    let path_text = |path: &PathBuf| path.display().to_string();
    let nothing = || Value::Array(Tag::Default, Vec::new());

    let listen = reader.take("listen", "127.0.0.1:7780", value::listen, ToString::to_string);
    let data_dir = reader.take("data_dir", "/var/lib/stackyard", value::path, path_text);
    // With a wrong directory these two are still looked at, and not complained about because of it.
    let inside = data_dir.clone().unwrap_or_else(|| "/var/lib/stackyard".into());
    let database_url = format!("sqlite://{}", inside.join("stackyard.db").display());
    let database_url =
        reader.take("database_url", database_url, value::database_url, |it| value::database_url_text(it));
    let master_key = format!("file:{}", inside.join("master.key").display());
    let master_key = reader.take("master_key", master_key, value::master_key, ToString::to_string);

    let tls = tls(reader);
    let trusted_proxies = reader.take("trusted_proxies", nothing(), value::networks, |it| value::networks_text(it));
    let allowed_cloud_networks = reader.find("allowed_cloud_networks", value::networks, |it| value::networks_text(it));
    let cloud_proxy = reader.find("cloud_proxy", value::proxy, String::clone);
    let private_networks = reader.take("private_networks", nothing(), value::networks, |it| value::networks_text(it));

    let policy = reader.take("instances_connection_policy", "auto", value::policy, ToString::to_string);
    macro_rules! platform {
        ($name:literal, $on_missing:path) => {{
            let policy =
                reader.find(concat!($name, ".instances_connection_policy"), value::policy, ToString::to_string);
            let missing = concat!($name, ".action_on_missing_server");
            let missing = reader.take(missing, "flag", $on_missing, ToString::to_string);
            let failed = concat!($name, ".action_on_failed_server");
            let failed = reader.take(failed, "alert", value::on_failed, ToString::to_string);
            (policy, missing, failed)
        }};
    }
    let (openstack, vmware) =
        (platform!("openstack", value::on_missing), platform!("vmware", value::on_missing_machine));

    let mut number =
        |key, default: u32, most| reader.take(key, default, |it| value::number(it, 0..=most), ToString::to_string);
    let cpu = number("vmware.placement_weight_cpu", 1, 1000);
    let memory = number("vmware.placement_weight_memory", 1, 1000);
    let disk = number("vmware.placement_weight_disk", 1, 1000);
    let buffer_gib = number("vmware.datastore_buffer_gib", 10, 65536);

    let mut duration = |key, default: &str, least: Duration, most: Duration| {
        reader.take(key, default, |it| value::duration(it, least..=most), value::duration_text)
    };
    let instance_types_lifetime = duration("instance_types_lifetime", "24h", SECOND, 30 * DAY);
    let sync_interval = duration("sync_interval", "5m", SECOND, DAY);
    let validation_limit = duration("validation_limit", "30s", SECOND, 10 * MINUTE);
    let revalidation_interval = duration("revalidation_interval", "24h", SECOND, 30 * DAY);
    let suspend_after = duration("suspend_after", "6h", SECOND, 30 * DAY);
    let port_limit = duration("port_limit", "15m", SECOND, DAY);
    let customization_limit = duration("customization_limit", "30m", SECOND, DAY);
    let operation_limit = duration("operation_limit", "6h", SECOND, 30 * DAY);
    // When a session was last used is written once a minute, so a shorter time would end one that is in use.
    let idle = duration("session.idle", "30m", 2 * MINUTE, 30 * DAY);
    let lifetime = duration("session.lifetime", "8h", 2 * MINUTE, 365 * DAY);

    let attempts = reader.take("failed_login_attempts", 10, |it| value::number(it, 1..=1000), ToString::to_string);
    let format = reader.take("log.format", "text", value::log_format, ToString::to_string);
    let level = reader.take("log.level", "info", value::log_level, String::clone);
    let legacy_config = reader.find("legacy_config", value::readable_file, path_text);

    let config = Config {
        listen: listen?,
        data_dir: data_dir?,
        database_url: database_url?,
        master_key: master_key?,
        tls: tls?,
        trusted_proxies: trusted_proxies?,
        allowed_cloud_networks: allowed_cloud_networks?,
        cloud_proxy: cloud_proxy?,
        private_networks: private_networks?,
        instances_connection_policy: policy?,
        openstack: PlatformConfig {
            instances_connection_policy: openstack.0?,
            action_on_missing_server: openstack.1?,
            action_on_failed_server: openstack.2?,
        },
        vmware: PlatformConfig {
            instances_connection_policy: vmware.0?,
            action_on_missing_server: vmware.1?,
            action_on_failed_server: vmware.2?,
        },
        placement: PlacementConfig {
            weights: Weights { cpu: cpu?, memory: memory?, disk: disk? },
            buffer_gib: buffer_gib?,
        },
        instance_types_lifetime: instance_types_lifetime?,
        sync_interval: sync_interval?,
        validation_limit: validation_limit?,
        revalidation_interval: revalidation_interval?,
        suspend_after: suspend_after?,
        port_limit: port_limit?,
        customization_limit: customization_limit?,
        operation_limit: operation_limit?,
        session: Session { idle: idle?, lifetime: lifetime? },
        failed_login_attempts: attempts?,
        log: Log { format: format?, level: level? },
        legacy_config: legacy_config?,
    };
    let default = |key: &str| Place { source: Source::Default, name: key.to_owned() };
    let problems = disagreements(&config, |key| reader.place(key).cloned().unwrap_or_else(|| default(key)));
    reader.problems.extend(problems);
    warnings.extend(doubts(&config, reader));
    Some(config)
}

/// Both or none.
fn tls(reader: &mut Reader<'_>) -> Option<Option<Tls>> {
    let path_text = |path: &PathBuf| path.display().to_string();
    let certificate = reader.find("tls.certificate", value::readable_file, path_text);
    let key = reader.find("tls.key", value::readable_file, path_text);
    let (present, missing) = match (certificate?, key?) {
        (Some(certificate), Some(key)) => return Some(Some(Tls { certificate, key })),
        (None, None) => return Some(None),
        (Some(_), None) => ("tls.certificate", "tls.key"),
        (None, Some(_)) => ("tls.key", "tls.certificate"),
    };
    let problem =
        reader.place(present).map(|it| it.problem(format_args!("is set without {missing}; set both or none")));
    reader.problems.extend(problem);
    None
}

/// What is wrong between values that are each right; `at` says where a key is written.
pub(super) fn disagreements(config: &Config, at: impl Fn(&str) -> Place) -> Vec<String> {
    let mut problems = Vec::new();
    let is_local = config.listen.ip().to_canonical().is_loopback();
    if !is_local && config.tls.is_none() && config.trusted_proxies.is_empty() {
        problems.push(at("listen").problem(format_args!(
            "{} can be reached from other machines and logins would travel unencrypted; either set certificate and \
             key in [tls], or, when a proxy in front does TLS, list its address in trusted_proxies",
            config.listen
        )));
    }
    if config.session.idle > config.session.lifetime {
        let lifetime = value::duration_text(&config.session.lifetime);
        problems.push(at("session.idle").problem(format_args!("is longer than session.lifetime, which is {lifetime}")));
    }
    let Weights { cpu, memory, disk } = config.placement.weights;
    if (cpu, memory, disk) == (0, 0, 0) {
        let text = "is 0, as placement_weight_cpu and placement_weight_memory are; one of them has to count";
        problems.push(at("vmware.placement_weight_disk").problem(text));
    }
    problems
}

/// What is allowed and probably not meant.
fn doubts(config: &Config, reader: &Reader<'_>) -> Vec<String> {
    let doubt = |key: &str, text: &str| reader.place(key).map(|it| it.problem(text));
    let no_cloud = config.allowed_cloud_networks.as_ref().is_some_and(Vec::is_empty);
    let no_cloud = no_cloud.then(|| {
        let text = "the list is empty, so no cloud at all may be connected to; remove the key to allow everything \
                    but loopback";
        doubt("allowed_cloud_networks", text)
    });
    let anybody = config.trusted_proxies.iter().any(|it| it.prefix_len() == 0);
    let anybody = anybody.then(|| {
        doubt(
            "trusted_proxies",
            "every address is trusted, so anybody may claim to be at any address; list the proxies",
        )
    });
    [no_cloud, anybody].into_iter().flatten().flatten().collect()
}
