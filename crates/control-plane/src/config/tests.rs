mod wrong;

use std::{ffi::OsString, fs};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// What a test puts around the server. Messages name files without their directory.
#[derive(Default)]
struct Given<'a> {
    toml: Option<&'a str>,
    legacy: Option<&'a str>,
    variables: &'a [(&'a str, &'a str)],
    overrides: Overrides,
}

impl Given<'_> {
    fn load(&self) -> Result<Loaded, String> {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("stackyard.toml");
        let legacy_file = directory.path().join("scalr-server.rb");
        let place = |text: &str| text.replace("DIR", directory.path().to_str().unwrap());
        for (path, text) in [(&file, self.toml), (&legacy_file, self.legacy)] {
            if let Some(text) = text {
                fs::write(path, place(text)).unwrap();
            }
        }
        fs::write(directory.path().join("cert.pem"), "").unwrap();
        let variables: Vec<_> =
            self.variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(place(value)))).collect();
        let around = Surroundings { variables: &variables, file: &file, legacy_file: &legacy_file };
        let short = |text: &str| text.replace(&format!("{}/", directory.path().display()), "");
        match load_from(&self.overrides, &around) {
            Ok(mut loaded) => {
                loaded.warnings = loaded.warnings.iter().map(|it| short(it)).collect();
                Ok(loaded)
            }
            Err(err) => Err(short(&err.to_string())),
        }
    }
}

fn toml(text: &str) -> Result<Loaded, String> {
    Given { toml: Some(text), ..Given::default() }.load()
}

fn environment(variables: &[(&str, &str)]) -> Result<Loaded, String> {
    Given { variables, ..Given::default() }.load()
}

#[track_caller]
fn check_refused(text: &str, expected: &str) {
    assert_eq!(toml(text).unwrap_err(), format!("stackyard.toml:{expected}"), "{text}");
}

#[track_caller]
fn check_variable(name: &str, value: &str, expected: &str) {
    let err = environment(&[(name, value)]).unwrap_err();
    assert_eq!(err, format!("environment variable {name}: {expected}"), "{value}");
}

#[test]
fn without_any_file_the_defaults_hold() {
    let loaded = Given::default().load().unwrap();
    let config = &loaded.config;
    assert_eq!(config.listen, "127.0.0.1:7780".parse().unwrap());
    assert_eq!(config.data_dir, Path::new("/var/lib/stackyard"));
    assert_eq!(config.database_url, "sqlite:///var/lib/stackyard/stackyard.db");
    assert_eq!(config.master_key.to_string(), "file:/var/lib/stackyard/master.key");
    assert_eq!((&config.tls, &config.allowed_cloud_networks, &config.cloud_proxy), (&None, &None, &None));
    assert_eq!(config.policy(Driver::Openstack), ConnectionPolicy::Auto);
    let hours = |n: u64| Duration::from_secs(n * 3600);
    assert_eq!((config.instance_types_lifetime, config.suspend_after), (hours(24), hours(6)));
    assert_eq!((config.port_limit, config.operation_limit), (Duration::from_secs(900), hours(6)));
    assert_eq!(config.customization_limit, Duration::from_secs(1800));
    assert_eq!((config.placement.weights, config.placement.buffer_gib), (Weights { cpu: 1, memory: 1, disk: 1 }, 10));
    assert_eq!((config.sync_interval, config.validation_limit), (Duration::from_secs(300), Duration::from_secs(30)));
    assert_eq!((config.session.idle, config.session.lifetime), (Duration::from_secs(1800), hours(8)));
    assert_eq!((config.revalidation_interval, config.failed_login_attempts), (hours(24), 10));
    assert_eq!((config.log.format, config.log.level.as_str()), (LogFormat::Text, "info"));
    assert!(loaded.warnings.is_empty());

    let keys: Vec<_> = loaded.values.keys().map(String::as_str).collect();
    let mut all = key::KEYS.map(|it| it.name);
    all.sort_unstable();
    assert_eq!(keys, all, "each key is read and shown");
    assert!(loaded.values.values().all(|it| it.source == Source::Default));
    let unset: Vec<_> =
        loaded.values.iter().filter(|(_, it)| it.text.is_empty()).map(|(key, _)| key.as_str()).collect();
    let expected = [
        "allowed_cloud_networks",
        "cloud_proxy",
        "legacy_config",
        "openstack.instances_connection_policy",
        "tls.certificate",
        "tls.key",
        "vmware.instances_connection_policy",
    ];
    assert_eq!(unset, expected);
}

