use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use api_types::{keys::Token, sessions::CurrentSession};
use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    client::{Call, Client, Login, Trust, parse_fingerprint},
    context::{Context, Contexts},
    failure::{Failure, Outcome},
    output::note,
    secret::PasswordArgs,
    settings::{Flags, parse_url},
};

pub const EXAMPLES: &str = "\
With --email the password is asked for, used once, and a token of 90 days is kept instead of it.

Examples:
  stackyard login --url http://127.0.0.1:7780 --from-file /var/lib/stackyard/initial-admin.json
  stackyard login --url https://stackyard.example --email me@example.org
  stackyard login --url https://stackyard.example --api-key-id APIKABCDEFGH --password-file ./key
  stackyard login --url https://stackyard.example --token --password-stdin < token";

#[derive(Debug, Args)]
pub struct LoginArgs {
    /// URL of the server [env: STACKYARD_URL]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The initial-admin.json of the server's first start
    #[arg(long, value_name = "FILE", conflicts_with_all = ["api_key_id", "token", "email"])]
    pub from_file: Option<PathBuf>,
    /// Sign with this key; its secret is asked for [env: STACKYARD_API_KEY_ID, STACKYARD_API_SECRET_KEY]
    #[arg(long, value_name = "ID", conflicts_with_all = ["token", "email"])]
    pub api_key_id: Option<String>,
    /// Use a bearer token, which is asked for [env: STACKYARD_TOKEN]
    #[arg(long, conflicts_with = "email")]
    pub token: bool,
    /// Log in with a password, which is asked for [env: STACKYARD_PASSWORD]
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
    #[command(flatten)]
    pub secret: PasswordArgs,
    /// PEM of the authority that signed the server's certificate
    #[arg(long, value_name = "FILE")]
    pub ca_certificate: Option<PathBuf>,
    /// SHA-256 of the server's certificate, accepted whatever its chain, name and dates
    #[arg(long, value_name = "SHA256")]
    pub fingerprint: Option<String>,
}

/// What the first start of a server wrote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InitialAdmin {
    api_key_id: String,
    api_secret_key: SecretString,
    account_id: i64,
    environment_id: i64,
}

/// Tries the login, and keeps it as the current context.
pub async fn run(flags: &Flags, args: LoginArgs) -> Outcome {
    let mut context = match &args.email {
        Some(email) => with_password(flags, &args, email).await?,
        None => context(flags, &args)?,
    };
    let trust = Trust::new(context.ca_certificate.clone(), context.fingerprint.clone(), context.allow_http);
    let url = parse_url(&context.url)?;
    let mut contexts = Contexts::load()?;
    let name = flags.context.clone().unwrap_or_else(|| name(&contexts, &context, &url));
    let client = Client::new(url, context.login(), trust)?;
    let session: CurrentSession = read(client.data(&Call::get("/session/")).await?)?;
    if let ([account], None) = (session.accounts.as_slice(), &context.account) {
        context.account = Some(account.id.to_string());
    }
    contexts.contexts.insert(name.clone(), context);
    contexts.current = Some(name.clone());
    contexts.save()?;
    let whom = session.email.unwrap_or_else(|| "a limited token".to_owned());
    note(&format!("logged in as {whom}; context {name} is the current one"));
    Ok(())
}

/// That of the context for this server; for a new one its host, and its port where the host is another server's name.
fn name(contexts: &Contexts, context: &Context, url: &Url) -> String {
    let known = contexts.contexts.iter().find(|(_, it)| it.url == context.url);
    let host = url.host_str().unwrap_or_default();
    match known {
        Some((name, _)) => name.clone(),
        None if !contexts.contexts.contains_key(host) => host.to_owned(),
        None => format!("{host}:{}", url.port_or_known_default().unwrap_or_default()),
    }
}

