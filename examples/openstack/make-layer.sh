#!/bin/sh
# Makes a layer for labs that has the packages of the cloud installed, and nothing of them started or configured:
#
#   sudo ./make-layer.sh /var/cache/halligan/cloud
#   halligan lab up --nodes 3 --driver nspawn --provider-network --layer /var/cache/halligan/cloud
#
# On machines of such a lab the cloud is made in a fraction of the time, since most of it goes into packages. It has those of openstack-ha as
# well. To make it anew, for newer packages say, remove the folder first, while no lab stands on it.
set -eu
[ $# = 1 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
layer=$1
halligan=${HALLIGAN:-halligan}
test ! -e "$layer" || { echo "$layer is there already: remove it first" >&2; exit 1; }
mkdir -p "$(dirname "$layer")"
layer=$(cd "$(dirname "$layer")" && pwd)/$(basename "$layer")
folder=$(mktemp -d)
cd "$folder"
finish() {
  "$halligan" lab down --discard --yes >/dev/null
  cd /
  rm -rf "$folder" "$layer.new"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP
"$halligan" lab up --nodes 1 --driver nspawn
address=$(sed -n 's/^  n1: { address: \([0-9.]*\).*/\1/p' cluster.yaml)
ssh -i .halligan/lab/id_ed25519 -o UserKnownHostsFile=.halligan/known_hosts -o BatchMode=yes "root@$address" 'cat >/root/make-layer' <<'NODE'
set -eu
# The services hold still: no start after installation, none at the next boot.
printf '%s\n' '#!/bin/sh' 'case $2 in *reload*) exit 0 ;; esac' 'exit 101' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
enabled() { systemctl list-unit-files --state=enabled --no-legend --no-pager | cut -d ' ' -f 1 | sort; }
apt-get update -q
enabled >/root/before
# The dashboard's files are made ready for these while its package is configured; the barclamp says the same.
mkdir -p /etc/openstack-dashboard/local_settings.d
printf 'WEBROOT = "/horizon/"\nSTATIC_URL = "/horizon/static/"\nAVAILABLE_THEMES = [("default", "Default", "themes/default")]\nDEFAULT_THEME = "default"\n' >/etc/openstack-dashboard/local_settings.d/_98_layer.py
apt-get install -y -q --no-install-recommends python3-pymysql mariadb-server mariadb-client galera-4 mariadb-backup socat rsync memcached rabbitmq-server curl \
  haproxy keepalived nftables keystone glance-api glance-common placement-api placement-common nova-api nova-conductor nova-scheduler nova-consoleproxy \
  neutron-server neutron-api neutron-rpc-server nova-compute nova-compute-kvm libvirt-daemon-system libvirt-clients qemu-utils \
  neutron-linuxbridge-agent neutron-dhcp-agent neutron-metadata-agent neutron-l3-agent \
  openstack-dashboard apache2 libapache2-mod-wsgi-py3 python3-openstackclient
enabled >/root/after
comm -13 /root/before /root/after | xargs -r systemctl -q disable
# Says to the role mariadb that the empty databases that come with the package are no stranger's.
touch /var/lib/mysql/.halligan-kept
apt-get clean
# What each machine must have of its own.
rm -f /var/lib/rabbitmq/.erlang.cookie /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem /var/lib/systemd/random-seed
find /var/lib/openstack-dashboard/secret-key -type f -delete
echo GenerateName=yes >/etc/iscsi/initiatorname.iscsi
rm -f /usr/sbin/policy-rc.d /root/before /root/after /root/make-layer
NODE
ssh -i .halligan/lab/id_ed25519 -o UserKnownHostsFile=.halligan/known_hosts -o BatchMode=yes "root@$address" sh /root/make-layer </dev/null >install.log 2>&1 || {
  tail -n 30 install.log >&2
  exit 1
}
"$halligan" lab down --yes
rm -rf "$layer.new"
cp -a .halligan/lab/nodes/n1/upper "$layer.new"
# The identity of the machine that it was made on, and what it wrote down.
(cd "$layer.new" && rm -rf var/lib/halligan root/.ssh home etc/machine-id etc/hostname etc/hosts etc/resolv.conf etc/ssh etc/systemd/network etc/apt/apt.conf.d/90lab var/log/journal)
mv "$layer.new" "$layer"
echo "the layer is $layer ($(du -sh "$layer" | cut -f 1))"
