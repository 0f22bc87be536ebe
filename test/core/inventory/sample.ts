import type { Facts } from "../../../src/core/model/facts.ts";

/** Facts of an ordinary virtual machine. */
export const sampleFacts: Facts = {
  facts: 1,
  os: { id: "debian", idLike: [], version: "12", codename: "bookworm", name: "Debian GNU/Linux 12 (bookworm)" },
  kernel: { release: "6.1.0-18-amd64", arch: "x86_64" },
  hostname: "web-1",
  fqdn: null,
  cpu: { model: "Some CPU", sockets: 1, cores: 2, threads: 4 },
  memory: { totalBytes: 8_589_934_592, swapBytes: 0 },
  disks: [{ name: "vda", sizeBytes: 10_737_418_240, rotational: true, model: null, serial: "d-1", removable: false }],
  mounts: [
    { source: "/dev/vda1", target: "/", type: "ext4", options: "rw", sizeBytes: 10_000_000, availBytes: 5_000_000, readOnly: false },
    { source: "tmpfs", target: "/run", type: "tmpfs", options: "rw", sizeBytes: 1_000_000, availBytes: 900_000, readOnly: false },
  ],
  nics: [
    {
      name: "eth0",
      virtual: false,
      mac: "52:54:00:00:00:01",
      speedMbps: null,
      driver: "virtio_net",
      pciPath: "0000:00:03.0",
      state: "up",
      mtu: 1500,
      addresses: ["10.0.0.5/24"],
    },
  ],
  defaultRoute: { gateway: "10.0.0.1", nic: "eth0" },
  dmi: { vendor: "QEMU", product: "Standard PC", serial: null, uuid: null, bios: "SeaBIOS 1.16" },
  virtualisation: "kvm",
  init: "systemd",
  packageManager: "apt",
  packages: { nginx: null },
  services: ["ssh"],
  listening: [{ proto: "tcp", address: "0.0.0.0", port: 22, process: "sshd" }],
  clock: { epochMs: 1_800_000_000_000, resolutionMs: 1, offsetMs: 3, uncertaintyMs: 10 },
  user: { name: "ops", uid: 1000 },
  tools: { awk: true, curl: false },
  shell: { login: "/bin/bash", sh: "dash" },
  limits: { rootFreeBytes: 5_000_000, varFreeBytes: 5_000_000, runWritable: false, runTmpfs: true },
  halligan: { stateDir: "/home/ops/.halligan", jobs: [] },
  gaps: [],
};

/** The sample as the probe prints it: with the clock before comparison. */
export function printedSample(): string {
  return JSON.stringify({ ...sampleFacts, clock: { epochMs: 1_800_000_000_000, resolutionMs: 1 } });
}
