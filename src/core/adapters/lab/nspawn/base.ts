import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../../../errors.ts";
import type { LabFact } from "../types.ts";
import { type AptSource, archiveSources, readAptSources } from "./apt-sources.ts";
import { tool } from "./tools.ts";

const INCLUDE = [
  ...["systemd", "systemd-sysv", "dbus", "openssh-server", "iproute2", "iputils-ping", "ca-certificates", "curl", "sudo", "procps", "kmod"],
] as const;

const NEEDS = [
  { program: "/usr/bin/systemd-nspawn", package: "systemd-container" },
  { program: "/usr/sbin/debootstrap", package: "debootstrap" },
] as const;

/** Which distribution the machines of a lab run: that of this machine. */
export interface Distribution {
  readonly codename: string;
  readonly mirror: string;
  readonly sources: readonly AptSource[];
}

/** Reads this machine's distribution and mirror. @throws LAB_UNSUPPORTED when it is not Debian or Ubuntu, or not root */
export function hostDistribution(): Distribution {
  if (process.getuid?.() !== 0)
    throw fail("LAB_UNSUPPORTED", {
      message: "The nspawn driver needs root.",
      hint: "Run `sudo halligan lab up --driver nspawn`, or use `--driver sandbox`.",
    });
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1];
  const [first, ...rest] = codename === undefined ? [] : archiveSources(readAptSources(), codename);
  if (codename === undefined || first === undefined)
    throw fail("LAB_UNSUPPORTED", {
      message: "The nspawn driver needs Debian or Ubuntu with an http mirror among its apt sources.",
      hint: "Use `--driver sandbox`, or run the lab on a Debian or Ubuntu machine.",
    });
  return { codename, mirror: first.uri, sources: [first, ...rest] };
}

/** Installs what the driver needs on this machine, after saying so. */
export async function ensurePrograms(onProgress: (fact: LabFact) => void): Promise<void> {
  const missing = NEEDS.filter((need) => !existsSync(need.program)).map((need) => need.package);
  if (missing.length === 0) return;
  onProgress({ type: "lab.packages.installing", packages: missing });
  await tool("apt-get", ["update"]);
  await tool("apt-get", ["install", "-y", "--no-install-recommends", ...missing]);
}

function configure(root: string, distribution: Distribution): void {
  const lines = distribution.sources.map((source) => `deb ${source.uri} ${source.suite} ${source.components.join(" ")}\n`);
  writeFileSync(join(root, "etc/apt/sources.list"), lines.join(""));
  for (const name of ["ssh_host_rsa_key", "ssh_host_ecdsa_key", "ssh_host_ed25519_key"])
    for (const suffix of ["", ".pub"]) rmSync(join(root, "etc/ssh", name + suffix), { force: true });
  mkdirSync(join(root, "etc/ssh/sshd_config.d"), { recursive: true });
  writeFileSync(
    join(root, "etc/ssh/sshd_config.d/lab.conf"),
    "HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\nUseDNS no\nMaxStartups 200:30:400\nMaxSessions 100\n",
  );
  writeFileSync(join(root, "etc/sudoers.d/ops"), "ops ALL=(ALL) NOPASSWD: ALL\n");
  chmodSync(join(root, "etc/sudoers.d/ops"), 0o440);
  const wants = join(root, "etc/systemd/system/multi-user.target.wants");
  mkdirSync(wants, { recursive: true });
  const networkd = join(wants, "systemd-networkd.service");
  if (!existsSync(networkd)) symlinkSync("/lib/systemd/system/systemd-networkd.service", networkd);
  for (const unit of ["systemd-networkd-wait-online.service", "apt-daily.timer", "apt-daily-upgrade.timer", "console-getty.service"]) {
    const mask = join(root, "etc/systemd/system", unit);
    rmSync(mask, { force: true });
    symlinkSync("/dev/null", mask);
  }
  rmSync(join(root, "usr/sbin/policy-rc.d"), { force: true });
  appendFileSync(join(root, "etc/environment"), "LANG=C.UTF-8\n");
}

/**
 * Makes the Debian tree that all machines share, once per suite; `proxy` keeps the downloads for later.
 * @returns its directory @throws LAB_FAILED
 */
export async function ensureBase(
  cacheDir: string,
  distribution: Distribution,
  proxy: string,
  onProgress: (fact: LabFact) => void,
): Promise<string> {
  const directory = join(cacheDir, `base-1-${distribution.codename}`);
  if (existsSync(directory)) return directory;
  const started = performance.now();
  onProgress({ type: "lab.base.building", directory, suite: distribution.codename, mirror: distribution.mirror });
  mkdirSync(cacheDir, { recursive: true, mode: 0o755 });
  const draft = `${directory}.${process.pid}.new`;
  try {
    const include = `--include=${INCLUDE.join(",")}`;
    await tool("debootstrap", ["--variant=minbase", include, distribution.codename, draft, distribution.mirror], { http_proxy: proxy });
    await tool("chroot", [draft, "useradd", "--create-home", "--uid", "1000", "--shell", "/bin/bash", "ops"]);
    await tool("chroot", [draft, "apt-get", "clean"]);
    configure(draft, distribution);
    renameSync(draft, directory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  onProgress({ type: "lab.base.ready", directory, ms: performance.now() - started });
  return directory;
}
