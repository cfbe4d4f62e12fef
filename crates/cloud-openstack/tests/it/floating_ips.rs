//! Floating IPs of servers in a real cloud, each test with an external network and a project of its own: others count on
//! the one network of theirs.

use cloud::{
    Cloud, CloudError,
    asset::{Asset, Making},
    operation::{Operation, Progress},
    server::{Mark, Removal},
};
use cloud_openstack::{Config, OpenStack};
use futures_util::future::join;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    operations::{Lost, done, launch, target},
    real::{Raw, Real, connect, real, unique},
    servers::{ports, region, remove},
    site::make,
};

/// An external network with addresses for a few, and a project with a network behind it.
struct Net {
    cloud: OpenStack,
    admin: Raw,
    project: String,
    raw: Raw,
    external: String,
    name: String,
    private: String,
    router: String,
    subnet: String,
}

impl Net {
    async fn make(real: &Real, cidr: &str) -> Net {
        let (admin, name) = (real.raw("admin").await, unique("behind"));
        let body = json!({ "project": { "name": name, "domain_id": "default" } });
        let project = admin.call(Method::POST, "identity", "/projects", body).await["project"]["id"].clone();
        let project = project.as_str().unwrap().to_owned();
        let (role, user) = (admin.id("identity", "/roles", "roles", "member").await, real.raw("demo").await);
        let user = user.body["user"]["id"].as_str().unwrap().to_owned();
        let path = format!("/projects/{project}/users/{user}/roles/{role}");
        admin.call(Method::PUT, "identity", &path, Value::Null).await;
        let raw = real.raw_in("demo", &name).await;
        let config = Config { tenant_name: Some(name.clone()), ..real.config("demo") };
        let cloud = connect(config, real.password());
        let make = async |by: &Raw, list: &str, fields: Value| {
            let one = list.trim_end_matches('s').replace('-', "_");
            let made = by.call(Method::POST, "network", &format!("/v2.0/{list}"), json!({ &one: fields })).await;
            made[&one]["id"].as_str().unwrap().to_owned()
        };
        let external = make(&admin, "networks", json!({ "name": unique("outside"), "router:external": true })).await;
        let outside = json!({ "network_id": external, "cidr": cidr, "ip_version": 4, "enable_dhcp": false });
        make(&admin, "subnets", outside).await;
        let private = make(&raw, "networks", json!({ "name": name })).await;
        let inside = json!({ "network_id": private, "cidr": "10.99.0.0/24", "ip_version": 4 });
        let subnet = make(&raw, "subnets", inside).await;
        let gateway = json!({ "name": name, "external_gateway_info": { "network_id": external } });
        let router = make(&raw, "routers", gateway).await;
        let path = format!("/v2.0/routers/{router}/add_router_interface");
        raw.call(Method::PUT, "network", &path, json!({ "subnet_id": subnet })).await;
        Net { cloud, admin, project, raw, external, name, private, router, subnet }
    }

    async fn floating_ip(&self) -> String {
        let body = json!({ "floatingip": { "floating_network_id": self.external, "description": "somebody's" } });
        let made = self.raw.call(Method::POST, "network", "/v2.0/floatingips", body).await;
        made["floatingip"]["id"].as_str().unwrap().to_owned()
    }

    async fn lead(&self, id: &str, port: Value) {
        let body = json!({ "floatingip": { "port_id": port } });
        self.raw.call(Method::PUT, "network", &format!("/v2.0/floatingips/{id}"), body).await;
    }

    async fn all(&self) -> Vec<Value> {
        let path = format!("/v2.0/floatingips?floating_network_id={}", self.external);
        self.raw.get("network", &path).await["floatingips"].as_array().unwrap().clone()
    }