#[test]
fn each_key_is_read_from_the_file_and_from_the_environment() {
    let text = r#"
        listen = "[::]:8443"
        data_dir = "/srv/stackyard"
        database_url = "postgres://me@db/stackyard"
        master_key = "systemd-credential:master"
        trusted_proxies = ["10.0.0.7/32"]
        allowed_cloud_networks = ["10.0.0.0/8", "fd00::/8"]
        cloud_proxy = "http://proxy:3128/"
        private_networks = ["198.18.0.0/15"]
        instances_connection_policy = "public"
        openstack.instances_connection_policy = "local"
        vmware.instances_connection_policy = "auto"
        openstack.action_on_missing_server = "terminate"
        openstack.action_on_failed_server = "ignore"
        vmware.action_on_missing_server = "ignore"
        vmware.action_on_failed_server = "terminate"
        vmware.placement_weight_cpu = 0
        vmware.placement_weight_memory = 3
        vmware.placement_weight_disk = 2
        vmware.datastore_buffer_gib = 0
        instance_types_lifetime = "1h 30m"
        sync_interval = "90s"
        validation_limit = "1m"
        revalidation_interval = "2d"
        suspend_after = "1h"
        port_limit = "20m"
        customization_limit = "45m"
        operation_limit = "2h"
        failed_login_attempts = 5
        legacy_config = "DIR/scalr-server.rb"
        [tls]
        certificate = "DIR/cert.pem"
        key = "DIR/cert.pem"
        [session]
        idle = "10m"
        lifetime = "1h"
        [log]
        format = "json"
        level = "warn,control_plane=debug"
    "#;
    let given = Given { toml: Some(text), legacy: Some(""), ..Given::default() };
    let from_file = given.load().unwrap();
    assert!(from_file.values.values().all(|it| matches!(it.source, Source::File(_, line) if line > 1)));
    assert_eq!(from_file.values["suspend_after"].source.to_string().rsplit(':').next(), Some("25"));
    assert_eq!(from_file.config.cloud_proxy.as_deref(), Some("http://proxy:3128"));
    assert_eq!(from_file.config.policy(Driver::Openstack), ConnectionPolicy::Local);
    assert_eq!(from_file.config.policy(Driver::Vsphere), ConnectionPolicy::Auto);
    assert_eq!(from_file.config.revalidation_interval, Duration::from_secs(2 * 24 * 3600));

    let variables: Vec<_> = key::KEYS
        .iter()
        .map(|it| (it.variable(), from_file.values[it.name].text.clone()))
        .filter(|(name, _)| !name.contains("TLS") && !name.contains("LEGACY"))
        .collect();
    let borrowed: Vec<_> = variables.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let from_environment = environment(&borrowed).unwrap();
    for (name, text) in &variables {
        let value = from_environment.values.values().find(|it| it.source == Source::Environment(name.clone()));
        assert_eq!(value.map(|it| &it.text), Some(text), "{name}");
    }
    let expected = Config { tls: None, legacy_config: None, ..from_file.config };
    assert!(from_environment.config == expected, "{:?}", from_environment.values);
}

