//! Creating and changing: parse, ask the cloud, and only then write, all at once.

use api_types::{
    cloud_credentials::{CloudCredentials, CloudCredentialsType},
    validations::Validation,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{
    DbError, Json, Select, Time, Tx,
    cloud_credentials::{self, CloudCredential, CredentialStatus},
};

use super::{
    super::{
        body::{Body, text},
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        reply::Reply,
    },
    Id, details, own,
};
use crate::http::extract::{Path, Query};
use crate::{
    app::App,
    clouds::{self, Aim, Connected, Opening},
    credentials::{Draft, SECRET_KEYS, secret_place, uses},
    sync,
    validation::{self, Ask, Outcome},
};

const READ_ONLY: &[&str] =
    &["id", "scope", "status", "usedBy", "lastUses", "lastValidation", "cloudDetails", "added", "updated"];
const LONGEST_DESCRIPTION: usize = 4096;
const AVAILABLE_TO_ALL: &str = "AvailableToAllAccounts";

#[derive(Deserialize)]
pub struct SaveQuery {
    validate: Option<bool>,
}

/// The fields of a request, sorted by where they go.
pub(super) struct Fields {
    pub(super) name: Option<String>,
    description: Option<Value>,
    pub(super) credentials_type: Option<CloudCredentialsType>,
    pub(super) provider: Option<String>,
    allowed_uses: Option<Value>,
    pub(super) config: Map<String, Value>,
    pub(super) secrets: Map<String, Value>,
}

impl Fields {
    pub(super) fn read(body: Body) -> ApiResult<Fields> {
        body.refuse(READ_ONLY)?;
        let Body(mut config) = body;
        let secrets = SECRET_KEYS.iter().filter_map(|key| config.remove_entry(*key)).collect();
        let credentials_type = match config.remove("cloudCredentialsType") {
            None => None,
            Some(value) => {
                let message = "cloudCredentialsType is OpenstackCloudCredentials or VmwareCloudCredentials";
                Some(serde_json::from_value(value).map_err(|_| ApiError::value(message))?)
            }
        };
        let mut take_text = |key: &str| match config.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::structure(format!("{key:?} is not a text"))),
        };
        let (name, provider) = (take_text("name")?, take_text("provider")?);
        if let Some(name) = &name {
            text("name", name)?;
        }
        let (description, allowed_uses) = (config.remove("description"), config.remove("allowedUses"));
        Ok(Fields { name, description, credentials_type, provider, allowed_uses, config, secrets })
    }

    fn description(&self) -> ApiResult<Option<String>> {
        match &self.description {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(String::new())),
            Some(Value::String(text)) if text.chars().count() <= LONGEST_DESCRIPTION => Ok(Some(text.clone())),
            Some(Value::String(_)) => Err(ApiError::value(format!("description is longer than {LONGEST_DESCRIPTION}"))),
            Some(_) => Err(ApiError::structure("\"description\" is not a text")),
        }
    }
}

pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<SaveQuery>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let fields = Fields::read(body)?;
    let missing = |key: &str| ApiError::structure(format!("{key:?} is missing"));
    let name = fields.name.clone().ok_or_else(|| missing("name"))?;
    let credentials_type = fields.credentials_type.ok_or_else(|| missing("cloudCredentialsType"))?;
    let draft = Draft::new(credentials_type, fields.provider.as_deref(), fields.config.clone())?;
    let secret = draft.secret(fields.secrets.clone())?.ok_or_else(|| missing(draft.secret_key()))?;
    let now = Time::now();
    let credential = CloudCredential {
        id: new_id(),
        account_id: caller.scope.account_id(),
        name,
        description: fields.description()?.unwrap_or_default(),
        credentials_type: serde_json::to_value(credentials_type)
            .ok()
            .and_then(|it| it.as_str().map(str::to_owned))
            .unwrap_or_default(),
        provider: draft.platform.to_string(),
        status: CredentialStatus::Disabled,
        config: Json(Value::Object(draft.config.clone())),
        audience: Json(draft.audience()),
        allowed_uses: Json(uses(fields.allowed_uses.as_ref())?),
        secret_version: 1,
        details: None,
        created_at: now,
        updated_at: now,
        last_validation_id: None,
    };
    let mut tx = app.db.read().await?;
    refuse_duplicate(&mut tx, &credential).await?;
    drop(tx);
    let save = Save { credential, before: None, secret: Some(secret) };
    save.ask_and_write(app, caller, draft, query.validate.unwrap_or(true), wants_async(&headers)).await
}

pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    Query(query): Query<SaveQuery>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let fields = Fields::read(body)?;
    let mut tx = app.db.read().await?;
    let before = own(&mut tx, caller.scope, &id.cloud_credentials_id).await?;
    let old = clouds::draft(&before)?;
    for (key, changed) in [
        ("cloudCredentialsType", fields.credentials_type.is_some_and(|it| it != old.credentials_type)),
        ("provider", fields.provider.as_ref().is_some_and(|it| *it != before.provider)),
    ] {
        if changed {
            return Err(ApiError::structure(format!("{key:?} can only be set when the credentials are created")));
        }
    }
    let mut config = old.config.clone();
    config.extend(fields.config.clone());
    let draft = Draft::new(old.credentials_type, Some(&before.provider), config)?;
    let secret = draft.secret(fields.secrets.clone())?;
    if secret.is_none()
        && let Some(key) = draft.needs_secret_again(&old)
    {
        let message = format!("changing {key:?} requires {:?} in the same request", draft.secret_key());
        return Err(ApiError::value(message)
            .remedy("the stored secret is not sent to an address or under a trust it was not given for"));
    }
    let mut credential = before.clone();
    if let Some(name) = fields.name.clone() {
        credential.name = name;
    }
    if let Some(description) = fields.description()? {
        credential.description = description;
    }
    if fields.allowed_uses.is_some() {
        credential.allowed_uses = Json(uses(fields.allowed_uses.as_ref())?);
    }
    credential.config = Json(Value::Object(draft.config.clone()));
    credential.audience = Json(draft.audience());
    credential.secret_version += i64::from(secret.is_some());
    credential.updated_at = Time::now();
    refuse_duplicate(&mut tx, &credential).await?;
    drop(tx);
    // A new name or description is nothing to ask the cloud about.
    let matters = secret.is_some() || draft.config != old.config;
    let save = Save { credential, before: Some(before), secret };
    if !matters && query.validate != Some(true) {
        return save.write_unasked(&app, &caller).await;
    }
    save.ask_and_write(app, caller, draft, query.validate.unwrap_or(true), wants_async(&headers)).await
}

/// Rows that are to be written together, or not at all.
struct Save {
    credential: CloudCredential,
    before: Option<CloudCredential>,
    /// `None`: the stored one stays.
    secret: Option<SecretString>,
}

impl Save {
    async fn ask_and_write(
        self,
        app: App,
        caller: Caller,
        draft: Draft,
        validate: bool,
        is_async: bool,
    ) -> ApiResult<Response> {
        if !validate {
            return self.write_disabled(&app, &caller).await;
        }
        let secret = match (&self.secret, &self.before) {
            (Some(secret), _) => secret.clone(),
            (None, Some(before)) => {
                let opening = Opening {
                    aim: Aim::Validation,
                    purpose: "validation",
                    requester: caller.requester(),
                    account_id: before.account_id,
                };
                clouds::open_secret(&app, before, &opening).await?
            }
            (None, None) => return Err(ApiError::structure("the secret is missing")),
        };
        let connected = Connected::new(&app, &draft, secret)?;
        let access = if is_async { self.access(&mut app.db.read().await?).await? } else { None };
        // Not yet of the credentials: what is refused says nothing about those that stay.
        let ask = Ask { of: None, account_id: caller.scope.account_id(), requested_by: caller.requester() };
        let begun = validation::begin(&app, &ask).await?;
        let view = Validation {
            id: begun.row.id.clone(),
            status: validation::api_status(begun.row.status),
            cloud_credentials_id: None,
            started_at: begun.row.started_at.0,
            ended_at: None,
            checks: Vec::new(),
            changes: None,
        };
        // A task of its own: a client that hangs up does not leave a run without its end.
        let task = app.clone().tasks.spawn(async move {
            let outcome = validation::run(&app, &begun, &connected).await;
            connected.cloud().close().await;
            let outcome = outcome?;
            let written = self.write(&app, &caller, &outcome).await;
            if let Err(err) = &written {
                let good = "the checks passed, but nothing was saved";
                let what = if outcome.is_usable() { good } else { validation::UNWRITTEN };
                validation::fail(&app, &outcome.id, what, err).await;
            }
            app.wake_streams();
            written
        });
        if is_async {
            let mut reply = Reply::accepted(view);
            if let Some(accounts) = access {
                let message = format!("once they are saved, every account can use these credentials: {accounts}");
                reply = reply.warn(AVAILABLE_TO_ALL, message);
            }
            return Ok(reply.into_response());
        }
        task.await.map_err(ApiError::internal)?
    }

    /// After the checks: saved and enabled, or refused with the whole report.
    async fn write(&self, app: &App, caller: &Caller, outcome: &Outcome) -> ApiResult<Response> {
        let mut tx = app.db.write().await?;
        if !outcome.is_usable() {
            // What was saved before stays as it was.
            outcome.end(&mut tx, None).await?;
            let row = store::validations::get(&mut tx, &outcome.id).await?;
            let report = validation::view(&mut tx, &row).await?;
            tx.commit().await?;
            let mut err = ApiError::value(outcome.sentence()).validation(report);
            if let Some(remedy) = outcome.remedy() {
                err = err.remedy(remedy);
            }
            return Err(err);
        }
        // What was seen of another cloud, or as another user, is not kept.
        let is_other = self.before.as_ref().is_some_and(|it| it.config != self.credential.config);
        let nothing = is_other.then_some(Value::Null);
        let outcome = &Outcome { details: outcome.details.clone().or(nothing), ..outcome.clone() };
        let credential = CloudCredential {
            status: CredentialStatus::Enabled,
            details: outcome.details.clone().map(Json),
            last_validation_id: Some(outcome.id.clone()),
            ..self.credential.clone()
        };
        self.write_rows(app, &mut tx, &credential).await?;
        outcome.end(&mut tx, Some(&credential.id)).await?;
        sync::record_login(app, &mut tx, &credential.id, None, true).await?;
        self.finish(app, caller, tx, credential, None).await
    }

