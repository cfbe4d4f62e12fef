//! The text of each refusal.

use super::*;

#[test]
fn unknown_keys_are_refused_with_a_hint() {
    check_refused("listn = \"127.0.0.1:1\"", "1: listn: unknown key; did you mean listen?");
    check_refused("\ndata-dir = \"/x\"", "2: data-dir: unknown key; did you mean data_dir?");
    check_refused("[tls]\npassword = \"x\"", "2: tls.password: unknown key; the keys of [tls] are certificate, key");
    check_refused(
        "[opnstack]\ninstances_connection_policy = \"local\"",
        "2: opnstack.instances_connection_policy: unknown key; did you mean openstack.instances_connection_policy?",
    );
    assert!(toml("colour = 1").unwrap_err().contains("1: colour: unknown key; the keys are listen, data_dir, "));
    assert!(toml("[nothing]").unwrap_err().starts_with("stackyard.toml:1: nothing: unknown key; the keys are "));
}

#[test]
fn wrong_types_are_refused() {
    check_refused("listen = 7780", "1: listen: expected text in quotes, found a number");
    check_refused("data_dir = 2020-01-01", "1: data_dir: expected text in quotes, found a date or time");
    check_refused("listen = {}", "1: listen: expected text in quotes, found a table");
    check_refused("tls = \"x\"", "1: tls: is a table; write [tls] and below it certificate, key");
    check_refused(
        "[vmware]\ninstances_connection_policy = true",
        "2: vmware.instances_connection_policy: expected text in quotes, found true or false; choose one of public, local, auto",
    );
    check_refused(
        "sync_interval = 300",
        "1: sync_interval: expected a duration like \"24h\", \"5m\" or \"30s\", found a number; allowed are 1s to 24h",
    );
    check_refused(
        "failed_login_attempts = \"10\"",
        "1: failed_login_attempts: expected a whole number, found text; allowed are 1 to 1000",
    );
    check_refused(
        "failed_login_attempts = 1.5",
        "1: failed_login_attempts: expected a whole number, found a number with a fraction; allowed are 1 to 1000",
    );
    check_refused(
        "allowed_cloud_networks = \"10.0.0.0/8\"",
        "1: allowed_cloud_networks: expected a list like [\"10.0.0.0/8\", \"fd00::/8\"], found text",
    );
    check_refused("private_networks = [8]", "1: private_networks: expected text in quotes, found a number");
}

#[test]
fn wrong_values_are_refused() {
    check_refused(
        "listen = \"7780\"",
        "1: listen: \"7780\" is not an address with a port; write it like 127.0.0.1:7780 or [::1]:7780",
    );
    check_refused("data_dir = \"\"", "1: data_dir: is empty; write a path");
    for (text, at) in [("instances_connection_policy", "1"), ("[openstack]\ninstances_connection_policy", "2")] {
        let key = text.replace("[openstack]\n", "openstack.");
        check_refused(
            &format!("{text} = \"Local\""),
            &format!("{at}: {key}: \"Local\" is not a connection policy; choose one of public, local, auto"),
        );
    }
    check_refused(
        "allowed_cloud_networks = [\"10.0.0.1/8\"]",
        "1: allowed_cloud_networks: \"10.0.0.1/8\" has bits outside its prefix; did you mean 10.0.0.0/8?",
    );
    check_refused(
        "trusted_proxies = [\"10.0.0.1\"]",
        "1: trusted_proxies: \"10.0.0.1\" is an address, not a network; write 10.0.0.1/32",
    );
    check_refused(
        "private_networks = [\"10.0.0/8\"]",
        "1: private_networks: \"10.0.0/8\" is not a network; write it like 10.0.0.0/8 or fd00::/8",
    );
    check_refused(
        "sync_interval = \"5\"",
        "1: sync_interval: \"5\" is not a duration; write it like 24h, 5m or 30s; allowed are 1s to 24h",
    );
    for (key, value, most) in [
        ("sync_interval", "48h", "24h"),
        ("validation_limit", "-3s", "10m"),
        ("suspend_after", "0s", "720h"),
        ("instance_types_lifetime", "5000000000h", "720h"),
    ] {
        let text =
            if value == "5000000000h" { "is not a duration; write it like 24h, 5m or 30s" } else { "is out of range" };
        check_refused(
            &format!("{key} = \"{value}\""),
            &format!("1: {key}: \"{value}\" {text}; allowed are 1s to {most}"),
        );
    }
    check_refused(
        "suspend_after = \"1 month\"",
        "1: suspend_after: \"1 month\" is not a duration; write it like 24h, 5m or 30s; allowed are 1s to 720h",
    );
    for number in ["0", "-1", "1001", "4294967306", "99999999999999999999"] {
        check_refused(
            &format!("failed_login_attempts = {number}"),
            "1: failed_login_attempts: the number is out of range; allowed are 1 to 1000",
        );
    }
    check_refused("[log]\nformat = \"yaml\"", "2: log.format: \"yaml\" is not a log format; choose one of text, json");
    for (level, wrong) in [("infoo", "infoo"), ("info,store=loud", "store=loud"), ("", ""), ("info,", "")] {
        check_refused(
            &format!("log.level = \"{level}\""),
            &format!(
                "1: log.level: \"{wrong}\" is not a log level; choose one of off, error, warn, info, debug, trace, or \
                 write module=level"
            ),
        );
    }
    const PROXY: &str = "write it like http://proxy.example.com:3128";
    check_refused("cloud_proxy = \"proxy:3128\"", &format!("1: cloud_proxy: is not an http:// URL; {PROXY}"));
    check_refused("cloud_proxy = \"http://p/x\"", &format!("1: cloud_proxy: has more than host and port; {PROXY}"));
    check_refused("session.idle = \"1m\"", "1: session.idle: \"1m\" is out of range; allowed are 2m to 720h");
    check_refused("session.idle = \"9h\"", "1: session.idle: is longer than session.lifetime, which is 8h");
}