#[test]
fn flag_before_environment_before_file_before_legacy_before_default() {
    let legacy = "app[:configuration] = { scalr: { instances_connection_policy: 'local',\n\
        openstack: { instances_connection_policy: 'local' }, vmware: { instances_connection_policy: 'local' } } }";
    let text = "data_dir = '/file'\nlisten = '127.0.0.1:1'\nsync_interval = '1m'\n\
        [openstack]\ninstances_connection_policy = 'public'\n[vmware]\ninstances_connection_policy = 'public'";
    let variables = [
        ("STACKYARD_LISTEN", "127.0.0.1:2"),
        ("STACKYARD_DATA_DIR", "/environment"),
        ("STACKYARD_VMWARE__INSTANCES_CONNECTION_POLICY", "auto"),
    ];
    let overrides = Overrides { listen: Some("127.0.0.1:3".parse().unwrap()), ..Overrides::default() };
    let loaded = Given { toml: Some(text), legacy: Some(legacy), variables: &variables, overrides }.load().unwrap();
    let check = |key: &str, text: &str, source: &str| {
        let value = &loaded.values[key];
        let found = value.source.to_string();
        assert_eq!((value.text.as_str(), found.rsplit('/').next()), (text, Some(source)), "{key}");
    };
    check("listen", "127.0.0.1:3", "command line");
    check("data_dir", "/environment", "environment variable STACKYARD_DATA_DIR");
    check(
        "vmware.instances_connection_policy",
        "auto",
        "environment variable STACKYARD_VMWARE__INSTANCES_CONNECTION_POLICY",
    );
    check("openstack.instances_connection_policy", "public", "stackyard.toml:5");
    check("instances_connection_policy", "local", "scalr-server.rb:1");
    check("sync_interval", "1m", "stackyard.toml:3");
    check("suspend_after", "6h", "default");
    check("database_url", "sqlite:///environment/stackyard.db", "default");
    check("master_key", "file:/environment/master.key", "default");
}

#[test]
fn variables() {
    check_variable("STACKYARD_LISTN", "x", "unknown key; did you mean STACKYARD_LISTEN?");
    check_variable(
        "STACKYARD_OPENSTACK_INSTANCES_CONNECTION_POLICY",
        "x",
        "unknown key; did you mean STACKYARD_OPENSTACK__INSTANCES_CONNECTION_POLICY?",
    );
    check_variable("STACKYARD_LISTEN", "", "is empty; give it a value or unset it");
    check_variable(
        "STACKYARD_FAILED_LOGIN_ATTEMPTS",
        "ten",
        "expected a whole number, found text; allowed are 1 to 1000",
    );
    check_variable(
        "STACKYARD_TRUSTED_PROXIES",
        "10.0.0.0/8,x",
        "\"x\" is not a network; write it like 10.0.0.0/8 or fd00::/8",
    );
    let reserved: Vec<_> =
        environment::RESERVED.iter().filter(|it| **it != "STACKYARD_CONFIG").map(|it| (*it, "x")).collect();
    environment(&reserved).unwrap();
    environment(&[("STACKYARD_TEST_ANYTHING", "x"), ("STACKYARDS", "x"), ("OTHER", "x")]).unwrap();
    environment(&[("STACKYARD_MASTER_KEY", "env:STACKYARD_KEK"), ("STACKYARD_KEK", "x")]).unwrap();

    let networks = |text: &str| environment(&[("STACKYARD_PRIVATE_NETWORKS", text)]).unwrap().config.private_networks;
    for text in
        ["10.0.0.0/8,fd00::/8", "10.0.0.0/8, fd00::/8", "[\"10.0.0.0/8\", \"fd00::/8\"]", "['10.0.0.0/8', fd00::/8]"]
    {
        assert_eq!(networks(text), ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], "{text}");
    }
    assert_eq!(networks("[]"), []);
}

#[test]
fn doubtful_values_are_warned_of() {
    let loaded = toml("allowed_cloud_networks = []\ntrusted_proxies = [\"0.0.0.0/0\"]").unwrap();
    assert_eq!(loaded.config.allowed_cloud_networks, Some(Vec::new()));
    assert_eq!(
        loaded.warnings,
        [
            "stackyard.toml:1: allowed_cloud_networks: the list is empty, so no cloud at all may be connected to; remove \
             the key to allow everything but loopback",
            "stackyard.toml:2: trusted_proxies: every address is trusted, so anybody may claim to be at any address; \
             list the proxies",
        ]
    );
}

