use base64::{Engine, prelude::BASE64_STANDARD};
use cloud::{
    CloudError,
    server::{Order, Placement, ServerSpec, Size},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    marked::{METADATA_KEY, WITH_TAGS, tag, too_old},
    server_groups,
};
use crate::{
    catalog::Service,
    error::{Error, Refusal},
    neutron::ports::{self, MAX_CARDS},
    session::{At, Change, Session},
};

/// What Nova takes of user data, after base64. Longer ones it would repeat in its refusal.
const MAX_USER_DATA: usize = 65_535;

/// The first that takes the type of a volume it makes.
/// <https://docs.openstack.org/nova/latest/reference/api-microversion-history.html>
const WITH_VOLUME_TYPE: &str = "2.67";

#[derive(Deserialize)]
struct Reply {
    server: Made,
}

/// All that is read of the answer, which also holds a password.
#[derive(Deserialize)]
struct Made {
    id: String,
}

/// Makes the ports, or finds those of an earlier try, and orders the server with them. The ports come first because
/// Nova gives a port to one server only: one that was ordered twice does not run twice. Its mark is a tag from the
/// beginning. `POST /servers`: <https://docs.openstack.org/api-ref/compute/#create-server>.
pub(crate) async fn launch(session: &Session, spec: &ServerSpec) -> Result<Order, CloudError> {
    let impossible = |what: &str| Err(CloudError::Refused(what.to_owned()));
    let Placement::Openstack { security_groups, availability_zone, root_volume, config_drive, server_group, key_name } =
        &spec.placement
    else {
        return impossible("OpenStack places servers by security groups and availability zone alone");
    };
    let Size::Flavor(flavor) = &spec.size else { return impossible("OpenStack has no sizes but its flavors") };
    let user_data = spec.user_data.as_ref().map(|it| SecretString::from(BASE64_STANDARD.encode(it)));
    if let Some(it) = user_data.as_ref().filter(|it| it.expose_secret().len() > MAX_USER_DATA) {
        let n_bytes = it.expose_secret().len();
        return impossible(&format!("user data of {n_bytes} bytes in base64; Nova takes {MAX_USER_DATA}"));
    }
    if spec.nics.len() > MAX_CARDS {
        return impossible(&format!("{} network cards; {MAX_CARDS} are made at most", spec.nics.len()));
    }
    let region = spec.location.0.as_str();
    let server_group = match server_group {
        Some(given) => Some(server_groups::id_of(session, region, given).await?),
        None => None,
    };
    let ports = ports::make(session, region, spec.mark, &spec.nics, security_groups).await.map_err(refused)?;
    let mut metadata = json!(spec.metadata);
    metadata[METADATA_KEY] = spec.mark.to_string().into();
    let mut server = json!({
        "name": spec.name,
        "flavorRef": flavor,
        "networks": ports.iter().map(|id| json!({ "port": id })).collect::<Vec<Value>>(),
        "metadata": metadata,
        "tags": [tag(spec.mark)],
    });
    if ports.is_empty() {
        // The one network of the project, or one that is made for it. From 2.37 on this is not left out.
        server["networks"] = "auto".into();
        if !security_groups.is_empty() {
            server["security_groups"] = security_groups.iter().map(|it| json!({ "name": it })).collect();
        }
    }
    let mut microversion = WITH_TAGS;
    if let Some(volume) = root_volume {
        let mut disk = json!({
            "uuid": spec.image,
            "source_type": "image",
            "destination_type": "volume",
            "boot_index": 0,
            "volume_size": volume.size_gib,
            "delete_on_termination": true,
        });
        if let Some(volume_type) = &volume.volume_type {
            disk["volume_type"] = volume_type.as_str().into();
            microversion = WITH_VOLUME_TYPE;
        }
        server["block_device_mapping_v2"] = json!([disk]);
    } else {
        server["imageRef"] = spec.image.as_str().into();
    }
    if *config_drive {
        server["config_drive"] = true.into();
    }
    if let Some(name) = key_name {
        server["key_name"] = name.as_str().into();
    }
    if let Some(zone) = availability_zone {
        server["availability_zone"] = zone.as_str().into();
    }
    if let Some(user_data) = &user_data {
        server["user_data"] = user_data.expose_secret().into();
    }
    let hidden: Vec<SecretString> = user_data.into_iter().chain(spec.user_data.clone().map(Into::into)).collect();
    let at = At { service: Service::Compute, region };
    let mut body = json!({ "server": server });
    if let Some(id) = server_group {
        body["os:scheduler_hints"] = json!({ "group": id });
    }
    let call = Change::post(at, "/servers", body);
    let call = Change { microversion: Some(microversion), hidden: &hidden, ..call };
    let answer = session.change(&call).await.map_err(|err| match err.status() {
        Some(406) if microversion == WITH_VOLUME_TYPE => CloudError::Refused(format!(
            "a volume type for the root volume needs a Nova of 2018 or later, with microversion {WITH_VOLUME_TYPE}; leave \
             the type out, and the cloud chooses it; in {region} {err}"
        )),
        _ => too_old(region, err),
    })?;
    let made: Reply = session.parse(&answer.url, &answer.body)?;
    Ok(answer.order(made.server.id))
}

/// Neutron says 404 of a network or security group that a new port names.
fn refused(err: Error) -> CloudError {
    match &err {
        Error::Refused(Refusal { status: 404, .. }) => CloudError::Refused(err.to_string()),
        _ => err.into(),
    }
}
