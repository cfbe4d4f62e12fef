//! Why a server is not what it should be, in words that help: sorted by what can be done, with what the cloud said.

use std::time::Duration;

use api_types::servers::Failure;
use cloud::CloudError;
use store::Time;

use crate::{config::duration_text, sync::describe};

/// As the original waited (10 s, 1 min, 3 min, 10 min, then each hour), but soon after the first: most of what is lost
/// once comes the second time.
const RETRY_AFTER_S: [u64; 6] = [2, 10, 60, 180, 600, 3600];
/// A credential that the cloud refuses is tried again by validations too; the first that passes is soon enough.
const UNAUTHORIZED_AFTER: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Stays so until somebody changes something. Looked at again each hour, since what is changed may be in the cloud.
    Permanent,
    /// The cloud is full, or a quota is.
    Capacity,
    Transient,
    /// Nothing is done until the cloud lets the credentials in.
    Unauthorized,
    /// It was there, and two readings say that it is not.
    Missing,
    /// The cloud gave up on the machine.
    Failed,
    /// It runs, and what is waited for does not answer.
    Unreachable,
}

impl Class {
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Permanent => "permanent",
            Class::Capacity => "capacity",
            Class::Transient => "transient",
            Class::Unauthorized => "unauthorized",
            Class::Missing => "missing",
            Class::Failed => "failed",
            Class::Unreachable => "unreachable",
        }
    }
}

/// What is known of a text that clouds give: it holds `part`, whatever the case.
struct Known {
    part: &'static str,
    class: Class,
    summary: &'static str,
    next: &'static str,
}

macro_rules! known {
    ($($class:ident $part:literal: $summary:literal, $next:literal;)+) => {
        &[$(Known { part: $part, class: Class::$class, summary: $summary, next: $next },)+]
    };
}

pub mod assets;

