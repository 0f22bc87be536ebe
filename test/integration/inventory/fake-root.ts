import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Makes a folder that stands for `/` for the probe: files by path, and symbolic links by path. */
function makeRoot(files: Readonly<Record<string, string | Uint8Array>>, links: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "hg-root-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    if (path.endsWith("/")) mkdirSync(join(root, path), { recursive: true });
    else writeFileSync(join(root, path), content, { mode: path.startsWith("sbin/") ? 0o755 : 0o644 });
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  return root;
}

const processor = (index: number, socket: number, core: number): string =>
  `processor\t: ${index}\nmodel name\t: Test CPU @ 2.0GHz\nphysical id\t: ${socket}\ncore id\t\t: ${core}\nflags\t\t: fpu vme\n\n`;

const pci = "sys/devices/pci0000:00/0000:00:1f.0/0000:03:00.1";

/** A two-socket server with odd values everywhere: quotes, bytes that are no UTF-8, escapes, spaces. */
export function oddServer(): string {
  return makeRoot(
    {
      "etc/os-release": Buffer.concat([
        Buffer.from(`# comment\nID=debian\nID_LIKE="rhel fedora"\nVERSION_ID='12'\nVERSION_CODENAME=book\\worm\n`),
        Buffer.from('PRETTY_NAME="A \\"quoted\\" \\$name \\\\ '),
        Buffer.from([0xc3, 0x28, 0x07, 0xff]),
        Buffer.from(' é✓\t."\nBROKEN\n'),
      ]),
      "etc/hosts": "127.0.0.1 localhost\n10.0.0.5 db1.example.org db1 # the one\n",
      "etc/passwd": "root:x:0:0:root:/root:/bin/fake\nnobody:x:65534:65534::/nonexistent:/bin/none\n",
      "proc/sys/kernel/osrelease": "6.1.0-test\n",
      "proc/sys/kernel/arch": "x86_64\n",
      "proc/sys/kernel/hostname": "db1\n",
      "proc/cpuinfo": [0, 1, 2, 3, 4, 5, 6, 7].map((n) => processor(n, n % 2, Math.floor(n / 2) % 2)).join(""),
      "proc/meminfo": "MemTotal:       1073741824 kB\nMemFree: 1 kB\nSwapTotal:      2048 kB\n",
      "proc/1/comm": "init\n",
      "proc/1/environ": "",
      "proc/self/mountinfo": [
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        "23 22 0:5 / /proc rw - proc proc rw",
        "24 22 8:2 / /mnt/with\\040space\\134and\\011tab ro,noatime - xfs /dev/sdb1 rw",
        "25 22 0:40 / /srv/nfs rw - nfs4 fs:/export rw",
        "26 22 8:3 / /over rw - ext4 /dev/first rw",
        "27 22 8:4 / /over rw master:3 - ext4 /dev/second ro,errors=remount-ro",
        "28 22 0:50 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw",
        "",
      ].join("\n"),
      "proc/net/route": [
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
        "eth1\t00000000\t0200000A\t0003\t0\t0\t200\t00000000\t0\t0\t0",
        "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0",
        "eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00F0FFFF\t0\t0\t0",
        "",
      ].join("\n"),
      "proc/net/fib_trie":
        "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.5\n        /32 host LOCAL\n     |-- 10.0.15.255\n        /32 link BROADCAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n",
      "proc/net/if_inet6":
        "00000000000000000000000000000001 01 80 10 80       lo\nfe800000000000000000000000000abc 02 40 20 80     eth0\n20010db8000000000001000000000002 02 40 01 00     eth0\n20010db8000000000001000000000bad 02 40 00 01     eth0\n",
      "proc/net/tcp":
        "  sl  local_address rem_address   st\n   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 12345 1\n   1: 0500000A:0016 0100000A:C000 01 00000000:00000000 00:00000000 00000000     0        0 12346 1\n",
      "proc/net/tcp6":
        "  sl  local_address\n   0: B80D0120000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1\n   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 778 1\n   2: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 779 1\n",
      "proc/net/udp":
        "  sl\n  10: 00000000:007B 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 991 2\n  11: 0500000A:A001 0800000A:0035 01 00000000:00000000 00:00000000 00000000     0        0 992 2\n",
      "sys/block/sda/size": "2048\n",
      "sys/block/sda/dev": "8:0\n",
      "sys/block/sda/queue/rotational": "1\n",
      "sys/block/sda/removable": "0\n",
      "sys/block/sda/device/model": 'Disk "X"\\ 1   \n',
      "sys/block/nvme0n1/size": "4000000000\n",
      "sys/block/nvme0n1/queue/rotational": "0\n",
      "sys/block/nvme0n1/device/serial": "S3R1AL  \n",
      "sys/block/sr0/size": "4\n",
      "sys/block/sr0/device/model": "DVD\n",
      "sys/block/loop0/size": "4\n",
      "run/udev/data/b8:0": "S:disk\nE:ID_SERIAL_SHORT=WD-123\n",
      "sys/class/net/bonding_masters": "\n",
      [`${pci}/net/eth0/mtu`]: "9000\n",
      [`${pci}/net/eth0/address`]: "52:54:00:00:00:01\n",
      [`${pci}/net/eth0/speed`]: "25000\n",
      [`${pci}/net/eth0/operstate`]: "up\n",
      "sys/bus/pci/drivers/mlx5_core/": "",
      "sys/devices/virtual/net/br0/mtu": "1500\n",
      "sys/devices/virtual/net/br0/speed": "-1\n",
      "sys/devices/virtual/net/br0/operstate": "down\n",
      "sys/class/dmi/id/sys_vendor": "Dell Inc.\n",
      "sys/class/dmi/id/product_name": "PowerEdge\tR640\n",
      "sys/class/dmi/id/product_serial": "ABC123\n",
      "sys/class/dmi/id/bios_vendor": "Dell Inc.\n",
      "sys/class/dmi/id/bios_version": "2.1\n",
      "run/openrc/softlevel": "default\n",
      "run/openrc/started/sshd": "",
      "sbin/apk": "",
      "lib/apk/db/installed": "C:x\nP:nginx\nV:1.26.2-r0\n\nP:musl\nV:1.2.5-r0\n",
      "var/lib/halligan/jobs/R-1.1.web/log": "",
    },
    {
      "sys/class/net/eth0": `../../../${pci}/net/eth0`,
      [`${pci}/net/eth0/device`]: "../..",
      [`${pci}/driver`]: "../../../../bus/pci/drivers/mlx5_core",
      "sys/class/net/br0": "../../devices/virtual/net/br0",
    },
  );
}
