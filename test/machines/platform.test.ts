import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterFolder, get, Load } from "../integration/barclamps/halligan.ts";
import { startNspawn, type TestLab } from "../support/lab.ts";
import { onNode } from "../support/lab-ssh.ts";
import { everything, unexplained } from "../support/whole-machine.ts";

const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)(
  "base, firewall, tls, nginx, haproxy, keepalived, prometheus and podman on real machines",
  { timeout: 600_000 },
  () => {
    let lab: TestLab;
    let cluster: ClusterFolder;
    let nodes = "";
    let vip = "";
    const before: string[] = [];
    const on = async (index: number, command: string): Promise<string> => (await onNode(lab.status, index, command)).stdout;
    const address = (index: number): string => lab.status.nodes[index - 1]?.address ?? "";
    const roles = (): Promise<readonly string[]> =>
      Promise.all([1, 2].map(async (index) => (await on(index, "cat /run/halligan-keepalived")).trim()));

    beforeAll(async () => {
      lab = await startNspawn(3);
      cluster = new ClusterFolder(lab.folder).withPatience();
      nodes = readFileSync(cluster.file, "utf8");
      vip = address(1).replace(/\d+$/u, "200");
      for (const index of [1, 2, 3]) before.push(await on(index, everything));
      appendFileSync(
        cluster.file,
        `deployments:
  base:
    place: { base: { on: all }, firewall: { on: all }, node-exporter: { on: all } }
    set:
      base:
        timeSync: true
        motd: On duty
        timeServers: [192.0.2.1]
        sysctl: { net.ipv4.ip_forward: 1 }
        harden: true
        sshd: { ClientAliveInterval: 30 }
      firewall: { confirm: 20s }
  web:
    place: { nginx: { on: n3 }, tls: { on: n3 }, haproxy: { on: n1 | n2 }, keepalived: { on: n1 | n2 }, prometheus: { on: n3 }, podman: { on: n3 } }
    use: { web: nginx }
    set:
      nginx: { sites: [{ port: 80, text: plain }, { tls: true, text: secret }] }
      keepalived: { vip: ${vip}/24 }
      haproxy: { metricsPort: 8404 }
      prometheus: { interval: 1s }
      podman: { driver: vfs, settings: { keyring: false, cgroups: disabled } }
`,
      );
      await cluster.discover();
    }, 600_000);
    afterAll(async () => {
      await lab.dispose();
    });

    test("apply makes it, it works, and a second plan is empty", async () => {
      await cluster.apply();
      expect(await get(`http://${vip}/`)).toEqual({ ok: true, text: "plain" });
      expect(await on(3, "curl -s --cacert /etc/halligan-tls/ca.pem --resolve n3:443:127.0.0.1 https://n3/")).toBe("secret\n");
      expect(
        await on(
          1,
          "sshd -T | grep -E '^(passwordauthentication|clientaliveinterval)'; cat /proc/sys/net/ipv4/ip_forward; systemctl is-enabled nftables chrony",
        ),
      ).toBe("clientaliveinterval 30\npasswordauthentication no\n1\nenabled\nenabled\n");
      expect((await cluster.run("verify")).code).toBe(0);
      expect(await cluster.plan()).toEqual({});
      let page = "";
      for (let tries = 0; tries < 60 && !page.includes("kiB"); tries += 1) {
        page = (await get(`http://${address(3)}:9090/consoles/halligan.html`)).text.replaceAll(/<[^>]*>/gu, " ");
        await sleep(1000);
      }
      expect(page).toMatch(/n1\s+yes[\s\S]*n2\s+yes[\s\S]*n3\s+yes/u);
    });

    test("the firewall lets in what roles of the node say, and nothing else", async () => {
      // Asked from this machine, which is no node of the cluster.
      expect((await get(`http://${address(3)}:80/`)).ok).toBe(true);
      expect((await get(`http://${address(3)}:9100/metrics`)).ok).toBe(false);
      expect(await on(1, `timeout 5 bash -c 'exec 9<>/dev/tcp/${address(3)}/9100' && echo open`)).toBe("open\n");
      cluster.edit((text) => text.replace("{ confirm: 20s }", '{ confirm: 20s, open: ["9100"] }'));
      await cluster.apply();
      expect((await get(`http://${address(3)}:9100/metrics`)).ok).toBe(true);
    });

    test("rules and SSH settings that lock the engine out are taken back by the machines", async () => {
      const rules = await on(1, "cat /etc/nftables.d/halligan.nft; sshd -T | sha256sum");
      cluster.edit((text) => text.replace('open: ["9100"]', 'open: ["9100"], sshFrom: [192.0.2.1]').replace("confirm: 20s", "confirm: 6s"));
      const locked = await cluster.apply(1);
      expect(locked.stdout).toContain("nobody could reach the node over a new connection within 6s; the node took it back");
      expect(await on(1, "cat /etc/nftables.d/halligan.nft; sshd -T | sha256sum")).toBe(rules);
      cluster.edit((text) =>
        text
          .replace(", sshFrom: [192.0.2.1]", "")
          .replace("ClientAliveInterval: 30", "ClientAliveInterval: 30, AllowUsers: nobody")
          .replace("harden: true", "harden: true\n        confirm: 6s"),
      );
      const barred = await cluster.apply(1);
      expect(barred.stdout).toContain("the node took it back");
      expect((await on(2, "sshd -T | grep -c '^allowusers'")).trim()).toBe("0");
      cluster.edit((text) => text.replace(", AllowUsers: nobody", ""));
      await cluster.apply();
      expect(await cluster.plan()).toEqual({});
    });

    test("the address moves away from a balancer that died, and stays where it went", async () => {
      const first = await roles();
      expect([...first].toSorted()).toEqual(["BACKUP", "MASTER"]);
      const holder = first.indexOf("MASTER") + 1;
      await on(holder, "systemctl stop haproxy");
      let now: readonly string[] = [];
      for (let tries = 0; tries < 60 && now.indexOf("MASTER") + 1 !== 3 - holder; tries += 1) {
        now = await roles();
        await sleep(500);
      }
      expect(now[2 - holder]).toBe("MASTER");
      expect((await get(`http://${vip}/`)).ok).toBe(true);
      await cluster.apply();
      for (let tries = 0; tries < 60 && (await roles())[holder - 1] !== "BACKUP"; tries += 1) await sleep(500);
      expect((await roles())[2 - holder]).toBe("MASTER");
      const load = new Load(`http://${vip}/`);
      await sleep(2000);
      await load.stop();
      expect(load.lost).toEqual([]);
    });

    test("a certificate that is about to end is a change in the plan, and nginx takes the new one over", async () => {
      const serial = "openssl s_client -connect 127.0.0.1:443 </dev/null 2>/dev/null | openssl x509 -noout -serial";
      const was = await on(3, serial);
      cluster.edit((text) => text.replace("      podman: ", "      tls: { renew: 400d }\n      podman: "));
      const plan = await cluster.plan();
      expect(plan["n3/tls"]).toContain("command:issue change");
      expect(Object.keys(plan)).toContain("n3/nginx");
      cluster.edit((text) => text.replace("tls: { renew: 400d }", "tls: { names: [www.example.org] }"));
      await cluster.apply();
      const is = await on(3, serial);
      expect(is).not.toBe(was);
      expect(
        await on(3, "curl -s --cacert /etc/halligan-tls/ca.pem --resolve www.example.org:443:127.0.0.1 https://www.example.org/"),
      ).toBe("secret\n");
      expect(await cluster.plan()).toEqual({});
    });

    test("what is switched off goes, and a second plan is empty", async () => {
      expect(await on(1, "cat /etc/chrony/sources.d/halligan.sources; cat /etc/motd | head -c 8")).toBe(
        "server 192.0.2.1 iburst\nOn duty\n",
      );
      cluster.edit((text) =>
        text
          .replace("timeSync: true", "timeSync: false")
          .replace("        motd: On duty\n", "")
          .replace(/ {8}sysctl: .*\n/u, ""),
      );
      const plan = await cluster.plan();
      expect(plan["n1/base"]).toMatch(/chrony\S* destroy/u);
      await cluster.apply();
      expect(
        await on(1, "ls /etc/chrony/sources.d/halligan.sources 2>/dev/null; dpkg -s chrony 2>/dev/null; grep -c 'On duty' /etc/motd"),
      ).toBe("0\n");
      expect(await cluster.plan()).toEqual({});
    });

    test("podman runs a container whose image was made from files of the machine, without any registry", async () => {
      const made = await onNode(
        lab.status,
        3,
        `set -e; cd /
files=$(ldd /usr/bin/dash | grep -o '/[^ ]*' | while read -r file; do readlink -f "$file"; done | sed 's#^/##')
tar -c bin lib lib64 usr/lib64 usr/bin/dash usr/bin/sh $files | podman import -q - localhost/tiny:1 >/dev/null
podman run --rm --network none localhost/tiny:1 /bin/sh -c 'echo from within'
podman rmi localhost/tiny:1 >/dev/null`,
      );
      expect(made).toMatchObject({ code: 0, stdout: "from within\n" });
    });

    test("what is no longer placed goes, and nothing is left", async () => {
      writeFileSync(cluster.file, nodes);
      await cluster.apply();
      for (const index of [1, 2, 3]) {
        const now = await on(index, everything);
        expect({ node: index, differs: unexplained(before[index - 1] ?? "", now) }).toEqual({ node: index, differs: [] });
        expect(
          await on(
            index,
            "ip -o addr | grep -c ' lo \\| host0 '; sshd -T | grep '^clientaliveinterval'; cat /proc/sys/net/ipv4/ip_forward",
          ),
        ).toMatch(/clientaliveinterval 0\n\d\n$/u);
      }
    });
  },
);
