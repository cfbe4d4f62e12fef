use crate::{
    client::{Call, Client, Login, Trust},
    context::Contexts,
    failure::{Failure, Outcome},
    output::note,
    settings::{Flags, parse_url},
};

pub const EXAMPLES: &str = "\
The token is worth nothing any more, wherever else it is kept. A context with an API key is forgotten, and its key stays
valid: others may use it, and stackyard api-keys delete revokes it.

Examples:
  stackyard logout
  stackyard logout --context lab";

/// The context stays where its token could not be revoked, so that this can be tried again.
pub async fn run(flags: &Flags) -> Outcome {
    let mut contexts = Contexts::load()?;
    let variable = std::env::var("STACKYARD_CONTEXT").ok().filter(|it| !it.is_empty());
    let name = flags.context.clone().or(variable).or_else(|| contexts.current.clone());
    let name = name.ok_or_else(|| Failure::usage("no context is the current one; name it with --context NAME"))?;
    let context = contexts.get(&name)?;
    let login = context.login();
    let done = match &login {
        Login::Token(_) => {
            let trust = Trust::new(context.ca_certificate.clone(), context.fingerprint.clone(), context.allow_http);
            let revoked = revoke(&Client::new(parse_url(&context.url)?, login, trust)?).await;
            match revoked {
                Ok(()) => "revoked its token".to_owned(),
                Err(Failure::Refused(refusal)) if refusal.status == 401 => "its token had ended already".to_owned(),
                Err(err) => {
                    note(&format!(
                        "context {name} stays; stackyard context remove {name} forgets it without the server"
                    ));
                    return Err(err);
                }
            }
        }
        Login::ApiKey { id, .. } => format!("its API key {id} stays valid"),
        Login::Nobody | Login::Session { .. } => "it held no login".to_owned(),
    };
    contexts.forget(&name)?;
    note(&format!("forgot context {name}; {done}"));
    Ok(())
}

/// The token that the client sends, also one that was narrowed.
async fn revoke(client: &Client) -> Outcome {
    client.send(&Call::delete("/session/".to_owned())).await.map(drop)
}