    async fn one(&self, id: &str) -> Value {
        self.all().await.into_iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    async fn port(&self, mark: Mark) -> Value {
        ports(&self.raw, mark).await[0]["id"].clone()
    }

    async fn delete(self) {
        let path = format!("/v2.0/routers/{}/remove_router_interface", self.router);
        self.raw.call(Method::PUT, "network", &path, json!({ "subnet_id": self.subnet })).await;
        for (by, path) in [
            (&self.raw, format!("/v2.0/routers/{}", self.router)),
            (&self.raw, format!("/v2.0/networks/{}", self.private)),
            (&self.admin, format!("/v2.0/networks/{}", self.external)),
        ] {
            by.call(Method::DELETE, "network", &path, Value::Null).await;
        }
        let groups = self.raw.get("network", "/v2.0/security-groups").await;
        for group in groups["security_groups"].as_array().unwrap() {
            let path = format!("/v2.0/security-groups/{}", group["id"].as_str().unwrap());
            self.admin.call(Method::DELETE, "network", &path, Value::Null).await;
        }
        self.admin.call(Method::DELETE, "identity", &format!("/projects/{}", self.project), Value::Null).await;
    }
}

#[tokio::test]
async fn a_floating_ip_that_was_made_goes_with_its_server() {
    let real = real();
    let net = Net::make(&real, "198.51.100.0/28").await;
    let cloud = &net.cloud;
    let target = launch(cloud, &net.raw, &[&net.name]).await;
    let (id, add) = (Uuid::new_v4(), Operation::AddFloatingIp { pool: net.external.clone() });
    let made = done(cloud, &target, id, &add, Lost::Orders).await.unwrap();
    let there = net.one(&made).await;
    assert_eq!(there["description"], json!(format!("stackyard {} {id}", target.mark)));
    assert_eq!(there["port_id"], net.port(target.mark).await);
    // What it made is found, also when it leads nowhere any more.
    assert_eq!(done(cloud, &target, id, &add, Lost::Orders).await.as_ref(), Some(&made));
    net.lead(&made, Value::Null).await;
    assert_eq!(done(cloud, &target, id, &add, Lost::Orders).await.as_ref(), Some(&made));
    assert_eq!((net.all().await.len(), &net.one(&made).await["port_id"]), (1, &net.port(target.mark).await));
    let details = cloud.details(&region(), &target.cloud_id).await.unwrap();
    let [shown] = details.floating_ips.as_slice() else { panic!("{details:?}") };
    assert_eq!((&shown.id, &json!(shown.address)), (&made, &there["floating_ip_address"]));
    assert_eq!(json!(shown.fixed_address), there["fixed_ip_address"]);

    // Another server's is not this one's to take away.
    let other = launch(cloud, &net.raw, &[&net.name]).await;
    let take = Operation::RemoveFloatingIp { floating_ip: made.clone() };
    let refused = cloud.operate(&other, Uuid::new_v4(), &take, None).await;
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains("not of this server")), "{refused:?}");
    assert_eq!(done(cloud, &target, Uuid::new_v4(), &take, Lost::Orders).await, None);
    assert_eq!(net.all().await, [] as [Value; 0]);
    assert_eq!(done(cloud, &target, Uuid::new_v4(), &take, Lost::Orders).await, None);

    // Three that were made: one leads to the server, one nowhere, one to another server by now.
    let mut made = Vec::new();
    for _ in 0..3 {
        let id = done(cloud, &target, Uuid::new_v4(), &add, Lost::Nothing).await.unwrap();
        net.lead(&id, Value::Null).await;
        made.push(id);
    }
    made.dedup();
    assert_eq!(made.len(), 3, "what a server of ours made is nobody else's to take");
    net.lead(&made[0], net.port(target.mark).await).await;
    net.lead(&made[2], net.port(other.mark).await).await;
    remove(cloud, target.mark).await;
    let left = net.all().await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!((&left[0]["id"], &left[0]["description"]), (&json!(made[2]), &json!("")));
    assert_eq!(left[0]["port_id"], net.port(other.mark).await);
    remove(cloud, other.mark).await;
    assert_eq!(net.one(&made[2]).await["port_id"], Value::Null, "it is the user's now");
    net.raw.call(Method::DELETE, "network", &format!("/v2.0/floatingips/{}", made[2]), Value::Null).await;
    net.delete().await;
}

#[tokio::test]
async fn a_free_floating_ip_is_taken_by_one_server_and_stays() {
    let real = real();
    let net = Net::make(&real, "198.51.100.16/28").await;
    let cloud = &net.cloud;
    let free = net.floating_ip().await;
    let (one, two) = join(launch(cloud, &net.raw, &[&net.name]), launch(cloud, &net.raw, &[&net.name])).await;
    let add = Operation::AddFloatingIp { pool: net.external.clone() };
    let (of_one, of_two) = (Uuid::new_v4(), Uuid::new_v4());
    // Both at once: Neutron may say yes to both, and the last has it.
    let first = join(cloud.operate(&one, of_one, &add, None), cloud.operate(&two, of_two, &add, None)).await;
    assert!(first.0.is_ok() && first.1.is_ok(), "{first:?}");
    let of_one = done(cloud, &one, of_one, &add, Lost::Nothing).await.unwrap();
    let of_two = done(cloud, &two, of_two, &add, Lost::Nothing).await.unwrap();
    assert_eq!([&of_one, &of_two].iter().filter(|it| ***it == free).count(), 1, "{free} {of_one} {of_two}");
    assert_eq!(net.one(&of_one).await["port_id"], net.port(one.mark).await);
    assert_eq!(net.one(&of_two).await["port_id"], net.port(two.mark).await);
    assert_eq!(net.all().await.len(), 2);

    let (taker, maker) = if of_one == free { (one, two) } else { (two, one) };
    let take = Operation::RemoveFloatingIp { floating_ip: free.clone() };
    assert_eq!(done(cloud, &taker, Uuid::new_v4(), &take, Lost::Orders).await, None);
    let now = net.one(&free).await;
    assert_eq!((&now["port_id"], &now["description"]), (&Value::Null, &json!("somebody's")));
    assert_eq!(done(cloud, &taker, Uuid::new_v4(), &add, Lost::Orders).await.as_ref(), Some(&free));
    remove(cloud, taker.mark).await;
    remove(cloud, maker.mark).await;
    let left = net.all().await;
    assert_eq!((left.len(), &left[0]["id"], &left[0]["port_id"]), (1, &json!(free), &Value::Null));
    net.raw.call(Method::DELETE, "network", &format!("/v2.0/floatingips/{free}"), Value::Null).await;
    net.delete().await;
}

