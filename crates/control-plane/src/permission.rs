//! Who may do what: named permissions, ACL roles, and the reasons they give.

use std::{collections::BTreeMap, fmt, str::FromStr};

use store::{Owner, acl_roles::BaseRole, grants::Grant, users::User};

macro_rules! permissions {
    ($($variant:ident = $name:literal: $description:literal,)+) => {
        /// What a route may ask for. Names ending in `.read` change nothing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $(#[doc = $description] $variant,)+ }

        impl Permission {
            pub const ALL: &[Permission] = &[$(Permission::$variant,)+];

            pub fn as_str(self) -> &'static str {
                match self { $(Permission::$variant => $name,)+ }
            }

            pub fn description(self) -> &'static str {
                match self { $(Permission::$variant => $description,)+ }
            }
        }
    };
}

permissions! {
    AccountsRead = "accounts.read": "See accounts",
    AccountsManage = "accounts.manage": "Create, change and delete accounts (Scalr scope)",
    UsersRead = "users.read": "See users, their keys, tokens and sessions",
    UsersManage = "users.manage": "Create, change and delete users; revoke their keys, tokens and sessions",
    TeamsRead = "teams.read": "See teams and their members",
    TeamsManage = "teams.manage": "Create, change and delete teams; grant them environments",
    AclRolesRead = "acl-roles.read": "See ACL roles",
    AclRolesManage = "acl-roles.manage": "Create, change and delete ACL roles",
    EnvironmentsRead = "environments.read": "See environments",
    EnvironmentsManage = "environments.manage": "Create, change and delete environments",
    CostCentersRead = "cost-centers.read": "See cost centers",
    CostCentersManage = "cost-centers.manage": "Create, change and delete cost centers (Scalr scope)",
    ProjectsRead = "projects.read": "See projects",
    ProjectsManage = "projects.manage": "Create, change and delete projects",
    CloudsRead = "clouds.read": "See which credentials an environment uses",
    CloudsManage = "clouds.manage": "Link credentials to environments and unlink them",
    CloudCredentialsRead = "cloud-credentials.read": "See cloud credentials and their reports, never their secrets",
    CloudCredentialsManage = "cloud-credentials.manage": "Create, change and delete cloud credentials",
    CloudCredentialsValidate = "cloud-credentials.validate": "Run the checks of a credential and probe ports",
    CacheClear = "cache.clear": "Drop cached instance types and start a full synchronisation",
    InventoryRead = "inventory.read": "See locations, instance types and everything found in the clouds",
    InventorySync = "inventory.sync": "Have a cloud read now",
    MachinesProbe = "machines.probe": "Try a TCP connection to a machine",
    CloudLogsShow = "cloud-logs.show": "See the logs of vCenters and hosts, which tell of all who use them",
    CloudEventsRead = "cloud-events.read": "See what vCenters say came to pass in them",
    DatastoreFilesRead = "datastore-files.read": "See the files on datastores",
    DatastoreFilesManage = "datastore-files.manage": "Delete files on datastores that no machine uses",
    FoldersManage = "folders.manage": "Make folders in vCenters, and delete empty ones",
    ResourcePoolsManage = "resource-pools.manage": "Delete empty resource pools of vCenters",
    CloudTasksRead = "cloud-tasks.read": "See what vCenters do, whoever asked for it",
    CloudTasksCancel = "cloud-tasks.cancel": "Have a vCenter end a task, whoever asked for it",
    InstanceTypesRead = "instance-types.read": "See the vSphere sizes (Scalr scope)",
    InstanceTypesManage = "instance-types.manage": "Change the vSphere sizes (Scalr scope)",
    ImagesRead = "images.read": "See operating systems and registered images",
    ImagesManage = "images.manage": "Register, change and remove images",
    RolesRead = "roles.read": "See roles, their images and categories",
    RolesManage = "roles.manage": "Create, change, clone, promote, deprecate and delete roles and their categories",
    FarmsRead = "farms.read": "See farms and their farm roles",
    FarmsManage = "farms.manage": "Create, change and delete farms and farm roles",
    FarmsLaunch = "farms.launch": "Launch, suspend, resume and terminate farms",
    PrivateKeysShow = "private-keys.show": "See the private keys that let into the servers of farms",
    ServersRead = "servers.read": "See servers and what came to pass with them",
    ServersManage = "servers.manage": "Launch, suspend, resume, reboot and terminate single servers",
    HostDevicesManage = "host-devices.manage": "Give servers devices of the hosts of a vCenter",
    VolumesRead = "volumes.read": "See volumes",
    VolumesManage = "volumes.manage": "Create, extend and delete volumes",
    NetworksRead = "networks.read": "See networks, security groups and floating IPs that were made for an environment",
    NetworksManage = "networks.manage": "Create, change and delete networks, security groups and floating IPs of an environment",
    AuditRead = "audit.read": "Read and verify the audit log",
    SystemRead = "system.read": "See the state and configuration of the installation (Scalr scope)",
}