/// Texts of Nova, Neutron, Glance, Cinder and vCenter, in lower case; the first that fits counts.
const KNOWN: &[Known] = known! {
    // Our own words, which name networks and more.
    Capacity "no host can take the machine now": "no host and datastore that the farm role allows can take this server",
        "make room on a host or datastore that is named here, or allow others in the farm role";
    Capacity "no valid host": "no compute host has room for this server",
        "choose a smaller instance type or another availability zone, or ask the cloud's operator which filter left no host";
    Capacity "exceeded maximum number of retries": "each host that was tried could not build the server",
        "ask the cloud's operator for the log of the request named here";
    Capacity "quota exceeded for instances": "the project's quota of servers is used up",
        "terminate servers of the project or have the quota raised";
    Capacity "quota exceeded for cores": "the project's quota of vCPUs is used up",
        "choose a smaller instance type or have the quota raised";
    Capacity "quota exceeded for ram": "the project's quota of memory is used up",
        "choose a smaller instance type or have the quota raised";
    Capacity "quota exceeded for resources": "a quota of networks, ports or floating IPs is used up",
        "remove unused ports and floating IPs of the project or have the quota raised";
    Capacity "volumelimitexceeded": "the project's quota of volumes is used up",
        "delete unused volumes or have the quota raised";
    Capacity "exceedsavailablequota": "the project's quota of volumes or of their size is used up",
        "delete unused volumes, choose a smaller root volume or have the quota raised";
    Permanent "smaller than the minimum size specified in image": "the root volume is smaller than the image needs",
        "choose a larger root volume for the farm role";
    Permanent "server group": "the cloud has no such server group, or several",
        "list the server groups of the location and choose another for the farm role, by its id, or none";
    Capacity "group policy was violated": "no host was left that the policy of the server group allows",
        "terminate the server to have another, choose a server group with a soft policy, or have hosts added";
    Permanent "instance group": "the server group is not there",
        "list the server groups of the location and choose another for the farm role, or none";
    Permanent "invalid key_name": "the user of the cloud credentials has no keypair of this name",
        "name another keypair for the farm role, or none; keypairs belong to a user of the cloud, not to a project";
    Permanent "volume type": "the cloud does not take the type of the root volume",
        "list the volume types of the location and choose another, or none";
    Capacity "no more ip addresses": "the network has no free address",
        "add a subnet to the network, or use another network";
    Capacity "ipaddressgenerationfailure": "the network has no free address",
        "add a subnet to the network, or use another network";
    Permanent "already allocated": "the address is used by another port",
        "choose another address in the static IP map, or remove the port that has it";
    Permanent "ipaddressinuse": "the address is used by another port",
        "choose another address in the static IP map, or remove the port that has it";
    Permanent "invalid ip for network": "the address belongs to no subnet of the network",
        "choose an address of the network in the static IP map";
    Permanent "disk is too small for requested image": "the instance type has a smaller disk than the image needs",
        "choose an instance type with a larger disk";
    Permanent "memory is too small for requested image": "the instance type has less memory than the image needs",
        "choose an instance type with more memory";
    Permanent "flavor": "the cloud does not take this instance type",
        "choose another instance type for the farm role";
    Permanent "image": "the cloud does not take this image",
        "register another image for the role at this location";
    Permanent "security group": "a security group is not there",
        "choose other security groups for the farm role";
    Permanent "availability zone": "the availability zone is not available",
        "choose another zone for the farm role, or none";
    Transient "binding failed": "the network could not connect the server's port on its host",
        "ask the cloud's operator for the state of the network agents on that host";
    Transient "port binding": "the network could not connect the server's port on its host",
        "ask the cloud's operator for the state of the network agents on that host";
    Permanent "network": "the cloud does not take a network of the farm role",
        "choose other networks for the farm role";
    Permanent "nopermission": "the vCenter's user lacks a privilege",
        "validate the cloud credentials: the report names the privilege and has a role script";
    Capacity "insufficientresources": "the cluster or host has no room for this machine",
        "choose another compute resource or a smaller instance type";
    Capacity "nodiskspace": "the datastore is full",
        "free space on the datastore or choose another";
    Capacity "insufficientstoragespace": "the datastore has no room for this machine",
        "free space on the datastore or choose another";
    Transient "duplicatename": "a machine with this name is in the folder already",
        "change the instance name of the farm role, or rename the other machine";
    Permanent "managedobjectnotfound": "something that the farm role names is not in the vCenter any more",
        "choose folder, pool, datastore and networks of the farm role anew";
    Permanent "customizationfault": "the guest could not be customized",
        "check the customization specification and the template's guest tools";
    Permanent "notenoughlicenses": "the vCenter has no licence for this",
        "ask the operator of the vCenter";
    Transient "taskinprogress": "the machine is busy with another task",
        "nothing: it is tried again";
    Transient "hostnotconnected": "the host of the machine is not connected to its vCenter",
        "connect the host, or move the machine";
};

