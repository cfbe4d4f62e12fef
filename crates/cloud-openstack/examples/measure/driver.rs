//! The work, by the driver.

use std::{error::Error, sync::Arc, time::Duration};

use cloud::{
    Cloud, LocationId,
    check::{Check, CheckStatus, Reporter},
};
use cloud_http::{AddressRules, Exit};
use cloud_openstack::{Config, OpenStack};
use futures_util::TryStreamExt;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{Done, Flags, Spent};

/// More than a validation among many takes.
const VALIDATION_LIMIT: Duration = Duration::from_secs(300);

/// All flavors and servers of the first region, several times. The login is not measured.
pub async fn read(flags: &Flags, rounds: usize) -> Result<(Done, Spent), Box<dyn Error>> {
    let exit = exit()?;
    let cloud = connect(flags, &exit)?;
    let location = cloud.locations().await?.into_iter().next().ok_or("no region")?.id;
    let (calls, bytes) = exit.traffic();
    let spent = Spent::new()?;
    let mut what = String::new();
    for _ in 0..rounds {
        let n_flavors = cloud.instance_types(&location).await?.unwrap_or_default().len();
        what = format!("{} servers, {n_flavors} flavors", count_servers(&cloud, &location).await?);
    }
    let now = exit.traffic();
    Ok((Done { what, calls: now.0 - calls, bytes: now.1 - bytes }, spent))
}

async fn count_servers(cloud: &OpenStack, location: &LocationId) -> Result<usize, Box<dyn Error>> {
    let mut n_servers = 0;
    let mut pages = cloud.machines(location);
    while let Some(page) = pages.try_next().await? {
        n_servers += page.items.len();
    }
    Ok(n_servers)
}

/// Each credential is new: it finds Keystone, logs in, looks at everything and logs out.
pub async fn validate(flags: &Flags, n_credentials: usize, at_once: bool) -> Result<(Done, Spent), Box<dyn Error>> {
    let exit = exit()?;
    let clouds: Vec<OpenStack> = (0..n_credentials).map(|_| connect(flags, &exit)).collect::<Result<_, _>>()?;
    let spent = Spent::new()?;
    let mut checks = Vec::new();
    if at_once {
        // Each in a task of its own, as in the control plane: one task would look at all of them whenever one goes on.
        let mut running = JoinSet::new();
        for cloud in clouds {
            running.spawn(async move { validate_one(&cloud).await });
        }
        checks = running.join_all().await.concat();
    } else {
        for cloud in &clouds {
            checks.append(&mut validate_one(cloud).await);
        }
    }
    let count = |status: CheckStatus| checks.iter().filter(|it| it.status == status).count();
    let what = format!(
        "{} passed, {} warnings, {} failed, {} skipped",
        count(CheckStatus::Passed),
        count(CheckStatus::Warning),
        count(CheckStatus::Failed),
        count(CheckStatus::Skipped)
    );
    let (calls, bytes) = exit.traffic();
    Ok((Done { what, calls, bytes }, spent))
}

async fn validate_one(cloud: &OpenStack) -> Vec<Check> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let report = Reporter::new(sender, VALIDATION_LIMIT);
    cloud.validate(&report).await;
    cloud.close().await;
    drop(report);
    let mut checks = Vec::new();
    while let Some(check) = receiver.recv().await {
        checks.push(check);
    }
    checks
}

fn exit() -> Result<Arc<Exit>, Box<dyn Error>> {
    let loopback = vec!["127.0.0.0/8".parse()?, "::1/128".parse()?];
    Ok(Arc::new(Exit::new(AddressRules::new(Some(loopback)), None)))
}

fn connect(flags: &Flags, exit: &Arc<Exit>) -> Result<OpenStack, Box<dyn Error>> {
    let default = || Some("Default".to_owned());
    let config = Config {
        keystone_url: flags.keystone.clone(),
        user_name: Some(flags.user.clone()),
        user_domain_name: default(),
        tenant_name: Some(flags.project.clone()),
        project_domain_name: default(),
        ..Config::default()
    };
    Ok(OpenStack::new(config, flags.password.as_str().into(), exit.clone())?)
}
