#!/usr/bin/python3
"""What a user would do with a cloud, in one process: guests on every compute node that must reach each other. For tests.

  cloud.py CLOUD make FOLDER     an image from FOLDER (guest-image.sh), networks, a router, a flavor, and guests
  cloud.py CLOUD wait            waits until every guest has said on its console that it has all it should have
  cloud.py CLOUD remove          takes all of it away, also when `make` was cut off

On each compute node stands a guest in a project's network (`proof-inner`, behind a router); one more is in the network outside (`proof-outer`,
flat, on physnet1) and must reach a floating address of the first. All must get an address by DHCP, find their name in their metadata, and reach
the others. Prints one JSON document: seconds by what was waited for.
"""

import base64
import json
import sys
import time

import openstack

NAME = "proof"
OUTER, INNER = "198.51.100", "10.99.0"
PATIENCE_S = 600
started = time.monotonic()
taken = {}


def done(what):
    taken[what] = round(time.monotonic() - started, 1)
    print(f"{taken[what]:7.1f} s  {what}", file=sys.stderr, flush=True)


def until(what, holds):
    """Asks again until an answer counts as true, and gives it."""
    said = ""
    while True:
        try:
            answer = holds()
            if answer:
                done(what)
                return answer
        except openstack.exceptions.SDKException as error:
            said = f": {error}"
        if time.monotonic() - started > PATIENCE_S:
            sys.exit(f"not within {PATIENCE_S} s: {what}{said}")
        time.sleep(2)


def image(cloud, folder):
    def upload(name, file, form, **more):
        have = cloud.image.find_image(name)
        if have is not None and have.status == "active":
            return have
        if have is not None:
            cloud.image.delete_image(have)
        with open(f"{folder}/{file}", "rb") as data:
            return cloud.image.create_image(
                name=name, disk_format=form, container_format=form if form in ("aki", "ari") else "bare", data=data.read(), visibility="public", validate_checksum=False, **more
            )

    kernel = upload(f"{NAME}-kernel", "kernel", "aki")
    ramdisk = upload(f"{NAME}-ramdisk", "initrd", "ari")
    more = {"kernel_id": kernel.id, "ramdisk_id": ramdisk.id, "os_command_line": "console=ttyS0 rdinit=/init quiet"}
    answer = upload(NAME, "disk", "raw", **more)
    done("image")
    return answer


def networks(cloud):
    net = cloud.network
    outer = net.find_network(f"{NAME}-outer") or net.create_network(
        name=f"{NAME}-outer", provider_network_type="flat", provider_physical_network="physnet1", is_router_external=True, is_shared=True
    )
    net.find_subnet(f"{NAME}-outer") or net.create_subnet(
        name=f"{NAME}-outer", network_id=outer.id, ip_version=4, cidr=f"{OUTER}.0/24", gateway_ip=f"{OUTER}.1",
        allocation_pools=[{"start": f"{OUTER}.100", "end": f"{OUTER}.200"}],
    )
    inner = net.find_network(f"{NAME}-inner") or net.create_network(name=f"{NAME}-inner")
    subnet = net.find_subnet(f"{NAME}-inner") or net.create_subnet(name=f"{NAME}-inner", network_id=inner.id, ip_version=4, cidr=f"{INNER}.0/24")
    router = net.find_router(f"{NAME}") or net.create_router(name=NAME, external_gateway_info={"network_id": outer.id})
    if not any(port.fixed_ips[0]["subnet_id"] == subnet.id for port in net.ports(device_id=router.id) if port.fixed_ips):
        net.add_interface_to_router(router, subnet_id=subnet.id)
    group = net.find_security_group(NAME) or net.create_security_group(name=NAME)
    if not any(rule.protocol == "icmp" for rule in net.security_group_rules(security_group_id=group.id)):
        net.create_security_group_rule(security_group_id=group.id, direction="ingress", protocol="icmp")
    done("networks")
    return outer, inner, group


def guest(cloud, name, host, port, peers, picture, flavor):
    have = cloud.compute.find_server(name)
    return have or cloud.compute.create_server(
        name=name, image_id=picture.id, flavor_id=flavor.id, networks=[{"port": port.id}], availability_zone=f"nova:{host}",
        user_data=base64.b64encode(" ".join(peers).encode()).decode(),
    )


def port_of(cloud, name, network, group, address):
    net = cloud.network
    return net.find_port(name) or net.create_port(name=name, network_id=network.id, security_group_ids=[group.id], fixed_ips=[{"ip_address": address}])


