use cloud::CloudError;
use cloud_http::{Trust, origin};
use serde::{Deserialize, Serialize};
use url::Url;

/// Everything about a credential but its secret (password, application credential secret or token).
/// Empty texts count as absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// With or without `/v3`, with or without a path prefix such as `/identity`.
    pub keystone_url: String,
    #[serde(default)]
    pub auth_type: AuthType,
    #[serde(default)]
    pub user_name: Option<String>,
    #[serde(default)]
    pub user_id: Option<String>,
    #[serde(default)]
    pub user_domain_name: Option<String>,
    #[serde(default)]
    pub user_domain_id: Option<String>,
    /// Name of the project; the API calls it tenant.
    #[serde(default)]
    pub tenant_name: Option<String>,
    #[serde(default)]
    pub project_id: Option<String>,
    #[serde(default)]
    pub project_domain_name: Option<String>,
    #[serde(default)]
    pub project_domain_id: Option<String>,
    #[serde(default)]
    pub application_credential_id: Option<String>,
    #[serde(default)]
    pub application_credential_name: Option<String>,
    /// Only this region is used; all of the catalog when absent.
    #[serde(default)]
    pub region: Option<String>,
    #[serde(default)]
    pub interface: Interface,
    #[serde(default = "verified")]
    pub ssl_verification: bool,
    /// PEM.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// SHA-256, 64 hexadecimal digits, colons allowed.
    #[serde(default)]
    pub certificate_fingerprints: Vec<String>,
}

fn verified() -> bool {
    true
}

impl Default for Config {
    fn default() -> Self {
        Config {
            keystone_url: String::new(),
            auth_type: AuthType::default(),
            user_name: None,
            user_id: None,
            user_domain_name: None,
            user_domain_id: None,
            tenant_name: None,
            project_id: None,
            project_domain_name: None,
            project_domain_id: None,
            application_credential_id: None,
            application_credential_name: None,
            region: None,
            interface: Interface::default(),
            ssl_verification: verified(),
            ca_certificate: None,
            certificate_fingerprints: Vec::new(),
        }
    }
}

/// How Keystone is asked for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuthType {
    #[default]
    Password,
    ApplicationCredential,
    /// A token somebody else got, rescoped to the project where one is given.
    Token,
}

/// Which of the three URLs of a service is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    #[default]
    Public,
    Internal,
    Admin,
}

impl Interface {
    /// As the catalog writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Interface::Public => "public",
            Interface::Internal => "internal",
            Interface::Admin => "admin",
        }
    }
}

/// A Keystone domain, the way it is named in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Domain<'a> {
    Id(&'a str),
    Name(&'a str),
    /// None was given: the one that Keystone makes at installation, whose id is `default`.
    Assumed,
}

impl Config {
    /// Looks at the fields alone, without any connection. Returns [`CloudError::Invalid`] naming the first wrong field.
    pub fn check(&self) -> Result<(), CloudError> {
        self.url()?;
        let need = |ok: bool, field, message: &str| if ok { Ok(()) } else { Err(invalid(field, message)) };
        let has_user = given(&self.user_name).or(given(&self.user_id)).is_some();
        let has_project = given(&self.tenant_name).or(given(&self.project_id)).is_some();
        match self.auth_type {
            AuthType::Password => {
                need(has_user, "userName", "needed to log in with a password (or userId)")?;
                need(has_project, "tenantName", "needed: the name of the project to work in (or projectId)")?;
            }
            AuthType::ApplicationCredential => {
                let only_name = given(&self.application_credential_id).is_none();
                let has_name = given(&self.application_credential_name).is_some();
                need(!only_name || has_name, "applicationCredentialId", "needed (or applicationCredentialName)")?;
                need(!only_name || has_user, "userName", "an application credential given by name needs its user")?;
                let message = "an application credential carries its own project; leave this empty";
                need(given(&self.tenant_name).is_none(), "tenantName", message)?;
                need(given(&self.project_id).is_none(), "projectId", message)?;
            }
            AuthType::Token => {}
        }
        self.trust().map(|_| ())
    }

    /// `scheme://host:port` of every URL the secret is sent to, sorted: Keystone alone, never a service of the catalog.
    /// Empty where the URL cannot be read.
    pub fn audience(&self) -> Vec<String> {
        self.url().map(|url| origin(&url)).into_iter().collect()
    }

    /// Keystone's URL as typed.
    pub(crate) fn url(&self) -> Result<Url, CloudError> {
        let wrong = |message: String| invalid("keystoneUrl", &message);
        let example = "for example https://keystone.example:5000/v3";
        let typed = self.keystone_url.trim();
        if typed.is_empty() {
            return Err(wrong(format!("needed, {example}")));
        }
        // `keystone.example:5000` would be read as a scheme, so the scheme is looked at as text.
        let lower = typed.to_ascii_lowercase();
        if !lower.starts_with("http://") && !lower.starts_with("https://") {
            return Err(wrong(format!("the URL must begin with http:// or https://, {example}")));
        }
        let url = Url::parse(typed).map_err(|err| wrong(format!("not a URL ({err}), {example}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("the URL holds a user name or password; give them in their own fields".to_owned()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(format!("the URL may not have a part after ? or #, {example}")));
        }
        if url.port() == Some(0) {
            return Err(wrong("port 0 cannot be connected to".to_owned()));
        }
        Ok(url)
    }

    /// Whose calls count together: those for one project of one Keystone, whatever user makes them. An application
    /// credential stands for its project, which it does not name.
    pub(crate) fn account(&self) -> Result<String, CloudError> {
        let project =
            [&self.project_id, &self.tenant_name, &self.application_credential_id, &self.application_credential_name];
        let project = project.into_iter().find_map(given).unwrap_or_default();
        Ok(format!("{} {project}", origin(&self.url()?)))
    }

    pub(crate) fn trust(&self) -> Result<Trust, CloudError> {
        let fingerprints = self.certificate_fingerprints.iter().map(|it| Trust::parse_fingerprint(it));
        let fingerprints: Result<Vec<_>, _> = fingerprints.collect();
        let fingerprints = fingerprints.map_err(|err| invalid("certificateFingerprints", &err.to_string()))?;
        let ca_certificate = given(&self.ca_certificate).map(str::to_owned);
        Ok(Trust { verify: self.ssl_verification, ca_certificate, fingerprints })
    }

    pub(crate) fn region(&self) -> Option<&str> {
        given(&self.region)
    }

    /// Where only one of the two domains is given, it is both.
    pub(crate) fn user_domain(&self) -> Domain<'_> {
        domain(&self.user_domain_id, &self.user_domain_name)
            .or_else(|| domain(&self.project_domain_id, &self.project_domain_name))
            .unwrap_or(Domain::Assumed)
    }

    pub(crate) fn project_domain(&self) -> Domain<'_> {
        domain(&self.project_domain_id, &self.project_domain_name)
            .or_else(|| domain(&self.user_domain_id, &self.user_domain_name))
            .unwrap_or(Domain::Assumed)
    }

    /// A domain was needed to find the user or the project, and none was given.
    pub(crate) fn assumes_domain(&self) -> bool {
        let by_name = |id: &Option<String>, name: &Option<String>| given(id).is_none() && given(name).is_some();
        let user = by_name(&self.user_id, &self.user_name) && self.auth_type != AuthType::Token;
        let project = by_name(&self.project_id, &self.tenant_name);
        (user || project) && self.user_domain() == Domain::Assumed
    }
}

fn domain<'a>(id: &'a Option<String>, name: &'a Option<String>) -> Option<Domain<'a>> {
    given(id).map(Domain::Id).or_else(|| given(name).map(Domain::Name))
}

/// The text, if there is one.
pub(crate) fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|it| !it.is_empty())
}

