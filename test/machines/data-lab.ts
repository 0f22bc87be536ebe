import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterFolder, listing } from "../integration/barclamps/halligan.ts";
import { startNspawn, type TestLab } from "../support/lab.ts";
import { onNode } from "../support/lab-ssh.ts";

/** What package tools keep of what they did: ucf its history, dpkg the list of overrides before its last change. */
const histories = /^\/var\/lib\/(ucf\/|dpkg\/[a-z]+-old )/u;

/** Indexes of the machines of a `DataLab`. */
export const each = [1, 2, 3] as const;

/** Three machines that one deployment after the other takes; all data go with their roles. */
export class DataLab {
  readonly lab: TestLab;
  readonly cluster: ClusterFolder;
  /** The cluster file without deployments. */
  readonly #bare: string;
  readonly #before: readonly string[];

  private constructor(lab: TestLab, cluster: ClusterFolder, bare: string, before: readonly string[]) {
    this.lab = lab;
    this.cluster = cluster;
    this.#bare = bare;
    this.#before = before;
  }

  /** Boots the machines, and writes down what is on them. */
  static async start(): Promise<DataLab> {
    const lab = await startNspawn(each.length);
    try {
      const cluster = new ClusterFolder(lab.folder).withPatience();
      writeFileSync(join(lab.folder, "shop.pw"), "correct-horse'\"battery\n", { mode: 0o600 });
      let bare = "";
      cluster.edit(
        (text) =>
          (bare = `${text}set: { mariadb: { patience: 60s, data: remove }, redis: { data: remove }, postgresql: { data: remove }, rabbitmq: { data: remove }, zookeeper: { data: remove } }\n`),
      );
      const before: string[] = [];
      for (const node of each) before.push((await onNode(lab.status, node, listing)).stdout);
      await cluster.discover();
      return new DataLab(lab, cluster, bare, before);
    } catch (error) {
      await lab.dispose();
      throw error;
    }
  }

  /** What a command on a machine prints; it gets a minute, and must not hold single quotes. */
  async ask(node: number, command: string): Promise<string> {
    return (await onNode(this.lab.status, node, `timeout 60 sh -c '${command}'`)).stdout.trim();
  }

  /** Writes these deployments into the cluster file, in place of those that it had. */
  deploy(deployments: string): void {
    this.cluster.edit(() => `${this.#bare}deployments:\n${deployments}`);
  }

  /** Takes everything away; lines of the listings that were not there before, with their machine. */
  async leftovers(): Promise<readonly string[]> {
    await this.cluster.apply();
    this.cluster.edit(() => this.#bare);
    await this.cluster.apply();
    const left: string[] = [];
    for (const node of each) {
      const known = new Set((this.#before[node - 1] ?? "").split("\n"));
      const after = (await onNode(this.lab.status, node, listing)).stdout.split("\n");
      left.push(...after.filter((line) => !known.has(line) && !histories.test(line)).map((line) => `n${node}: ${line}`));
    }
    return left;
  }
}
