//! What an environment has besides servers, and its farms.

use cloud::{
    CloudError,
    asset::{Asset, Making, Part},
    server::{Mark, Removal},
};

use crate::{
    cinder::marked::{self, Wanted},
    neutron::{
        floating_ips::marked as floating_ips,
        private_networks::{self, groups},
    },
    nova::keypairs,
    session::Session,
};

pub(crate) async fn make(
    session: &Session,
    region: &str,
    mark: Mark,
    asset: &Asset,
    made: &[Part],
) -> Result<Making, CloudError> {
    match asset {
        Asset::Volume { name, size_gib, volume_type, availability_zone } => {
            let (volume_type, availability_zone) = (volume_type.as_deref(), availability_zone.as_deref());
            let wanted = Wanted { name, size_gib: *size_gib, volume_type, availability_zone };
            marked::make(session, region, mark, &wanted, made).await
        }
        Asset::Network { name, cidr, dns_servers, external_network, rules } => {
            let external_network = external_network.as_deref();
            let wanted = private_networks::Wanted::new(name, cidr, dns_servers, external_network, rules)?;
            private_networks::advance(session, region, mark, &wanted, made).await
        }
        Asset::SecurityGroup { name, rules } => groups::advance(session, region, mark, name, rules, made).await,
        Asset::FloatingIp { pool, .. } => floating_ips::make(session, region, mark, pool, made).await,
        Asset::Keypair { name, public_key } => {
            let unknown = || CloudError::Refused(format!("keypair {name} has no public key yet"));
            keypairs::make(session, region, name, public_key.as_ref().ok_or_else(unknown)?).await
        }
    }
}

pub(crate) async fn find(
    session: &Session,
    region: &str,
    mark: Mark,
    asset: &Asset,
    made: &[Part],
) -> Result<Vec<Part>, CloudError> {
    match asset {
        Asset::Volume { .. } => Ok(marked::list(session, region, mark, made).await?.iter().map(Part::from).collect()),
        Asset::Network { .. } => private_networks::find(session, region, mark).await,
        Asset::SecurityGroup { .. } => groups::find(session, region, mark).await,
        Asset::FloatingIp { .. } => floating_ips::find(session, region, mark).await,
        Asset::Keypair { name, .. } => keypairs::find(session, region, name).await,
    }
}

pub(crate) async fn remove(
    session: &Session,
    region: &str,
    mark: Mark,
    asset: &Asset,
    made: &[Part],
) -> Result<Removal, CloudError> {
    match asset {
        Asset::Volume { .. } => marked::remove(session, region, mark, made).await,
        Asset::Network { .. } => private_networks::remove(session, region, mark).await,
        Asset::SecurityGroup { .. } => groups::remove(session, region, mark).await,
        Asset::FloatingIp { .. } => floating_ips::remove(session, region, mark).await,
        Asset::Keypair { name, .. } => keypairs::remove(session, region, name).await,
    }
}
