//! The privileges this platform needs, what each is for and what fails without it.

use serde::Serialize;

/// The kind of object on which a privilege matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Entity {
    RootFolder,
    Datacenter,
    /// Folders of machines.
    Folder,
    Datastore,
    StoragePod,
    Network,
    /// The root pools of clusters and hosts.
    ResourcePool,
    /// Machines and templates.
    VirtualMachine,
}

impl Entity {
    pub const ALL: [Entity; 8] = [
        Entity::RootFolder,
        Entity::Datacenter,
        Entity::Folder,
        Entity::Datastore,
        Entity::StoragePod,
        Entity::Network,
        Entity::ResourcePool,
        Entity::VirtualMachine,
    ];

    /// In a sentence, for one.
    pub fn as_str(self) -> &'static str {
        match self {
            Entity::RootFolder => "root folder",
            Entity::Datacenter => "datacenter",
            Entity::Folder => "folder",
            Entity::Datastore => "datastore",
            Entity::StoragePod => "storage pod",
            Entity::Network => "network",
            Entity::ResourcePool => "resource pool",
            Entity::VirtualMachine => "virtual machine",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Privilege {
    /// As the API writes it: `VirtualMachine.Provisioning.Clone`.
    pub id: &'static str,
    pub purpose: &'static str,
    /// What fails without it.
    pub operations: &'static [&'static str],
    /// On what it has to be held.
    pub scope: Entity,
    /// The vendor's page, where this is needed today although older lists do not name it.
    pub addition: Option<&'static str>,
}

const fn needed(
    id: &'static str,
    scope: Entity,
    purpose: &'static str,
    operations: &'static [&'static str],
) -> Privilege {
    Privilege { id, purpose, operations, scope, addition: None }
}

const fn added(privilege: Privilege, page: &'static str) -> Privilege {
    Privilege { addition: Some(page), ..privilege }
}

const PROVISIONING: &str = "Configuring machines when they are launched or changed";
const POWER: &str = "Power and devices of running machines";
const FILES: &str = "Files of machines on datastores";
const TEMPLATES: &str = "Templates, clones and guest customization";

