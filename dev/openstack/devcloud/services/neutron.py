"""Networks, without agents: inside/neutron_driver.py stands in for them."""

import shutil

from devcloud import ini, software
from devcloud.services import Service, in_region, messaging, token_checks

GROUP = "neutron"
IMPORTS = ["neutron.server.api"]


def configure(state):
    etc = state.etc / "neutron"
    ini.write(etc / "neutron.conf", {
        "DEFAULT": {
            "transport_url": state.message_bus,
            "core_plugin": "ml2",
            # Not trunk: it refuses to start without a driver that knows trunks.
            "service_plugins": ["router", "qos", "port_forwarding"],
            "state_path": state.data / "neutron",
            "use_stderr": True,
            "api_paste_config": etc / "api-paste.ini",
            "dhcp_agent_notification": False,
            "notify_nova_on_port_status_changes": True,
            "notify_nova_on_port_data_changes": True,
        },
        "database": {"connection": state.database("neutron")},
        "quotas": {
            "quota_network": 100, "quota_subnet": 100, "quota_port": 2000, "quota_router": 50,
            "quota_floatingip": 500, "quota_security_group": 100, "quota_security_group_rule": 1000,
        },
        "keystone_authtoken": token_checks(state, "neutron"),
        "nova": in_region(state, "nova"),
        "placement": in_region(state, "placement"),
        **messaging(state),
    })
    ini.write(etc / "ml2_conf.ini", {
        "ml2": {
            "type_drivers": ["flat", "vlan", "vxlan", "local"],
            "tenant_network_types": "vxlan",
            "mechanism_drivers": "devcloud",
            "extension_drivers": ["port_security", "qos"],
        },
        "ml2_type_flat": {"flat_networks": "*"},
        "ml2_type_vlan": {"network_vlan_ranges": "physnet1:100:200"},
        "ml2_type_vxlan": {"vni_ranges": "1:100000"},
        "securitygroup": {"enable_security_group": True},
    })
    shutil.copy(software.venv() / "etc/neutron/api-paste.ini", etc)


def services(state):
    return [Service(
        "neutron", "neutron.wsgi.api:application", "wsgi", after=[str(state.database_socket)],
        port=state.port("neutron"),
    )]


def migrations(config):
    etc = config / "neutron"
    return [[software.program("neutron-db-manage"), "--config-file", str(etc / "neutron.conf"),
             "--config-file", str(etc / "ml2_conf.ini"), "upgrade", "heads"]]
