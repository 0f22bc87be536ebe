#!/bin/sh
# Runs tests of tempest (Debian's package) on a controller, as root.
#
#   tempest.sh prepare FOLDER     installs it; makes an image from FOLDER (guest-image.sh), flavors and a network, and writes its configuration
#   tempest.sh run                runs the tests that the lines of standard input name, for LIMIT_S seconds at most (3000); results in
#                                 /root/tempest/results.csv
set -eu
export DEBIAN_FRONTEND=noninteractive
OS_CLOUD=$(sed -n 's/^  \([^ ]*\):$/\1/p' /etc/openstack/clouds.yaml | head -n 1)
export OS_CLOUD
work=/root/tempest

id_of() { openstack "$@" -f value -c id; }

prepare() {
  apt-get update -q >/dev/null
  apt-get install -y --no-install-recommends tempest subunit python3-subunit >/root/tempest-install.log 2>&1 || { tail -n 20 /root/tempest-install.log; exit 1; }
  mkdir -p "$work"
  kernel=$(id_of image create --public --disk-format aki --container-format aki --file "$1/kernel" tempest-kernel)
  ramdisk=$(id_of image create --public --disk-format ari --container-format ari --file "$1/initrd" tempest-ramdisk)
  picture() {
    id_of image create --public --disk-format raw --container-format bare --file "$1/disk" --property kernel_id="$kernel" --property ramdisk_id="$ramdisk" \
      --property os_command_line='console=ttyS0 rdinit=/init quiet' "$2"
  }
  image=$(picture "$1" tempest) other=$(picture "$1" tempest-other)
  # Without a disk only the administrator may start a server from an image.
  flavor=$(id_of flavor create --ram 128 --disk 1 --vcpus 1 tempest) larger=$(id_of flavor create --ram 192 --disk 1 --vcpus 1 tempest-larger)
  extensions=$(openstack extension list --network -f value -c Alias | paste -sd ,)
  outer=$(id_of network create --external --provider-network-type flat --provider-physical-network physnet1 tempest-outer)
  openstack subnet create --network "$outer" --subnet-range 198.51.100.0/24 --no-dhcp --allocation-pool start=198.51.100.100,end=198.51.100.200 tempest-outer >/dev/null
  # admin-openrc sets the variables that are read here; the password goes into a file of root's alone.
  . /root/admin-openrc
  umask 077
  cat >"$work/tempest.conf" <<END
[DEFAULT]
log_file = $work/tempest.log
[oslo_concurrency]
lock_path = $work/lock
[auth]
admin_username = $OS_USERNAME
admin_password = $OS_PASSWORD
admin_project_name = $OS_PROJECT_NAME
admin_domain_name = Default
use_dynamic_credentials = True
[identity]
uri_v3 = $OS_AUTH_URL
auth_version = v3
region = ${OS_REGION_NAME:-RegionOne}
[identity-feature-enabled]
api_v2 = False
[compute]
image_ref = $image
image_ref_alt = $other
flavor_ref = $flavor
flavor_ref_alt = $larger
build_timeout = 600
[validation]
run_validation = False
[network]
public_network_id = $outer
floating_network_name = tempest-outer
[network-feature-enabled]
api_extensions = $extensions
[service_available]
cinder = False
swift = False
glance = True
nova = True
neutron = True
[compute-feature-enabled]
vnc_console = True
resize = False
END
}

run() {
  cd "$work"
  # A workspace is known by its name elsewhere too, and is not made twice.
  rm -rf workspace "$HOME/.tempest/workspace.yaml"
  tempest init workspace >/dev/null
  cp tempest.conf workspace/etc/tempest.conf
  cd workspace
  cat >include
  # Tests that fail are a result, not an error of this script; neither are those that the time was not enough for.
  timeout -s INT -k 60 "${LIMIT_S:-3000}" tempest run --include-list include --concurrency 2 >"$work/run.log" 2>&1 || true
  # It ends with 1 when a test failed; that it wrote results is what counts.
  stestr last --subunit | subunit2csv --no-passthrough >"$work/results.csv" || true
  stestr last >"$work/last.txt" || true
  grep -q , "$work/results.csv" || { tail -n 40 "$work/run.log"; exit 1; }
}

case ${1:-} in
  prepare) prepare "$2" ;;
  run) run ;;
  *) sed -n '2,7p' "$0"; exit 2 ;;
esac