fn invalid(field: &'static str, message: &str) -> CloudError {
    CloudError::Invalid { field, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> Config {
        let text = |it: &str| Some(it.to_owned());
        let keystone_url = "https://keystone.example:5000/v3".to_owned();
        Config { keystone_url, user_name: text("demo"), tenant_name: text("demo"), ..Config::default() }
    }

    fn refused(config: Config) -> &'static str {
        match config.check() {
            Err(CloudError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_url_is_refused_by_name() {
        for url in [
            "",
            "keystone.example:5000/v3",
            "ftp://keystone.example",
            "https://",
            "https://u:p@keystone.example",
            "https://keystone.example/?x=1",
            "https://keystone.example/#x",
            "https://keystone.example:0",
            "https://keystone.example:99999",
        ] {
            assert_eq!(refused(Config { keystone_url: url.to_owned(), ..password() }), "keystoneUrl", "{url}");
        }
        for url in ["http://10.0.0.1/identity", "HTTPS://[2001:db8::1]:5000/v3/", " https://keystone.example "] {
            assert!(Config { keystone_url: url.to_owned(), ..password() }.check().is_ok(), "{url}");
        }
    }

    #[test]
    fn each_kind_of_login_names_what_it_lacks() {
        let application_credential = Config { auth_type: AuthType::ApplicationCredential, ..password() };
        let with_id = |id: &str| Config {
            application_credential_id: Some(id.to_owned()),
            tenant_name: None,
            ..application_credential.clone()
        };
        assert_eq!(refused(Config { user_name: Some(" ".to_owned()), ..password() }), "userName");
        assert_eq!(refused(Config { tenant_name: None, ..password() }), "tenantName");
        assert_eq!(refused(application_credential.clone()), "applicationCredentialId");
        assert_eq!(refused(Config { tenant_name: Some("demo".to_owned()), ..with_id("x") }), "tenantName");
        assert_eq!(refused(Config { project_id: Some("1".to_owned()), ..with_id("x") }), "projectId");
        assert_eq!(
            refused(Config { certificate_fingerprints: vec!["xy".to_owned()], ..password() }),
            "certificateFingerprints"
        );
        assert!(with_id("x").check().is_ok());
    }

    #[test]
    fn one_domain_is_both_and_none_is_said() {
        let one = Config { user_domain_name: Some("Acme".to_owned()), ..password() };
        assert_eq!((one.user_domain(), one.project_domain()), (Domain::Name("Acme"), Domain::Name("Acme")));
        let two = Config { project_domain_id: Some("p1".to_owned()), ..one.clone() };
        assert_eq!((two.user_domain(), two.project_domain()), (Domain::Name("Acme"), Domain::Id("p1")));
        assert!(!one.assumes_domain());
        assert!(password().assumes_domain());
        let by_id = Config { user_id: Some("u".to_owned()), project_id: Some("p".to_owned()), ..password() };
        assert!(!by_id.assumes_domain());
    }

    #[test]
    fn the_secret_goes_to_keystone_alone() {
        let config = Config { keystone_url: "https://Keystone.example/identity/v3".to_owned(), ..password() };
        assert_eq!(config.audience(), ["https://keystone.example:443"]);
    }
}
