#!/usr/bin/python3
"""Proves that a guest can be made on this compute node, as a user would. Written by Halligan.

  prove-server.py make     an image of zeros, a network, a flavor, and a guest on this node, until it is active
  prove-server.py remove   takes away all of it that is there

From the environment: PROOF, the name of all that is made, and the OS_ variables of an administrator.
"""

import os
import socket
import sys
import time

import openstack

NAME = os.environ["PROOF"]
PATIENCE_S = 300


def make(cloud):
    image = cloud.image.create_image(name=NAME, disk_format="raw", container_format="bare", data=bytes(1 << 20), validate_checksum=False)
    network = cloud.network.create_network(name=NAME)
    cloud.network.create_subnet(name=NAME, network_id=network.id, ip_version=4, cidr="203.0.113.0/24")
    flavor = cloud.compute.create_flavor(name=NAME, ram=64, vcpus=1, disk=0, is_public=True)
    host = socket.gethostname()
    server = cloud.compute.create_server(
        name=NAME, image_id=image.id, flavor_id=flavor.id, networks=[{"uuid": network.id}], availability_zone=f"nova:{host}"
    )
    end = time.monotonic() + PATIENCE_S
    while server.status != "ACTIVE":
        if server.status == "ERROR":
            sys.exit(f"the guest failed on {host}: {(server.fault or {}).get('message', 'no reason is told')}")
        if time.monotonic() > end:
            sys.exit(f"the guest is {server.status} after {PATIENCE_S} s")
        time.sleep(2)
        server = cloud.compute.get_server(server)
    if server.compute_host != host:
        sys.exit(f"the guest is on {server.compute_host}, not on {host}")


def remove(cloud):
    server = cloud.compute.find_server(NAME)
    if server is not None:
        cloud.compute.delete_server(server)
        cloud.compute.wait_for_delete(server, wait=PATIENCE_S)
    for find, delete in (
        (cloud.compute.find_flavor, cloud.compute.delete_flavor),
        (cloud.network.find_network, cloud.network.delete_network),
        (cloud.image.find_image, cloud.image.delete_image),
    ):
        found = find(NAME)
        if found is not None:
            delete(found)


if __name__ == "__main__":
    if sys.argv[1:] not in (["make"], ["remove"]):
        sys.exit(__doc__)
    (make if sys.argv[1] == "make" else remove)(openstack.connect(load_yaml_config=False))