    /// `?validate=false`.
    async fn write_disabled(&self, app: &App, caller: &Caller) -> ApiResult<Response> {
        let credential = CloudCredential { status: CredentialStatus::Disabled, ..self.credential.clone() };
        let mut tx = app.db.write().await?;
        self.write_rows(app, &mut tx, &credential).await?;
        let warning = "saved without asking the cloud: the credentials are disabled until a validation passes";
        self.finish(app, caller, tx, credential, Some(("NotValidated", warning.to_owned()))).await
    }

    async fn write_unasked(&self, app: &App, caller: &Caller) -> ApiResult<Response> {
        let mut tx = app.db.write().await?;
        self.write_rows(app, &mut tx, &self.credential).await?;
        self.finish(app, caller, tx, self.credential.clone(), None).await
    }

    async fn write_rows(&self, app: &App, tx: &mut Tx, credential: &CloudCredential) -> ApiResult<()> {
        refuse_duplicate(tx, credential).await?;
        // Of two that are saved at once the second is stopped by the database alone.
        let taken = |err| match err {
            DbError::Duplicate { .. } => name_taken(&credential.name, place(credential)),
            other => other.into(),
        };
        match &self.before {
            None => cloud_credentials::insert(tx, credential).await.map_err(taken)?,
            Some(before) => {
                let now = cloud_credentials::find(tx, &before.id).await?;
                let gone = || ApiError::not_found(format!("cloud credentials {}", before.id));
                let now = now.ok_or_else(|| gone().remedy("somebody deleted them meanwhile; create them anew"))?;
                if now.updated_at != before.updated_at {
                    let message = "somebody else changed these credentials meanwhile; nothing was saved";
                    return Err(ApiError::conflict("UnacceptableState", message).remedy("load them again, then repeat"));
                }
                cloud_credentials::update(tx, credential).await.map_err(taken)?;
            }
        }
        if let Some(secret) = &self.secret {
            let place = secret_place(&credential.id, credential.secret_version, credential.audience.0.clone());
            app.secrets.put(tx, &place, secret).await.map_err(ApiError::internal)?;
        }
        Ok(())
    }

    async fn finish(
        &self,
        app: &App,
        caller: &Caller,
        mut tx: Tx,
        credential: CloudCredential,
        warning: Option<(&str, String)>,
    ) -> ApiResult<Response> {
        let after = details(&mut tx, caller.scope, &credential).await?;
        let verb = if self.before.is_some() { "update" } else { "create" };
        let mut change = Change::new("cloud-credentials", verb, &credential.id, &credential.name).after(&after);
        if let Some(before) = &self.before {
            change = change.before(&details(&mut tx, caller.scope, before).await?);
        }
        caller.record(&mut tx, app, change).await?;
        let access = self.access(&mut tx).await?;
        clouds::commit_and_forget(app, tx, &credential.id).await?;
        let mut reply: Reply<CloudCredentials> =
            if self.before.is_some() { Reply::ok(after) } else { Reply::created(after) };
        if let Some((code, message)) = warning {
            reply = reply.warn(code, message);
        }
        if let Some(accounts) = access {
            reply = reply.warn(AVAILABLE_TO_ALL, format!("every account can use these credentials: {accounts}"));
        }
        Ok(reply.into_response())
    }

    /// Names of all accounts, for the one who creates at Scalr scope; `None` where no account gets access by it.
    async fn access(&self, tx: &mut Tx) -> ApiResult<Option<String>> {
        if self.before.is_some() || self.credential.account_id.is_some() {
            return Ok(None);
        }
        let accounts = store::accounts::list(tx, Select::new()).await?.rows;
        Ok(Some(accounts.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ")))
    }
}

async fn refuse_duplicate(tx: &mut Tx, credential: &CloudCredential) -> ApiResult<()> {
    let CloudCredential { account_id, name, id, .. } = credential;
    let taken = cloud_credentials::duplicate_in_visible_scope(tx, *account_id, name, Some(id)).await?;
    let Some(taken) = taken else { return Ok(()) };
    Err(name_taken(name, place(&taken)))
}

fn place(credential: &CloudCredential) -> &'static str {
    if credential.account_id.is_some() { "in this account" } else { "at Scalr scope" }
}

fn name_taken(name: &str, place: &str) -> ApiError {
    let message = format!("cloud credentials named {name:?} exist already {place}");
    ApiError::conflict("UnicityViolation", message).remedy("choose another name")
}

/// RFC 7240 §4.1.
pub(super) fn wants_async(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|it| it.split(',')).any(|it| it.trim().eq_ignore_ascii_case("respond-async"))
}

/// 12 hexadecimal digits, as the original's.
pub(in crate::http) fn new_id() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    random.chars().take(12).collect()
}
