//! Rows that tests build on.

use std::net::IpAddr;

use cloud::{
    address::{Address, Origin},
    inventory::{Machine, PowerState, Resource},
};
use serde_json::{Map, Value, json};
use store::{
    Json, Time, Tx, accounts,
    accounts::Account,
    cloud_credentials::{self, CloudCredential, CredentialStatus},
    environments,
    environments::Environment,
    users::{self, NewUser, PasswordHash, User},
};

pub struct Seed {
    pub account: Account,
    pub environment: Environment,
    pub user: User,
    pub credential: CloudCredential,
}

/// 2026-01-01, and so many seconds later.
pub fn at(second: i64) -> Time {
    Time::from_micros((1_767_225_600 + second) * 1_000_000)
}

pub async fn seed(tx: &mut Tx) -> Seed {
    let account = accounts::insert(tx, "Main", at(0)).await.unwrap();
    let environment = environments::insert(tx, account.id, "Production", at(1)).await.unwrap();
    let user = users::insert(tx, &new_user(Some(account.id), "ada@example.org"), at(2)).await.unwrap();
    let credential = credential("aaaaaaaaaaaa", Some(account.id), "OpenStack");
    cloud_credentials::insert(tx, &credential).await.unwrap();
    Seed { account, environment, user, credential }
}

pub fn new_user(account_id: Option<i64>, email: &str) -> NewUser {
    NewUser {
        account_id,
        email: email.to_owned(),
        name: "Ada".to_owned(),
        password_hash: PasswordHash("$argon2id$".to_owned()),
        is_admin: true,
    }
}

pub fn credential(id: &str, account_id: Option<i64>, name: &str) -> CloudCredential {
    CloudCredential {
        id: id.to_owned(),
        account_id,
        name: name.to_owned(),
        description: String::new(),
        credentials_type: "OpenstackCloudCredentials".to_owned(),
        provider: "openstack".to_owned(),
        status: CredentialStatus::Enabled,
        config: Json(json!({"keystoneUrl": "https://cloud.example:5000/v3", "nested": {"b": [1, 2.5, null]}})),
        audience: Json(vec!["https://cloud.example:5000".to_owned()]),
        allowed_uses: Json(vec!["inventory".to_owned()]),
        secret_version: 1,
        details: None,
        created_at: at(3),
        updated_at: at(3),
        last_validation_id: None,
    }
}

pub fn resource(cloud_id: &str, name: &str) -> Resource {
    Resource {
        cloud_id: cloud_id.to_owned(),
        name: name.to_owned(),
        status: Some("ACTIVE".to_owned()),
        parent: None,
        capacity_bytes: Some(1 << 40),
        free_bytes: None,
        attributes: attributes(json!({"minDiskGib": 3, "tags": ["a", "b"], "more": {"y": 1, "x": 2}})),
    }
}

pub fn machine(cloud_id: &str, name: &str, power_state: PowerState, ips: &[&str]) -> Machine {
    let address = |ip: &&str| Address {
        ip: ip.parse::<IpAddr>().unwrap(),
        origin: Origin::Fixed,
        network: Some("private".to_owned()),
        own_card: true,
    };
    Machine {
        cloud_id: cloud_id.to_owned(),
        instance_uuid: Some(format!("uuid of {cloud_id}")),
        name: name.to_owned(),
        power_state,
        status: "ACTIVE".to_owned(),
        vcpus: Some(2),
        memory_mib: Some(4096),
        instance_type: Some("m1.small".to_owned()),
        addresses: ips.iter().map(address).collect(),
        runs_on: None,
        attributes: attributes(json!({"imageId": "i-1"})),
        created_at: Some(at(0).0),
    }
}

pub fn attributes(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}
