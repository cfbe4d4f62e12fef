"""Who there is: projects, users, roles, and the catalog."""

from devcloud.rest import Api

# name, type, how its root is called in a state's ports, path
CATALOG = [
    ("placement", "placement", "placement", ""),
    ("glance", "image", "glance", ""),
    ("nova", "compute", "nova-api", "/v2.1"),
    ("neutron", "network", "neutron", ""),
    ("cinder", "block-storage", "cinder-api", "/v3"),
    # The older type, which clients still ask for.
    ("cinderv3", "volumev3", "cinder-api", "/v3"),
    ("swift", "object-store", "swift-proxy", "/v1/AUTH_%(project_id)s"),
]
SERVICE_USERS = ("placement", "glance", "nova", "neutron", "cinder", "swift")
# user -> project, role, enabled. Keystone's bootstrap makes admin.
USERS = {
    "demo": ("demo", "member", True),
    "demo-reader": ("demo", "reader", True),
    "small": ("small", "member", True),
    "disabled-user": ("demo", "member", False),
}


def make(state):
    """Makes all of it. Safe to repeat after a crash."""
    api = Api(state)
    roles = {role["name"]: role["id"] for role in api.get("identity", "/roles")["roles"]}
    projects = {project["name"]: project["id"] for project in api.get("identity", "/projects")["projects"]}
    users = {user["name"]: user["id"] for user in api.get("identity", "/users")["users"]}

    for name in ("service", "demo", "small"):
        if name not in projects:
            body = {"project": {"name": name, "domain_id": "default"}}
            projects[name] = api.post("identity", "/projects", body)["project"]["id"]

    def user(name, project, roles_in_project, enabled=True):
        if name not in users:
            body = {"user": {"name": name, "domain_id": "default", "password": state.settings.password,
                             "default_project_id": projects[project], "enabled": enabled}}
            users[name] = api.post("identity", "/users", body)["user"]["id"]
        for role in roles_in_project:
            api.put("identity", f"/projects/{projects[project]}/users/{users[name]}/roles/{roles[role]}")

    for name in SERVICE_USERS:
        user(name, "service", ["admin", "service"])
    for name, (project, role, enabled) in USERS.items():
        user(name, project, [role], enabled)
    user("admin", "demo", ["admin"])

    known = {service["name"] for service in api.get("identity", "/services")["services"]}
    for name, kind, _, _ in CATALOG:
        if name not in known:
            api.post("identity", "/services", {"service": {"name": name, "type": kind}})
    make_endpoints(state, api, "RegionOne")


def make_endpoints(state, api, region):
    """Lists every service in a region. A second region lists the same services under another name."""
    if region not in {it["id"] for it in api.get("identity", "/regions")["regions"]}:
        api.post("identity", "/regions", {"region": {"id": region}})
    services = {it["name"]: it["id"] for it in api.get("identity", "/services")["services"]}
    known = {(it["service_id"], it["interface"])
             for it in api.get("identity", f"/endpoints?region_id={region}")["endpoints"]}
    for name, _, root, path in [("keystone", "identity", "keystone", "/v3"), *CATALOG]:
        for interface in ("public", "internal", "admin"):
            if (services[name], interface) not in known:
                api.post("identity", "/endpoints", {"endpoint": {
                    "service_id": services[name], "interface": interface, "region_id": region,
                    "url": state.url(root, path)}})