#[tokio::test]
async fn one_that_belongs_to_no_server_is_given_by_its_id_alone_and_stays() {
    let real = real();
    let net = Net::make(&real, "198.51.100.192/28").await;
    let (cloud, mark) = (&net.cloud, Mark(Uuid::new_v4()));
    let asset = Asset::FloatingIp { name: "front".to_owned(), pool: net.external.clone() };
    let parts = make(cloud, mark, &asset, &[]).await.unwrap();
    let own = &parts[0].id;
    let there = net.one(own).await;
    assert_eq!((&there["description"], &there["port_id"]), (&json!(format!("stackyard {mark}")), &Value::Null));
    assert_eq!(json!(parts[0].address), there["floating_ip_address"]);
    assert_eq!(cloud.find_asset(&region(), mark, &asset, &[]).await.unwrap(), parts);

    // Whoever wants any gets another; who names it gets it, and nobody else.
    let (one, two) = join(launch(cloud, &net.raw, &[&net.name]), launch(cloud, &net.raw, &[&net.name])).await;
    let add = Operation::AddFloatingIp { pool: net.external.clone() };
    let other = done(cloud, &one, Uuid::new_v4(), &add, Lost::Nothing).await.unwrap();
    assert_ne!(&other, own);
    let give = |id: &str| Operation::AssociateFloatingIp { floating_ip: id.to_owned() };
    assert_eq!(done(cloud, &two, Uuid::new_v4(), &give(own), Lost::Orders).await.as_ref(), Some(own));
    assert_eq!(net.one(own).await["port_id"], net.port(two.mark).await);
    let used = make(cloud, mark, &asset, &parts).await.unwrap();
    assert_eq!(used[0].used_by, std::slice::from_ref(&two.cloud_id));
    for (id, expected) in [
        (own.as_str(), "leads to port"),
        (&Uuid::new_v4().to_string(), "there is no floating IP"),
        ("../ports", "there is no floating IP"),
    ] {
        let refused = cloud.operate(&one, Uuid::new_v4(), &give(id), None).await;
        assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains(expected)), "{refused:?}");
    }
    let held = cloud.remove_asset(&region(), mark, &asset, &used).await;
    assert!(matches!(&held, Err(CloudError::Conflict(text)) if text.contains("leads to port")), "{held:?}");

    // Taken away, given again, and left by a server that goes: it stays as it is. One that was made for a server does not.
    let take = Operation::RemoveFloatingIp { floating_ip: own.clone() };
    done(cloud, &two, Uuid::new_v4(), &take, Lost::Orders).await;
    assert_eq!(net.one(own).await["description"], there["description"]);
    net.lead(&other, Value::Null).await;
    let refused = cloud.operate(&two, Uuid::new_v4(), &give(&other), None).await;
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains("another server")), "{refused:?}");
    done(cloud, &two, Uuid::new_v4(), &give(own), Lost::Nothing).await;
    remove(cloud, two.mark).await;
    remove(cloud, one.mark).await;
    let left = net.all().await;
    assert_eq!((left.len(), &left[0]["id"], &left[0]["port_id"]), (1, &json!(own), &Value::Null));

    // Made twice: the one that is known stays.
    let body = json!({ "floatingip": { "floating_network_id": net.external, "description": there["description"] } });
    net.raw.call(Method::POST, "network", "/v2.0/floatingips", body).await;
    assert_eq!(make(cloud, mark, &asset, &parts).await.unwrap()[0].id, *own);
    assert_eq!(net.all().await.len(), 1);
    assert_eq!(cloud.remove_asset(&region(), mark, &asset, &parts).await.unwrap(), Removal::UnderWay);
    assert_eq!(cloud.remove_asset(&region(), mark, &asset, &parts).await.unwrap(), Removal::Gone);
    let missing = cloud.make_asset(&region(), mark, &asset, &parts).await.unwrap();
    assert!(matches!(missing, Making::Missing(_)), "{missing:?}");
    net.delete().await;
}

