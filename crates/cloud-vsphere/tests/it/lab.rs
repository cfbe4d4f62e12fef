use std::collections::BTreeMap;

use cloud::{
    Cloud, LocationId,
    inventory::{Noun, PowerState, Resource},
    server::{CloudServer, Mark, Nic, Order, Phase, Placement, Removal, ServerSpec, Size},
};
use cloud_vsphere::Vsphere;

use crate::support::{Raw, USER, Vcsim, config, connect, list};

pub const USER_DATA: &str = "#cloud-config\nruncmd: [\"echo <é> & done\"]\n";

/// A simulator with one template, and servers that are made in it.
pub struct Lab {
    pub vcsim: Vcsim,
    pub cloud: Vsphere,
    pub location: LocationId,
}

impl Lab {
    pub async fn start() -> Lab {
        Lab::with(&["-template", "1", "-vm", "1", "-pg", "1"]).await
    }

    pub async fn with(flags: &[&str]) -> Lab {
        let vcsim = Vcsim::start(flags);
        let cloud = connect(config(&vcsim.url, &[]));
        let location = cloud.locations().await.unwrap()[0].id.clone();
        Lab { vcsim, cloud, location }
    }

    pub async fn resource(&self, noun: Noun, name: &str) -> Resource {
        let found = list(&self.cloud, &self.location, noun).await;
        found.into_iter().find(|it| it.name == name).unwrap_or_else(|| panic!("no {noun} {name}"))
    }

    pub async fn image(&self) -> String {
        list(&self.cloud, &self.location, Noun::CloudImages).await[0].cloud_id.clone()
    }

    /// Two cards: the template has one, on the port group.
    pub async fn spec(&self, n: u128) -> ServerSpec {
        let nic =
            async |name: &str| Nic { network: self.resource(Noun::Networks, name).await.cloud_id, fixed_ip: None };
        ServerSpec {
            mark: Mark(uuid::Uuid::from_u128(0x0190_a0b0_c0d0_7000_8000_0000_0000_0000 + n)),
            location: self.location.clone(),
            name: format!("web/{n}%"),
            image: self.image().await,
            size: Size::Custom { vcpus: 4, cores_per_socket: 2, memory_mib: 1024 },
            nics: vec![nic("VM Network").await, nic("DC0_DVPG0").await],
            user_data: Some(USER_DATA.to_owned()),
            metadata: BTreeMap::from([("farm".to_owned(), "a <b> & c".to_owned())]),
            placement: Placement::Vsphere {
                folder: self.resource(Noun::Folders, "vm").await.cloud_id,
                compute_resource: Some(self.resource(Noun::Clusters, "DC0_C0").await.cloud_id),
                resource_pool: None,
                datastore: Some(self.resource(Noun::Datastores, "LocalDS_0").await.cloud_id),
                host: None,
                customization_spec: None,
                choice: None,
            },
        }
    }

    pub async fn find(&self, spec: &ServerSpec, order: Option<&Order>) -> Vec<CloudServer> {
        self.cloud.find_servers(&self.location, spec.mark, order).await.unwrap()
    }

    pub async fn found(&self, spec: &ServerSpec) -> CloudServer {
        let [found] = self.find(spec, None).await.try_into().unwrap();
        found
    }

    /// Advances until it is ready; returns what was seen on the way.
    pub async fn finish(&self, spec: &ServerSpec, order: Option<&Order>) -> Vec<(Phase, PowerState)> {
        let mut seen = Vec::new();
        loop {
            let [found] = self.find(spec, order).await.try_into().unwrap();
            seen.push((found.phase.clone(), found.power_state));
            if found.phase == Phase::Ready {
                return seen;
            }
            assert!(seen.len() < 10, "{seen:?}");
            self.cloud.advance(spec, &found).await.unwrap();
        }
    }

    pub async fn remove(&self, spec: &ServerSpec, order: Option<&Order>) -> usize {
        for n_steps in 1..10 {
            if self.cloud.remove_server(&self.location, spec.mark, order).await.unwrap() == Removal::Gone {
                return n_steps;
            }
        }
        panic!("it is never gone");
    }

    pub async fn properties(&self, id: &str, path: &str) -> String {
        let mut raw = Raw::log_in(&self.vcsim.url, USER).await;
        let spec = format!(
            "<specSet><propSet><type>VirtualMachine</type><pathSet>{path}</pathSet></propSet><objectSet>\
             <obj type=\"VirtualMachine\">{id}</obj></objectSet></specSet><options/>"
        );
        raw.call("PropertyCollector", "propertyCollector", "RetrievePropertiesEx", &spec).await
    }
}
