import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";

const fileSecret = "fileSecret4711Zebra";

const barclamp = (exposed: string) => `barclamp: vault
version: 1.0.0
attributes:
  made: { type: secret, required: true }
  given: { type: secret, required: true }
roles:
  vault-db:
    steps:
      - directory: /srv/vault
      - file: { path: /srv/vault/made, content: "{{ set.made }}" }
      - file: { path: /srv/vault/large, content: "{% for i in (1..9000) %}{{ set.made }}{% endfor %}" }
      - ini: { path: /srv/vault/x.ini, set: { db.pass: "{{ set.given }}" } }
      - line: { path: /etc/vault.lines, line: "p={{ set.given }}", create: true }
      - command: { name: say, run: "echo {{ set.made }}; echo {{ set.given | base64 }} >&2; cat /proc/[0-9]*/cmdline | tr '\\\\0' ' ' >/srv/vault/cmdlines", creates: /srv/vault/cmdlines }
      - command: { name: env, run: "echo $PW; touch /srv/vault/env", env: { PW: "{{ set.given }}" }, creates: /srv/vault/env }
${exposed}    outputs:
      url: { type: url, capability: vault, value: "db://u:{{ set.made }}@{{ node.address }}/x" }
  vault-app:
    inputs: { db: { from: vault.url } }
    steps:
      - file: { path: /srv/app.conf, content: "url={{ inputs.db }}" }
`;

/** Every file below a folder that is no node's file system. */
function everyFile(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("/lab/nodes/"));
}

describe("secrets", { timeout: 120_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  const said: string[] = [];
  const run = async (...args: readonly string[]): Promise<string> => {
    const outcome = await cluster.run(...args);
    said.push(outcome.stdout, outcome.stderr);
    return outcome.stdout;
  };

  beforeAll(async () => {
    lab = await startSandbox(2);
    cluster = new ClusterFolder(lab.folder);
    mkdirSync(join(lab.folder, "barclamps/vault"), { recursive: true });
    writeFileSync(join(lab.folder, "barclamps/vault/barclamp.yaml"), barclamp(""));
    writeFileSync(join(lab.folder, "pw.txt"), `${fileSecret}\n`);
    appendFileSync(
      cluster.file,
      `deployments:
  s:
    place: { vault-db: n1, vault-app: n2 }
    secrets: { vault.made: { generate: 32 }, vault.given: { file: pw.txt } }
`,
    );
  }, 60_000);
  afterAll(async () => {
    await lab.dispose();
  }, 60_000);

  test("reach the nodes and show nowhere else", async () => {
    for (const args of [["plan"], ["plan", "--json"], ["apply", "--yes", "--json"], ["plan"], ["why", "n1/vault-db"]]) await run(...args);
    for (const args of [
      ["why", "n2/vault-app", "--json"],
      ["diff", "P-1"],
      ["logs", "R-1"],
      ["logs", "R-1", "--json"],
      ["status", "--json"],
    ])
      await run(...args);
    const made = (await onNode(lab.status, 1, "cat /srv/vault/made")).stdout;
    expect(made).toMatch(/^[A-Za-z0-9]{32}$/u);
    expect((await onNode(lab.status, 2, "cat /srv/app.conf")).stdout).toContain(`u:${made}@`);
    const modes = await onNode(lab.status, 1, "stat -c %a /srv/vault/made /srv/vault/x.ini /etc/vault.lines");
    expect(modes.stdout).toBe("600\n600\n600\n");

    const forms = [made, fileSecret].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString("base64").slice(0, -4),
      Buffer.from(secret).toString("hex"),
    ]);
    const leaks = (text: string): readonly string[] => forms.filter((form) => text.includes(form));
    expect(said.length).toBeGreaterThan(10);
    expect(said.join("").includes("[secret vault.")).toBe(true);
    expect(leaks(said.join("\n"))).toEqual([]);
    const files = everyFile(lab.folder).filter((path) => !path.endsWith("/pw.txt"));
    expect(files.some((path) => path.endsWith("state.db"))).toBe(true);
    expect(files.filter((path) => leaks(readFileSync(path, "latin1")).length > 0)).toEqual([]);
    expect(leaks((await onNode(lab.status, 1, "cat /srv/vault/cmdlines")).stdout)).toEqual([]);
    const kept = await onNode(lab.status, 1, `grep -rlF -e ${made} -e ${fileSecret} /var/lib/halligan /run /tmp || :`);
    // A node sees this repository too, wherever it lies; this file names the secret.
    const found = kept.stdout.split("\n").filter((path) => path !== "" && !path.startsWith(`${process.cwd()}/`));
    // What is needed to take the secret line away again, readable by root alone.
    expect(found).toEqual([expect.stringMatching(/^\/var\/lib\/halligan\/originals\/[0-9a-f]{32}$/u)]);
  });

  test("taking the role away takes the secret away", async () => {
    cluster.edit((text) => text.replace("vault-db: n1, vault-app: n2", "vault-db: n2"));
    await cluster.apply();
    expect(await cluster.plan()).toEqual({});
    const left = await onNode(
      lab.status,
      1,
      "ls /etc/vault.lines /srv/vault 2>/dev/null; find /var/lib/halligan -type f ! -name 'fence-*'",
    );
    expect(left.stdout).toBe("");
  });

  test("are refused where they would be seen, all places at once", async () => {
    const exposed = `      - command: { name: words, run: ["app", "--password", "{{ set.given }}"] }
      - user: { name: ops, comment: "{{ set.made }}" }
      - service: { name: svc, exec: "app --password {{ set.made }}" }
    undo:
      - command: "app drop {{ set.made }}"
`;
    writeFileSync(join(lab.folder, "barclamps/vault/barclamp.yaml"), barclamp(exposed));
    const outcome = await cluster.run("plan", "--json");
    expect(outcome.code).toBe(2);
    const { problems } = JSON.parse(outcome.stdout) as { readonly problems: readonly { readonly code: string; readonly at: object }[] };
    expect(problems.map((each) => each.code)).toEqual(Array.from({ length: 4 }, () => "SECRET_MISPLACED"));
    for (const { at } of problems)
      expect(at).toMatchObject({ file: expect.stringMatching(/vault\/barclamp\.yaml$/u), line: expect.any(Number) });
    expect(outcome.stdout).not.toContain(fileSecret);
  });
});