/// The same of operations on a server that is there; these come first, since what they name is not the farm role's.
const KNOWN_OF_OPERATIONS: &[Known] = known! {
    // Our own words, which name what people called by any word.
    Permanent "choose another name for the template": "the folder has something of this name already",
        "ask for it again with another name or in another folder";
    Permanent "is not of the cluster that has the resource pool": "the host and the resource pool are of two clusters",
        "ask for it again with a host and a resource pool of one cluster";
    Capacity "insufficientcpuresources": "the host or resource pool has not so much CPU to reserve",
        "reserve less, or make room in the resource pool";
    Capacity "insufficientmemoryresources": "the host or resource pool has not so much memory to reserve",
        "reserve less, or make room in the resource pool";
    Permanent "has no cd drive": "the machine has no CD drive",
        "add a CD drive to the machine in its vCenter, then ask again";
    Permanent "has no usb device": "the host of the machine has no such USB device that is free",
        "ask again with a device that is named here, or move the machine to the host that has it";
    Permanent "has no lun": "the host of the machine has no such LUN",
        "ask again with one that is named here, or present the LUN to the host and have it rescan its storage";
    Permanent "does not tell enough of the luns": "the host of the machine tells too little of its LUNs",
        "add the LUN in the vCenter";
    Permanent "; choose another for": "the LUN is not free",
        "choose a LUN on which nothing is";
    Permanent "whose size is its storage's": "the disk is a LUN, whose size is its storage's to change",
        "make the LUN larger in its storage";
    Permanent "is used by another machine than": "another machine has the device",
        "take it from that machine, or choose another";
    Permanent "too old to track changed blocks": "the machine is too old to track changed blocks",
        "upgrade its virtual hardware in the vCenter, then ask again";
    Permanent "are its limit": "the reservation is more than the limit",
        "ask for it again with a smaller reservation, or with a limit that is not less";
    Failed "nova gave up on resize: cold_migrate ended with an error":
        "no compute host took the server with this instance type; Nova tells only its administrator why",
        "choose a smaller instance type, or ask the cloud's operator about the request that is named here";
    Failed "tells only its administrator why": "the cloud gave up, and tells only its administrator why",
        "ask the cloud's operator about the request that is named here";
    Permanent "must change flavor": "the server has this instance type already",
        "choose another instance type";
    Permanent "unable to resize disk down": "the instance type has a smaller disk than the server has",
        "choose an instance type with a disk that is not smaller";
    Permanent "zero disk flavor": "the instance type has no disk of its own",
        "choose an instance type with a disk";
    Permanent "flavor": "the cloud does not take this instance type for the server",
        "list the instance types of the location and choose another";
    Permanent "cannot get another size as it is": "the machine cannot get another size while it is on or suspended",
        "switch the machine off in its vCenter (a suspended one is not off), or enable hot add there, and ask again";
    Permanent "; a resize needs it": "the server is in no state for another size",
        "resume a suspended server, then ask again";
    Permanent "which is not of this server": "the floating IP belongs to another server",
        "choose a floating IP of this server";
    Permanent "only one that is available": "the volume is not free",
        "detach it where it is attached, or choose another volume";
    Permanent "invalid volume": "the volume is not free",
        "detach it where it is attached, or choose another volume";
    Permanent "volume": "the cloud does not take this volume",
        "list the volumes of the location and choose one that is available, in the server's availability zone";
    Permanent "not reachable from subnet": "the server's network has no way to this external network",
        "connect the network to a router whose gateway is there, or choose another pool";
    Permanent "not a valid external network": "this network has no floating IPs",
        "choose an external network as the pool";
    Permanent "external network": "the server's network has no way to this external network",
        "connect the network to a router whose gateway is there, or choose another pool";
    Permanent "floating": "the cloud does not take this floating IP, or its pool",
        "see the cloud's own words; list the networks of the location for an external one";
    Permanent "nopermission": "the vCenter's user lacks a privilege",
        "validate the cloud credentials: the report names the privilege and has a role script";
};

/// The cloud refused an operation, and would again.
pub fn of_refused_operation(err: &CloudError) -> Failure {
    let text = describe(err);
    let found = find_of_operation(&text);
    let (class, summary) = found.map_or_else(|| (class(err), err.to_string()), |it| (it.class, it.summary.to_owned()));
    let next = found.map_or(ASK_AGAIN, |it| it.next);
    failure(class, summary, vec![text], next, None)
}

/// The cloud took an operation and gave up.
pub fn of_operation(message: &str) -> Failure {
    let found = find_of_operation(message);
    let summary = found.map_or("the cloud took the order and gave up on it", |it| it.summary);
    let next = found.map_or(ASK_AGAIN, |it| it.next);
    failure(found.map_or(Class::Failed, |it| it.class), summary.to_owned(), vec![message.to_owned()], next, None)
}

/// The cloud did not come to an end with an operation. `said` is its last answer.
pub fn of_late_operation(limit: Duration, said: String) -> Failure {
    let summary = format!("the cloud did not finish this within {}", duration_text(&limit));
    let next = "see the cloud's own words, and in the cloud whether it is done after all (what it makes later stays there); \
                then ask for it again";
    failure(Class::Failed, summary, vec![said], next, None)
}

/// Of an operation that was not done before its server had to go.
pub fn terminated() -> Failure {
    let next = "nothing: what was made for the server goes with it";
    failure(Class::Permanent, "the server is being terminated".to_owned(), Vec::new(), next, None)
}

const ASK_AGAIN: &str = "see the cloud's own words, correct what they name, and ask for it again";

/// What is full, or passes, is told the same way of whatever was asked for.
fn find_of_operation(text: &str) -> Option<&'static Known> {
    let lower = text.to_lowercase();
    let of_all = || find(text).filter(|it| matches!(it.class, Class::Capacity | Class::Transient));
    of_all().or_else(|| KNOWN_OF_OPERATIONS.iter().find(|it| lower.contains(it.part)))
}

