import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder, get, listing } from "./halligan.ts";

/** The service that the shop deploys. */
export const demo = readFileSync(join(import.meta.dirname, "../../../barclamps/app/files/demo.pl"), "utf8");
const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Four real machines: a balancer, two with the service behind it, and one with a static page. */
export interface Shop {
  readonly lab: TestLab;
  readonly cluster: ClusterFolder;
  /** A folder for what tests make. */
  readonly work: string;
  /** Where the balancer answers. */
  readonly front: string;
  /** Every path of each machine before anything was applied. */
  readonly before: readonly string[];
  /** What app deploys, as the cluster file says it. */
  readonly current: string;
  /** Puts a tar archive with this service on both app nodes; returns how the cluster file names it. */
  release(name: string, program: string): Promise<string>;
  /** Sets what app deploys. */
  deploy(source: string): void;
  /** What the balancer answers, each answer once, sorted. */
  texts(): Promise<readonly string[]>;
}

/** Sets the shop up for the tests of a file, which are about machines: as root. */
export function useShop(): Shop {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let work = "";
  let front = "";
  const before: string[] = [];
  let current = "";

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "halligan-app-"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ada@desk", "-f", join(work, "ada")]);
    const key = readFileSync(join(work, "ada.pub"), "utf8").trim();
    lab = await startNspawn(4);
    cluster = new ClusterFolder(lab.folder);
    front = `http://${lab.status.nodes[0]?.address}/`;
    for (let index = 1; index <= 4; index += 1) {
      await onNode(lab.status, index, "printf '10.1.2.3 printer\\n' >>/etc/hosts");
      before.push((await onNode(lab.status, index, listing)).stdout);
    }
    current = `archive: demo.pl, sha256: ${sha256(demo)}`;
    appendFileSync(
      cluster.file,
      `deployments:
  base:
    place: { base: { on: all } }
    set:
      base:
        motd: On duty
        users: [{ name: ada, keys: ["${key}"], groups: [adm], sudo: true }]
  shop:
    place:
      haproxy: { on: tier=lb }
      app: { on: tier=web }
    use: { web: app }
    set:
      app: { name: shop, exec: ./demo.pl, env: { GREETING: "it's \\"up\\"" }, gate: 5s, keep: 2, ${current} }
    rollout: { batch: 1, maxFailures: 0 }
  static:
    place: { nginx: { on: tier=client } }
    set:
      nginx: { sites: [{ port: 80, text: "static on $hostname" }] }
`,
    );
    await cluster.discover();
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
    rmSync(work, { recursive: true, force: true });
  });

  return {
    get lab() {
      return lab;
    },
    get cluster() {
      return cluster;
    },
    get work() {
      return work;
    },
    get front() {
      return front;
    },
    before,
    get current() {
      return current;
    },
    async release(name, program) {
      const folder = join(work, name);
      mkdirSync(folder);
      writeFileSync(join(folder, "demo.pl"), program, { mode: 0o755 });
      const tar = execFileSync("tar", ["-czf", "-", "-C", work, name]);
      for (const index of [2, 3]) await onNode(lab.status, index, `cat >/var/tmp/${name}.tar.gz`, tar);
      return `archive: /var/tmp/${name}.tar.gz, sha256: ${sha256(tar)}, strip: 1`;
    },
    deploy(source) {
      cluster.edit((text) => text.replace(current, source));
      current = source;
    },
    async texts() {
      const seen = new Set<string>();
      for (let count = 0; count < 12; count += 1) seen.add((await get(front)).text.replace(/ \(release \w+\)/u, ""));
      return [...seen].toSorted();
    },
  };
}
