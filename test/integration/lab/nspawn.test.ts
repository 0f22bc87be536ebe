import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bridgeName } from "../../../src/core/adapters/lab/nspawn/serve.ts";
import { claimSubnet, endClaim } from "../../../src/core/adapters/lab/nspawn/subnet.ts";
import { labDown, labStatus, labUp } from "../../../src/core/adapters/lab/lab.ts";
import { cutPower, until } from "../../machines/power.ts";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";

// Real machines need root on Debian or Ubuntu; without root the driver must say so, which is tested instead.
const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)("nspawn lab", () => {
  let lab: TestLab;
  let layer: string;
  beforeAll(async () => {
    layer = mkdtempSync(join(tmpdir(), "halligan-layer-"));
    mkdirSync(join(layer, "usr/local/share"), { recursive: true });
    writeFileSync(join(layer, "usr/local/share/layered"), "from below\n");
    lab = await startNspawn(2, { providerNetwork: true, layer });
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
    rmSync(layer, { recursive: true });
  }, 60_000);

  test("machines run systemd, have their own name, address and cgroup, and reach each other", async () => {
    const other = lab.status.nodes[1]?.address;
    const first = await onNode(
      lab.status,
      1,
      `cat /proc/1/comm; hostname; systemctl --failed --plain --no-legend; ping -c 1 -W 2 ${other} >/dev/null && echo reached`,
    );
    expect(first).toEqual({ code: 0, stdout: "systemd\nn1\nreached\n", stderr: "" });
    expect((await onNode(lab.status, 2, "hostname; ls /usr/sbin/policy-rc.d 2>/dev/null")).stdout).toBe("n2\n");
    const holder = lab.status.nodes[0]?.pid;
    expect(readFileSync(`/proc/${holder}/cgroup`, "utf8")).toContain(
      `${bridgeName(lab.status.clusterFile.replace(/\/cluster.yaml$/, ""))}-n1`,
    );
  });

  test("labs that come up in the same moment have subnets of their own, and none has that of a lab that is up", () => {
    const [one, other] = [claimSubnet(undefined, "/tmp/one"), claimSubnet(undefined, "/tmp/other")];
    const taken = lab.status.nodes[0]?.address.replace(/\.\d+$/u, "");
    expect(new Set([one, other, taken]).size).toBe(3);
    expect(claimSubnet(undefined, "/tmp/one")).toBe(one);
    expect(claimSubnet(other, "/tmp/one")).toBe(one);
    endClaim(other);
    expect(claimSubnet(other, "/tmp/one")).toBe(other);
    for (const each of [one, other]) endClaim(each);
  });

  test("a subnet of a bridge that a killed lab has left is not taken", () => {
    const free = claimSubnet(undefined, "/tmp/one");
    execFileSync("ip", ["link", "add", "hal-left", "type", "bridge"]);
    try {
      execFileSync("ip", ["address", "add", `${free}.1/24`, "dev", "hal-left"]);
      execFileSync("ip", ["link", "set", "hal-left", "up"]);
      const next = claimSubnet(undefined, "/tmp/one");
      endClaim(next);
      expect(next).not.toBe(free);
    } finally {
      execFileSync("ip", ["link", "delete", "hal-left"]);
      endClaim(free);
    }
  });

  test("what lies in a layer is on every machine, what one writes is not in the layer, and a lab keeps the one it has", async () => {
    expect((await onNode(lab.status, 1, "cat /usr/local/share/layered; echo mine >/usr/local/share/layered")).stdout).toBe("from below\n");
    expect((await onNode(lab.status, 2, "cat /usr/local/share/layered")).stdout).toBe("from below\n");
    expect(readFileSync(join(layer, "usr/local/share/layered"), "utf8")).toBe("from below\n");
    const folder = dirname(lab.status.clusterFile);
    const again = { folder, nodes: 2, driver: "nspawn", clusterName: lab.status.clusterName } as const;
    await expect(labUp({ ...again, layer: "/" })).rejects.toMatchObject({ problems: [{ code: "LAB_DIFFERS" }] });
    await expect(labUp({ ...again, layer: join(layer, "usr/local") })).rejects.toMatchObject({ problems: [{ code: "LAB_LAYER_INVALID" }] });
    expect((await labUp({ ...again, layer })).state).toBe("up");
  });

  test("a package installs through the proxy and its daemon starts", async () => {
    const install =
      "export DEBIAN_FRONTEND=noninteractive; apt-get update >/dev/null && apt-get install -y --no-install-recommends lighttpd >/dev/null 2>&1 && systemctl is-active lighttpd";
    expect((await onNode(lab.status, 1, install)).stdout).toBe("active\n");
    expect((await onNode(lab.status, 2, "ls /usr/sbin/lighttpd 2>&1")).code).not.toBe(0);
  }, 180_000);

  test("the second interface leads to the other machines alone, also after a reboot", async () => {
    const address = (index: number): string => `ip link set eth1 up && ip address add 192.0.2.${index}/24 dev eth1`;
    const reached = async (): Promise<string> =>
      (await onNode(lab.status, 1, "ping -q -c 1 -w 20 192.0.2.2 >/dev/null && echo reached")).stdout;
    expect(await onNode(lab.status, 1, address(1))).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await onNode(lab.status, 2, address(2))).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await reached()).toBe("reached\n");
    const boot = (await onNode(lab.status, 2, "cut -c -36 /proc/1/environ; stat -c %Y /proc/1")).stdout;
    await onNode(lab.status, 2, "systemctl reboot");
    await until("n2 is back", async () => {
      const now = await onNode(lab.status, 2, "cut -c -36 /proc/1/environ; stat -c %Y /proc/1");
      return now.code === 0 && now.stdout !== boot && (await onNode(lab.status, 2, address(2))).code === 0;
    });
    expect(await reached()).toBe("reached\n");
  }, 120_000);

  test("a machine that lost its power is booted again, and the other one does not notice", async () => {
    const host = lab.status.nodes[0]?.address.replace(/\d+$/, "1");
    const pinging = onNode(
      lab.status,
      1,
      `until test -e /tmp/enough; do ping -q -c 1 -W 2 ${host} >/dev/null || echo lost; sleep 0.1; done`,
    );
    await cutPower(lab, "n2");
    expect((await labStatus({ folder: lab.folder }))?.state).toBe("partial");
    const again = await labUp({ folder: lab.folder, nodes: 2, driver: "nspawn", clusterName: "test-lab" });
    await onNode(again, 1, "touch /tmp/enough");
    expect(await pinging).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(again).toMatchObject({ state: "up", daemonPid: lab.status.daemonPid });
    expect(again.nodes[0]).toEqual(lab.status.nodes[0]);
    expect((await onNode(again, 2, `ping -q -c 1 -W 2 ${lab.status.nodes[0]?.address} >/dev/null && hostname`)).stdout).toBe("n2\n");
  }, 60_000);

  test("down leaves no process, mount or interface; up again finds the machines' files", async () => {
    const pids = ((await labStatus({ folder: lab.folder }))?.nodes ?? []).map((node) => node.pid);
    expect(pids).toHaveLength(2);
    await labDown({ folder: lab.folder });
    expect(pids.filter((pid) => existsSync(`/proc/${pid}/root/etc`))).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(lab.folder);
    expect(readdirSync("/sys/class/net").filter((name) => name.startsWith(bridgeName(lab.folder)))).toEqual([]);
    expect((await labStatus({ folder: lab.folder }))?.state).toBe("down");
    const again = await labUp({ folder: lab.folder, nodes: 2, driver: "nspawn", clusterName: "test-lab" });
    expect(again).toMatchObject({ state: "up", cluster: "kept" });
    expect((await onNode(again, 1, "systemctl is-active lighttpd")).stdout).toBe("active\n");
  }, 60_000);
});

test.runIf(!iAmRoot)("without root the driver says what to do", async () => {
  await expect(startNspawn(1)).rejects.toMatchObject({ code: "LAB_UNSUPPORTED" });
});