#[test]
fn an_open_address_needs_tls_or_a_proxy() {
    let problem = "can be reached from other machines and logins would travel unencrypted; either set certificate and \
                   key in [tls], or, when a proxy in front does TLS, list its address in trusted_proxies";
    check_refused("\nlisten = \"0.0.0.0:80\"", &format!("2: listen: 0.0.0.0:80 {problem}"));
    check_refused("listen = \"[::]:80\"\ntrusted_proxies = []", &format!("1: listen: [::]:80 {problem}"));
    let overrides = Overrides { listen: Some("192.0.2.1:80".parse().unwrap()), ..Overrides::default() };
    let err = Given { overrides, ..Given::default() }.load().unwrap_err();
    assert_eq!(err, format!("command line: --listen: 192.0.2.1:80 {problem}"));

    toml("listen = \"[::1]:80\"").unwrap();
    toml("listen = \"[::ffff:127.0.0.1]:80\"").unwrap();
    toml("listen = \"0.0.0.0:80\"\ntrusted_proxies = [\"192.0.2.7/32\"]").unwrap();
    toml("listen = \"0.0.0.0:80\"\n[tls]\ncertificate = \"DIR/cert.pem\"\nkey = \"DIR/cert.pem\"").unwrap();
    check_refused(
        "[tls]\ncertificate = \"DIR/cert.pem\"",
        "2: tls.certificate: is set without tls.key; set both or none",
    );
    check_refused(
        "[tls]\ncertificate = \"DIR/cert.pem\"\nkey = \"DIR/no.pem\"",
        "3: tls.key: cannot read no.pem: No such file or directory (os error 2)",
    );
}

#[test]
fn all_errors_are_told_at_once() {
    let variables = [("STACKYARD_LISTN", "x"), ("STACKYARD_SUSPEND_AFTER", "soon")];
    let given = Given {
        toml: Some("listn = 1\nsync_interval = \"x\"\n[log]\nformat = \"x\""),
        legacy: Some("app[:configuration] = { scalr: {\n instances_connection_policy: 'private' } }"),
        variables: &variables,
        ..Given::default()
    };
    let expected = "the configuration has 6 errors:\n  \
        stackyard.toml:1: listn: unknown key; did you mean listen?\n  \
        scalr-server.rb:2: scalr.instances_connection_policy: \"private\" is not a connection policy; choose one of public, local, auto\n  \
        stackyard.toml:2: sync_interval: \"x\" is not a duration; write it like 24h, 5m or 30s; allowed are 1s to 24h\n  \
        environment variable STACKYARD_SUSPEND_AFTER: \"soon\" is not a duration; write it like 24h, 5m or 30s; allowed are 1s to 720h\n  \
        stackyard.toml:4: log.format: \"x\" is not a log format; choose one of text, json\n  \
        environment variable STACKYARD_LISTN: unknown key; did you mean STACKYARD_LISTEN?";
    assert_eq!(given.load().unwrap_err(), expected);
}

#[test]
fn syntax_errors_have_line_and_column_and_hide_the_text() {
    check_refused("\ndatabase_url = \"postgres://me:hunter2", "2:38: invalid basic string, expected `\"`");
    check_refused("listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"", "2:1: duplicate key");
    check_refused("listen 1", "1:8: key with no value, expected `=`");
}

#[test]
fn files_that_cannot_be_read() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("latin1"), b"# fine\n# caf\xe9\n").unwrap();
    fs::write(path("large"), vec![b'#'; file::LARGEST as usize + 1]).unwrap();
    for (name, expected) in [
        ("no.toml", ": cannot read the file: No such file or directory (os error 2)"),
        (".", ": cannot read the file: Is a directory (os error 21)"),
        ("latin1", ":2: the file is not valid UTF-8"),
        ("large", ": the file is larger than 1 MiB"),
    ] {
        let expected = format!("{}{expected}", path(name).display());
        let overrides = Overrides { config: Some(path(name)), ..Overrides::default() };
        assert_eq!(Given { overrides, ..Given::default() }.load().unwrap_err(), expected);
        let variables = [("STACKYARD_CONFIG", path(name).display().to_string())];
        let variables = variables.each_ref().map(|(name, path)| (*name, path.as_str()));
        assert_eq!(environment(&variables).unwrap_err(), expected);
        let around = Surroundings { variables: &[], file: Path::new("/nonexistent"), legacy_file: &path(name) };
        let legacy = load_from(&Overrides::default(), &around).map_err(|it| it.to_string());
        assert_eq!(legacy.err(), (name != "no.toml").then_some(expected));
    }
    check_refused(
        "legacy_config = \"DIR/no.rb\"",
        "1: legacy_config: cannot read no.rb: No such file or directory (os error 2)",
    );
}

#[test]
fn master_keys_say_where_the_key_is() {
    const FORMS: &str = "write file:PATH, env:NAME or systemd-credential:NAME";
    for (text, problem) in [
        ("c2VjcmV0", "it says where the key is, not the key"),
        ("file:", "file: needs a path"),
        ("env:", "env: needs the name of an environment variable"),
        ("env:A-B", "env: needs the name of an environment variable"),
        ("env:STACKYARD_MASTER_KEY", "env: names the variable of a key of this configuration; take another name"),
        ("systemd-credential:..", "systemd-credential: needs the name of a credential, without a slash"),
        ("systemd-credential:a/b", "systemd-credential: needs the name of a credential, without a slash"),
    ] {
        check_refused(&format!("master_key = \"{text}\""), &format!("1: master_key: {problem}; {FORMS}"));
    }
}
