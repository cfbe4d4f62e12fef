"""A Cinder driver whose volumes and snapshots are sparse files in one folder, with the bytes they should have."""

import os
import pathlib
import subprocess

from cinder import exception, interface
from cinder.image import image_utils
from cinder.volume import configuration, driver, volume_utils
from oslo_config import cfg

GIB = 1 << 30
CAPACITY_GIB = 1000

OPTIONS = [cfg.StrOpt("volume_folder", help="Where the files are.")]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)


@interface.volumedriver
class FileDriver(driver.VolumeDriver):
    VERSION = "1"
    CI_WIKI_NAME = "none"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)

    @staticmethod
    def get_driver_options():
        return OPTIONS

    def do_setup(self, context):
        self.folder = pathlib.Path(self.configuration.volume_folder)

    def check_for_setup_error(self):
        if not self.folder.is_dir():
            raise exception.VolumeBackendAPIException(data=f"{self.folder} is no folder")

    def local_path(self, volume_or_snapshot):
        return str(self.folder / volume_or_snapshot["name"])

    def _update_volume_stats(self):
        stats = [file.stat() for file in self.folder.iterdir()]
        name = self.configuration.safe_get("volume_backend_name")
        pool = {
            "pool_name": name,
            "total_capacity_gb": CAPACITY_GIB,
            "free_capacity_gb": CAPACITY_GIB - sum(it.st_blocks for it in stats) * 512 / GIB,
            "provisioned_capacity_gb": sum(it.st_size for it in stats) / GIB,
            "max_over_subscription_ratio": 20.0,
            "thin_provisioning_support": True,
            "reserved_percentage": 0,
            "multiattach": True,
            "QoS_support": False,
        }
        self._stats = {"volume_backend_name": name, "vendor_name": "devcloud", "driver_version": self.VERSION,
                       "storage_protocol": "file", "pools": [pool]}

    # -- volumes and snapshots

    def create_volume(self, volume):
        self.extend_volume(volume, volume["size"])

    def extend_volume(self, volume, new_size):
        path = self.local_path(volume)
        with open(path, "ab"):
            os.truncate(path, new_size * GIB)

    def delete_volume(self, volume):
        pathlib.Path(self.local_path(volume)).unlink(missing_ok=True)

    def create_snapshot(self, snapshot):
        self._copy(snapshot["volume"], snapshot)

    delete_snapshot = delete_volume

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot, volume)
        self.extend_volume(volume, volume["size"])

    def create_cloned_volume(self, volume, src_vref):
        self._copy(src_vref, volume)
        self.extend_volume(volume, volume["size"])

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy(snapshot, volume)

    def _copy(self, source, target):
        """By way of a second file, so that a copy that fails leaves the target as it was."""
        path = self.local_path(target)
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", self.local_path(source), path + ".new"], check=True)
        os.replace(path + ".new", path)

    # -- images

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        image_utils.fetch_to_raw(
            context, image_service, image_id, self.local_path(volume), self.configuration.volume_dd_blocksize,
            size=volume["size"], run_as_root=False, disable_sparse=disable_sparse)
        self.extend_volume(volume, volume["size"])

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        volume_utils.upload_volume(
            context, image_service, image_meta, self.local_path(volume), volume, run_as_root=False)

    # -- connections: Nova is given the path, and its fake driver never opens it

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector, **kwargs):
        return {"driver_volume_type": "local", "data": {"device_path": self.local_path(volume)}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
