//! A project with an external network of its own in a real cloud, and networks that we make there.

use cloud::{
    Cloud, CloudError,
    asset::{Asset, Making, Part, Protocol, Rule},
    server::{Mark, Removal},
};
use cloud_openstack::{Config, OpenStack};
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    real::{Raw, Real, connect, unique},
    servers::region,
};

pub const LISTS: [&str; 5] = ["networks", "subnets", "security-groups", "routers", "ports"];

/// A project, and an external network that all projects may use.
pub struct Site {
    pub cloud: OpenStack,
    pub config: Config,
    pub admin: Raw,
    pub raw: Raw,
    pub project: String,
    pub external: String,
    /// What the project had in the beginning: a security group.
    pub before: Value,
}

impl Site {
    pub async fn make(real: &Real, outside: &str) -> Site {
        let (admin, name) = (real.raw("admin").await, unique("site"));
        let body = json!({ "project": { "name": name, "domain_id": "default" } });
        let project = admin.call(Method::POST, "identity", "/projects", body).await;
        let project = project["project"]["id"].as_str().unwrap().to_owned();
        let role = admin.id("identity", "/roles", "roles", "member").await;
        let user = real.raw("demo").await.body["user"]["id"].as_str().unwrap().to_owned();
        let path = format!("/projects/{project}/users/{user}/roles/{role}");
        admin.call(Method::PUT, "identity", &path, Value::Null).await;
        let raw = real.raw_in("demo", &name).await;
        let config = Config { tenant_name: Some(name), ..real.config("demo") };
        let cloud = connect(config.clone(), real.password());
        let body = json!({ "name": unique("outside"), "router:external": true });
        let external = new(&admin, "networks", body).await;
        let subnet = json!({ "network_id": external, "cidr": outside, "ip_version": 4, "enable_dhcp": false });
        new(&admin, "subnets", subnet).await;
        let mut site = Site { cloud, config, admin, raw, project, external, before: Value::Null };
        site.before = site.all().await;
        site
    }

    /// What is in the project, by kind; Neutron has no order of its own.
    pub async fn all(&self) -> Value {
        let mut all = json!({});
        for list in LISTS {
            let path = format!("/v2.0/{list}?project_id={}", self.project);
            let mut found = self.admin.get("network", &path).await[list.replace('-', "_")].take();
            for it in found.as_array_mut().unwrap().iter_mut() {
                it.get_mut("security_group_rules").map(sort);
            }
            sort(&mut found);
            all[list] = found;
        }
        all
    }

    /// The descriptions of a kind that name the mark.
    pub async fn marked(&self, list: &str, mark: Mark) -> Vec<Value> {
        let all = self.all().await;
        let is_marked = |it: &&Value| it["description"] == json!(format!("stackyard {mark}"));
        all[list].as_array().unwrap().iter().filter(is_marked).cloned().collect()
    }

    pub async fn by_hand(&self, list: &str, mark: Mark, mut fields: Value) -> String {
        fields["description"] = json!(format!("stackyard {mark}"));
        new(&self.raw, list, fields).await
    }

    pub async fn delete_one(&self, list: &str, id: &str) {
        self.admin.call(Method::DELETE, "network", &format!("/v2.0/{list}/{id}"), Value::Null).await;
    }

    pub async fn quota(&self, quota: Value) {
        let path = format!("/v2.0/quotas/{}", self.project);
        self.admin.call(Method::PUT, "network", &path, json!({ "quota": quota })).await;
    }

    pub fn network(&self) -> Asset {
        network("10.50.0.0/24", Some(&self.external), vec![rule(Protocol::Tcp, Some((22, 22)), "0.0.0.0/0")])
    }

    pub async fn make_until_ready(&self, mark: Mark, asset: &Asset) -> Vec<Part> {
        make(&self.cloud, mark, asset, &[]).await.unwrap()
    }

    /// Calls until it fails.
    pub async fn failure(&self, mark: Mark, asset: &Asset) -> CloudError {
        make(&self.cloud, mark, asset, &[]).await.unwrap_err()
    }

    pub async fn remove(&self, mark: Mark) {
        let asset = self.network();
        for _ in 0..20 {
            if self.cloud.remove_asset(&region(), mark, &asset, &[]).await.unwrap() == Removal::Gone {
                return;
            }
        }
        panic!("{mark} is never gone");
    }

    /// All is as in the beginning.
    pub async fn delete(self) {
        assert_eq!(self.all().await, self.before);
        for group in self.before["security-groups"].as_array().unwrap() {
            self.delete_one("security-groups", group["id"].as_str().unwrap()).await;
        }
        self.delete_one("networks", &self.external).await;
        self.admin.try_call(Method::DELETE, "network", &format!("/v2.0/quotas/{}", self.project), Value::Null).await;
        self.admin.call(Method::DELETE, "identity", &format!("/projects/{}", self.project), Value::Null).await;
    }
}

pub fn sort(list: &mut Value) {
    list.as_array_mut().unwrap().sort_by_key(|it| it["id"].to_string());
}

pub async fn new(by: &Raw, list: &str, fields: Value) -> String {
    let one = list.trim_end_matches('s').replace('-', "_");
    let made = by.call(Method::POST, "network", &format!("/v2.0/{list}"), json!({ &one: fields })).await;
    made[&one]["id"].as_str().unwrap().to_owned()
}

pub fn network(cidr: &str, external: Option<&str>, rules: Vec<Rule>) -> Asset {
    Asset::Network {
        name: "shop".to_owned(),
        cidr: cidr.to_owned(),
        dns_servers: vec![],
        external_network: external.map(str::to_owned),
        rules,
    }
}

pub fn rule(protocol: Protocol, ports: Option<(u16, u16)>, from: &str) -> Rule {
    Rule { protocol, ports, from: from.to_owned() }
}

pub fn mark() -> Mark {
    Mark(Uuid::new_v4())
}

/// Calls until it is ready, or fails.
pub async fn make(cloud: &OpenStack, mark: Mark, asset: &Asset, made: &[Part]) -> Result<Vec<Part>, CloudError> {
    for _ in 0..20 {
        match cloud.make_asset(&region(), mark, asset, made).await? {
            Making::UnderWay(_) => {}
            Making::Ready(parts) => return Ok(parts),
            other => panic!("{other:?}"),
        }
    }
    panic!("{asset:?} is never ready");
}

pub fn kinds(parts: &[Part]) -> Vec<&str> {
    parts.iter().map(|it| it.kind.as_str()).collect()
}

/// What a group lets in, in order.
pub fn inward(group: &Value) -> Vec<String> {
    let rules = group["security_group_rules"].as_array().unwrap();
    let view = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap_or("any").to_owned();
        let ports = format!("{}-{}", it["port_range_min"], it["port_range_max"]);
        format!("{} {} {ports} {}", text("ethertype"), text("protocol"), text("remote_ip_prefix"))
    };
    let mut found: Vec<String> = rules.iter().filter(|it| it["direction"] == "ingress").map(view).collect();
    found.sort();
    found
}

pub async fn joined(site: &Site, mark: Mark) -> Vec<Value> {
    let router = &site.marked("routers", mark).await[0];
    let path = format!("/v2.0/ports?device_id={}", router["id"].as_str().unwrap());
    site.raw.get("network", &path).await["ports"].as_array().unwrap().clone()
}
