#!/bin/sh
# Makes a guest for a test of a cloud out of Debian packages: a kernel, and a root file system in memory that says on its console what it finds.
#
#   guest-image.sh FOLDER     writes FOLDER/kernel, FOLDER/initrd and FOLDER/disk (empty: some services refuse images without one)
#
# Needs root, dpkg, cpio and a package mirror; nothing is installed. On its console the guest says, each on a line that begins with `guest:`,
#   booted · address A · metadata NAME · reached A (for each address, separated by spaces, in its user data) · all reached
set -eu
target=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$target" "$work/debs" "$work/root/bin" "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/etc" "$work/root/tmp"
export DEBIAN_FRONTEND=noninteractive
command -v cpio >/dev/null || apt-get install -y --no-install-recommends cpio >/dev/null

case $(dpkg --print-architecture) in
  amd64) kernel=linux-image-cloud-amd64 ;;
  arm64) kernel=linux-image-cloud-arm64 ;;
  *) echo "no kernel for guests is known for $(dpkg --print-architecture)" >&2; exit 1 ;;
esac
kernel=$(apt-cache depends "$kernel" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
(cd "$work/debs" && apt-get download -q "$kernel" busybox >/dev/null 2>&1)
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/files"; done

version=$(ls "$work/files/lib/modules")
cp "$work/files/boot/vmlinuz-$version" "$target/kernel"
mkdir -p "$work/root/modules"
for name in failover net_failover virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_net virtio_rng af_packet; do
  find "$work/files/lib/modules/$version" -name "$name.ko*" -exec cp {} "$work/root/modules/" \;
done

cp "$work/files/bin/busybox" "$work/root/bin/busybox"
for library in $(ldd "$work/files/bin/busybox" | grep -o '/[^ ]*'); do
  mkdir -p "$work/root${library%/*}"
  cp -L "$library" "$work/root$library"
done
printf 'hosts: files\nservices: files\n' >"$work/root/etc/nsswitch.conf"

cat >"$work/root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
exec >/dev/console 2>&1
# Some need others: those that failed are tried again.
for round in 1 2 3 4; do for module in /modules/*; do insmod "$module" 2>/dev/null; done; done
echo "guest: booted"
ip link set lo up
for attempt in 1 2 3 4 5 6 7 8 9 10; do [ -e /sys/class/net/eth0 ] && break; sleep 1; done
ip link set eth0 up
until udhcpc -i eth0 -n -q -t 5 -T 2 -O staticroutes -s /lease >/dev/null 2>&1; do sleep 1; done
echo "guest: address $(cat /tmp/address)"
until wget -q -O /tmp/metadata http://169.254.169.254/openstack/latest/meta_data.json; do sleep 2; done
echo "guest: metadata $(sed -n 's/.*"name": "\([^"]*\)".*/\1/p' /tmp/metadata)"
wget -q -O /tmp/peers http://169.254.169.254/openstack/latest/user_data || : >/tmp/peers
peers=$(cat /tmp/peers)
while [ -n "$peers" ]; do
  left=
  for peer in $peers; do
    if ping -c 1 -W 2 "$peer" >/dev/null 2>&1; then echo "guest: reached $peer"; else left="$left $peer"; fi
  done
  peers=$left
  sleep 1
done
echo "guest: all reached"
while :; do sleep 3600; done
INIT
cat >"$work/root/lease" <<'LEASE'
#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip address flush dev eth0
ip address add "$ip/$mask" dev eth0
[ -z "$router" ] || ip route add default via "${router%% *}"
set -- $staticroutes
while [ $# -ge 2 ]; do
  [ "$2" = 0.0.0.0 ] || ip route add "$1" via "$2" 2>/dev/null
  shift 2
done
echo "$ip" >/tmp/address
LEASE
chmod 755 "$work/root/init" "$work/root/lease"
(cd "$work/root" && find . | cpio --quiet -o -H newc | gzip -9) >"$target/initrd"
truncate -s 8M "$target/disk"
ls -l "$target"
