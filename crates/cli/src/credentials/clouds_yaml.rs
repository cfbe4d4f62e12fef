//! `clouds.yaml` and `secure.yaml`:
//! <https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{
    fields::{Draft, read_pem},
    variables::settle,
};
use crate::failure::{Failure, Outcome};

/// The entry `cloud` of `file`, by default `OS_CLOUD` or the only one, of the first file there is. With its name.
pub fn read(file: Option<PathBuf>, cloud: Option<&str>) -> Outcome<(Draft, String)> {
    let set = |name: &str| env::var(name).ok().filter(|it| !it.is_empty());
    let home = set("HOME").map(|it| PathBuf::from(it).join(".config/openstack"));
    let folders: Vec<PathBuf> =
        [Some(PathBuf::from(".")), home, Some(PathBuf::from("/etc/openstack"))].into_iter().flatten().collect();
    let path = file.or_else(|| set("OS_CLIENT_CONFIG_FILE").map(PathBuf::from)).or_else(|| find(&folders, "clouds"));
    let path = path.ok_or_else(|| {
        Failure::usage("there is no clouds.yaml in the working directory, ~/.config/openstack or /etc/openstack")
    })?;
    let mut clouds = load(&path)?;
    // Beside the file first, for one that is named.
    let beside = path.parent().and_then(|it| find(&[it.to_owned()], "secure"));
    let secure = set("OS_CLIENT_SECURE_FILE").map(PathBuf::from).or(beside).or_else(|| find(&folders, "secure"));
    if let Some(path) = secure {
        merge(&mut clouds, load(&path)?);
    }
    let name = cloud.map(str::to_owned).or_else(|| set("OS_CLOUD"));
    entry(&clouds, name.as_deref()).map_err(|err| match err {
        Failure::Usage(text) => Failure::Usage(format!("{}: {text}", path.display())),
        Failure::NotFound(text) => Failure::NotFound(format!("{}: {text}", path.display())),
        other => other,
    })
}

fn find(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    let files = folders.iter().flat_map(|it| ["yaml", "yml", "json"].map(|end| it.join(format!("{name}.{end}"))));
    files.into_iter().find(|it| it.is_file())
}

fn load(path: &Path) -> Outcome<Value> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    serde_yaml_ng::from_str(&text).map_err(|err| {
        // The parser's own message may quote what it read, which may be a password.
        let place = err.location().map_or_else(String::new, |it| format!(":{}:{}", it.line(), it.column()));
        Failure::usage(format!("{name}{place}: this is no YAML that can be read"))
    })
}

