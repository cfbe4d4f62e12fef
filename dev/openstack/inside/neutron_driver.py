"""An ML2 mechanism driver for a cloud without agents.

Nobody would ever wire a port, so each port is bound wherever it is wanted and is at once ACTIVE, and so is each
floating IP that has a port. No packet goes anywhere.
"""

from neutron_lib import constants
from neutron_lib import context as contexts
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.plugins import constants as plugins
from neutron_lib.plugins import directory
from neutron_lib.plugins.ml2 import api


class BindEverything(api.MechanismDriver):
    connectivity = portbindings.CONNECTIVITY_L2

    def initialize(self):
        for event in (events.AFTER_CREATE, events.AFTER_UPDATE):
            registry.subscribe(self.floating_ip_changed, resources.FLOATING_IP, event)

    def bind_port(self, context):
        segment = context.segments_to_bind[0]
        details = {portbindings.CAP_PORT_FILTER: True, portbindings.VIF_DETAILS_CONNECTIVITY: self.connectivity}
        context.set_binding(segment[api.ID], portbindings.VIF_TYPE_OVS, details, constants.PORT_STATUS_ACTIVE)

    def create_port_postcommit(self, context):
        self.activate(context.current)

    def update_port_postcommit(self, context):
        self.activate(context.current)

    def activate(self, port):
        """Ports of routers are bound to no host, so bind_port never sees them."""
        owner = port["device_owner"]
        if not owner.startswith(constants.DEVICE_OWNER_NETWORK_PREFIX) or owner == constants.DEVICE_OWNER_FLOATINGIP:
            return
        if port["status"] != constants.PORT_STATUS_ACTIVE:
            directory.get_plugin().update_port_status(
                contexts.get_admin_context(), port["id"], constants.PORT_STATUS_ACTIVE)

    def floating_ip_changed(self, resource, event, trigger, payload):
        associated = payload.metadata.get("association_event")
        if associated is None:
            return
        status = constants.FLOATINGIP_STATUS_ACTIVE if associated else constants.FLOATINGIP_STATUS_DOWN
        # In the caller's session: when a port is deleted, this runs inside its transaction, and another session would
        # wait for the end of that one.
        directory.get_plugin(plugins.L3).update_floatingip_status(
            payload.context.elevated(), payload.resource_id, status)
