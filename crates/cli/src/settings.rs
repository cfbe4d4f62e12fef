//! Which server, as whom, and where: command line, then environment, then context.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;
use url::Url;

use crate::{
    client::{Login, Trust},
    context::{Context, Contexts},
    failure::{Failure, Outcome},
    output::Form,
};

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Where to work")]
pub struct Flags {
    /// URL of the server [also --url but for credentials; env: STACKYARD_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// Account by id or name [env: STACKYARD_ACCOUNT]
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Environment by id or name [env: STACKYARD_ENVIRONMENT]
    #[arg(long, global = true, value_name = "ENVIRONMENT")]
    pub environment: Option<String>,
    /// Context by name; then STACKYARD_… variables are not looked at [env: STACKYARD_CONTEXT]
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// PEM of the authority that signed the server's certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub server_ca_certificate: Option<PathBuf>,
    /// SHA-256 of the server's certificate, accepted whatever its chain, name and dates
    #[arg(long, global = true, value_name = "SHA256")]
    pub server_fingerprint: Option<String>,
    /// Speak without encryption to a server on another machine [env: STACKYARD_ALLOW_HTTP=1]
    #[arg(long, global = true)]
    pub allow_http: bool,
    /// How to print data
    #[arg(
        long,
        short,
        global = true,
        help_heading = "Data",
        value_enum,
        default_value_t,
        value_name = "FORM",
        hide_possible_values = true,
        long_help = "How to print data: table (for people), json or yaml (the API's data as it is), name (ids alone)"
    )]
    pub output: Form,
}

/// Everything that is needed to speak to a server.
pub struct Settings {
    pub url: Url,
    pub login: Login,
    pub trust: Trust,
    pub account: Option<String>,
    pub environment: Option<String>,
}

impl Settings {
    pub fn resolve(flags: &Flags, variable: impl Fn(&str) -> Option<String>, contexts: &Contexts) -> Outcome<Self> {
        // A context that is named on the command line is meant as a whole.
        let variable = |name: &str| match flags.context {
            Some(_) => None,
            None => variable(name).filter(|it| !it.is_empty()),
        };
        let named =
            flags.context.clone().or_else(|| variable("STACKYARD_CONTEXT")).or_else(|| contexts.current.clone());
        let context = match &named {
            Some(name) => contexts.get(name)?.clone(),
            None => Context::default(),
        };
        let typed = flags.server.clone().or_else(|| variable("STACKYARD_URL"));
        let known = Some(context.url.clone()).filter(|it| !it.is_empty());
        let url = typed.as_ref().or(known.as_ref()).ok_or_else(|| {
            Failure::usage(
                "no server is known; run stackyard login --url URL --from-file FILE, or give --server or STACKYARD_URL",
            )
        })?;
        let url = parse_url(url)?;
        let is_of_context = known.is_some_and(|it| parse_url(&it).is_ok_and(|it| it == url));
        let token = variable("STACKYARD_TOKEN");
        let (id, secret) = (variable("STACKYARD_API_KEY_ID"), variable("STACKYARD_API_SECRET_KEY"));
        let login = match (token, id, secret) {
            (Some(token), _, _) => Login::Token(SecretString::from(token)),
            (None, Some(id), Some(secret)) => Login::ApiKey { id, secret: SecretString::from(secret) },
            (None, Some(_), None) => return Err(Failure::usage("STACKYARD_API_SECRET_KEY is not set")),
            (None, None, Some(_)) => return Err(Failure::usage("STACKYARD_API_KEY_ID is not set")),
            // What was stored for one server is not sent to another.
            (None, None, None) if is_of_context => context.login(),
            (None, None, None) => Login::Nobody,
        };
        if matches!(login, Login::Nobody) {
            return Err(Failure::usage(format!(
                "there is no login for {url}; run stackyard login --url {url}, or set STACKYARD_TOKEN, or \
                 STACKYARD_API_KEY_ID and STACKYARD_API_SECRET_KEY"
            )));
        }
        // Accounts and environments of another server are other ones.
        let context = if is_of_context { context } else { Context::default() };
        let ca_certificate = flags.server_ca_certificate.clone().or(context.ca_certificate);
        let fingerprint = flags.server_fingerprint.clone().or(context.fingerprint);
        let allow_http =
            flags.allow_http || context.allow_http || variable("STACKYARD_ALLOW_HTTP").is_some_and(|it| it == "1");
        Ok(Settings {
            url,
            login,
            trust: Trust::new(ca_certificate, fingerprint, allow_http),
            account: flags.account.clone().or_else(|| variable("STACKYARD_ACCOUNT")).or(context.account),
            environment: flags
                .environment
                .clone()
                .or_else(|| variable("STACKYARD_ENVIRONMENT"))
                .or(context.environment),
        })
    }
}

