//! `OS_*` as the OpenStack client reads them, `GOVC_*` as govc does.

use std::{collections::BTreeMap, env, path::PathBuf};

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::fields::{Draft, guess_auth_type, read_pem};
use crate::{
    failure::{Failure, Outcome},
    output::note,
};

pub type Variables = BTreeMap<String, String>;

/// Those of this process whose names begin with `prefix`. Empty ones count as not set.
pub fn of_process(prefix: &str) -> Variables {
    env::vars().filter(|(name, value)| name.starts_with(prefix) && !value.is_empty()).collect()
}

/// <https://docs.openstack.org/python-openstackclient/latest/cli/man/openstack.html>
pub fn openstack(variables: &Variables) -> Outcome<Draft> {
    let get = |name: &str| variables.get(&format!("OS_{name}")).filter(|it| !it.is_empty()).cloned();
    if get("AUTH_URL").is_none() {
        return Err(Failure::usage("OS_AUTH_URL is not set"));
    }
    let mut draft = Draft::default();
    for (key, names) in [
        ("keystoneUrl", &["AUTH_URL"][..]),
        ("userName", &["USERNAME"]),
        ("userId", &["USER_ID"]),
        ("tenantName", &["PROJECT_NAME", "TENANT_NAME"]),
        ("projectId", &["PROJECT_ID", "TENANT_ID"]),
        ("domainName", &["DEFAULT_DOMAIN_NAME"]),
        ("userDomainName", &["USER_DOMAIN_NAME"]),
        ("userDomainId", &["USER_DOMAIN_ID"]),
        ("projectDomainName", &["PROJECT_DOMAIN_NAME"]),
        ("projectDomainId", &["PROJECT_DOMAIN_ID"]),
        ("applicationCredentialId", &["APPLICATION_CREDENTIAL_ID"]),
        ("applicationCredentialName", &["APPLICATION_CREDENTIAL_NAME"]),
        ("region", &["REGION_NAME"]),
    ] {
        draft.set(key, names.iter().find_map(|it| get(it)));
    }
    let interface = get("INTERFACE").or_else(|| get("ENDPOINT_TYPE"));
    settle(&mut draft, get("AUTH_TYPE").as_deref(), interface.as_deref(), get("DEFAULT_DOMAIN_ID"))?;
    let pem = get("CACERT").map(|it| read_pem(&PathBuf::from(it))).transpose()?;
    draft.set("caCertificate", pem);
    draft.set("sslVerification", get("INSECURE").filter(|it| is_on(it)).map(|_| false));
    let secret = match draft.text("authType") {
        Some("applicationCredential") => ("applicationCredentialSecret", get("APPLICATION_CREDENTIAL_SECRET")),
        Some("token") => ("token", get("TOKEN").or_else(|| get("AUTH_TOKEN"))),
        _ => ("password", get("PASSWORD")),
    };
    draft.secret = secret.1.map(|it| (secret.0, SecretString::from(it)));
    Ok(draft)
}

/// What clouds.yaml and variables spell otherwise than the API. A domain that holds where no other is given fills both.
pub fn settle(
    draft: &mut Draft,
    auth_type: Option<&str>,
    interface: Option<&str>,
    default_domain_id: Option<String>,
) -> Outcome {
    let auth_type = match auth_type {
        None => None,
        Some("password" | "v3password") => Some("password"),
        Some("token" | "v3token") => Some("token"),
        Some("v3applicationcredential") => Some("applicationCredential"),
        Some(other) => {
            let known = "password, v3password, token, v3token and v3applicationcredential";
            return Err(Failure::usage(format!(
                "the authentication type {other:?} is not supported; there are {known}"
            )));
        }
    };
    draft.set("authType", auth_type);
    guess_auth_type(draft);
    draft.set("interface", interface.map(|it| it.trim_end_matches("URL")));
    if let Some(id) = default_domain_id {
        for (own_id, own_name) in [("userDomainId", "userDomainName"), ("projectDomainId", "projectDomainName")] {
            if draft.text(own_id).is_none() && draft.text(own_name).is_none() {
                draft.set(own_id, Some(id.clone()));
            }
        }
    }
    // An application credential is of one user and one project, and Keystone refuses a scope beside it.
    if draft.text("authType") == Some("applicationCredential") {
        for key in ["tenantName", "projectId", "projectDomainName", "projectDomainId"] {
            draft.fields.remove(key);
        }
    }
    Ok(())
}

