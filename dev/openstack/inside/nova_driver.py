"""Nova's own fake driver, changed where it gets in the way of people who develop against the API.

It remembers its servers when nova-compute is started again, keeps the identity of its host, moves the power state
with the server's, makes snapshots of some bytes, and can be told to be slow or to fail.
"""

import io
import json
import os
import random
import time

from nova import context as contexts
from nova import exception, objects
from nova.compute import power_state, task_states, vm_states
from nova.image import glance
from nova.virt import fake, node

OFF = {vm_states.STOPPED, vm_states.SUSPENDED, vm_states.SHELVED}
ON = {vm_states.ACTIVE, vm_states.RESCUED, vm_states.RESIZED, vm_states.SOFT_DELETED}
SNAPSHOT_BYTES = 1 << 20


class Driver(fake.FakeDriver):

    # -- the host

    def init_host(self, host):
        super().init_host(host)
        self.booted = {}
        for instance in objects.InstanceList.get_by_host(
                contexts.get_admin_context(), host, expected_attrs=["flavor"]):
            state = self.state_of(instance)
            if state is not None:
                flavor = instance.flavor
                self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
                self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)

    @staticmethod
    def state_of(instance):
        if instance.vm_state == vm_states.PAUSED:
            return power_state.PAUSED
        if instance.vm_state in OFF:
            return power_state.SHUTDOWN
        return power_state.RUNNING if instance.vm_state in ON else None

    def get_available_resource(self, nodename):
        resources = super().get_available_resource(nodename)
        return dict(resources, uuid=node.get_local_node_uuid()) if resources else resources

    def get_nodenames_by_uuid(self, refresh=False):
        return {node.get_local_node_uuid(): name for name in self.get_available_nodes()}

    # -- a server's life

    def spawn(self, context, instance, *args, **kwargs):
        fault = self.fault()
        time.sleep(fault.get("spawn_delay_s", 0))
        if random.random() < fault.get("spawn_failure_probability", 0):
            raise exception.InstanceDeployFailure(reason=fault.get("spawn_failure", "this fault was injected"))
        self.booted[instance.uuid] = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        super().spawn(context, instance, *args, **kwargs)

    @staticmethod
    def fault():
        try:
            with open(os.path.join(os.environ["DEVCLOUD_FAULTS"], "compute.json")) as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def becomes(self, instance, state):
        if instance.uuid not in self.instances:
            raise exception.InstanceNotFound(instance_id=instance.uuid)
        self.instances[instance.uuid].state = state

    def pause(self, instance):
        self.becomes(instance, power_state.PAUSED)

    def unpause(self, instance):
        self.becomes(instance, power_state.RUNNING)

    def suspend(self, context, instance):
        self.becomes(instance, power_state.SHUTDOWN)

    def resume(self, context, instance, *args, **kwargs):
        self.becomes(instance, power_state.RUNNING)

    def rescue(self, context, instance, *args, **kwargs):
        self.becomes(instance, power_state.RUNNING)

    def unrescue(self, context, instance):
        self.becomes(instance, power_state.RUNNING)

    def post_live_migration(self, context, instance, block_device_info, migrate_data=None):
        # The clean-up that follows takes a guest that is still there for a mistake.
        self.destroy(context, instance, None, block_device_info)

    # -- what it shows

    def snapshot(self, context, instance, image_id, update_task_state):
        if instance.uuid not in self.instances:
            raise exception.InstanceNotRunning(instance_id=instance.uuid)
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        data = f"snapshot of {instance.uuid}\n".encode().ljust(SNAPSHOT_BYTES, b"\0")
        update_task_state(
            task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        glance.API().update(
            context, image_id, {"disk_format": "raw", "container_format": "bare"}, io.BytesIO(data),
            purge_props=False)

    def get_console_output(self, context, instance):
        flavor = instance.flavor
        booted = self.booted.get(instance.uuid, "before nova-compute was started last")
        lines = [
            "[    0.000000] There is no machine behind this console.",
            f"[    0.100000] {instance.display_name} ({instance.uuid}) on {self._host}",
            f"[    0.200000] {flavor.vcpus} vCPUs, {flavor.memory_mb} MiB, booted {booted}",
            *(f"[    1.{number:03}000] line {number}" for number in range(1, 21)),
            "",
            f"{instance.hostname} login: ",
        ]
        return "\n".join(lines)