#[tokio::test]
async fn a_server_without_a_port_of_ours_gets_one_and_a_full_pool_says_so() {
    let real = real();
    // Addresses for the router and four more.
    let net = Net::make(&real, "198.51.100.32/29").await;
    let cloud = &net.cloud;
    let network = net.raw.id("network", "/v2.0/networks", "networks", &net.name).await;
    let body = json!({ "server": { "name": unique("other"), "networks": [{ "uuid": network }],
        "imageRef": net.raw.id("image", "/v2/images", "images", "tiny").await,
        "flavorRef": net.raw.id("compute", "/flavors", "flavors", "m1.tiny").await } });
    let made = net.raw.call(Method::POST, "compute", "/servers", body).await;
    let target = target(Mark(Uuid::new_v4()), made["server"]["id"].as_str().unwrap());
    let add = |pool: &str| Operation::AddFloatingIp { pool: pool.to_owned() };
    let id = Uuid::new_v4();
    // While it has no port it is waited for.
    let made = done(cloud, &target, id, &add(&net.external), Lost::Orders).await.unwrap();
    let ports = net.raw.get("network", &format!("/v2.0/ports?device_id={}", target.cloud_id)).await;
    assert_eq!(net.one(&made).await["port_id"], ports["ports"][0]["id"]);
    for (pool, expected) in [(&network, "not a valid external network"), (&id.to_string(), "could not be found")] {
        let refused = cloud.operate(&target, id, &add(pool), None).await;
        assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains(expected)), "{refused:?}");
    }
    let full = launch(cloud, &net.raw, &[&net.name]).await;
    let mut fillers = Vec::new();
    for _ in 0..3 {
        fillers.push(net.floating_ip().await);
    }
    for id in &fillers {
        let port = json!({ "port": { "network_id": network } });
        let port = net.raw.call(Method::POST, "network", "/v2.0/ports", port).await["port"]["id"].clone();
        net.lead(id, port).await;
    }
    let none = cloud.operate(&full, id, &add(&net.external), None).await;
    assert!(matches!(&none, Err(CloudError::Conflict(text)) if text.contains("No more IP addresses")), "{none:?}");
    remove(cloud, full.mark).await;
    remove(cloud, target.mark).await;
    net.raw.call(Method::DELETE, "compute", &format!("/servers/{}", target.cloud_id), Value::Null).await;
    for it in net.all().await {
        let path = format!("/v2.0/floatingips/{}", it["id"].as_str().unwrap());
        net.raw.try_call(Method::DELETE, "network", &path, Value::Null).await;
        if let Some(port) = it["port_id"].as_str() {
            net.raw.try_call(Method::DELETE, "network", &format!("/v2.0/ports/{port}"), Value::Null).await;
        }
    }
    let path = format!("/servers/{}", target.cloud_id);
    for _ in 0..240 {
        if net.raw.try_call(Method::GET, "compute", &path, Value::Null).await.0 == 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    net.delete().await;
}

#[tokio::test]
async fn a_full_quota_of_floating_ips_is_said() {
    let real = real();
    let (cloud, raw) = (real.connect("small"), real.raw("small").await);
    let pool = raw.id("network", "/v2.0/networks", "networks", "public").await;
    let network = raw.id("network", "/v2.0/networks", "networks", "small-net").await;
    // The project may have none. A port as a server has one.
    let target = target(Mark(Uuid::new_v4()), &Uuid::new_v4().to_string());
    let body =
        json!({ "port": { "network_id": network, "device_id": target.cloud_id, "device_owner": "compute:none" } });
    let port = raw.call(Method::POST, "network", "/v2.0/ports", body).await["port"]["id"].clone();
    let full = cloud.operate(&target, Uuid::new_v4(), &Operation::AddFloatingIp { pool }, None).await;
    let path = format!("/v2.0/ports/{}", port.as_str().unwrap());
    real.raw("admin").await.call(Method::DELETE, "network", &path, Value::Null).await;
    assert!(matches!(&full, Err(CloudError::QuotaExceeded(text)) if text.contains("floatingip")), "{full:?}");
    let never = Operation::RemoveFloatingIp { floating_ip: "../ports".to_owned() };
    assert_eq!(cloud.operate(&target, Uuid::new_v4(), &never, None).await.unwrap(), Progress::Done(None));
}
