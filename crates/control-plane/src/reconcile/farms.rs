//! Brings the servers that a farm has to those it should have. Rows alone: what clouds do about them comes after.

use cloud::Platform;
use store::{
    Time, Tx, assets, environment_clouds,
    farm_roles::{self, FarmRole},
    farms::{Farm, FarmStatus, LaunchOrder},
    servers::{self, NewServer, Server, ServerStatus, Wanted},
};
use uuid::Uuid;

use crate::http::error::{ApiError, ApiResult};

/// Why servers are launched, as the API tells it; the numbers are the original's reason codes.
pub const FARM_LAUNCHED: &str = "Farm launched (3)";
pub const BY_USER: &str = "API request (4)";

/// For whom servers are launched.
pub struct LaunchedBy<'a> {
    pub id: i64,
    pub email: &'a str,
    pub reason: &'static str,
}

/// Called in the transaction of each change that may matter: of the farm, of its roles, of the status of a server.
pub async fn settle(tx: &mut Tx, farm: &Farm, by: &LaunchedBy<'_>) -> ApiResult<()> {
    let now = Time::now();
    let live = servers::live_of_farm(tx, farm.id).await?;
    let roles = farm_roles::list_of_farm(tx, farm.id).await?;
    match farm.status {
        FarmStatus::Terminated => {
            for server in live.iter().filter(|it| it.wanted != Wanted::Terminated) {
                servers::want(tx, &server.id, Wanted::Terminated, now).await?;
            }
            if live.is_empty() {
                assets::want_absent_of_farm(tx, farm.id, now).await?;
            }
            return Ok(());
        }
        FarmStatus::Suspended => return Ok(()),
        FarmStatus::Running => {}
    }
    // Servers of a tier that is gone have no place in the farm.
    for server in live.iter().filter(|it| roles.iter().all(|role| role.id != it.farm_role_id)) {
        if server.wanted != Wanted::Terminated {
            servers::want(tx, &server.id, Wanted::Terminated, now).await?;
        }
    }
    for role in &roles {
        let own: Vec<&Server> = live.iter().filter(|it| it.farm_role_id == role.id).collect();
        let n_wanted = own.iter().filter(|it| it.wanted != Wanted::Terminated).count();
        let missing = usize::try_from(role.min_instances).unwrap_or(0).saturating_sub(n_wanted);
        let mut taken: Vec<i64> = own.iter().map(|it| it.position).collect();
        for _ in 0..missing {
            taken.push(launch(tx, farm, role, &taken, by).await?.position);
        }
        // One that a user suspended holds up nobody.
        let is_running = |it: &&Server| it.wanted != Wanted::Running || it.seen.status == ServerStatus::Running;
        let is_up = missing == 0 && own.iter().all(is_running);
        if farm.launch_order == LaunchOrder::Sequential && !is_up {
            break; // The next begins when these run.
        }
    }
    Ok(())
}

/// One more server, with the smallest free index.
pub async fn launch(
    tx: &mut Tx,
    farm: &Farm,
    role: &FarmRole,
    taken: &[i64],
    by: &LaunchedBy<'_>,
) -> ApiResult<Server> {
    let link = environment_clouds::find(tx, farm.environment_id, &role.platform).await?;
    let link = link.ok_or_else(|| not_enabled(&role.platform))?;
    let position = (1..).find(|it| !taken.contains(it)).unwrap_or_default();
    let new = NewServer {
        id: Uuid::now_v7().to_string(),
        environment_id: farm.environment_id,
        farm_id: farm.id,
        farm_role_id: role.id,
        position,
        platform: role.platform.clone(),
        location_id: role.location_id.clone(),
        credential_id: link.credential_id,
        instance_type_id: role.instance_type_id.clone(),
        launch_reason: by.reason.to_owned(),
        launched_by_id: by.id,
        launched_by_email: by.email.to_owned(),
    };
    Ok(servers::insert(tx, &new, Time::now()).await?)
}

pub fn not_enabled(platform: &str) -> ApiError {
    let name = platform.parse::<Platform>().map_or_else(|_| platform.to_owned(), |it| it.to_string());
    ApiError::conflict("NotEnabledPlatform", format!("no credentials for {name} are linked to this environment"))
        .remedy("link cloud credentials to the environment")
}