/// In the order in which a person reads them; the additions come last.
pub const ALL: &[Privilege] = &[
    needed(
        "Datastore.AllocateSpace",
        Entity::Datastore,
        "Room on a datastore for new machines and disks",
        &["launch a server", "add or grow a disk"],
    ),
    needed(
        "Datastore.Browse",
        Entity::Datastore,
        FILES,
        &["list the files of a datastore", "choose files and disks of it"],
    ),
    needed("Datastore.DeleteFile", Entity::Datastore, FILES, &["delete disks that belong to no server"]),
    needed(
        "Datastore.FileManagement",
        Entity::Datastore,
        FILES,
        &[
            "delete files and disks that no machine uses",
            "create disks that belong to no server",
            "write files of a server",
        ],
    ),
    needed("Folder.Create", Entity::Folder, "New folders", &["create a folder"]),
    needed("Folder.Delete", Entity::Folder, "Removing folders", &["delete a folder"]),
    needed(
        "Global.CancelTask",
        Entity::Datacenter,
        "Cancelling tasks that are no longer wanted",
        &["cancel a task", "abort a launch that was cancelled or takes too long"],
    ),
    needed(
        "Global.Diagnostics",
        Entity::RootFolder,
        "Reading the logs of vCenter and hosts",
        &["show logs of the vCenter and of hosts"],
    ),
    needed(
        "Global.ManageCustomFields",
        Entity::RootFolder,
        "Custom attributes on machines",
        &["define the custom attributes that show the metadata of servers"],
    ),
    needed(
        "Global.SetCustomField",
        Entity::VirtualMachine,
        "Custom attributes on machines",
        &["show the metadata of a server as custom attributes"],
    ),
    needed(
        "Network.Assign",
        Entity::Network,
        "Connecting machines to networks",
        &["launch a server on a network", "change its network"],
    ),
    needed(
        "Resource.AssignVMToPool",
        Entity::ResourcePool,
        "Putting machines into a resource pool",
        &["launch a server", "relocate a server to another resource pool"],
    ),
    needed("Resource.DeletePool", Entity::ResourcePool, "Removing resource pools", &["delete a resource pool"]),
    needed(
        "Sessions.ValidateSession",
        Entity::RootFolder,
        "Session handling",
        &["ask whether a session is still valid"],
    ),
    needed(
        "VirtualMachine.Config.SwapPlacement",
        Entity::VirtualMachine,
        PROVISIONING,
        &["choose where a server swaps"],
    ),
    needed("VirtualMachine.Config.Settings", Entity::VirtualMachine, PROVISIONING, &["change settings of a server"]),
    needed(
        "VirtualMachine.Config.Resource",
        Entity::VirtualMachine,
        PROVISIONING,
        &["change shares, reservations and limits"],
    ),
    needed("VirtualMachine.Config.Rename", Entity::VirtualMachine, PROVISIONING, &["rename a server"]),
    needed(
        "VirtualMachine.Config.RemoveDisk",
        Entity::VirtualMachine,
        PROVISIONING,
        &["remove a disk", "terminate a server and keep its disks"],
    ),
    needed("VirtualMachine.Config.RawDevice", Entity::VirtualMachine, PROVISIONING, &["attach a raw device"]),
    needed(
        "VirtualMachine.Config.MksControl",
        Entity::VirtualMachine,
        PROVISIONING,
        &["change how the console is shown"],
    ),
    needed(
        "VirtualMachine.Config.Memory",
        Entity::VirtualMachine,
        PROVISIONING,
        &["launch with another memory size", "change the instance type"],
    ),
    needed(
        "VirtualMachine.Config.HostUSBDevice",
        Entity::VirtualMachine,
        PROVISIONING,
        &["attach a USB device of the host"],
    ),
    needed(
        "VirtualMachine.Config.EditDevice",
        Entity::VirtualMachine,
        PROVISIONING,
        &["change a network card or another device"],
    ),
    needed("VirtualMachine.Config.DiskExtend", Entity::VirtualMachine, PROVISIONING, &["grow a disk"]),
    needed(
        "VirtualMachine.Config.CPUCount",
        Entity::VirtualMachine,
        PROVISIONING,
        &["launch with another number of CPUs", "change the instance type"],
    ),
    needed(
        "VirtualMachine.Config.ChangeTracking",
        Entity::VirtualMachine,
        PROVISIONING,
        &["track changed blocks for backups"],
    ),
    needed("VirtualMachine.Config.Annotation", Entity::VirtualMachine, PROVISIONING, &["write notes to a server"]),
    needed(
        "VirtualMachine.Config.AdvancedConfig",
        Entity::VirtualMachine,
        PROVISIONING,
        &["launch a server (its extraConfig)", "add or remove a disk", "hand user data to a server"],
    ),
    needed(
        "VirtualMachine.Config.AddRemoveDevice",
        Entity::VirtualMachine,
        PROVISIONING,
        &["add or remove a network card or another device", "add a disk where no SCSI bus has room"],
    ),
    needed(
        "VirtualMachine.Config.AddNewDisk",
        Entity::VirtualMachine,
        PROVISIONING,
        &["launch a server", "add a disk"],
    ),
    needed(
        "VirtualMachine.Config.AddExistingDisk",
        Entity::VirtualMachine,
        PROVISIONING,
        &["attach a disk that exists"],
    ),
    needed("VirtualMachine.Interact.Suspend", Entity::VirtualMachine, POWER, &["suspend a server"]),
    needed("VirtualMachine.Interact.Reset", Entity::VirtualMachine, POWER, &["reboot a server"]),
    needed("VirtualMachine.Interact.PowerOn", Entity::VirtualMachine, POWER, &["launch, start or resume a server"]),
    needed("VirtualMachine.Interact.PowerOff", Entity::VirtualMachine, POWER, &["stop or terminate a server"]),
    needed(
        "VirtualMachine.Interact.DeviceConnection",
        Entity::VirtualMachine,
        POWER,
        &["connect and disconnect devices"],
    ),
    needed("VirtualMachine.Inventory.Create", Entity::Folder, "The task that creates a machine", &["launch a server"]),
    needed(
        "VirtualMachine.Inventory.Delete",
        Entity::VirtualMachine,
        "The task that deletes a machine",
        &["terminate a server"],
    ),
    needed(
        "VirtualMachine.Provisioning.DeployTemplate",
        Entity::VirtualMachine,
        TEMPLATES,
        &["launch a server from a template"],
    ),
    needed("VirtualMachine.Provisioning.CloneTemplate", Entity::VirtualMachine, TEMPLATES, &["copy a template"]),
    needed(
        "VirtualMachine.Provisioning.Clone",
        Entity::VirtualMachine,
        TEMPLATES,
        &["launch a server from another machine"],
    ),
    needed(
        "VirtualMachine.Provisioning.CreateTemplateFromVM",
        Entity::VirtualMachine,
        TEMPLATES,
        &["create a template from a server"],
    ),
    needed(
        "VirtualMachine.Provisioning.Customize",
        Entity::VirtualMachine,
        TEMPLATES,
        &["set host name and addresses at launch"],
    ),
    needed(
        "VirtualMachine.Provisioning.ModifyCustSpecs",
        Entity::RootFolder,
        TEMPLATES,
        &["change customization specifications"],
    ),
    needed(
        "VirtualMachine.Provisioning.ReadCustSpecs",
        Entity::RootFolder,
        TEMPLATES,
        &["list and apply customization specifications"],
    ),
    needed(
        "VirtualMachine.State.CreateSnapshot",
        Entity::VirtualMachine,
        "Snapshots of machines",
        &["take a snapshot of a server"],
    ),
    needed(
        "VirtualMachine.Interact.ConsoleInteract",
        Entity::VirtualMachine,
        "Looking at the console",
        &["show the screen of a server", "open its console (WebMKS ticket)"],
    ),
    added(
        needed(
            "VirtualMachine.Inventory.CreateFromExisting",
            Entity::Folder,
            "Cloning and deploying from a template; since vSphere 6 not covered by VirtualMachine.Inventory.Create",
            &["launch a server from a template", "create a template from a server"],
        ),
        "https://docs.vmware.com/en/VMware-vSphere/8.0/vsphere-security/GUID-C81A92E3-4A73-4CE7-88D5-031079A53693.html",
    ),
    added(
        needed(
            "VirtualMachine.State.RemoveSnapshot",
            Entity::VirtualMachine,
            "Removing the snapshots that were taken",
            &["remove a snapshot"],
        ),
        "https://developer.broadcom.com/xapis/virtual-infrastructure-json-api/latest/sdk/vim25/release/VirtualMachineSnapshot/moId/RemoveSnapshot_Task/post/",
    ),
    added(
        needed(
            "VirtualMachine.State.RevertToSnapshot",
            Entity::VirtualMachine,
            "Going back to a snapshot",
            &["revert a server to a snapshot"],
        ),
        "https://developer.broadcom.com/xapis/virtual-infrastructure-json-api/latest/sdk/vim25/release/VirtualMachineSnapshot/moId/RevertToSnapshot_Task/post",
    ),
    added(
        needed(
            "VirtualMachine.Interact.AnswerQuestion",
            Entity::VirtualMachine,
            "Answering a question that stops a machine, for example whether it was moved or copied",
            &["start a server that waits for an answer"],
        ),
        "https://docs.vmware.com/en/VMware-vSphere/6.7/com.vmware.vsphere.security.doc/GUID-3D47149A-947D-4608-88B3-E5811129EFA8.html",
    ),
    added(
        needed(
            "VirtualMachine.Interact.SetCDMedia",
            Entity::VirtualMachine,
            "What is in the CD drives of machines",
            &["connect and disconnect an ISO"],
        ),
        "https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.VirtualMachine.html",
    ),
    added(
        needed(
            "Resource.HotMigrate",
            Entity::VirtualMachine,
            "Moving machines that run to another host, resource pool or datastore",
            &["relocate a server"],
        ),
        "https://docs.vmware.com/en/VMware-vSphere/8.0/vsphere-security/GUID-7BA4AE08-233C-4FF3-9A78-5B4BD4A6E28D.html",
    ),
    added(
        needed(
            "Resource.ColdMigrate",
            Entity::VirtualMachine,
            "The same of machines that are off or suspended",
            &["relocate a suspended server"],
        ),
        "https://docs.vmware.com/en/VMware-vSphere/8.0/vsphere-security/GUID-7BA4AE08-233C-4FF3-9A78-5B4BD4A6E28D.html",
    ),
    added(
        needed(
            "Resource.ApplyRecommendation",
            Entity::StoragePod,
            "Placing disks where a datastore cluster with Storage DRS recommends",
            &["launch a server onto a storage pod"],
        ),
        "https://vdc-download.vmware.com/vmwb-repository/dcr-public/b21ba11d-4748-4796-97e2-7000e2543ee1/b4a40704-fbca-4222-902c-2500f5a90f3f/vim.StorageResourceManager.html",
    ),
    added(
        needed(
            "StorageProfile.View",
            Entity::RootFolder,
            "Reading storage policies",
            &["choose a storage policy at launch"],
        ),
        "https://docs.vmware.com/en/VMware-vSphere/6.7/com.vmware.vsphere.security.doc/GUID-9A79C4A8-8415-433B-A2E9-6A5999E92207.html",
    ),
    added(
        needed(
            "InventoryService.Tagging.AttachTag",
            Entity::RootFolder,
            "Tagging machines; effective only as a global permission, not as one of an object",
            &["tag a server"],
        ),
        "https://docs.vmware.com/en/VMware-vSphere/8.0/vsphere-security/GUID-2F8C5B02-7EF6-428A-BDB6-B2CC3D307097.html",
    ),
];
