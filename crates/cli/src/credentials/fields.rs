//! What credentials are made of, from flags and from what other programs left behind.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{clouds_yaml, openrc, variables};
use crate::{
    failure::{Failure, Outcome},
    output::note,
    secret::PasswordArgs,
};

/// The fields of both types.
#[derive(Debug, Clone, Default, Args)]
pub struct CommonFields {
    /// URL of the cloud: the identity service, or the vCenter's Web Services SDK
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// User name
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// PEM of certificate authorities to trust besides the system's
    #[arg(long, value_name = "FILE")]
    ca_certificate: Option<PathBuf>,
    /// SHA-256 of a certificate of the cloud to accept as it is; may be repeated
    #[arg(long = "fingerprint", value_name = "SHA256")]
    fingerprints: Vec<String>,
    /// Do not verify the cloud's certificate: anybody on the way can read the password
    #[arg(long)]
    insecure: bool,
    /// Only for this; may be repeated [default: inventory and provision]
    #[arg(long = "allowed-use", value_name = "USE")]
    allowed_uses: Vec<String>,
    #[command(flatten)]
    pub secret: PasswordArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub struct OpenstackFields {
    /// password, application-credential or token [default: as the other fields tell]
    #[arg(long, value_name = "TYPE", value_parser = ["password", "application-credential", "token"])]
    auth_type: Option<String>,
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// Project (tenant) by name
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,
    /// Domain of both user and project
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    #[arg(long, value_name = "NAME")]
    user_domain: Option<String>,
    #[arg(long, value_name = "ID")]
    user_domain_id: Option<String>,
    #[arg(long, value_name = "NAME")]
    project_domain: Option<String>,
    #[arg(long, value_name = "ID")]
    project_domain_id: Option<String>,
    #[arg(long, value_name = "ID")]
    application_credential_id: Option<String>,
    #[arg(long, value_name = "NAME")]
    application_credential_name: Option<String>,
    /// Only this region [default: all of the catalog]
    #[arg(long)]
    region: Option<String>,
    /// public, internal or admin [default: public]
    #[arg(long, value_name = "INTERFACE")]
    interface: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub struct VsphereFields {
    /// URL of a linked vCenter, with the same user and password; may be repeated
    #[arg(long = "linked-vcenter", value_name = "URL")]
    linked_vcenters: Vec<String>,
}

/// What other programs of this user know of an OpenStack.
#[derive(Debug, Clone, Default, Args)]
pub struct OpenstackSources {
    /// Take an entry of a clouds.yaml [default file: ., ~/.config/openstack, /etc/openstack]
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["openrc", "from_env"])]
    clouds_yaml: Option<Option<PathBuf>>,
    /// Which entry of clouds.yaml [env: OS_CLOUD]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["openrc", "from_env"])]
    cloud: Option<String>,
    /// Take the OS_… variables that an openrc file sets; it is read, never executed
    #[arg(long, value_name = "FILE", conflicts_with = "from_env")]
    openrc: Option<PathBuf>,
    /// Take the OS_… variables of the environment
    #[arg(long)]
    from_env: bool,
}

/// Fields of the API, and the secret apart from them.
#[derive(Debug, Default)]
pub struct Draft {
    pub fields: Map<String, Value>,
    /// With the field it goes into.
    pub secret: Option<(&'static str, SecretString)>,
}

impl Draft {
    pub fn set(&mut self, key: &str, value: Option<impl Into<Value>>) {
        self.fields.extend(value.map(|it| (key.to_owned(), it.into())));
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Value::as_str)
    }
}

impl OpenstackSources {
    /// What they say, and a name where they have one.
    pub fn read(&self) -> Outcome<(Draft, Option<String>)> {
        if let Some(path) = &self.openrc {
            return Ok((variables::openstack(&openrc::read(path)?)?, None));
        }
        if self.from_env {
            return Ok((variables::openstack(&variables::of_process("OS_"))?, None));
        }
        if self.clouds_yaml.is_none() && self.cloud.is_none() {
            return Ok((Draft::default(), None));
        }
        let (draft, name) = clouds_yaml::read(self.clouds_yaml.clone().flatten(), self.cloud.as_deref())?;
        Ok((draft, Some(name)))
    }
}

impl CommonFields {
    /// Over what is there already. `url` is the key this type has for it.
    pub fn apply(&self, draft: &mut Draft, url: &str) -> Outcome {
        draft.set(url, self.url.clone());
        draft.set("userName", self.user.clone());
        draft.set("description", self.description.clone());
        draft.set("caCertificate", self.ca_certificate.as_ref().map(read_pem).transpose()?);
        draft.set("certificateFingerprints", (!self.fingerprints.is_empty()).then(|| json!(self.fingerprints)));
        draft.set("allowedUses", (!self.allowed_uses.is_empty()).then(|| json!(self.allowed_uses)));
        draft.set("sslVerification", self.insecure.then_some(false));
        if draft.fields.get("sslVerification") == Some(&Value::Bool(false)) {
            note("warning: the cloud's certificate will not be verified: anybody on the way can read the password");
        }
        Ok(())
    }
}

impl OpenstackFields {
    pub fn apply(&self, draft: &mut Draft) {
        let auth_type = self.auth_type.as_deref().map(|it| match it {
            "application-credential" => "applicationCredential",
            other => other,
        });
        draft.set("authType", auth_type);
        for (key, value) in [
            ("userId", &self.user_id),
            ("tenantName", &self.project),
            ("projectId", &self.project_id),
            ("domainName", &self.domain),
            ("userDomainName", &self.user_domain),
            ("userDomainId", &self.user_domain_id),
            ("projectDomainName", &self.project_domain),
            ("projectDomainId", &self.project_domain_id),
            ("applicationCredentialId", &self.application_credential_id),
            ("applicationCredentialName", &self.application_credential_name),
            ("region", &self.region),
            ("interface", &self.interface),
        ] {
            draft.set(key, value.clone());
        }
    }
}

impl VsphereFields {
    pub fn apply(&self, draft: &mut Draft) {
        draft.set("linkedVCenters", (!self.linked_vcenters.is_empty()).then(|| json!(self.linked_vcenters)));
    }
}

/// Where the secret goes, by how the credentials log in.
pub fn secret_key(draft: &Draft) -> &'static str {
    match draft.text("authType") {
        Some("applicationCredential") => "applicationCredentialSecret",
        Some("token") => "token",
        _ => "password",
    }
}

/// An application credential is one that has an id or a name.
pub fn guess_auth_type(draft: &mut Draft) {
    let has = |key| draft.text(key).is_some();
    if !has("authType") && (has("applicationCredentialId") || has("applicationCredentialName")) {
        draft.set("authType", Some("applicationCredential"));
    }
}

pub fn read_pem(path: &PathBuf) -> Outcome<String> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Failure::usage(format!("{name} holds no PEM certificate")));
    }
    Ok(text)
}