#[test]
fn no_secret_in_any_text() {
    for text in [
        "master_key = \"hunter2\"",
        "master_key = \"base64:hunter2\"",
        "database_url = \"hunter2\"",
        "database_url = \"mysql://me:hunter2@h/d\"",
        "database_url = \"hunter2://h\"",
        "database_url = \"postgres://me:hun/ter2@h/d\"",
        "database_url = \"postgres://me:1/hunter2@h/d\"",
        "database_url = \"postgres://me:1?hunter2@h/d\"",
        "database_url = \"postgres://me:1#hunter2@h/d\"",
        "cloud_proxy = \"http://me:hunter2@proxy:3128\"",
    ] {
        let err = toml(text).unwrap_err();
        assert!(!err.contains("ter2") && err.contains("; write "), "{err}");
    }
    for (url, shown) in [
        ("postgres://me:hunter2@h/d", "postgres://me:***@h/d"),
        ("postgresql://h/d?password=hunter2&user=me", "postgresql://h/d?password=***&user=me"),
    ] {
        let overrides = Overrides { database_url: Some(url.into()), ..Overrides::default() };
        let loaded = Given { overrides, ..Given::default() }.load().unwrap();
        assert_eq!(loaded.values["database_url"].text, shown);
        assert!(!format!("{loaded:?}").contains("hunter2"));
        assert_eq!(loaded.config.database_url, url);
    }
}

#[test]
fn changes_are_by_value_and_say_what_needs_a_restart() {
    let old = toml("sync_interval = \"60m\"\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"info\"").unwrap();
    let new =
        toml("sync_interval = \"1h\"\nlisten = \"127.0.0.1:2\"\n[vmware]\ninstances_connection_policy = \"local\"")
            .unwrap();
    let change = |key: &str, from: &str, to: &str, needs_restart| Change {
        key: key.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        needs_restart,
    };
    let expected = [
        change("listen", "127.0.0.1:1", "127.0.0.1:2", true),
        change("vmware.instances_connection_policy", "", "local", false),
    ];
    assert_eq!(changes(&old, &new), expected);
    assert_eq!(changes(&old, &old), []);

    let database = |password| toml(&format!("database_url = \"postgres://me:{password}@h/d\"")).unwrap();
    let text = "postgres://me:***@h/d";
    let expected = [change("database_url", text, &format!("{text} (another password)"), true)];
    assert_eq!(changes(&database("one"), &database("two")), expected);

    let restart: Vec<_> = key::KEYS.iter().filter(|it| it.needs_restart).map(|it| it.name).collect();
    assert_eq!(restart, ["listen", "data_dir", "database_url", "master_key", "log.format", "log.level"]);
}

