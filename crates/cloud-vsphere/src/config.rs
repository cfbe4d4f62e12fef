use std::collections::{BTreeSet, HashSet};

use cloud::CloudError;
use cloud_http::{Trust, origin};
use serde::{Deserialize, Serialize};
use url::Url;

/// Enhanced Linked Mode joins 15 vCenters at most (<https://configmax.broadcom.com>).
const MAX_LINKED: usize = 16;

/// What a vSphere credential holds beside its password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// `https://vcenter.example` or with a path; without one it is `/sdk`.
    pub url: String,
    /// Further vCenters in Enhanced Linked Mode, entered with the same user and password.
    #[serde(rename = "linkedVCenters")]
    pub linked_vcenters: Vec<String>,
    /// `user@domain` or `DOMAIN\user`.
    pub user_name: String,
    pub ssl_verification: bool,
    /// PEM. An empty text counts as absent.
    pub ca_certificate: Option<String>,
    /// SHA-256 of certificates that are accepted without looking further.
    pub certificate_fingerprints: Vec<String>,
}

impl Config {
    /// Looks at the form of everything without asking anybody. The error names the field.
    pub fn check(&self) -> Result<(), CloudError> {
        self.endpoints()?;
        if self.user_name.trim().is_empty() {
            return Err(CloudError::Invalid { field: "userName", message: "is empty".to_owned() });
        }
        self.trust()?;
        Ok(())
    }