/// <https://github.com/vmware/govmomi/blob/main/govc/README.md>: the scheme is https and the path `/sdk` where not given.
pub fn vsphere(variables: &Variables) -> Outcome<Draft> {
    let get = |name: &str| variables.get(&format!("GOVC_{name}")).filter(|it| !it.is_empty()).cloned();
    let typed = get("URL").ok_or_else(|| Failure::usage("GOVC_URL is not set"))?;
    let whole = if typed.contains("://") { typed } else { format!("https://{typed}") };
    // Not quoted: there may be a password in it.
    let mut url: Url = whole.parse().map_err(|err| Failure::usage(format!("GOVC_URL is no URL: {err}")))?;
    let decode = |it: &str| percent_encoding::percent_decode_str(it).decode_utf8_lossy().into_owned();
    let user = Some(decode(url.username())).filter(|it| !it.is_empty());
    let password = url.password().map(decode);
    if url.set_username("").and_then(|()| url.set_password(None)).is_err() {
        return Err(Failure::usage("GOVC_URL names no host"));
    }
    if url.path() == "/" {
        url.set_path("/sdk");
    }
    let mut draft = Draft::default();
    draft.set("url", Some(url.to_string()));
    draft.set("userName", get("USERNAME").or(user));
    draft.set("sslVerification", get("INSECURE").filter(|it| is_on(it)).map(|_| false));
    if let Some(files) = get("TLS_CA_CERTS") {
        let files = env::split_paths(&files).map(|it| read_pem(&it)).collect::<Outcome<Vec<_>>>()?;
        draft.set("caCertificate", Some(files.concat()));
    }
    if let Some(files) = get("TLS_KNOWN_HOSTS") {
        let pins = known_hosts(&files, &url)?;
        draft.set("certificateFingerprints", (!pins.is_empty()).then(|| json!(pins)));
    }
    draft.secret = get("PASSWORD").or(password).map(|it| ("password", SecretString::from(it)));
    Ok(draft)
}

/// Lines of `host:port thumbprint`. govc writes SHA-1 there, which proves nothing any more and cannot be used.
fn known_hosts(files: &str, url: &Url) -> Outcome<Vec<String>> {
    let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    let mut pins = Vec::new();
    for path in env::split_paths(files) {
        let text = std::fs::read_to_string(&path)
            .map_err(|err| Failure::usage(format!("cannot read {} of GOVC_TLS_KNOWN_HOSTS: {err}", path.display())))?;
        for line in text.lines() {
            let Some((name, thumbprint)) = line.trim().split_once(' ') else { continue };
            if name != host && format!("{name}:443") != host {
                continue;
            }
            match thumbprint.chars().filter(char::is_ascii_hexdigit).count() {
                64 => pins.push(thumbprint.trim().to_owned()),
                _ => note(&format!("the thumbprint of {host} in {} is no SHA-256 and is not used", path.display())),
            }
        }
    }
    Ok(pins)
}

