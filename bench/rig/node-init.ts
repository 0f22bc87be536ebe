/**
 * First process of a node: name, address, port, folder with keys, file of the control group. Overlays this machine's system with a file system in memory, so that
 * every change stays in the node, and becomes sshd there; root's home is empty, so that nobody's profile is measured. All mounts are private and vanish with the namespace.
 */
export const nodeInit = `#!/bin/sh
set -eu
name=$1 address=$2 port=$3 keys=$4 account=$5
echo 0 >"$account" || :
top=$keys/mount
mkdir -p "$top"
mount -t tmpfs -o size=256m,mode=755 tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$top/root"
root=$top/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/sshd" "$root/run/lock"
mount -t tmpfs -o mode=700 tmpfs "$root/root"
rm -rf "$root/var/lib/halligan"
hostname "$name"
echo "$name" >"$root/etc/hostname"
mkdir -m 700 "$root/root/.ssh"
cp "$keys/login.pub" "$root/root/.ssh/authorized_keys"
cp "$keys/host" "$root/etc/ssh/bench_host_key"
chmod 600 "$root/root/.ssh/authorized_keys" "$root/etc/ssh/bench_host_key"
cat >"$root/etc/ssh/bench_config" <<END
Port $port
ListenAddress $address
HostKey /etc/ssh/bench_host_key
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
LogLevel ERROR
MaxStartups 2000:30:4000
END
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /usr/sbin/sshd -D -e -f /etc/ssh/bench_config
`;