/// What a cloud's refusal means for a server, with the time until the next try.
pub fn of_error(err: &CloudError, n_tries: i64) -> (Failure, Duration) {
    sorted(err, n_tries, find(&describe(err)))
}

fn sorted(err: &CloudError, n_tries: i64, known: Option<&'static Known>) -> (Failure, Duration) {
    let text = describe(err);
    let (class, summary, next): (_, String, &str) = match err {
        CloudError::Unauthorized(_) => (
            Class::Unauthorized,
            "the cloud does not let the credentials in; nothing is changed until it does".to_owned(),
            "correct the cloud credentials, or validate them to see what the cloud says",
        ),
        CloudError::Unreachable { endpoint, .. } => (
            Class::Transient,
            format!("{endpoint} cannot be reached"),
            "validate the cloud credentials to see how far a connection comes",
        ),
        CloudError::Busy(_) => (Class::Transient, "the cloud is busy".to_owned(), "nothing: it is tried again"),
        _ => match known {
            Some(it) => (it.class, it.summary.to_owned(), it.next),
            None => (class(err), err.to_string(), "see the cloud's own words, and its log of the request named there"),
        },
    };
    let after = match (class, err) {
        (_, CloudError::Busy(after)) => *after,
        (Class::Unauthorized, _) => UNAUTHORIZED_AFTER,
        (Class::Permanent, _) => Duration::from_secs(3600),
        _ => retry_after(n_tries),
    };
    (failure(class, summary, vec![text], next, Some(after)), after)
}

/// The cloud says that the machine failed.
pub fn of_machine(message: &str) -> Failure {
    let known = find(message);
    let summary = known.map_or("the cloud gave up on the machine", |it| it.summary);
    let next = known.map_or("see the cloud's own words; terminate the server to have another", |it| it.next);
    failure(Class::Failed, summary.to_owned(), vec![message.to_owned()], next, None)
}

/// It was there, and is not.
pub fn missing(evidence: String) -> Failure {
    let summary = "the machine is not in its cloud any more; nothing was done about it";
    let next = "bring it back there, or terminate the server to have another";
    failure(Class::Missing, summary.to_owned(), vec![evidence], next, None)
}

/// What is waited for did not answer in time; `next` is what the way of the last try suggests.
pub fn unreachable(what: &str, evidence: String, next: &str, after: Duration) -> Failure {
    let summary = format!("the server is on, and {what} does not take a connection");
    failure(Class::Unreachable, summary, vec![evidence], next, Some(after))
}

/// The cloud says that its specification was not carried out, or nothing within the limit.
pub fn not_customized(evidence: String, after: Duration) -> Failure {
    let summary = "the server is on, and its guest is not customized";
    let next = "look into the guest: guest tools have to run there, and their log says what failed \
                (/var/log/vmware-imc/toolsDeployPkg.log, C:\\Windows\\Temp\\vmware-imc\\guestcust.log). Correct the specification \
                or the template and terminate the server to have another; or take such servers as they are: remove the \
                specification from the farm role";
    failure(Class::Permanent, summary.to_owned(), vec![evidence], next, Some(after))
}

/// The cloud may not be asked: the credentials are disabled, the link is suspended, the environment is inactive.
pub fn paused(summary: String) -> Failure {
    let next = "see the environment's clouds and their credentials";
    failure(Class::Unauthorized, summary, Vec::new(), next, None)
}

/// Something of ours is missing to launch it.
pub fn ours(summary: String, next: &str) -> Failure {
    failure(Class::Permanent, summary, Vec::new(), next, None)
}

/// A server waits for a keypair that is not made: the reason is that of the keypair.
pub fn without_keypair(mut of_keypair: Failure) -> Failure {
    of_keypair.summary = format!("the keypair of the farm is not there: {}", of_keypair.summary);
    of_keypair.next_steps.push("or launch without it: name another keypair for the farm role, or none".to_owned());
    of_keypair
}

/// Nova's words for a keypair that is not there.
pub fn is_about_keypair(text: &str) -> bool {
    text.to_lowercase().contains("invalid key_name")
}

