import { probeBegin, probeEnd } from "../../src/core/inventory/probe/script.ts";
import type { Machine } from "./machine.ts";

/** What the probe printed on a virtual machine with Debian 12, but for what differs from node to node. */
const recorded = {
  facts: 1,
  os: { id: "debian", idLike: [], version: "12", codename: "bookworm", name: "Debian GNU/Linux 12 (bookworm)" },
  kernel: { release: "6.1.0-28-amd64", arch: "x86_64" },
  fqdn: null,
  cpu: { model: "AMD EPYC", sockets: 1, cores: 2, threads: 2 },
  memory: { totalBytes: 25_276_510_208, swapBytes: 0 },
  disks: [{ name: "vda", sizeBytes: 274_877_906_944, rotational: true, model: null, serial: null, removable: false }],
  mounts: [
    ...[
      { source: "/dev/vda1", target: "/", type: "ext4", sizeBytes: 270_553_174_016, availBytes: 80_668_078_080 },
      { source: "tmpfs", target: "/run", type: "tmpfs", sizeBytes: 2_527_654_912, availBytes: 2_527_002_624 },
      { source: "tmpfs", target: "/dev/shm", type: "tmpfs", sizeBytes: 12_638_253_056, availBytes: 12_638_253_056 },
    ].map((mount) => ({ ...mount, options: "rw,relatime", readOnly: false })),
  ],
  dmi: { vendor: "QEMU", product: "Standard PC", serial: null, uuid: null, bios: "SeaBIOS 1.16" },
  virtualisation: "kvm",
  init: "systemd",
  packageManager: "apt",
  services: ["cron", "dbus", "ssh", "systemd-journald", "systemd-logind", "systemd-timesyncd", "systemd-udevd"],
  listening: [{ proto: "tcp", address: "0.0.0.0", port: 22, process: "sshd" }],
  user: { name: "root", uid: 0 },
  tools: Object.fromEntries(
    ["awk", "bash", "curl", "git", "ip", "perl", "python3", "setsid", "sha256sum", "ss", "systemctl", "tar", "timeout"].map((name) => [
      name,
      true,
    ]),
  ),
  shell: { login: "/bin/bash", sh: "dash" },
  limits: { rootFreeBytes: 80_668_078_080, varFreeBytes: 80_668_078_080, runWritable: true, runTmpfs: true },
  halligan: { stateDir: "/var/lib/halligan", jobs: [] },
  gaps: [],
} as const;

/** What the probe prints on a simulated machine when it is asked for these packages. */
export function probeAnswer(machine: Machine, packages: readonly string[]): string {
  const nic = { name: "eth0", virtual: false, speedMbps: null, driver: "virtio_net", pciPath: "0000:00:03.0", state: "up", mtu: 1500 };
  const mac = machine.bootId.slice(-10).replace(/(..)(?=.)/gu, "$1:");
  const document = {
    ...recorded,
    hostname: machine.name,
    nics: [{ ...nic, mac: `52:${mac}`, addresses: [`${machine.address}/8`] }],
    defaultRoute: { gateway: "127.0.0.1", nic: "eth0" },
    packages: Object.fromEntries(packages.map((name) => [name, machine.packages.get(name) ?? null])),
    clock: { epochMs: Date.now(), resolutionMs: 1 },
  };
  return `\n${probeBegin}\n${JSON.stringify(document)}\n${probeEnd}\n`;
}
