import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder, type Outcome } from "../barclamps/halligan.ts";

/** A node of the sandbox sees this folder, which may lie in /tmp: what is in it was not put there by a run. */
const project = join(import.meta.dirname, "../../..");

const unique = (): string => randomBytes(9).toString("base64url");
const pem = (): string =>
  `-----BEGIN CANARY KEY-----\n${Array.from({ length: 60 }, () => randomBytes(48).toString("base64")).join("\n")}\n-----END CANARY KEY-----`;

/** Secrets of all shapes, by the attribute that holds them. */
const canaries: Record<string, string> = {
  short: `Zq${randomBytes(1).toString("hex")}`,
  quoted: `it's "${unique()}" $HOME \`id\`\n\\second <&> ${unique()}%s`,
  unicode: `pässwörd-${unique()}-Ünï😀`,
  encoded: randomBytes(30).toString("base64"),
  pem: pem(),
  typed: `typed ${unique()} by hand`,
};
const names = [...Object.keys(canaries), "made"];
const complaint = `complaint-${unique()}`;

const leaky = `set -x
cat /srv/all; base64 /srv/all; base64 -w 40 /srv/all >&2; od -An -v -tx1 /srv/all; od -An -v -tx1 /srv/all | tr -d ' \\n'
printf '%s\\n' "$Q"; printf '%s' "$P" | fold -w 30; echo; printf %s "$U"; sh -xc 'v=$Q; echo "$v"'; env
cat /proc/[0-9]*/cmdline | tr '\\0' ' ' >/srv/cmdlines; sleep 2
cat /srv/all; [ -e /srv/may ]`;

const barclamp = (steps: string): string => `barclamp: canary
version: 1.0.0
attributes:
${names.map((name) => `  ${name}: { type: secret }`).join("\n")}
roles:
  canary:
    steps:
${steps}
`;
const holding = `      - file: { path: /srv/all, content: "${names.map((name) => `{{ set.${name} }}\\n`).join("")}" }
      - command: { name: leak, run: ${JSON.stringify(leaky)}, creates: /srv/done, env: { Q: "{{ set.quoted }}", P: "{{ set.pem }}", U: "{{ set.unicode }}", S: "{{ set.short }}" } }
      - command: { name: done, run: touch /srv/done, creates: /srv/done }
`;

/** What a secret may look like to somebody who searches: made here, by other means than the redactor's. */
function needles(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  // What frames a key is no secret, and stands in this file too, which a node may see.
  const lines = value.split("\n").filter((line) => line.length >= 20 && !line.startsWith("-----"));
  const encoded = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    value.replaceAll("'", `'\\''`),
    bytes.toString("hex"),
    ...lines.flatMap((line) => [line, line.slice(0, 20), line.slice(-20)]),
    ...encoded.filter((text) => text.length >= 12).flatMap((text) => [text, text.slice(0, 16), text.slice(-16)]),
  ].filter((text) => text !== "");
}

/** Names of the secrets that a text holds in any form, wrapped over lines or not. */
function found(text: string, secrets: Readonly<Record<string, string>>): readonly string[] {
  const flat = text.replaceAll(/\s/gu, "");
  return Object.entries(secrets).flatMap(([name, value]) =>
    needles(value).some((needle) => text.includes(needle) || (needle.length >= 12 && flat.includes(needle.replaceAll(/\s/gu, ""))))
      ? [name]
      : [],
  );
}

/** Command lines of every process of this machine while it runs; the nodes of the sandbox are among them. */
class CommandLines {
  readonly seen = new Set<string>();
  readonly #timer = setInterval(() => this.#look(), 15);

  #look(): void {
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/u.test(pid)) continue;
      try {
        this.seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // it has ended
      }
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

