"""What a new cloud holds: flavors, an image, networks, quotas. Each function makes what is missing."""

from concurrent.futures import ThreadPoolExecutor

from devcloud.rest import Api

# name -> vCPUs, RAM in MiB, disk in GiB
FLAVORS = {
    "m1.tiny": (1, 512, 1),
    "m1.small": (1, 2048, 20),
    "m1.medium": (2, 4096, 40),
    "m1.large": (4, 8192, 80),
    "m1.xlarge": (8, 16384, 160),
}
IMAGE_BYTES = 1 << 20

# Room for benchmarks in demo, and in small for one of each.
COMPUTE_QUOTAS = {
    "demo": {"instances": 2000, "cores": 8000, "ram": 16384000, "key_pairs": 200, "server_groups": 50},
    "small": {"instances": 1, "cores": 1, "ram": 1024},
}
VOLUME_QUOTAS = {
    "demo": {"volumes": 500, "gigabytes": 10000, "snapshots": 500},
    "small": {"volumes": 1, "gigabytes": 1, "snapshots": 1},
}
SMALL_NETWORK_QUOTA = {"network": 1, "subnet": 1, "port": 4, "router": 0, "floatingip": 0, "security_group": 2}


def make(state):
    api = Api(state)
    projects = {it["name"]: it["id"] for it in api.get("identity", "/projects")["projects"]}
    with ThreadPoolExecutor() as pool:
        for job in [
            pool.submit(make_flavors, api),
            pool.submit(make_image, api),
            pool.submit(make_networks, api, projects),
            pool.submit(set_compute_quotas, api, projects),
            pool.submit(set_volume_quotas, api, projects),
        ]:
            job.result()


def make_flavors(api):
    known = {it["name"] for it in api.get("compute", "/flavors")["flavors"]}
    for name, (vcpus, ram, disk) in FLAVORS.items():
        if name not in known:
            api.post("compute", "/flavors", {"flavor": {"name": name, "vcpus": vcpus, "ram": ram, "disk": disk}})


def make_image(api):
    images = [it for it in api.get("image", "/images?name=tiny")["images"] if it["status"] == "active"]
    if not images:
        image = api.post("image", "/images", {
            "name": "tiny", "disk_format": "raw", "container_format": "bare", "visibility": "public",
            "min_disk": 1, "min_ram": 64, "os_distro": "debian",
        })
        # Begins as a boot sector does: Glance looks at the bytes to tell whether they are of the format.
        api.put("image", f"/images/{image['id']}/file", b"\xeb\x3c\x90nothing boots from this".ljust(IMAGE_BYTES, b"\0"))


def make_networks(api, projects):
    public = find_or_make(api, "networks", "public", {
        "router:external": True, "provider:network_type": "flat", "provider:physical_network": "public"})
    find_or_make(api, "subnets", "public-v4", {
        "network_id": public["id"], "ip_version": 4, "cidr": "203.0.113.0/24", "gateway_ip": "203.0.113.1",
        "enable_dhcp": False, "allocation_pools": [{"start": "203.0.113.10", "end": "203.0.113.250"}]})
    # Wide enough for a few thousand servers.
    demo = {"tenant_id": projects["demo"]}
    private = find_or_make(api, "networks", "private", demo)
    subnet = find_or_make(api, "subnets", "private-v4", {
        **demo, "network_id": private["id"], "ip_version": 4, "cidr": "10.20.0.0/20"})
    router = find_or_make(api, "routers", "router1", {**demo, "external_gateway_info": {"network_id": public["id"]}})
    if not api.get("network", f"/ports?device_id={router['id']}&network_id={private['id']}")["ports"]:
        api.put("network", f"/routers/{router['id']}/add_router_interface", {"subnet_id": subnet["id"]})

    small = {"tenant_id": projects["small"]}
    network = find_or_make(api, "networks", "small-net", small)
    find_or_make(api, "subnets", "small-v4", {
        **small, "network_id": network["id"], "ip_version": 4, "cidr": "10.21.0.0/24"})
    api.put("network", f"/quotas/{projects['small']}", {"quota": SMALL_NETWORK_QUOTA})


def find_or_make(api, kind, name, body):
    found = api.get("network", f"/{kind}?name={name}")[kind]
    return found[0] if found else api.post("network", f"/{kind}", {kind[:-1]: {"name": name, **body}})[kind[:-1]]


def set_compute_quotas(api, projects):
    for name, quota in COMPUTE_QUOTAS.items():
        api.put("compute", f"/os-quota-sets/{projects[name]}", {"quota_set": quota})


def set_volume_quotas(api, projects):
    for name, quota in VOLUME_QUOTAS.items():
        api.put("volume", f"/os-quota-sets/{projects[name]}", {"quota_set": quota})
