//! What others do in a cloud is told without asking for each server.

use std::time::Duration;

use cloud::{
    Cloud, CloudError, LocationId,
    inventory::PowerState,
    watch::{Glimpse, Sighting, State},
};
use futures_util::{StreamExt, stream::BoxStream};
use http::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    real::real,
    servers::{remove, spec},
};

type News<'a> = BoxStream<'a, Result<Sighting, CloudError>>;

/// Far longer than any of it takes.
const LIMIT: Duration = Duration::from_secs(180);

async fn next(news: &mut News<'_>) -> Sighting {
    timeout(LIMIT, news.next()).await.expect("the watch is silent").expect("the watch ended").unwrap()
}

/// Reads on until a server is told to be so.
async fn until(news: &mut News<'_>, is_so: impl Fn(&Glimpse) -> bool) -> Glimpse {
    loop {
        if let Sighting::Changed(changed) = next(news).await
            && let Some(found) = changed.into_iter().find(&is_so)
        {
            return found;
        }
    }
}

#[tokio::test]
async fn what_others_do_is_told() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let region = LocationId("RegionOne".to_owned());
    let mut news = cloud.watch(&region);
    let Sighting::Whole(before) = next(&mut news).await else { panic!("the first sighting is the whole") };
    let spec = spec(&raw, &["private"]).await;
    let ours = |it: &Glimpse| it.mark == Some(spec.mark);
    assert!(!before.iter().any(ours));

    let order = cloud.launch(&spec).await.unwrap();
    let is_on = |it: &State| it.status == "ACTIVE" && it.power_state == PowerState::On && !it.addresses.is_empty();
    let seen = until(&mut news, |it| ours(it) && it.state.as_ref().is_some_and(is_on)).await;
    assert_eq!(seen.cloud_id, order.id);

    let action = format!("/servers/{}/action", order.id);
    raw.call(Method::POST, "compute", &action, json!({ "os-stop": null })).await;
    let is_off = |it: &State| it.status == "SHUTOFF" && it.power_state == PowerState::Off;
    until(&mut news, |it| ours(it) && it.state.as_ref().is_some_and(is_off)).await;

    // Nova's own list of what changed does not tell this.
    let network = raw.id("network", "/v2.0/networks", "networks", "public").await;
    let ports = raw.get("network", &format!("/v2.0/ports?device_id={}&fields=id", order.id)).await;
    let body = json!({ "floatingip": { "floating_network_id": network, "port_id": ports["ports"][0]["id"] } });
    let made = raw.call(Method::POST, "network", "/v2.0/floatingips", body).await;
    let ip = made["floatingip"]["floating_ip_address"].as_str().unwrap();
    let has = |it: &State| it.addresses.iter().any(|it| it.ip.to_string() == ip);
    until(&mut news, |it| ours(it) && it.state.as_ref().is_some_and(has)).await;
    let path = format!("/v2.0/floatingips/{}", made["floatingip"]["id"].as_str().unwrap());
    raw.call(Method::DELETE, "network", &path, Value::Null).await;
    until(&mut news, |it| ours(it) && it.state.as_ref().is_some_and(|it| !has(it))).await;

    // Nova keeps the tags of a server that is gone to itself.
    raw.call(Method::DELETE, "compute", &format!("/servers/{}", order.id), Value::Null).await;
    until(&mut news, |it| it.cloud_id == order.id && it.state.is_none()).await;
    remove(&cloud, spec.mark).await;
}
