import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** What a command of ours came to. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cluster folder, and our program run in it as a user would. */
export class ClusterFolder {
  readonly folder: string;
  readonly file: string;

  constructor(folder: string) {
    this.folder = folder;
    this.file = join(folder, "cluster.yaml");
  }

  /** Runs `halligan ARGS` in the folder. */
  async run(...args: readonly string[]): Promise<Outcome> {
    const child = spawn(process.execPath, [join(root, "src/cli/main.ts"), ...args], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
    child.stdout.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() };
  }

  /** Applies everything; says what went wrong when the exit code is another one. */
  async apply(exit = 0): Promise<Outcome> {
    const outcome = await this.run("apply", "--yes", "--json");
    if (outcome.code !== exit) throw new Error(`apply ended with ${outcome.code}: ${outcome.stdout.slice(-4000)}${outcome.stderr}`);
    return outcome;
  }

  /** Looks at all nodes. */
  async discover(): Promise<void> {
    const outcome = await this.run("discover");
    if (outcome.code !== 0) throw new Error(`discover ended with ${outcome.code}: ${outcome.stdout}${outcome.stderr}`);
  }

  /** Actions of a new plan, by node-role. */
  async plan(): Promise<Readonly<Record<string, string>>> {
    const { stdout, stderr } = await this.run("plan", "--json");
    const plan = JSON.parse(stdout) as {
      readonly nodeRoles?: readonly {
        readonly id: string;
        readonly action: string;
        readonly blocked?: { readonly code: string; readonly message: string };
        readonly steps: readonly { readonly id: string; readonly change: string }[];
      }[];
    };
    if (plan.nodeRoles === undefined) throw new Error(`no plan: ${stdout}${stderr}`);
    return Object.fromEntries(
      plan.nodeRoles.flatMap(({ id, action, steps, blocked }) => {
        if (blocked !== undefined) return [[id, `blocked: ${blocked.code} ${blocked.message}`]];
        const changed = steps.filter((step) => step.change !== "none").map((step) => `${step.id} ${step.change}`);
        return action === "skip" && changed.length === 0 ? [] : [[id, `${action}: ${changed.join(", ")}`]];
      }),
    );
  }

  /** Lets connections take half a minute to come up: machines that share few cores with much else answer late. */
  withPatience(): this {
    this.edit((text) => text.replace("hostKeys: strict }", "hostKeys: strict, connectTimeout: 30s }"));
    return this;
  }

  /** Changes the text of the cluster file. */
  edit(change: (text: string) => string): void {
    const before = readFileSync(this.file, "utf8");
    const after = change(before);
    if (after === before) throw new Error("the edit changed nothing");
    writeFileSync(this.file, after);
  }
}

/** The deployments of an example, from `deployments:` on. */
export function deploymentsOf(example: string): string {
  const text = readFileSync(join(root, "examples", example), "utf8");
  return text.slice(text.indexOf("\ndeployments:\n") + 1);
}

/** One GET; the answer's text, or what went wrong. `patience` in ms: how long it waits for a sign of life. */
export async function get(url: string, patience = 8_000): Promise<{ readonly ok: boolean; readonly text: string }> {
  return await new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: patience }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", (error) => resolve({ ok: false, text: error.message }));
      answer.on("end", () =>
        resolve({
          ok: answer.statusCode === 200,
          text: `${answer.statusCode === 200 ? "" : `${answer.statusCode} `}${Buffer.concat(chunks).toString().trim()}`,
        }),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", (error) => resolve({ ok: false, text: error.message }));
    asked.end();
  });
}

/** Requests a URL without a pause until it is stopped; counts the answers by text and keeps what went wrong. */
export class Load {
  readonly answers = new Map<string, number>();
  readonly lost: string[] = [];
  /** How long the slowest answer took, in ms. */
  slowest = 0;
  #running = true;
  readonly #done: Promise<unknown>;

  constructor(url: string, clients = 2, patience = 8_000) {
    this.#done = Promise.all(Array.from({ length: clients }, () => this.#loop(url, patience)));
  }

  get requests(): number {
    return [...this.answers.values()].reduce((sum, each) => sum + each, 0) + this.lost.length;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #loop(url: string, patience: number): Promise<void> {
    while (this.#running) {
      const began = performance.now();
      const { ok, text } = await get(url, patience);
      this.slowest = Math.max(this.slowest, performance.now() - began);
      if (ok) this.answers.set(text, (this.answers.get(text) ?? 0) + 1);
      else this.lost.push(text);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
}

/** Files below these folders that a role may touch, with type, mode and size of their content; what runs and logs by itself is left out. */
export const listing = `find /etc /opt /srv /usr/local /var/lib /var/cache /var/spool /root -xdev \\
  -not -path '/var/lib/halligan*' -not -path '/var/lib/systemd/*' -not -path '/var/lib/apt/*' -not -path '/var/cache/*' -not -path '/root/.*' \\
  -printf '%p %y %m %u:%g %l\\n' 2>/dev/null | sort`;
