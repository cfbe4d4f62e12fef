"""The files by which clients find the cloud."""

import json

from devcloud import identity, software

# What an entry of clouds.yaml is called -> user, project
CLOUDS = {
    "admin": ("admin", "admin"),
    "demo": ("demo", "demo"),
    "reader": ("demo-reader", "demo"),
    "small": ("small", "small"),
}


def write(state):
    """Writes clouds.yaml, openrc and cloud.json, and returns what is in the last."""
    address, password = state.url("keystone", "/v3"), state.settings.password
    regions = ["RegionOne", "RegionTwo"] if state.settings.second_region else ["RegionOne"]

    lines = ["clouds:"]
    for name, (user, project) in CLOUDS.items():
        lines += [
            f"  {name}:",
            "    auth:",
            f"      auth_url: {address}",
            f"      username: {user}",
            f"      password: {json.dumps(password)}",
            f"      project_name: {project}",
            "      user_domain_name: Default",
            "      project_domain_name: Default",
            "    identity_api_version: 3",
            "    interface: public",
            "    region_name: RegionOne",
        ]
        if len(regions) > 1:
            lines += ["    regions:", *(f"      - {region}" for region in regions)]
    (state.folder / "clouds.yaml").write_text("\n".join(lines) + "\n")

    (state.folder / "openrc").write_text("".join(f"export {line}\n" for line in [
        f"OS_AUTH_URL={address}",
        "OS_USERNAME=demo",
        f"OS_PASSWORD={password}",
        "OS_PROJECT_NAME=demo",
        "OS_USER_DOMAIN_NAME=Default",
        "OS_PROJECT_DOMAIN_NAME=Default",
        "OS_IDENTITY_API_VERSION=3",
        "OS_INTERFACE=public",
        "OS_REGION_NAME=RegionOne",
        f'PATH="{software.venv() / "bin"}:$PATH"',
    ]))

    users = {"admin": {"project": "admin", "role": "admin", "enabled": True}}
    for user, (project, role, enabled) in identity.USERS.items():
        users[user] = {"project": project, "role": role, "enabled": enabled}
    content = {
        "keystoneUrl": address,
        "ports": state.ports(),
        "regions": regions,
        "users": users,
        "password": password,
        "cloudsYaml": str(state.folder / "clouds.yaml"),
        "client": software.program("openstack"),
    }
    (state.folder / "cloud.json").write_text(json.dumps(content, indent=2) + "\n")
    return content