    /// Where the password may be sent: `scheme://host:port` of each vCenter, sorted. What cannot be read as a URL has
    /// no entry; [`Config::check`] refuses it.
    pub fn audience(&self) -> Vec<String> {
        let all = std::iter::once(&self.url).chain(&self.linked_vcenters);
        let origins = all.filter_map(|it| endpoint(it).ok()).map(|it| origin(&it));
        origins.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The addresses to send calls to: the main vCenter, then the linked ones in their order.
    pub(crate) fn endpoints(&self) -> Result<Vec<Url>, CloudError> {
        let mut endpoints = vec![endpoint(&self.url).map_err(|message| CloudError::Invalid { field: "url", message })?];
        let invalid = |message| CloudError::Invalid { field: "linkedVCenters", message };
        if self.linked_vcenters.len() > MAX_LINKED {
            let n_linked = self.linked_vcenters.len();
            return Err(invalid(format!("names {n_linked} vCenters; {MAX_LINKED} can be linked at most")));
        }
        let mut origins: HashSet<String> = endpoints.iter().map(origin).collect();
        for (place, linked) in (1..).zip(&self.linked_vcenters) {
            // Not the text: it may hold a password.
            let url = endpoint(linked).map_err(|message| invalid(format!("number {place} {message}")))?;
            if !origins.insert(origin(&url)) {
                return Err(invalid(format!("{} is named twice", origin(&url))));
            }
            endpoints.push(url);
        }
        Ok(endpoints)
    }

    /// Whose calls count together: those of one user of the main vCenter, also at the linked ones.
    pub(crate) fn account(&self) -> Result<String, CloudError> {
        let url = endpoint(&self.url).map_err(|message| CloudError::Invalid { field: "url", message })?;
        Ok(format!("{} {}", origin(&url), self.user_name.trim()))
    }

    pub(crate) fn trust(&self) -> Result<Trust, CloudError> {
        let fingerprints = self.certificate_fingerprints.iter().map(|it| Trust::parse_fingerprint(it));
        let fingerprints = fingerprints.collect::<Result<_, _>>();
        let fingerprints = fingerprints
            .map_err(|err| CloudError::Invalid { field: "certificateFingerprints", message: err.to_string() })?;
        let ca_certificate = self.ca_certificate.clone().filter(|it| !it.trim().is_empty());
        Ok(Trust { verify: self.ssl_verification, ca_certificate, fingerprints })
    }
}

/// Reads what a person types. The message does not repeat the text: it may hold a password.
pub(crate) fn endpoint(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty; write https://vcenter.example".to_owned());
    }
    if !text.contains("://") {
        return Err("has no scheme; write https://vcenter.example".to_owned());
    }
    let mut url = Url::parse(text).map_err(|err| format!("is no URL: {err}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("begins with {}:// instead of https://", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password; give them in their own fields".to_owned());
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has something after the path; write https://vcenter.example/sdk".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(if path.is_empty() { "/sdk" } else { &path });
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str, linked: &[&str]) -> Config {
        Config {
            url: url.to_owned(),
            linked_vcenters: linked.iter().map(|it| (*it).to_owned()).collect(),
            user_name: "administrator@vsphere.local".to_owned(),
            ssl_verification: true,
            ca_certificate: None,
            certificate_fingerprints: Vec::new(),
        }
    }

    #[test]
    fn forms_of_a_url() {
        let check = |text: &str, expected: &str| assert_eq!(endpoint(text).unwrap().as_str(), expected, "{text}");
        check("https://vc.example", "https://vc.example/sdk");
        check("https://vc.example/", "https://vc.example/sdk");
        check(" https://VC.example/sdk/ ", "https://vc.example/sdk");
        check("https://vc.example:8443/proxy/sdk", "https://vc.example:8443/proxy/sdk");
        check("http://[::1]:8989", "http://[::1]:8989/sdk");
        check("https://bücher.example", "https://xn--bcher-kva.example/sdk");
    }

    #[test]
    fn refused_urls_name_their_field_and_not_the_password() {
        let check = |url: &str, linked: &[&str], expected: &str| {
            let text = config(url, linked).check().unwrap_err().to_string();
            assert!(text.starts_with(expected), "{url} {linked:?}: {text}");
            assert!(!text.contains("secret"), "{text}");
        };
        check("", &[], "url: is empty");
        check("vc.example", &[], "url: has no scheme");
        check("ftp://vc.example", &[], "url: begins with ftp://");
        check("https://root:secret@vc.example", &[], "url: holds a user name");
        check("https://", &[], "url: is no URL");
        check("https://vc.example/sdk?x=1", &[], "url: has something after");
        check("https://vc.example", &["vc2"], "linkedVCenters: number 1 has no scheme");
        check("https://vc.example", &["https://b", "https://u:secret@c"], "linkedVCenters: number 2 holds a user name");
        check("https://vc.example", &["u:secret@c"], "linkedVCenters: number 1 has no scheme");
        check("https://vc.example", &["https://u:secret@c:99999"], "linkedVCenters: number 1 is no URL");
        check("https://vc.example", &["https://b"; 17], "linkedVCenters: names 17 vCenters; 16 can be");
        check("https://vc.example", &["https://VC.example:443/sdk"], "linkedVCenters: https://vc.example:443 is named");
        check("https://vc.example", &["https://b", "https://b/"], "linkedVCenters: https://b:443 is named twice");
        let fingerprints = Config { certificate_fingerprints: vec!["AB:CD".to_owned()], ..config("https://a", &[]) };
        assert!(fingerprints.check().unwrap_err().to_string().starts_with("certificateFingerprints"));
    }

    #[test]
    fn an_empty_certificate_is_none() {
        let config = Config { ca_certificate: Some(" \n".to_owned()), ..config("https://a", &[]) };
        assert_eq!(config.trust().unwrap().ca_certificate, None);
    }

    #[test]
    fn the_audience_is_sorted_and_tells_ports() {
        let audience = config("https://vc.example/sdk", &["http://a.example:8080", "https://b.example"]).audience();
        assert_eq!(audience, ["http://a.example:8080", "https://b.example:443", "https://vc.example:443"]);
    }

    #[test]
    fn names_on_the_wire() {
        let json = serde_json::to_value(config("https://a", &["https://b"])).unwrap();
        assert_eq!(json["linkedVCenters"], serde_json::json!(["https://b"]));
        assert_eq!(json["sslVerification"], true);
        assert_eq!(serde_json::from_value::<Config>(json).unwrap(), config("https://a", &["https://b"]));
    }
}