fn failure(class: Class, summary: String, evidence: Vec<String>, next: &str, after: Option<Duration>) -> Failure {
    let now = Time::now();
    Failure {
        summary,
        class: class.as_str().to_owned(),
        evidence,
        next_steps: vec![next.to_owned()],
        since: now.0,
        next_try: after.map(|it| (now + it).0),
    }
}

fn find(text: &str) -> Option<&'static Known> {
    let text = text.to_lowercase();
    KNOWN.iter().find(|it| text.contains(it.part))
}

fn class(err: &CloudError) -> Class {
    match err {
        CloudError::QuotaExceeded(_) => Class::Capacity,
        CloudError::Service { .. }
        | CloudError::Conflict(_)
        | CloudError::Busy(_)
        | CloudError::HeldBack(_)
        | CloudError::Unreachable { .. } => Class::Transient,
        CloudError::Unauthorized(_) => Class::Unauthorized,
        CloudError::Forbidden(_)
        | CloudError::NotFound(_)
        | CloudError::Refused(_)
        | CloudError::Unsupported(_)
        | CloudError::Invalid { .. } => Class::Permanent,
    }
}

fn retry_after(n_tries: i64) -> Duration {
    let n = usize::try_from(n_tries).unwrap_or(0).min(RETRY_AFTER_S.len() - 1);
    // Not all at the same moment: by up to a fifth later.
    let seconds = RETRY_AFTER_S[n] as f64;
    let part = f64::from(Time::now().as_micros().rem_euclid(1000) as u32) / 1000.0;
    Duration::from_secs_f64(seconds * (1.0 + part / 5.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(err: &CloudError, class: &str, summary: &str) {
        let (failure, after) = of_error(err, 0);
        assert_eq!((failure.class.as_str(), failure.summary.as_str()), (class, summary));
        assert!(!failure.next_steps[0].is_empty() && !after.is_zero());
    }

    /// The texts are those of the clouds.
    #[test]
    fn known_faults_are_explained() {
        let quota = |text: &str| CloudError::QuotaExceeded(text.to_owned());
        let refused = |text: &str| CloudError::Refused(text.to_owned());
        let text = "403 Quota exceeded for instances: Requested 1, but already used 10 of 10 instances";
        check(&quota(text), "capacity", "the project's quota of servers is used up");
        let text = "403 Quota exceeded for cores: Requested 8, but already used 20 of 20 cores";
        check(&quota(text), "capacity", "the project's quota of vCPUs is used up");
        let text = "403 Quota exceeded for ram: Requested 512, but already used 1024 of 1024 ram";
        check(&quota(text), "capacity", "the project's quota of memory is used up");
        let text = "409 Quota exceeded for resources: ['port'].";
        check(&quota(text), "capacity", "a quota of networks, ports or floating IPs is used up");
        let text = "409 No more IP addresses available on network 5a.";
        check(&refused(text), "capacity", "the network has no free address");
        let text = "409 IP address 10.20.0.5 already allocated in subnet 7c";
        check(&refused(text), "permanent", "the address is used by another port");
        let text = "400 Flavor's disk is too small for requested image. Flavor disk is 1073741824 bytes";
        check(&refused(text), "permanent", "the instance type has a smaller disk than the image needs");
        let text = "400 Flavor's memory is too small for requested image.";
        check(&refused(text), "permanent", "the instance type has less memory than the image needs");
        check(&refused("400 Invalid flavorRef provided."), "permanent", "the cloud does not take this instance type");
        check(&refused("400 Invalid imageRef provided."), "permanent", "the cloud does not take this image");
        let text = "404 Security group 11 not found for project 22.";
        check(&refused(text), "permanent", "a security group is not there");
        let text = "400 The requested availability zone is not available";
        check(&refused(text), "permanent", "the availability zone is not available");
        let text =
            "400 Volume is smaller than the minimum size specified in image metadata. Volume size is 1073741824 bytes";
        check(&refused(text), "permanent", "the root volume is smaller than the image needs");
        let text = "400 Volume type nowhere could not be found.";
        check(&refused(text), "permanent", "the cloud does not take the type of the root volume");
        let text = "400 Instance group 2f0b could not be found.";
        check(&refused(text), "permanent", "the server group is not there");
        let text = "there is no server group \"flavors\" in RegionOne";
        check(&refused(text), "permanent", "the cloud has no such server group, or several");
        let text = "404 Network 99 could not be found.";
        check(
            &CloudError::NotFound(text.to_owned()),
            "permanent",
            "the cloud does not take a network of the farm role",
        );
        let text = "NoPermission: VirtualMachine.Provisioning.Clone on vm-12";
        check(&CloudError::Forbidden(text.to_owned()), "permanent", "the vCenter's user lacks a privilege");
        check(&refused("DuplicateName: web-1"), "transient", "a machine with this name is in the folder already");
        let text = "InsufficientResourcesFault: The available memory resources are insufficient";
        check(&refused(text), "capacity", "the cluster or host has no room for this machine");
        check(&refused("NoDiskSpace: ds1"), "capacity", "the datastore is full");
        check(&refused("InsufficientStorageSpace"), "capacity", "the datastore has no room for this machine");
        let text = "no host can take the machine now: esx-1 has no connection to network-7; make room";
        check(&refused(text), "capacity", "no host and datastore that the farm role allows can take this server");
        let text = "ManagedObjectNotFound: resgroup-9";
        let gone = "something that the farm role names is not in the vCenter any more";
        check(&CloudError::NotFound(text.to_owned()), "permanent", gone);
        check(&CloudError::Conflict("TaskInProgress".to_owned()), "transient", "the machine is busy with another task");
        let text = "HostNotConnected: host-9";
        check(&refused(text), "transient", "the host of the machine is not connected to its vCenter");
        check(&CloudError::Busy(Duration::from_secs(3)), "transient", "the cloud is busy");
        let refusal = "the cloud does not let the credentials in; nothing is changed until it does";
        check(&CloudError::Unauthorized("401".to_owned()), "unauthorized", refusal);
        let service =
            CloudError::Service { endpoint: "Nova".to_owned(), message: "500 Unexpected API Error".to_owned() };
        check(&service, "transient", "Nova answered with an error: 500 Unexpected API Error");
    }

    #[test]
    fn what_the_cloud_says_of_a_failed_machine_is_explained() {
        let failure = of_machine("500 No valid host was found. There are not enough hosts available.");
        assert_eq!(
            (failure.class.as_str(), failure.summary.as_str()),
            ("failed", "no compute host has room for this server")
        );
        let failure = of_machine("Anti-affinity instance group policy was violated.");
        assert_eq!(failure.summary, "no host was left that the policy of the server group allows");
        let text = "https://nova/v2.1/servers answered 400: Invalid key_name provided. (request req-1)";
        assert!(is_about_keypair(text) && !is_about_keypair("400 Invalid imageRef provided."));
        let failure = of_error(&CloudError::Refused(text.to_owned()), 0).0;
        let summary = "the user of the cloud credentials has no keypair of this name";
        assert_eq!((failure.class.as_str(), failure.summary.as_str()), ("permanent", summary));
        let failure = of_machine("500 Exceeded maximum number of retries. Exhausted all hosts");
        assert_eq!(failure.summary, "each host that was tried could not build the server");
        let failure =
            of_machine("Build of instance 1 aborted: VolumeSizeExceedsAvailableQuota: Requested volume or snapshot");
        assert_eq!(failure.summary, "the project's quota of volumes or of their size is used up");
        let failure = of_machine("Binding failed for port 55, please check neutron logs for more information.");
        assert_eq!(failure.summary, "the network could not connect the server's port on its host");
        assert_eq!(of_machine("libvirtError: cannot start").summary, "the cloud gave up on the machine");
    }

    #[test]
    fn operations_that_were_not_done_are_explained() {
        let check = |failure: Failure, class: &str, summary: &str| {
            assert_eq!((failure.class.as_str(), failure.summary.as_str()), (class, summary));
            assert!(!failure.next_steps[0].contains("farm role"), "{failure:?}");
            assert_eq!((failure.evidence.len(), failure.next_try), (1, None));
        };
        let refused = |text: &str| of_refused_operation(&CloudError::Refused(text.to_owned()));
        let text = "400 When resizing, instances must change flavor!";
        check(refused(text), "permanent", "the server has this instance type already");
        let text = "400 Resize to zero disk flavor is not allowed.";
        check(refused(text), "permanent", "the instance type has no disk of its own");
        let text = "404 Flavor 99 could not be found.";
        check(refused(text), "permanent", "the cloud does not take this instance type for the server");
        let text = "web-1 cannot get another size as it is: memory hot add is not enabled; power it off";
        check(refused(text), "permanent", "the machine cannot get another size while it is on or suspended");
        let text = "a snapshot of web-1 needs Hard disk 2; delete its snapshots first";
        check(
            refused(text),
            "permanent",
            "the cloud refused the request: a snapshot of web-1 needs Hard disk 2; \
                                           delete its snapshots first",
        );
        let text = "the host of web-1 has no USB device \"path:1/0/3\"; it has none that is free";
        check(refused(text), "permanent", "the host of the machine has no such USB device that is free");
        let text = "the USB device \"path:1/0/3\" (Stick) is used by another machine than web-1";
        check(refused(text), "permanent", "another machine has the device");
        let text = "the host of web-1 has no LUN \"naa.1\"; it has naa.2";
        check(refused(text), "permanent", "the host of the machine has no such LUN");
        let text = "the LUN naa.1 has a datastore of the host on it; choose another for web-1";
        check(refused(text), "permanent", "the LUN is not free");
        let text = "https://vc does not tell enough of the LUNs of the host of web-1: which there are";
        check(refused(text), "permanent", "the host of the machine tells too little of its LUNs");
        let text = "Hard disk 2 of web-1 is a LUN, whose size is its storage's to change";
        check(refused(text), "permanent", "the disk is a LUN, whose size is its storage's to change");
        let text = "400 Invalid volume: volume 5 status must be 'available'. Currently in 'in-use'";
        check(refused(text), "permanent", "the volume is not free");
        let text = "volume 5 is in-use by 6; only one that is available can be attached";
        check(refused(text), "permanent", "the volume is not free");
        let text = "server 5 is SUSPENDED; a resize needs it ACTIVE or SHUTOFF";
        check(refused(text), "permanent", "the server is in no state for another size");
        let text = "floating IP 203.0.113.7 leads to port 5, which is not of this server";
        check(refused(text), "permanent", "the floating IP belongs to another server");
        check(refused("404 Volume 5 could not be found."), "permanent", "the cloud does not take this volume");
        let no_way = "the server's network has no way to this external network";
        let text = "404 External network 7 is not reachable from subnet 8. Therefore, cannot associate Port 9 with a \
                    Floating IP.";
        check(refused(text), "permanent", no_way);
        let text = "400 Bad floatingip request: Network 7 is not a valid external network.";
        check(refused(text), "permanent", "this network has no floating IPs");
        let text = "NoPermission: VirtualMachine.State.CreateSnapshot on vm-12";
        check(refused(text), "permanent", "the vCenter's user lacks a privilege");
        let quota = CloudError::QuotaExceeded("409 Quota exceeded for resources: ['floatingip'].".to_owned());
        let summary = "a quota of networks, ports or floating IPs is used up";
        check(of_refused_operation(&quota), "capacity", summary);
        let text = "No valid host was found. No valid host found for resize";
        check(of_operation(text), "capacity", "no compute host has room for this server");
        check(
            of_operation("Unable to resize disk down."),
            "permanent",
            "the instance type has a smaller disk than the \
                                                                         server has",
        );
        let text = "Nova gave up on resize: cold_migrate ended with an error; Nova tells only its administrator why (request \
                    req-6)";
        let summary = "no compute host took the server with this instance type; Nova tells only its administrator why";
        check(of_operation(text), "failed", summary);
        check(of_operation("libvirtError"), "failed", "the cloud took the order and gave up on it");
    }

    #[test]
    fn tries_grow_rarer() {
        let s: Vec<_> = [0, 1, 2, 3, 4, 5, 99].into_iter().map(|it| retry_after(it).as_secs()).collect();
        let expected = [2, 10, 60, 180, 600, 3600, 3600];
        assert!(s.iter().zip(expected).all(|(s, least)| (least..=least * 6 / 5).contains(s)), "{s:?}");
    }
}