def make(cloud, folder):
    picture = image(cloud, folder)
    outer, inner, group = networks(cloud)
    flavor = cloud.compute.find_flavor(NAME) or cloud.compute.create_flavor(name=NAME, ram=128, vcpus=1, disk=0)
    hosts = sorted(service.host for service in cloud.compute.services(binary="nova-compute") if service.state == "up")
    if not hosts:
        sys.exit("no compute node is up")
    addresses = {host: f"{INNER}.{number + 11}" for number, host in enumerate(hosts)}
    ports = {host: port_of(cloud, f"{NAME}-{host}", inner, group, addresses[host]) for host in hosts}
    first = ports[hosts[0]]
    floating = next(iter(cloud.network.ips(port_id=first.id)), None) or cloud.network.create_ip(floating_network_id=outer.id, port_id=first.id)
    for host in hosts:
        others = [address for other, address in addresses.items() if other != host]
        guest(cloud, f"{NAME}-{host}", host, ports[host], others, picture, flavor)
    port = port_of(cloud, f"{NAME}-outside", outer, group, f"{OUTER}.50")
    guest(cloud, f"{NAME}-outside", hosts[-1], port, [floating.floating_ip_address], picture, flavor)
    done("guests asked for")


def mine(cloud):
    return sorted((server for server in cloud.compute.servers() if server.name.startswith(f"{NAME}-")), key=lambda server: server.name)


def console(cloud, server):
    return [line.strip() for line in (cloud.compute.get_server_console_output(server)["output"] or "").splitlines() if "guest:" in line]


def wait(cloud):
    def active(server):
        now = cloud.compute.get_server(server)
        if now.status == "ERROR":
            sys.exit(f"{now.name} failed: {(now.fault or {}).get('message')}")
        return now.status == "ACTIVE" and now

    told = {}
    for server in mine(cloud):
        now = until(f"{server.name} is active", lambda: active(server))
        told[server.name] = {"host": now.compute_host, "addresses": [each["addr"] for net in now.addresses.values() for each in net]}
    for word in ("booted", "address", "metadata", "all reached"):
        for server in mine(cloud):
            try:
                until(f"{server.name}: {word}", lambda: any(f"guest: {word}" in line for line in console(cloud, server)))
            except SystemExit:
                print(f"{server.name} said: {console(cloud, server)}", file=sys.stderr)
                raise
    for server in mine(cloud):
        lines = told[server.name]["said"] = console(cloud, server)
        if not any(line.endswith(f"metadata {server.name}") for line in lines):
            sys.exit(f"{server.name} got the metadata of another: {lines}")
    return told


def remove(cloud):
    net = cloud.network
    for server in mine(cloud):
        cloud.compute.delete_server(server, ignore_missing=True)
    until("guests are gone", lambda: not mine(cloud))
    outer = net.find_network(f"{NAME}-outer")
    for address in net.ips(floating_network_id=outer.id) if outer else []:
        net.delete_ip(address)
    for port in net.ports():
        if port.name.startswith(f"{NAME}-"):
            net.delete_port(port)
    router, subnet = net.find_router(NAME), net.find_subnet(f"{NAME}-inner")
    if router is not None:
        for port in net.ports(device_id=router.id, device_owner="network:router_interface"):
            net.remove_interface_from_router(router, port_id=port.id)
        net.delete_router(router)
    for name in (f"{NAME}-inner", f"{NAME}-outer"):
        found = net.find_network(name)
        if found is not None:
            net.delete_network(found)
    group = net.find_security_group(NAME)
    if group is not None:
        net.delete_security_group(group)
    flavor = cloud.compute.find_flavor(NAME)
    if flavor is not None:
        cloud.compute.delete_flavor(flavor)
    for name in (NAME, f"{NAME}-ramdisk", f"{NAME}-kernel"):
        found = cloud.image.find_image(name)
        if found is not None:
            cloud.image.delete_image(found)
    done("all is removed")


def main(words):
    if len(words) < 2 or words[1] not in ("make", "wait", "remove"):
        sys.exit(__doc__)
    cloud = openstack.connect(cloud=words[0])
    told = make(cloud, words[2]) if words[1] == "make" else wait(cloud) if words[1] == "wait" else remove(cloud)
    print(json.dumps({"seconds": taken, "guests": told or {}}))


if __name__ == "__main__":
    main(sys.argv[1:])