#[test]
fn one_weight_counts() {
    let weights = |disk| {
        format!("[vmware]\nplacement_weight_cpu = 0\nplacement_weight_memory = 0\nplacement_weight_disk = {disk}")
    };
    assert_eq!(toml(&weights(1000)).unwrap().config.placement.weights, Weights { cpu: 0, memory: 0, disk: 1000 });
    for (disk, expected) in [(0, "one of them has to count"), (1001, "allowed are 0 to 1000")] {
        let problems = format!("{:?}", toml(&weights(disk)).unwrap_err());
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn what_waits_for_a_restart_is_not_shown_as_if_it_ran() {
    let old = toml("listen = \"127.0.0.1:1\"\nsync_interval = \"60m\"\n[log]\nlevel = \"warn\"").unwrap();
    let mut new = toml("listen = \"127.0.0.1:2\"\nsync_interval = \"2h\"").unwrap();
    keep_until_restart(&old, &mut new).unwrap();
    assert_eq!((new.config.listen, &new.config.log), (old.config.listen, &old.config.log));
    for key in ["listen", "log.level"] {
        assert_eq!(new.values[key], old.values[key]);
    }
    assert_eq!(new.values["sync_interval"].text, "2h");
    // So the next one tells it again.
    let again = toml("listen = \"127.0.0.1:2\"\nsync_interval = \"2h\"").unwrap();
    let waiting: Vec<_> = changes(&new, &again).into_iter().map(|it| (it.key, it.needs_restart)).collect();
    assert_eq!(waiting, [("listen".to_owned(), true), ("log.level".to_owned(), true)]);
}

#[test]
fn a_public_address_that_waits_for_a_restart_keeps_its_tls() {
    let old = toml("listen = \"0.0.0.0:1\"\ntrusted_proxies = [\"10.0.0.1/32\"]").unwrap();
    let mut new = toml("listen = \"127.0.0.1:1\"").unwrap();
    let refused = keep_until_restart(&old, &mut new).unwrap_err().to_string();
    assert!(refused.contains("0.0.0.0:1 can be reached from other machines"), "{refused}");
}

#[test]
fn legacy_values_are_checked_like_ours() {
    let legacy = |text: &str| {
        let text = format!("app[:configuration] = {{\n 'scalr' => {{ {text} }} }}");
        Given { legacy: Some(&text), ..Given::default() }.load()
    };
    let loaded = legacy(
        "'cache' => { 'instance_types' => { 'lifetime' => 43200 } }, 'security' => { 'user' => { 'session' => \
         { 'timeout' => '+15 min', 'lifetime' => '+1 day' }, 'suspension' => { 'failed_login_attempts' => 3 } } }",
    )
    .unwrap();
    let texts = ["instance_types_lifetime", "session.idle", "session.lifetime", "failed_login_attempts"];
    assert_eq!(texts.map(|it| loaded.values[it].text.as_str()), ["12h", "15m", "24h", "3"]);
    for (text, expected) in [
        (
            "'openstack' => { 'instances_connection_policy' => 'lokal' }",
            "openstack.instances_connection_policy: \"lokal\" is not a connection policy; choose one of public, local, auto",
        ),
        (
            "'cache' => { 'instance_types' => { 'lifetime' => 0 } }",
            "cache.instance_types.lifetime: \"0s\" is out of range; allowed are 1s to 720h",
        ),
        (
            "'security' => { 'user' => { 'session' => { 'timeout' => 'later' } } }",
            "security.user.session.timeout: \"later\" is not a duration; write it like 24h, 5m or 30s; allowed are 2m to 720h",
        ),
    ] {
        assert_eq!(legacy(text).unwrap_err(), format!("scalr-server.rb:2: scalr.{expected}"));
    }
}

#[test]
fn another_legacy_file_can_be_named() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("edited.rb");
    fs::write(&path, "app[:configuration] = { scalr: { instances_connection_policy: 'public' } }").unwrap();
    fs::write(directory.path().join("scalr-server-local.rb"), "").unwrap();
    let text = format!("legacy_config = \"{}\"", path.display());
    let loaded =
        Given { toml: Some(&text), legacy: Some("app[:configuration] = {"), ..Given::default() }.load().unwrap();
    assert_eq!(loaded.config.instances_connection_policy, ConnectionPolicy::Public);
    let local = directory.path().join("scalr-server-local.rb");
    assert_eq!(
        loaded.warnings,
        [format!("{}: this file is not read; put what it sets into stackyard.toml", local.display())]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn any_file_is_read_or_refused(text in any::<String>(), value in "[ -~]{0,20}", key in prop::sample::select(&key::KEYS[..])) {
        let mut problems = Vec::new();
        file::layer(Path::new("x"), &text, &mut problems);
        for read in [toml(&format!("{} = {value}", key.name)), environment(&[(&key.variable(), &value)])] {
            match read {
                Ok(loaded) => prop_assert!(loaded.values.contains_key(key.name)),
                Err(err) => prop_assert!(err.contains("stackyard.toml:") || err.contains(&key.variable())),
            }
        }
    }
}