describe("canaries in every secret", { timeout: 240_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let lines: CommandLines;
  const said: string[] = [];
  const run = async (...args: readonly string[]): Promise<Outcome> => {
    const outcome = await cluster.run(...args);
    said.push(outcome.stdout, outcome.stderr);
    return outcome;
  };
  const all = (): Record<string, string> => ({ ...canaries, complaint });
  /** Files of the engine that hold a secret in any form. */
  const leakingFiles = (secrets: Readonly<Record<string, string>>): readonly string[] => {
    const files = readdirSync(join(lab.folder, ".halligan"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes("/lab/nodes/"));
    expect(files.filter((path) => /state\.db$|engine\.log$|canary.*\.log$/u.test(path)).length).toBeGreaterThan(2);
    return files.flatMap((path) => found(readFileSync(path, "utf8"), secrets).map((name) => `${path}: ${name}`));
  };
  const write = (name: string, text: string): void => writeFileSync(join(lab.folder, name), text);

  beforeAll(async () => {
    lab = await startSandbox(1);
    lines = new CommandLines();
    cluster = new ClusterFolder(lab.folder);
    mkdirSync(join(lab.folder, "barclamps/canary"), { recursive: true });
    write("barclamps/canary/barclamp.yaml", barclamp(holding));
    write("quoted.txt", `${canaries["quoted"]}\n`);
    write("pem.txt", `${canaries["pem"]}\n`);
    write("encoded.txt", canaries["encoded"] ?? "");
    write("tell.sh", `#!/bin/sh\necho ${complaint} >&2\ncat encoded.txt\n`);
    chmodSync(join(lab.folder, "tell.sh"), 0o755);
    process.env["CANARY_SHORT"] = canaries["short"];
    process.env["CANARY_UNICODE"] = canaries["unicode"];
    appendFileSync(
      cluster.file,
      `deployments:
  d:
    place: { canary: n1 }
    secrets:
      canary.short: { env: CANARY_SHORT }
      canary.unicode: { env: CANARY_UNICODE }
      canary.quoted: { file: quoted.txt }
      canary.pem: { file: pem.txt }
      canary.encoded: { command: [./tell.sh] }
      canary.typed: { ask: true }
      canary.made: { generate: { length: 24, alphabet: ascii, minClasses: 4 } }
`,
    );
  }, 60_000);
  afterAll(async () => {
    lines.stop();
    delete process.env["CANARY_SHORT"];
    delete process.env["CANARY_UNICODE"];
    await lab.dispose();
  }, 60_000);

  test("a value from standard input is kept; without one the plan says how to give it", async () => {
    expect((await run("plan")).stderr).toContain("halligan secrets set canary.typed");
    const child = spawn(process.execPath, [join(import.meta.dirname, "../../../src/cli/main.ts"), "secrets", "set", "canary.typed"], {
      cwd: lab.folder,
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(`${canaries["typed"]}\n`);
    child.stdout.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  });

  test("nothing holds one: after a run that fails, one whose engine is killed, one that succeeds", async () => {
    for (const args of [["plan"], ["plan", "--json"], ["apply", "--yes", "--trace"]]) await run(...args);
    expect((await run("apply", "--yes", "--json", "--trace")).code).toBe(1);
    expect((await run("apply", "--yes", "--detach")).code).toBe(0);
    const going = run("watch", "--json");
    await killEngine(lab.folder, () => readdirSync(join(lab.folder, ".halligan/logs")).includes("R-3"));
    await going;
    await onNode(lab.status, 1, "touch /srv/may");
    expect((await run("apply", "--yes")).code).toBe(1); // the step makes nothing, so it does not converge
    for (const args of [
      ["diff", "P-1"],
      ["why", "n1/canary"],
      ["why", "n1/canary", "--json"],
      ["status", "--json"],
      ["logs", "R-1"],
      ["logs", "R-2", "--json"],
    ])
      await run(...args);
    for (const args of [
      ["secrets", "list"],
      ["secrets", "list", "--json"],
      ["facts", "n1", "--json"],
      ["export", "json"],
      ["verify", "--trace"],
      ["audit", "--json"],
    ])
      await run(...args);
    const made = (await onNode(lab.status, 1, "tail -1 /srv/all")).stdout.trimEnd();
    expect(made).toMatch(/^[!-~]{24}$/u);
    canaries["made"] = made;
    expect(found((await onNode(lab.status, 1, "cat /srv/all")).stdout, canaries)).toEqual(Object.keys(canaries));
    expect(said.join("")).toContain("[secret canary.pem]");
    expect(found(said.join("\n"), all())).toEqual([]);
    expect(leakingFiles(all())).toEqual([]);
    expect(found((await onNode(lab.status, 1, "cat /srv/cmdlines")).stdout, all())).toEqual([]);
    expect(lines.seen.size).toBeGreaterThan(20);
    expect(found([...lines.seen].join("\n"), all())).toEqual([]);
    const left = await onNode(
      lab.status,
      1,
      `find /var/lib/halligan /run /tmp -xdev -path '${project}' -prune -o -type f -size -16384k -exec cat {} + 2>/dev/null`,
    );
    expect(found(left.stdout, all())).toEqual([]);
  });

  test("rotated secrets, and those that are taken out of the cluster file, do not come back in diffs", async () => {
    const before = { ...canaries };
    const [old, replaced] = [await run("plan", "--json"), pem()];
    write("pem.txt", replaced);
    expect((await run("secrets", "rotate", "canary.pem", "canary.quoted")).stderr).toContain("SECRET_UNCHANGED");
    const rotated = await run("secrets", "rotate", "canary.pem", "canary.made");
    expect(rotated.stdout).toContain("d/canary.pem: version 1 -> 2; used by n1/canary");
    expect((await run("apply", (JSON.parse(old.stdout) as { readonly id: string }).id, "--yes")).stderr).toContain("PLAN_OUTDATED");
    // The file on the node still holds the first versions. The next plan has it without secrets, and nothing in the cluster file names them.
    write("barclamps/canary/barclamp.yaml", barclamp('      - file: { path: /srv/all, content: "nothing\\n" }'));
    cluster.edit((text) => text.slice(0, text.indexOf("    secrets:")));
    const plan = await run("plan", "--json");
    expect([plan.code, plan.stdout.slice(0, 2000)]).toEqual([0, expect.stringContaining('"kind":"plan"')]);
    const diff =
      (JSON.parse(plan.stdout) as { readonly nodeRoles: readonly { readonly steps: readonly { readonly diff?: string }[] }[] }).nodeRoles[0]
        ?.steps[0]?.diff ?? "";
    expect(diff).toContain("-[secret canary.pem]");
    expect(diff).toContain("-[secret canary.made]");
    await run("diff", "P-1");
    const secrets = { ...before, complaint, replaced };
    expect(found(said.join("\n"), secrets)).toEqual([]);
    expect(leakingFiles(secrets)).toEqual([]);
  });
});

/** Kills the engine process of a folder with SIGKILL, once something is so. */
async function killEngine(folder: string, when: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !when(); tries++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(when()).toBe(true);
  const engines = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/u.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`\0engine\0-f\0${folder}/`);
    } catch {
      return false;
    }
  });
  expect(engines).toHaveLength(1);
  process.kill(Number(engines[0]), "SIGKILL");
}