impl Permission {
    pub fn is_read(self) -> bool {
        self.as_str().ends_with(".read")
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such permission.
#[derive(Debug, thiserror::Error)]
#[error("there is no permission {0:?}")]
pub struct UnknownPermission(String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        let found = Permission::ALL.iter().find(|it| it.as_str() == name);
        found.copied().ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}

/// What a base role has before its overrides.
pub fn base_role_has(base: BaseRole, permission: Permission) -> bool {
    match base {
        BaseRole::FullAccess => true,
        BaseRole::ReadOnly => permission.is_read(),
        BaseRole::NoAccess => false,
    }
}

/// Where a request works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Scalr,
    Account(i64),
    Environment { id: i64, account_id: i64 },
}

impl Scope {
    /// `None` at Scalr scope.
    pub fn account_id(self) -> Option<i64> {
        match self {
            Scope::Scalr => None,
            Scope::Account(id) | Scope::Environment { account_id: id, .. } => Some(id),
        }
    }

    pub fn environment_id(self) -> Option<i64> {
        match self {
            Scope::Environment { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whose that is which is made here.
    pub fn owner(self) -> Owner {
        Owner { account_id: self.account_id(), environment_id: self.environment_id() }
    }

    /// Where things of this owner belong.
    pub fn of(owner: Owner) -> Scope {
        match (owner.account_id, owner.environment_id) {
            (None, _) => Scope::Scalr,
            (Some(id), None) => Scope::Account(id),
            (Some(account_id), Some(id)) => Scope::Environment { id, account_id },
        }
    }

    /// The scope above this one.
    pub fn parent(self) -> Option<Scope> {
        match self {
            Scope::Scalr => None,
            Scope::Account(_) => Some(Scope::Scalr),
            Scope::Environment { account_id, .. } => Some(Scope::Account(account_id)),
        }
    }
}

/// True where the user may know that the scope exists. Another account's is not found.
pub fn is_visible(user: &User, scope: Scope) -> bool {
    match scope {
        // Everybody knows that there is an installation.
        Scope::Scalr => true,
        Scope::Account(id) | Scope::Environment { account_id: id, .. } => {
            is_global_administrator(user) || user.account_id == Some(id)
        }
    }
}

pub fn is_global_administrator(user: &User) -> bool {
    user.is_admin && user.account_id.is_none()
}

/// Why a user has a permission in a scope, in words; empty: they have not. Any team that grants it is enough; at
/// account scope the roles of all the user's teams count, in an environment those that the environment lets in.
pub fn reasons(user: &User, grants: &[Grant], scope: Scope, permission: Permission) -> Vec<String> {
    if is_global_administrator(user) {
        return vec!["global administrator".to_owned()];
    }
    let Some(account_id) = scope.account_id() else {
        let is_reader = user.account_id.is_none() && permission.is_read();
        return if is_reader { vec!["user of the Scalr scope".to_owned()] } else { Vec::new() };
    };
    if user.account_id != Some(account_id) {
        return Vec::new();
    }
    if user.is_admin {
        return vec!["account administrator".to_owned()];
    }
    let here = grants.iter().filter(|it| it.account_id == account_id);
    let here = here.filter(|it| it.environment_id == scope.environment_id());
    let mut reasons: Vec<String> = here
        .filter(|it| role_has(it.base_role, &it.permissions, permission))
        .map(|it| format!("team {}: role {}", it.team_name, it.acl_role_name))
        .collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

/// `overrides` win over the base role.
pub fn role_has(base: BaseRole, overrides: &BTreeMap<String, bool>, permission: Permission) -> bool {
    overrides.get(permission.as_str()).copied().unwrap_or_else(|| base_role_has(base, permission))
}
