import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, hostname, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Facts } from "../../../src/core/model/facts.ts";
import { probeScript } from "../../../src/core/inventory/probe/script.ts";
import { factsDigest } from "../../../src/core/inventory/stable.ts";
import { oddServer } from "./fake-root.ts";
import { probeWith, runWith } from "./run-probe.ts";

const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path)) ?? "";
if (busybox === "") throw new Error("These tests need busybox: `apt-get install busybox`.");
const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/" };
const shells = { dash: ["dash"], "busybox ash": [busybox, "ash"], "bash --posix": ["bash", "--posix"] } as const;

/** What this machine's package manager knows of dpkg, asked in another way; other machines than Debian's do not know the name. */
function expectedPackages(): Readonly<Record<string, string | null>> {
  const apt = existsSync("/usr/bin/apt-get");
  const version = apt ? (/^Version: (.*)$/m.exec(execFileSync("dpkg", ["-s", "dpkg"], { encoding: "utf8" }))?.[1] ?? "") : null;
  return { dpkg: version, "no-such-package": null };
}

describe("the probe on this machine", () => {
  it.each(Object.entries(shells))("tells the truth under %s", async (_name, shell) => {
    const facts = await probeWith(shell, env, ["dpkg", "no-such-package"]);
    expect(facts.kernel?.release).toBe(release());
    expect(facts.hostname).toBe(hostname());
    expect(facts.cpu?.threads).toBe(cpus().length);
    expect(facts.memory?.totalBytes).toBe(totalmem());
    expect(facts.user?.uid).toBe(process.getuid?.());
    expect(facts.mounts?.some((mount) => mount.target === "/" && (mount.sizeBytes ?? 0) > 0)).toBe(true);
    expect(facts.nics?.find((nic) => nic.name === "lo")).toMatchObject({
      virtual: true,
      addresses: expect.arrayContaining(["127.0.0.1/8"]),
    });
    expect(facts.init === "systemd").toBe(existsSync("/run/systemd/system"));
    expect(facts.tools["awk"]).toBe(true);
    expect(Math.abs(facts.clock?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual(facts.clock?.uncertaintyMs ?? 0);
    expect(facts.packages).toEqual(expectedPackages());
  });

  it("says the same whatever shell runs it", async () => {
    // Other tests make and remove machines meanwhile, whose interfaces are seen here too: a round counts when the machine stayed as it was.
    const { dash: first, ...rest } = shells;
    const others = Object.values(rest);
    for (let round = 1; ; round += 1) {
      const before = factsDigest(await probeWith(first, env));
      const all = [];
      for (const shell of others) all.push(factsDigest(await probeWith(shell, env)));
      const after = factsDigest(await probeWith(first, env));
      if (before !== after && round < 20) continue;
      expect(after).toBe(before);
      expect(new Set([before, ...all]).size).toBe(1);
      return;
    }
  });

  it("says nothing when the script was cut on its way", async () => {
    const script = probeScript({ packages: [] });
    for (const length of [0, 700, 5_000, 20_000, script.length - "main()\n".length, script.length - 2]) {
      const ran = await runWith(["dash", "-c", 's=$(cat); eval "$s" </dev/null'], script.slice(0, length), env);
      expect(ran.stdout.toString(), `cut after ${length} characters`).toBe("");
    }
  });

  it("names a listening port and its process", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.9", resolve));
    const port = (server.address() as { port: number }).port;
    try {
      const facts = await probeWith(["dash"], env);
      const own = readFileSync("/proc/self/comm", "utf8").trim();
      expect(facts.listening).toContainEqual({ proto: "tcp", address: "127.0.0.9", port, process: own });
    } finally {
      server.close();
    }
  });
});

describe("the probe on a poor machine", () => {
  let bin: string;
  beforeAll(() => {
    bin = mkdtempSync(join(tmpdir(), "hg-bin-"));
    chmodSync(bin, 0o755);
    for (const name of ["sh", "ash", "awk", "cat", "date", "ls", "stat", "grep"]) symlinkSync(busybox, join(bin, name));
  });
  afterAll(() => rmSync(bin, { recursive: true, force: true }));

  /** A root folder with these applets of busybox and nothing else: the script adds the standard folders to PATH, so they must not exist. */
  const nothingBut = (applets: string): readonly string[] => {
    const isolated = mkdtempSync(join(bin, "root-"));
    // the libraries are for a busybox that is not static
    const shown = ["/proc", "/sys", "/dev", "/lib", "/lib64"].filter((folder) => existsSync(folder));
    for (const folder of ["/bin", "/etc", ...shown]) mkdirSync(join(isolated, folder));
    execFileSync("cp", [busybox, join(isolated, "bin/busybox")]);
    for (const name of applets.split(" ")) symlinkSync("busybox", join(isolated, "bin", name));
    const script = `for d in ${shown.join(" ")}; do mount --rbind $d "$0$d" || exit; done; exec chroot "$0" /bin/busybox ash "$@"`;
    const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    return ["unshare", ...asUser, "--mount", "--propagation", "private", "sh", "-c", script, isolated];
  };

  it("works with nothing but busybox", async () => {
    const facts = await probeWith(nothingBut("sh ash awk cat date ls stat grep"), { PATH: process.env["PATH"] ?? "" });
    expect(facts.kernel?.release).toBe(release());
    expect(facts.cpu?.threads).toBe(cpus().length);
    expect(facts.os).toBeNull();
    expect(facts.gaps).toContainEqual({ part: "os", reason: "no readable os-release file with an ID" });
    expect(facts.packageManager).toBe("none");
    // no ip command there: addresses come from /proc/net
    expect(facts.nics?.find((nic) => nic.name === "lo")?.addresses).toContain("127.0.0.1/8");
    expect(facts.tools["ip"]).toBe(false);
  });

  it("works without any command but awk, and says what is missing", async () => {
    const facts = await probeWith(nothingBut("sh awk cat"), { PATH: process.env["PATH"] ?? "" });
    expect(facts.hostname).toBe(hostname());
    expect(facts.clock === null || facts.clock.resolutionMs === 1000).toBe(true);
    expect(facts.limits.rootFreeBytes === null || facts.limits.rootFreeBytes > 0).toBe(true);
  });

  it("works without root", async () => {
    const root = process.getuid?.() === 0;
    const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const facts = await probeWith([...(root ? asNobody : []), "dash"], { PATH: env.PATH, HOME: "/nonexistent" });
    expect(facts.user?.uid).toBe(root ? 65534 : process.getuid?.());
    expect(facts.cpu?.threads).toBe(cpus().length);
    expect(facts.gaps.map((gap) => gap.part)).toContain("listening.process");
    expect(facts.halligan.stateDir).toBe("/nonexistent/.halligan");
  });
});

describe("the probe under systemd", () => {
  const dir = mkdtempSync(join(tmpdir(), "hg-systemctl-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** A private /run/systemd, as on a machine that systemd has booted, and a systemctl of ours. */
  const booted = (systemctl: string): Promise<Facts> => {
    writeFileSync(join(dir, "systemctl"), `#!/bin/sh\n${systemctl}\n`, { mode: 0o755 });
    const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const script = 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec dash "$@"';
    return probeWith(["unshare", ...asUser, "--mount", "--propagation", "private", "sh", "-c", script, "sh"], {
      ...env,
      PATH: `${dir}:${env.PATH}`,
    });
  };

  it("lists what systemctl lists", async () => {
    const facts = await booted(
      "echo 'ssh.service loaded active running OpenBSD Secure Shell server'; echo 'getty@tty1.service loaded active running Getty'",
    );
    expect(facts.init).toBe("systemd");
    expect(facts.services).toEqual(["getty@tty1", "ssh"]);
  });

  it("names the gap when systemctl fails or hangs", async () => {
    for (const answer of ["exit 1", "exec sleep 60"]) {
      const facts = await booted(answer);
      expect(facts.services).toBeNull();
      expect(facts.gaps).toContainEqual({ part: "services", reason: "systemctl did not answer" });
    }
  });
});

describe("the probe on another machine's files", () => {
  let root: string;
  beforeAll(() => {
    root = oddServer();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(Object.entries(shells))("reads odd values under %s", async (_name, shell) => {
    const facts = await probeWith(shell, { ...env, HALLIGAN_PROBE_ROOT: root }, ["nginx", "absent"]);
    expect(facts.os).toEqual({
      id: "debian",
      idLike: ["rhel", "fedora"],
      version: "12",
      codename: "book\\worm",
      name: 'A "quoted" $name \\ \uFFFD(\u0007\uFFFD é✓\t.',
    });
    expect(facts.fqdn).toBe("db1.example.org");
    expect(facts.cpu).toEqual({ model: "Test CPU @ 2.0GHz", sockets: 2, cores: 4, threads: 8 });
    expect(facts.memory).toEqual({ totalBytes: 2 ** 40, swapBytes: 2 ** 21 });
    expect(facts.disks).toEqual([
      { name: "nvme0n1", sizeBytes: 2_048_000_000_000, rotational: false, model: null, serial: "S3R1AL", removable: false },
      { name: "sda", sizeBytes: 2 ** 20, rotational: true, model: 'Disk "X"\\ 1', serial: "WD-123", removable: false },
    ]);
    expect(facts.mounts?.map((mount) => [mount.source, mount.target, mount.readOnly])).toEqual([
      ["/dev/sda1", "/", false],
      ["/dev/sdb1", "/mnt/with space\\and\ttab", true],
      ["/dev/second", "/over", true],
      ["fs:/export", "/srv/nfs", false],
    ]);
    expect(facts.nics).toEqual([
      { name: "br0", virtual: true, mac: null, speedMbps: null, driver: null, pciPath: null, state: "down", mtu: 1500, addresses: [] },
      {
        name: "eth0",
        virtual: false,
        mac: "52:54:00:00:00:01",
        speedMbps: 25_000,
        driver: "mlx5_core",
        pciPath: "0000:03:00.1",
        state: "up",
        mtu: 9000,
        addresses: ["10.0.0.5/20", "2001:db8::1:0:0:2/64", "fe80::abc/64"],
      },
    ]);
    expect(facts.defaultRoute).toEqual({ gateway: "10.0.0.1", nic: "eth0" });
    expect(facts.listening).toEqual([
      { proto: "tcp", address: "127.0.0.1", port: 3306, process: null },
      { proto: "tcp6", address: "::", port: 22, process: null },
      { proto: "tcp6", address: "::ffff:127.0.0.1", port: 80, process: null },
      { proto: "tcp6", address: "2001:db8::1", port: 8080, process: null },
      { proto: "udp", address: "0.0.0.0", port: 123, process: null },
    ]);
    expect(facts.dmi).toEqual({ vendor: "Dell Inc.", product: "PowerEdge\tR640", serial: "ABC123", uuid: null, bios: "Dell Inc. 2.1" });
    expect(facts).toMatchObject({ virtualisation: "none", init: "openrc", services: ["sshd"], packageManager: "apk" });
    expect(facts.packages).toEqual({ nginx: "1.26.2-r0", absent: null });
  });
});
