#!/bin/sh
# Makes a layer for labs that has the packages of the cloud installed, and nothing of them started or configured:
#
#   sudo ./make-layer.sh /var/cache/halligan/cloud
#   halligan lab up --nodes 3 --driver nspawn --provider-network --layer /var/cache/halligan/cloud
#
# On machines of such a lab the cloud is made in a fraction of the time, since most of it goes into packages.
set -eu
layer=$1
test ! -e "$layer" || { echo "$layer is there already: remove it first" >&2; exit 1; }
halligan=${HALLIGAN:-halligan}
folder=$(mktemp -d)
cd "$folder"
finish() {
  "$halligan" lab down --discard --yes >/dev/null
  rm -rf "$folder"
}
trap finish EXIT
"$halligan" lab up --nodes 1 --driver nspawn
address=$(sed -n 's/^  n1: { address: \([0-9.]*\).*/\1/p' cluster.yaml)
ssh -i .halligan/lab/id_ed25519 -o UserKnownHostsFile=.halligan/known_hosts "root@$address" sh -s <<'NODE'
set -eu
{
  # The services hold still: no start after installation, none at the next boot.
  printf '#!/bin/sh\n[ "$2" = force-reload ] || [ "$2" = reload ] || exit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  mkdir -p /etc/openstack-dashboard/local_settings.d
  printf 'WEBROOT = "/horizon/"\nSTATIC_URL = "/horizon/static/"\nAVAILABLE_THEMES = [("default", "Default", "themes/default")]\nDEFAULT_THEME = "default"\n' >/etc/openstack-dashboard/local_settings.d/_98_layer.py
  systemctl list-unit-files --state=enabled --no-legend | cut -d ' ' -f 1 | sort >/tmp/before
  apt-get install -y --no-install-recommends python3-pymysql mariadb-server mariadb-client memcached rabbitmq-server curl \
    keystone glance-api placement-api nova-api nova-conductor nova-scheduler nova-consoleproxy neutron-server neutron-api neutron-rpc-server \
    nova-compute nova-compute-kvm libvirt-daemon-system libvirt-clients qemu-utils \
    neutron-linuxbridge-agent neutron-dhcp-agent neutron-metadata-agent neutron-l3-agent \
    openstack-dashboard apache2 libapache2-mod-wsgi-py3 python3-openstackclient
  systemctl list-unit-files --state=enabled --no-legend | cut -d ' ' -f 1 | sort >/tmp/after
  comm -13 /tmp/before /tmp/after | xargs -r systemctl disable
  # Says to the role mariadb that the empty databases that come with the package are no stranger's.
  touch /var/lib/mysql/.halligan-kept
  apt-get clean
  rm -f /usr/sbin/policy-rc.d /tmp/before /tmp/after
} </dev/null
NODE
"$halligan" lab down --yes
mkdir -p "$(dirname "$layer")"
cp -a .halligan/lab/nodes/n1/upper "$layer.new"
rm -rf "$layer.new/var/lib/halligan" "$layer.new/root/.ssh" "$layer.new/etc/machine-id" "$layer.new/var/log/journal"
mv "$layer.new" "$layer"
echo "the layer is $layer ($(du -sh "$layer" | cut -f 1))"