/// A context as the flags say, with its secret read. Nothing is sent anywhere.
pub fn context(flags: &Flags, args: &LoginArgs) -> Outcome<Context> {
    if args.email.is_some() {
        return Err(Failure::usage("--email is for stackyard login, which keeps a token instead of the password"));
    }
    let mut context = place(flags, args)?;
    if let Some(path) = &args.from_file {
        let initial = initial_admin(path)?;
        context.api_key_id = Some(initial.api_key_id);
        context.api_secret_key = Some(initial.api_secret_key);
        context.account.get_or_insert(initial.account_id.to_string());
        context.environment.get_or_insert(initial.environment_id.to_string());
        return Ok(context);
    }
    if args.token {
        context.token = Some(args.secret.read("token", "STACKYARD_TOKEN")?);
        return Ok(context);
    }
    let id = args.api_key_id.clone().or_else(|| std::env::var("STACKYARD_API_KEY_ID").ok());
    let id =
        id.ok_or_else(|| Failure::usage("say how to log in: --from-file FILE, --email, --api-key-id ID or --token"))?;
    context.api_key_id = Some(id);
    context.api_secret_key = Some(args.secret.read("secret key", "STACKYARD_API_SECRET_KEY")?);
    Ok(context)
}

/// All but the login.
fn place(flags: &Flags, args: &LoginArgs) -> Outcome<Context> {
    let url = args.url.clone().or_else(|| flags.server.clone()).or_else(|| std::env::var("STACKYARD_URL").ok());
    let url = url.ok_or_else(|| Failure::usage("--url is missing"))?;
    let url = parse_url(&url)?.to_string();
    let fingerprint = args.fingerprint.clone().or_else(|| flags.server_fingerprint.clone());
    if let Some(fingerprint) = &fingerprint {
        parse_fingerprint(fingerprint)?;
    }
    let ca_certificate = args.ca_certificate.clone().or_else(|| flags.server_ca_certificate.clone());
    // Kept for other working directories.
    let ca_certificate =
        ca_certificate.map(|it| std::path::absolute(&it).with_context(|| format!("{} is no path", it.display())));
    Ok(Context {
        url: url.trim_end_matches('/').to_owned(),
        account: flags.account.clone(),
        environment: flags.environment.clone(),
        ca_certificate: ca_certificate.transpose()?,
        fingerprint,
        allow_http: flags.allow_http || std::env::var("STACKYARD_ALLOW_HTTP").is_ok_and(|it| it == "1"),
        ..Context::default()
    })
}

fn initial_admin(path: &Path) -> Outcome<InitialAdmin> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    // The parser's message could quote a secret, so only the place is told.
    serde_json::from_str(&text).map_err(|err| {
        let (line, column) = (err.line(), err.column());
        Failure::Other(anyhow::anyhow!("{name}:{line}:{column}: this is not the initial-admin.json of a server"))
    })
}

/// The password makes a session, the session a token, and only the token is kept.
async fn with_password(flags: &Flags, args: &LoginArgs, email: &str) -> Outcome<Context> {
    let mut context = place(flags, args)?;
    let password = args.secret.read("password", "STACKYARD_PASSWORD")?;
    let trust = Trust::new(context.ca_certificate.clone(), context.fingerprint.clone(), context.allow_http);
    let url = parse_url(&context.url)?;
    let nobody = Client::new(url.clone(), Login::Nobody, trust.clone())?;
    let call = Call::post("/session/").with([("email", Some(json!(email)))]).secret("password", Some(password));
    let (cookie, session) = nobody.log_in(&call).await?;
    let session: CurrentSession = read(session)?;
    let csrf = session.csrf_token.context("the server did not give a CSRF token")?.into();
    let client = Client::new(url, Login::Session { cookie, csrf }, trust)?;
    let name = format!("stackyard on {}", fs::read_to_string("/etc/hostname").unwrap_or_default().trim());
    let call = Call::post("/profile/tokens/").with([("name", Some(json!(name)))]);
    let token = client.data(&call).await;
    // The session has done its work, whatever came of it.
    client.send(&Call::delete("/session/")).await?;
    let token: Token = read(token?)?;
    let token = token.token.context("the server did not give a token")?;
    context.token = Some(token.into());
    Ok(context)
}

fn read<T: serde::de::DeserializeOwned>(data: Value) -> Outcome<T> {
    Ok(serde_json::from_value(data).context("the server answers otherwise than expected")?)
}
