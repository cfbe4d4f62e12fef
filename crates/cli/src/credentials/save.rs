//! Adding and changing: what is given, a validation that is followed, and its report.

use api_types::validations::ValidationStatus;
use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{
    NOUN, certificate,
    fields::{CommonFields, Draft, OpenstackFields, OpenstackSources, VsphereFields, guess_auth_type, secret_key},
    validate::{follow, tell_changes},
    variables,
};
use crate::{
    accounts,
    app::{App, Scope},
    client::{Call, encode},
    failure::{Failure, Outcome},
    object::{self, ChangeArgs},
    output::{Form, ask, note, print, report},
    secret::prompt,
};

pub const UPDATE_EXAMPLES: &str = "\
A new URL, linked vCenter, authority or pin needs the secret again: a stored secret is not sent where it was not given for.

Examples:
  stackyard credentials update lab --name lab-2 --description Lab
  stackyard credentials update lab --password-file ./password
  stackyard credentials update vc --url https://vc2.example/sdk --ask-password";

#[derive(Debug, Subcommand)]
pub enum Add {
    /// Add an OpenStack project
    #[command(after_long_help = "\
The password is asked for, or read from --password-stdin, --password-file or STACKYARD_PASSWORD.

Examples:
  stackyard credentials add openstack --name lab --url https://keystone.example:5000 --user me --project lab --domain Default
  stackyard credentials add openstack --clouds-yaml --cloud lab
  stackyard credentials add openstack --name lab --openrc ./lab-openrc.sh --password-file ./password
  stackyard credentials add openstack --name lab --from-env --scope scalr --yes")]
    Openstack {
        #[command(flatten)]
        input: Box<OpenstackInput>,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Add a vCenter
    #[command(after_long_help = "\
The password is asked for, or read from --password-stdin, --password-file or STACKYARD_PASSWORD.

Examples:
  stackyard credentials add vsphere --name vc --url https://vc.example/sdk --user stackyard@vsphere.local
  stackyard credentials add vsphere --name vc --url https://vc1.example/sdk --linked-vcenter https://vc2.example/sdk --user me
  stackyard credentials add vsphere --name vc --from-env --password-stdin < password")]
    Vsphere {
        #[command(flatten)]
        input: Box<VsphereInput>,
        #[command(flatten)]
        save: SaveArgs,
    },
}

#[derive(Debug, Args)]
pub struct SaveArgs {
    /// Keep the credentials, disabled, without asking the cloud
    #[arg(long)]
    no_validate: bool,
    /// At Scalr scope: let all accounts use them without being asked
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct OpenstackInput {
    /// Name of the credentials [default: that of the clouds.yaml entry]
    #[arg(long)]
    name: Option<String>,
    /// Distribution: openstack, ocs, hpcloud, mirantis, vio or cisco
    #[arg(long, default_value = "openstack")]
    provider: String,
    #[command(flatten)]
    sources: OpenstackSources,
    #[command(flatten)]
    common: CommonFields,
    #[command(flatten)]
    openstack: OpenstackFields,
}

#[derive(Debug, Args)]
pub struct VsphereInput {
    /// Name of the credentials
    #[arg(long)]
    name: Option<String>,
    /// Take GOVC_URL, GOVC_USERNAME, GOVC_PASSWORD, GOVC_INSECURE and the like from the environment
    #[arg(long)]
    from_env: bool,
    #[command(flatten)]
    common: CommonFields,
    #[command(flatten)]
    vsphere: VsphereFields,
}

#[derive(Debug, Args)]
pub struct Update {
    /// By id or name
    credentials: String,
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    common: Box<CommonFields>,
    #[command(flatten)]
    openstack: Box<OpenstackFields>,
    #[command(flatten)]
    vsphere: VsphereFields,
    /// Verify the cloud's certificate again
    #[arg(long, conflicts_with = "insecure")]
    secure: bool,
    /// Ask for the secret
    #[arg(long)]
    ask_password: bool,
    /// Keep the change, disabled, without asking the cloud
    #[arg(long)]
    no_validate: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl OpenstackInput {
    /// With the name where one is known. Asks for the secret where none is given, unless it is not needed.
    pub fn draft(&self, needs_secret: bool) -> Outcome<(Draft, Option<String>)> {
        let (mut draft, name) = self.sources.read()?;
        self.common.apply(&mut draft, "keystoneUrl")?;
        self.openstack.apply(&mut draft);
        guess_auth_type(&mut draft);
        draft.set("cloudCredentialsType", Some("OpenstackCloudCredentials"));
        draft.set("provider", Some(self.provider.clone()));
        need(&draft, "keystoneUrl", "--url, --clouds-yaml, --openrc or --from-env")?;
        settle_secret(&mut draft, &self.common, needs_secret)?;
        Ok((draft, self.name.clone().or(name)))
    }
}

impl VsphereInput {
    /// Asks for the secret where none is given, unless it is not needed.
    pub fn draft(&self, needs_secret: bool) -> Outcome<Draft> {
        let mut draft = match self.from_env {
            true => variables::vsphere(&variables::of_process("GOVC_"))?,
            false => Draft::default(),
        };
        self.common.apply(&mut draft, "url")?;
        self.vsphere.apply(&mut draft);
        draft.set("cloudCredentialsType", Some("VmwareCloudCredentials"));
        draft.set("provider", Some("vmware"));
        need(&draft, "url", "--url or --from-env")?;
        need(&draft, "userName", "--user")?;
        settle_secret(&mut draft, &self.common, needs_secret)?;
        Ok(draft)
    }
}

fn need(draft: &Draft, key: &str, flags: &str) -> Outcome {
    match draft.text(key) {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("{key} is missing; give {flags}"))),
    }
}

/// What a flag gives wins; then what the source had; then the environment or a prompt.
fn settle_secret(draft: &mut Draft, common: &CommonFields, needs_secret: bool) -> Outcome {
    let key = secret_key(draft);
    let given = match common.secret.given()? {
        Some(secret) => secret,
        None => match draft.secret.take().filter(|(it, _)| *it == key) {
            Some((_, secret)) => secret,
            None if needs_secret => common.secret.read(key, "STACKYARD_PASSWORD")?,
            // Never sent: it only takes its place in what is shown.
            None => SecretString::from(""),
        },
    };
    draft.secret = Some((key, given));
    Ok(())
}

impl Draft {
    pub fn call(self, call: Call) -> Call {
        Call { body: Some(self.fields), secrets: self.secret.into_iter().collect(), ..call }
    }
}

pub async fn add(app: &App, scope: Scope, base: &str, add: Add) -> Outcome {
    let (mut draft, name, save) = match add {
        Add::Openstack { input, save } => {
            let (draft, name) = input.draft(!save.change.dry_run)?;
            (draft, name, save)
        }
        Add::Vsphere { input, save } => (input.draft(!save.change.dry_run)?, input.name.clone(), save),
    };
    draft.set("name", Some(name.ok_or_else(|| Failure::usage("--name is missing"))?));
    if scope == Scope::Scalr && !save.yes && !save.change.dry_run {
        confirm_access(app).await?;
    }
    let call = draft.call(Call::post(format!("{base}/cloud-credentials/")));
    send(app, base, call, &Value::Null, !save.no_validate, save.change).await
}

async fn confirm_access(app: &App) -> Outcome {
    let names = accounts::names(app).await?.join(", ");
    note(&format!("at Scalr scope every account can use these credentials: {names}"));
    match ask("let them?") {
        Some(true) => Ok(()),
        Some(false) => {
            note("nothing was saved");
            Err(Failure::Told)
        }
        None => Err(Failure::usage("nothing was saved; --yes lets all accounts use them")),
    }
}

pub async fn update(app: &App, base: &str, update: Update) -> Outcome {
    let all = format!("{base}/cloud-credentials/");
    let before = object::get(app, &NOUN, &all, &update.credentials).await?;
    let mut draft = Draft::default();
    let is_openstack = before["cloudCredentialsType"] == "OpenstackCloudCredentials";
    update.common.apply(&mut draft, if is_openstack { "keystoneUrl" } else { "url" })?;
    update.openstack.apply(&mut draft);
    update.vsphere.apply(&mut draft);
    draft.set("name", update.name.clone());
    draft.set("sslVerification", update.secure.then_some(true));
    let secret = match update.common.secret.given()? {
        None if update.ask_password => Some(prompt("secret", "give --password-stdin or --password-file FILE")?),
        given => given,
    };
    let kept = before["authType"].as_str().filter(|_| draft.text("authType").is_none());
    let key = match kept {
        Some("applicationCredential") => "applicationCredentialSecret",
        Some("token") => "token",
        _ => secret_key(&draft),
    };
    draft.secret = secret.map(|it| (key, it));
    if draft.fields.is_empty() && draft.secret.is_none() {
        return Err(Failure::usage("nothing is to be changed"));
    }
    let id = before["id"].as_str().unwrap_or_default();
    let call = draft.call(Call::patch(format!("{all}{}/", encode(id))));
    send(app, base, call, &before["certificateFingerprints"], !update.no_validate, update.change).await
}

/// Sends a change and follows the checks; where a certificate is not trusted, offers to pin it besides those in `pinned`
/// and tries once more.
async fn send(app: &App, base: &str, mut call: Call, pinned: &Value, validate: bool, change: ChangeArgs) -> Outcome {
    call.respond_async = validate;
    if !validate {
        call = call.query("validate", false);
    }
    for may_pin in [true, false] {
        let Some(answer) = (if change.dry_run {
            print(&call.describe(app.client.url()))?;
            None
        } else {
            Some(app.client.send(&call).await?)
        }) else {
            return Ok(());
        };
        if answer.status != 202 {
            return saved(app, &answer.data);
        }
        let validation = follow(app, base, answer.data).await?;
        if app.form == Form::Table || validation.status == ValidationStatus::Failed {
            report::print_report(app.form, &validation)?;
        }
        if validation.status != ValidationStatus::Failed {
            tell_changes(app, &validation);
            let id = validation.cloud_credentials_id.unwrap_or_default();
            let path = format!("{base}/cloud-credentials/{}/", encode(&id));
            return saved(app, &app.client.data(&Call::get(path)).await?);
        }
        let pins = certificate::untrusted(&validation);
        if may_pin && !pins.is_empty() && call.secrets.is_empty() {
            // A stored secret is not sent to somebody it was not given for.
            note("a new pin needs the secret again: add --ask-password");
        } else if may_pin && !pins.is_empty() && ask("pin this certificate?") == Some(true) {
            add_pins(call.body.get_or_insert_default(), pinned, pins);
            continue;
        }
        break;
    }
    note("error: a required check failed; nothing was saved");
    Err(Failure::Told)
}

/// To those the request names, or else to those that are stored, which a list in the request would replace.
fn add_pins(body: &mut Map<String, Value>, stored: &Value, pins: Vec<String>) {
    let known = body.entry("certificateFingerprints").or_insert_with(|| match stored {
        Value::Array(stored) => json!(stored),
        _ => json!([]),
    });
    known.as_array_mut().into_iter().for_each(|it| it.extend(pins.iter().map(|it| json!(it))));
}

/// The line that says what it is called now.
fn saved(app: &App, credentials: &Value) -> Outcome {
    if app.form != Form::Table {
        return object::print_saved(app, &NOUN, credentials);
    }
    let text = |key: &str| credentials[key].as_str().unwrap_or_default();
    print(&crate::output::clean(&format!(
        "saved cloud credentials {} {} ({})",
        text("id"),
        text("name"),
        text("status")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pin_joins_the_others() {
        let check = |body: Value, stored: Value, expected: Value| {
            let Value::Object(mut body) = body else { unreachable!() };
            add_pins(&mut body, &stored, vec!["CC".to_owned()]);
            assert_eq!(body["certificateFingerprints"], expected);
        };
        check(json!({}), json!(["AA", "BB"]), json!(["AA", "BB", "CC"]));
        check(json!({ "certificateFingerprints": ["BB"] }), json!(["AA"]), json!(["BB", "CC"]));
        check(json!({}), Value::Null, json!(["CC"]));
    }
}
