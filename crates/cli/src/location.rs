//! Where in the clouds of an environment: the platform, and in it a region or datacenter.

use clap::Args;
use serde_json::Value;

use crate::{
    app::App,
    client::encode,
    failure::{Failure, Outcome},
};

#[derive(Debug, Clone, Default, Args)]
pub struct LocationArgs {
    /// Cloud platform, such as openstack or vmware; may be left out where there is one
    #[arg(long, value_name = "PLATFORM")]
    cloud: Option<String>,
    /// Region or datacenter, by id or name; may be left out where there is one
    #[arg(long, value_name = "LOCATION")]
    location: Option<String>,
}

impl LocationArgs {
    /// Of one platform.
    pub fn on(platform: &str, location: Option<String>) -> Self {
        LocationArgs { cloud: Some(platform.to_owned()), location }
    }

    /// On this platform, which alone has what is asked for, unless another is named.
    pub fn or_on(mut self, platform: &str) -> Self {
        self.cloud.get_or_insert_with(|| platform.to_owned());
        self
    }

    /// The path below which things of the location are.
    pub async fn path(&self, app: &App) -> Outcome<String> {
        let (platform, location) = self.ids(app).await?;
        let clouds = format!("{}/clouds/{}", app.environment().await?, encode(&platform));
        Ok(format!("{clouds}/cloud-locations/{}/", encode(&location)))
    }

    /// The platform, and the location by id, of a cloud of the environment.
    pub async fn ids(&self, app: &App) -> Outcome<(String, String)> {
        let platform = platform(app, self.cloud.as_deref()).await?;
        let path = format!("{}/clouds/{}/cloud-locations/", app.environment().await?, encode(&platform));
        let locations = app.client.all(&path).await?;
        let location = choose(&locations, self.location.as_deref())?;
        Ok((platform, location))
    }

    /// As they were given, where there is no cloud to ask.
    pub fn given(&self) -> Outcome<(String, String)> {
        match (&self.cloud, &self.location) {
            (Some(platform), Some(location)) => Ok((platform.clone(), location.clone())),
            _ => Err(Failure::usage("give --cloud and --location: at this scope there is no cloud to ask".to_owned())),
        }
    }
}

/// The path of a cloud of the environment.
pub async fn cloud(app: &App, given: Option<&str>) -> Outcome<String> {
    let platform = platform(app, given).await?;
    Ok(format!("{}/clouds/{}/", app.environment().await?, encode(&platform)))
}

async fn platform(app: &App, given: Option<&str>) -> Outcome<String> {
    if let Some(platform) = given {
        return Ok(platform.to_owned());
    }
    let clouds = app.client.all(&format!("{}/clouds/", app.environment().await?)).await?;
    let platforms: Vec<&str> = clouds.iter().filter_map(|it| it["cloud"].as_str()).collect();
    match platforms.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(Failure::NotFound("this environment has no clouds; link one first".to_owned())),
        all => Err(Failure::usage(format!("choose with --cloud one of: {}", all.join(", ")))),
    }
}

fn choose(locations: &[Value], given: Option<&str>) -> Outcome<String> {
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    let names = || {
        let names = locations.iter().map(|it| match (text(it, "cloudLocation"), text(it, "name")) {
            (id, name) if id == name => id,
            (id, name) => format!("{name} ({id})"),
        });
        let names = names.collect::<Vec<_>>().join(", ");
        if names.is_empty() { "none".to_owned() } else { names }
    };
    let by = |key: &str| {
        let found = locations.iter().filter(|it| given.is_none_or(|wanted| text(it, key) == wanted));
        found.map(|it| text(it, "cloudLocation")).collect::<Vec<_>>()
    };
    let mut found = by("cloudLocation");
    if found.is_empty() {
        found = by("name");
    }
    match (found.as_slice(), given) {
        ([id], _) => Ok(id.clone()),
        ([], Some(given)) => Err(Failure::NotFound(format!("there is no location {given:?}; there are: {}", names()))),
        ([], None) => Err(Failure::NotFound("this cloud has no locations".to_owned())),
        (ids, Some(given)) => {
            Err(Failure::usage(format!("{given:?} is the name of several; give an id: {}", ids.join(", "))))
        }
        (_, None) => Err(Failure::usage(format!("choose with --location one of: {}", names()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn by_id_then_by_name() {
        let locations = |all: &[(&str, &str)]| -> Vec<Value> {
            all.iter().map(|(id, name)| json!({ "cloudLocation": id, "name": name })).collect()
        };
        let two = locations(&[("x:datacenter-2", "DC0"), ("y:datacenter-2", "DC0"), ("y:datacenter-3", "DC1")]);
        assert_eq!(choose(&two, Some("x:datacenter-2")).unwrap(), "x:datacenter-2");
        assert_eq!(choose(&two, Some("DC1")).unwrap(), "y:datacenter-3");
        assert_eq!(choose(&locations(&[("R1", "R1")]), None).unwrap(), "R1");
        let Err(Failure::Usage(text)) = choose(&two, Some("DC0")) else { panic!("DC0 is the name of two") };
        assert_eq!(text, "\"DC0\" is the name of several; give an id: x:datacenter-2, y:datacenter-2");
        assert!(matches!(choose(&two, None), Err(Failure::Usage(_))));
        assert!(matches!(choose(&two, Some("DC7")), Err(Failure::NotFound(_))));
        assert!(matches!(choose(&[], None), Err(Failure::NotFound(_))));
    }
}
