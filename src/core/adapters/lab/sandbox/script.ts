import type { LayoutPart } from "./layout.ts";
import { isUnder, type Mount } from "./mounts.ts";

/** Quotes one word for a POSIX shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What the first process of a node sets up. */
export interface NodeScript {
  readonly name: string;
  readonly address: string;
  /** The node's directory on the machine: holds `root`, `upper`, `work`. */
  readonly folder: string;
  /** The lab's layer between the machine and the node (`prepareBase`). */
  readonly base: string;
  readonly layout: readonly LayoutPart[];
  readonly mounts: readonly Mount[];
  readonly storage: "disk" | "memory";
  readonly owner: "root" | "user";
  /** Directory with keys that nodes must not see, and the node binary they get as `node` when they have none. */
  readonly hide: string;
  readonly nodeBinary: string;
}

const HEADER = `set -eu
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Keeps the flags that the source mount has: the kernel locks them in a user namespace.
read_only() {
  for flags in ro ro,nosuid ro,nodev ro,nosuid,nodev ro,nosuid,nodev,noexec ro,nosuid,nodev,noexec,relatime ro,nosuid,nodev,noexec,noatime; do
    mount -o "remount,bind,$flags" "$1" 2>/dev/null && return 0
  done
  return 1
}
bind_read_only() {
  mkdir -p "./root$1"
  mount --bind "$1" "./root$1" || return 0
  read_only "./root$1" || { echo "cannot make $1 read-only" >&2; umount "./root$1"; }
}
`;

function overlay(part: { readonly path: string }, script: NodeScript, lowers: readonly string[]): string {
  const flat = quote(part.path.slice(1).replaceAll("/", "@"));
  const lower = lowers.map((each) => each.replaceAll("\\", "\\\\").replaceAll(":", "\\:").replaceAll(",", "\\,")).join(":");
  return [
    `mkdir -p upper/${flat} work/${flat} ${quote(`./root${part.path}`)}`,
    `chmod --reference=${quote(part.path)} upper/${flat}`,
    script.owner === "root" ? `chown --reference=${quote(part.path)} upper/${flat}` : "",
    `mount -t overlay overlay -o ${quote(`userxattr,lowerdir=${lower},upperdir=upper/`)}${flat},workdir=work/${flat} ${quote(`./root${part.path}`)}`,
  ].join("\n");
}

function partText(part: LayoutPart, script: NodeScript): string {
  const inRoot = quote(`./root${part.path}`);
  const base = `../../base${part.path}`;
  switch (part.kind) {
    case "overlay":
      return overlay(part, script, script.owner === "user" ? [base, part.path] : [part.path]);
    case "copy":
      return overlay(part, script, [base]);
    case "directory":
      return `mkdir -p ${inRoot}`;
    case "link":
      return `[ -L ${inRoot} ] || ln -s ${quote(part.target)} ${inRoot}`;
    case "bind":
      return `bind_read_only ${quote(part.path)}`;
    default:
      return part satisfies never;
  }
}

const DEVICES = `mount -t tmpfs -o mode=0755,size=1m,nosuid tmpfs root/dev
for device in null zero full random urandom tty; do
  : > root/dev/$device
  mount --bind /dev/$device root/dev/$device
done
mkdir root/dev/pts root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,nosuid,noexec devpts root/dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs root/dev/shm
ln -s pts/ptmx root/dev/ptmx
ln -s /proc/self/fd root/dev/fd
ln -s /proc/self/fd/0 root/dev/stdin
ln -s /proc/self/fd/1 root/dev/stdout
ln -s /proc/self/fd/2 root/dev/stderr
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs root/run
mkdir -m 1777 root/run/lock
mount -t proc -o nosuid,nodev,noexec proc root/proc
for path in sys sysrq-trigger irq bus fs; do
  [ -e root/proc/$path ] || continue
  mount --bind root/proc/$path root/proc/$path
  read_only root/proc/$path
done
mount --rbind /sys root/sys
`;

/** `/sys` and what is mounted below it must not be changed from a node, even by real root; an ordinary user could not anyway. */
function sysReadOnly(script: NodeScript): string {
  const below = script.mounts.filter((mount) => isUnder(mount.path, "/sys")).map((mount) => quote(`root${mount.path}`));
  return below.map((path) => `read_only ${path}${script.owner === "root" ? "" : " || true"}`).join("\n");
}

function identity(script: NodeScript): string {
  return `if [ ! -e made ]; then
rm -f root/etc/hostname root/etc/hosts root/etc/machine-id
echo ${quote(script.name)} > root/etc/hostname
printf '127.0.0.1 localhost\\n::1 localhost ip6-localhost ip6-loopback\\n%s %s\\n' ${quote(script.address)} ${quote(script.name)} > root/etc/hosts
tr -d - < /proc/sys/kernel/random/uuid > root/etc/machine-id
if [ -L root/etc/resolv.conf ] && [ -r /etc/resolv.conf ]; then
  cat /etc/resolv.conf > root/etc/resolv.conf.real
  mv -f root/etc/resolv.conf.real root/etc/resolv.conf
fi
for file in .bashrc .profile; do [ ! -r /etc/skel/$file ] || cp /etc/skel/$file root/root/$file; done
mkdir -p root/usr/local/bin
[ -e root/usr/local/bin/node ] || ln -s ${quote(script.nodeBinary)} root/usr/local/bin/node
: > made
fi
hostname "$(cat root/etc/hostname)"
`;
}

/** The first process: reaps orphans, and ends (and with it everything in the node) when the lab's daemon is gone. */
const HOLD = "exec 3<&0 </dev/null; cat <&3 >/dev/null & echo up; exec >/dev/null 2>&1; wait $!";

/**
 * The script that turns fresh user, mount, pid, ipc and uts namespaces into a node. It reads a line first (the namespaces' ids are mapped
 * by then), prints its pid, then `up`, and lasts until its standard input ends.
 */
export function nodeScript(script: NodeScript): string {
  const storage = script.storage === "memory" ? `mount -t tmpfs -o mode=0755 tmpfs .\ncd ${quote(script.folder)}` : "";
  const first = script.layout.filter((part) => part.kind !== "bind");
  const binds = script.layout.filter((part) => part.kind === "bind");
  const hide = binds.some((part) => isUnder(script.hide, part.path))
    ? `mkdir -p ${quote(`root${script.hide}`)} 2>/dev/null || true\nmount -t tmpfs -o ro,size=4k,mode=0755 tmpfs ${quote(`root${script.hide}`)}`
    : "";
  return `${HEADER}
cd ${quote(script.folder)}
${storage}
mkdir -p root upper work
mount --bind root root
${first.map((part) => partText(part, script)).join("\n")}
chmod 0700 root/root
find root/tmp -mindepth 1 -delete 2>/dev/null || true
chmod 1777 root/tmp
${identity(script)}
${binds.map((part) => partText(part, script)).join("\n")}
${hide}
${DEVICES}
${sysReadOnly(script)}
cd root
mkdir -p .old
pivot_root . .old
cd /
umount -l .old
rmdir .old
exec /bin/sh -c ${quote(HOLD)} init
`;
}