/// As Go and Python take it.
fn is_on(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "1" | "t" | "true" | "yes" | "on")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn check(draft: Outcome<Draft>, fields: Value, secret: Option<(&str, &str)>) {
        let draft = draft.unwrap();
        assert_eq!(Value::Object(draft.fields), fields);
        assert_eq!(draft.secret.as_ref().map(|(key, it)| (*key, it.expose_secret())), secret);
    }

    #[test]
    fn an_openstack_user() {
        let given = variables(&[
            ("OS_AUTH_URL", "https://keystone.example:5000/v3"),
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", "s3cret"),
            ("OS_PROJECT_NAME", "lab"),
            ("OS_USER_DOMAIN_NAME", "Users"),
            ("OS_PROJECT_DOMAIN_ID", "default"),
            ("OS_REGION_NAME", "RegionOne"),
            ("OS_INTERFACE", "internalURL"),
            ("OS_IDENTITY_API_VERSION", "3"),
            ("OS_INSECURE", "True"),
        ]);
        let fields = json!({
            "keystoneUrl": "https://keystone.example:5000/v3", "userName": "demo", "tenantName": "lab",
            "userDomainName": "Users", "projectDomainId": "default", "region": "RegionOne", "interface": "internal",
            "sslVerification": false,
        });
        check(openstack(&given), fields, Some(("password", "s3cret")));
    }

    #[test]
    fn an_application_credential_brings_its_project() {
        let given = variables(&[
            ("OS_AUTH_TYPE", "v3applicationcredential"),
            ("OS_AUTH_URL", "https://k:5000"),
            ("OS_APPLICATION_CREDENTIAL_ID", "abc"),
            ("OS_APPLICATION_CREDENTIAL_SECRET", "s3cret"),
            ("OS_PROJECT_NAME", "left over"),
        ]);
        let fields = json!({ "keystoneUrl": "https://k:5000", "authType": "applicationCredential", "applicationCredentialId": "abc" });
        check(openstack(&given), fields, Some(("applicationCredentialSecret", "s3cret")));
    }

    #[test]
    fn a_default_domain_fills_both() {
        let given =
            variables(&[("OS_AUTH_URL", "http://k"), ("OS_DEFAULT_DOMAIN_ID", "d1"), ("OS_USER_DOMAIN_NAME", "U")]);
        check(
            openstack(&given),
            json!({ "keystoneUrl": "http://k", "userDomainName": "U", "projectDomainId": "d1" }),
            None,
        );
    }

    #[test]
    fn what_openstack_variables_cannot_mean() {
        assert!(matches!(openstack(&variables(&[("OS_USERNAME", "demo")])), Err(Failure::Usage(_))));
        let given = variables(&[("OS_AUTH_URL", "http://k"), ("OS_AUTH_TYPE", "v2password")]);
        assert!(matches!(openstack(&given), Err(Failure::Usage(_))));
    }

    #[test]
    fn urls_as_govc_reads_them() {
        let url = |typed: &str, expected: &str| {
            check(vsphere(&variables(&[("GOVC_URL", typed)])), json!({ "url": expected }), None);
        };
        url("vc.example", "https://vc.example/sdk");
        url("vc.example:8443", "https://vc.example:8443/sdk");
        url("http://vc.example/sdk", "http://vc.example/sdk");
        url("https://vc.example/other", "https://vc.example/other");
    }

    #[test]
    fn a_vcenter_with_its_login_in_the_url() {
        let given = variables(&[("GOVC_URL", "me%40vsphere.local:p%23ss@vc.example"), ("GOVC_INSECURE", "1")]);
        let fields =
            json!({ "url": "https://vc.example/sdk", "userName": "me@vsphere.local", "sslVerification": false });
        check(vsphere(&given), fields, Some(("password", "p#ss")));
        let given = variables(&[
            ("GOVC_URL", "old:old@vc.example"),
            ("GOVC_USERNAME", "me"),
            ("GOVC_PASSWORD", "pass"),
            ("GOVC_INSECURE", "false"),
        ]);
        check(
            vsphere(&given),
            json!({ "url": "https://vc.example/sdk", "userName": "me" }),
            Some(("password", "pass")),
        );
    }

    #[test]
    fn known_hosts_with_sha_256_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, pin) = (folder.path().join("known_hosts"), "AB:".repeat(31) + "CD");
        let sha1 = "AB:".repeat(19) + "CD";
        std::fs::write(&file, format!("vc.example:443 {pin}\nvc.example {sha1}\nother.example:443 {pin}\n")).unwrap();
        let given = variables(&[("GOVC_URL", "vc.example"), ("GOVC_TLS_KNOWN_HOSTS", file.to_str().unwrap())]);
        check(vsphere(&given), json!({ "url": "https://vc.example/sdk", "certificateFingerprints": [pin] }), None);
    }
}
