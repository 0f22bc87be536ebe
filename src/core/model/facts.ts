import { z } from "zod";

const count = z.int().nonnegative();
/** Bytes; above 2^53 the number is rounded. */
const bytes = z.number().nonnegative();
const text = z.string();

/** Operating system, from os-release(5). */
const osFacts = z.strictObject({
  /** `debian`, `ubuntu`, `alpine` ... */
  id: text,
  idLike: z.array(text).readonly(),
  /** `12`, `24.04`; absent on rolling releases. */
  version: text.nullable(),
  codename: text.nullable(),
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  name: text.nullable(),
});

/** One disk: a block device with hardware (or a virtual controller) behind it. */
const diskFacts = z.strictObject({
  /** Kernel name: `sda`, `nvme0n1`. */
  name: text,
  sizeBytes: bytes,
  rotational: z.boolean(),
  model: text.nullable(),
  serial: text.nullable(),
  removable: z.boolean(),
});

/** One mount. Of several on the same target, the one that is seen. Sizes are null for network file systems, which are never asked. */
const mountFacts = z.strictObject({
  source: text,
  target: text,
  type: text,
  /** Comma-separated mount options. */
  options: text,
  sizeBytes: bytes.nullable(),
  /** Available to ordinary users. */
  availBytes: bytes.nullable(),
  /** The mount or the file system behind it is read-only. */
  readOnly: z.boolean(),
});

/** One network interface. */
const nicFacts = z.strictObject({
  name: text,
  /** No hardware behind it: loopback, bridge, VLAN, bond, tunnel, container end. */
  virtual: z.boolean(),
  mac: text.nullable(),
  /** Megabits per second; null without link or where the driver does not say. */
  speedMbps: count.nullable(),
  driver: text.nullable(),
  /** PCI address such as `0000:00:03.0`. */
  pciPath: text.nullable(),
  /** operstate of the kernel: up, down, unknown, dormant ... */
  state: text,
  mtu: count.nullable(),
  /** `10.0.0.1/24`, `fe80::1/64`; no temporary (privacy) addresses. */
  addresses: z.array(text).readonly(),
});

/** One listening TCP socket or unconnected UDP socket. */
const listenFacts = z.strictObject({
  proto: z.enum(["tcp", "tcp6", "udp", "udp6"]),
  address: text,
  port: z.int().min(0).max(65_535),
  /** Name of the process; null when the probe's user may not see it. */
  process: text.nullable(),
});

/** The node's clock against the engine's, both in UTC. */
const clockFacts = z.strictObject({
  /** Node's clock when the probe ran, milliseconds since 1970. */
  epochMs: z.int(),
  /** 1, or 1000 where `date` knows only seconds. */
  resolutionMs: z.int().positive(),
  /** Node's clock minus the engine's; positive = the node is ahead. */
  offsetMs: z.int(),
  /** The true offset is within +- this of `offsetMs`: half the round trip and half the resolution. */
  uncertaintyMs: z.int().nonnegative(),
});

/**
 * What a probe observed on one node (format 1). A part that could not be observed is null and named in `gaps`.
 * Lists are sorted by their key (name, target, address), records by their names, so equal facts are equal JSON.
 */
export const factsSchema = z.strictObject({
  facts: z.literal(1),
  os: osFacts.nullable(),
  /** `arch` as `uname -m` says it: x86_64, aarch64 ... */
  kernel: z.strictObject({ release: text, arch: text }).nullable(),
  hostname: text.nullable(),
  /** From the host name or /etc/hosts; DNS is not asked. */
  fqdn: text.nullable(),
  cpu: z.strictObject({ model: text.nullable(), sockets: count, cores: count, threads: count }).nullable(),
  memory: z.strictObject({ totalBytes: bytes, swapBytes: bytes }).nullable(),
  disks: z.array(diskFacts).readonly().nullable(),
  mounts: z.array(mountFacts).readonly().nullable(),
  nics: z.array(nicFacts).readonly().nullable(),
  /** IPv4's, else IPv6's; a gateway of null is a point-to-point route. */
  defaultRoute: z.strictObject({ gateway: text.nullable(), nic: text }).nullable(),
  dmi: z
    .strictObject({
      vendor: text.nullable(),
      product: text.nullable(),
      /** Serial and UUID are readable by root only. */
      serial: text.nullable(),
      uuid: text.nullable(),
      /** Vendor and version of the firmware. */
      bios: text.nullable(),
    })
    .nullable(),
  /** `none`, or systemd-detect-virt's name: kvm, vmware, xen, docker, lxc, systemd-nspawn ... */
  virtualisation: text,
  /** What really runs services now, not what is installed. */
  init: z.enum(["systemd", "sysvinit", "openrc", "runit", "s6", "busybox", "supervisor", "none"]),
  packageManager: z.enum(["apt", "dnf", "yum", "zypper", "apk", "none"]),
  /** Version by name, for the packages that were asked for; null = not installed. */
  packages: z.record(text, text.nullable()).nullable(),
  /** Names of running services, without `.service`; null when the init system cannot tell. */
  services: z.array(text).readonly().nullable(),
  listening: z.array(listenFacts).readonly().nullable(),
  clock: clockFacts.nullable(),
  /** Who the probe ran as. */
  user: z.strictObject({ name: text.nullable(), uid: count }).nullable(),
  /** Whether a command exists on the PATH. */
  tools: z.record(text, z.boolean()),
  /** `login`: the user's shell. `sh`: what /bin/sh is (dash, bash, busybox ...; `unknown` if none of these). */
  shell: z.strictObject({ login: text.nullable(), sh: text }),
  /** Room for what Halligan does. */
  limits: z.strictObject({
    rootFreeBytes: bytes.nullable(),
    varFreeBytes: bytes.nullable(),
    /** May the probe's user write to /run? */
    runWritable: z.boolean(),
    runTmpfs: z.boolean(),
  }),
  /** What Halligan has left on the node: names of job folders that were not cleaned up. */
  halligan: z.strictObject({ stateDir: text, jobs: z.array(text).readonly() }),
  /** Parts that could not be observed, and why. */
  gaps: z.array(z.strictObject({ part: text, reason: text })).readonly(),
});

/** Facts of one node; see `factsSchema`. */
export type Facts = Readonly<z.infer<typeof factsSchema>>;