/// A server's URL: scheme, host and port.
pub fn parse_url(text: &str) -> Outcome<Url> {
    let wrong = |why: &str| Failure::usage(format!("{text:?} is no server's URL: {why}; write https://HOST:PORT"));
    let url: Url = text.parse().map_err(|err: url::ParseError| wrong(&err.to_string()))?;
    match url.scheme() {
        "http" | "https" => {}
        _ => return Err(wrong("it begins with neither http:// nor https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::usage("a server's URL holds no user and no password"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("there is something after the host"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contexts() -> Contexts {
        let context = |url: &str, token: &str| Context {
            url: url.to_owned(),
            account: Some("7".to_owned()),
            token: Some(SecretString::from(token.to_owned())),
            ..Context::default()
        };
        let contexts = [("a", context("http://a:1", "token-a")), ("b", context("http://b:1", "token-b"))];
        let contexts = contexts.into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
        Contexts { current: Some("a".to_owned()), contexts }
    }

    fn resolve(flags: Flags, variables: &[(&str, &str)]) -> Outcome<Settings> {
        let variable = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        Settings::resolve(&flags, variable, &contexts())
    }

    fn flags(server: Option<&str>, context: Option<&str>) -> Flags {
        Flags { server: server.map(str::to_owned), context: context.map(str::to_owned), ..Flags::default() }
    }

    #[track_caller]
    fn check(settings: Outcome<Settings>, url: &str, token: &str, account: Option<&str>) {
        use secrecy::ExposeSecret;
        let settings = settings.unwrap();
        assert_eq!(settings.url.as_str(), url);
        let Login::Token(it) = settings.login else { panic!("no token") };
        assert_eq!(it.expose_secret(), token);
        assert_eq!(settings.account.as_deref(), account);
    }

    #[test]
    fn command_line_then_environment_then_context() {
        check(resolve(flags(None, None), &[]), "http://a:1/", "token-a", Some("7"));
        check(resolve(flags(None, None), &[("STACKYARD_CONTEXT", "b")]), "http://b:1/", "token-b", Some("7"));
        let variables = [("STACKYARD_URL", "http://c:1"), ("STACKYARD_TOKEN", "token-c"), ("STACKYARD_ACCOUNT", "9")];
        check(resolve(flags(None, None), &variables), "http://c:1/", "token-c", Some("9"));
        check(resolve(flags(None, Some("b")), &variables), "http://b:1/", "token-b", Some("7"));
        check(resolve(flags(Some("http://d:1"), None), &variables), "http://d:1/", "token-c", Some("9"));
    }

    #[test]
    fn a_login_is_sent_to_its_own_server_only() {
        for settings in [
            resolve(flags(Some("http://c:1"), None), &[]),
            resolve(flags(Some("http://a:2"), None), &[]),
            resolve(flags(None, None), &[("STACKYARD_URL", "https://a:1")]),
            resolve(flags(Some("http://b:1"), Some("a")), &[]),
        ] {
            assert!(matches!(settings, Err(Failure::Usage(_))));
        }
    }

    #[test]
    fn urls_that_are_none() {
        for text in ["a:1", "ftp://a", "http://a/b", "http://u:p@a", "http://", "http://a?b"] {
            assert!(matches!(parse_url(text), Err(Failure::Usage(_))), "{text}");
        }
    }
}
