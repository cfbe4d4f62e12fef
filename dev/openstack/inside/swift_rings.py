"""Makes rings of one device: FOLDER account=PORT container=PORT object=PORT."""

import os
import sys

from swift.common.ring import RingBuilder

PARTITION_POWER = 6
REPLICAS = 1


def main():
    folder, *places = sys.argv[1:]
    for place in places:
        store, port = place.split("=")
        builder = RingBuilder(PARTITION_POWER, REPLICAS, 0)
        builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk", "weight": 1.0})
        builder.rebalance()
        builder.save(os.path.join(folder, f"{store}.builder"))
        builder.get_ring().save(os.path.join(folder, f"{store}.ring.gz"))