/// Entries of `over` win, entry by entry.
fn merge(into: &mut Value, over: Value) {
    match (into, over) {
        (Value::Object(into), Value::Object(over)) => {
            for (key, value) in over {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, over) => *into = over,
    }
}

fn entry(file: &Value, name: Option<&str>) -> Outcome<(Draft, String)> {
    let none = Map::new();
    let clouds = file["clouds"].as_object().unwrap_or(&none);
    let names = clouds.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let name = match (name, clouds.len()) {
        (Some(name), _) => name,
        (None, 1) => names.as_str(),
        (None, 0) => return Err(Failure::usage("there are no clouds in it")),
        (None, _) => return Err(Failure::usage(format!("choose with --cloud one of: {names}"))),
    };
    let cloud = clouds.get(name);
    let cloud = cloud.ok_or_else(|| Failure::NotFound(format!("there is no cloud {name:?}; there are: {names}")))?;
    Ok((draft(cloud)?, name.to_owned()))
}

fn draft(cloud: &Value) -> Outcome<Draft> {
    // Some of these may stand beside `auth` too.
    let get = |key: &str| {
        let value = cloud["auth"].get(key).or_else(|| cloud.get(key)).filter(|it| !it.is_null());
        value.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
    };
    if get("auth_url").is_none() {
        let profile = get("profile").or_else(|| get("cloud"));
        let hint = profile.map_or_else(String::new, |it| format!(" (the profile {it:?} of a vendor is not read)"));
        return Err(Failure::usage(format!("the cloud has no auth_url{hint}")));
    }
    let mut draft = Draft::default();
    for (key, names) in [
        ("keystoneUrl", &["auth_url"][..]),
        ("userName", &["username", "user_name"]),
        ("userId", &["user_id"]),
        ("tenantName", &["project_name", "tenant_name"]),
        ("projectId", &["project_id", "tenant_id"]),
        ("domainName", &["default_domain_name", "default_domain"]),
        ("userDomainName", &["user_domain_name"]),
        ("userDomainId", &["user_domain_id"]),
        ("projectDomainName", &["project_domain_name"]),
        ("projectDomainId", &["project_domain_id"]),
        ("applicationCredentialId", &["application_credential_id"]),
        ("applicationCredentialName", &["application_credential_name"]),
        ("region", &["region_name"]),
    ] {
        draft.set(key, names.iter().find_map(|it| get(it)));
    }
    let interface = get("interface").or_else(|| get("endpoint_type"));
    settle(&mut draft, get("auth_type").as_deref(), interface.as_deref(), get("default_domain_id"))?;
    let pem = get("cacert").map(|it| read_pem(&expand_home(&it))).transpose()?;
    draft.set("caCertificate", pem);
    let is_insecure = cloud["verify"] == false || cloud["insecure"] == true;
    draft.set("sslVerification", is_insecure.then_some(false));
    let secret = match draft.text("authType") {
        Some("applicationCredential") => ("applicationCredentialSecret", get("application_credential_secret")),
        Some("token") => ("token", get("token")),
        _ => ("password", get("password")),
    };
    draft.secret = secret.1.map(|it| (secret.0, SecretString::from(it)));
    Ok(draft)
}

fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    const CLOUDS: &str = r#"
clouds:
  lab:
    auth:
      auth_url: http://k:5000/v3
      username: demo
      project_name: lab
      user_domain_name: Default
      project_domain_name: Default
      password: 12345
    region_name: RegionOne
    interface: publicURL
    identity_api_version: 3
    verify: false
  app:
    auth_type: v3applicationcredential
    auth:
      auth_url: https://k:5000
      application_credential_id: abc
      application_credential_secret: in the file
  vendor:
    profile: rackspace
    auth: { username: x }
"#;

    #[track_caller]
    fn check(file: &str, secure: &str, name: Option<&str>, fields: Value, secret: Option<(&str, &str)>) {
        let mut file: Value = serde_yaml_ng::from_str(file).unwrap();
        merge(&mut file, serde_yaml_ng::from_str(secure).unwrap());
        let (draft, _) = entry(&file, name).unwrap();
        assert_eq!(Value::Object(draft.fields), fields);
        assert_eq!(draft.secret.as_ref().map(|(key, it)| (*key, it.expose_secret())), secret);
    }

    #[test]
    fn a_password_is_a_text_whatever_yaml_takes_it_for() {
        let fields = json!({
            "keystoneUrl": "http://k:5000/v3", "userName": "demo", "tenantName": "lab", "userDomainName": "Default",
            "projectDomainName": "Default", "region": "RegionOne", "interface": "public", "sslVerification": false,
        });
        check(CLOUDS, "{}", Some("lab"), fields, Some(("password", "12345")));
    }

    #[test]
    fn secure_yaml_wins_entry_by_entry() {
        let secure = "clouds: { app: { auth: { application_credential_secret: in the other } } }";
        let fields = json!({ "keystoneUrl": "https://k:5000", "authType": "applicationCredential", "applicationCredentialId": "abc" });
        check(CLOUDS, secure, Some("app"), fields, Some(("applicationCredentialSecret", "in the other")));
    }

    #[test]
    fn the_only_cloud_needs_no_name() {
        let file = "clouds: { one: { auth: { auth_url: http://k, token: t }, auth_type: v3token } }";
        check(file, "{}", None, json!({ "keystoneUrl": "http://k", "authType": "token" }), Some(("token", "t")));
    }

    #[test]
    fn what_clouds_yaml_cannot_mean() {
        let file: Value = serde_yaml_ng::from_str(CLOUDS).unwrap();
        assert!(matches!(entry(&file, None), Err(Failure::Usage(_))), "several");
        assert!(matches!(entry(&file, Some("nosuch")), Err(Failure::NotFound(_))));
        assert!(matches!(entry(&file, Some("vendor")), Err(Failure::Usage(_))), "no auth_url");
        assert!(matches!(entry(&json!({}), None), Err(Failure::Usage(_))));
        assert!(matches!(entry(&json!("text"), None), Err(Failure::Usage(_))));
    }

    #[test]
    fn files_as_the_sdk_finds_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clouds.yaml");
        std::fs::write(&path, "clouds: { a: { auth: { auth_url: http://k, username: u } } }").unwrap();
        std::fs::write(folder.path().join("secure.yaml"), "clouds: { a: { auth: { password: p } } }").unwrap();
        let (draft, name) = read(Some(path.clone()), None).unwrap();
        assert_eq!(name, "a");
        assert_eq!(draft.secret.unwrap().1.expose_secret(), "p");
        std::fs::write(&path, "clouds: { a: [ secret-text").unwrap();
        let Err(Failure::Usage(text)) = read(Some(path), None) else { panic!() };
        assert!(!text.contains("secret-text"), "{text}");
    }
}
