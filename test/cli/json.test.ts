import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { viewKinds } from "../../src/cli/render.ts";
import { codes } from "../../src/core/problems/codes.ts";
import { factsSchema } from "../../src/core/model/facts.ts";
import { halligan, temporaryFolder } from "./run-cli.ts";

const text = z.string();
const place = z.union([
  z.strictObject({ file: text, line: z.int().min(1), column: z.int().min(1), text: text.optional() }),
  z.strictObject({ node: text.optional(), role: text.optional(), step: text.optional() }),
]);
const problem = z.strictObject({
  code: z.enum(Object.keys(codes) as [string, ...string[]]),
  message: text,
  at: place.optional(),
  cause: text.optional(),
  hint: text,
  docs: text,
});
const problems = z.array(problem);
const json = z.json();
const argument = z.strictObject({
  key: text,
  word: text,
  kind: z.enum(["boolean", "string", "number", "choice"]),
  many: z.boolean(),
  required: z.boolean(),
  choices: z.array(text),
  default: json.optional(),
  description: text,
});
const role = z.enum(["observer", "operator", "approver", "breakglass", "admin"]);
const risk = z.enum(["read", "change", "destructive"]);
const undoClass = z.enum(["inverse", "restore", "none"]);
const changed = z.array(z.strictObject({ path: text, before: json, after: json }));
const origin = z.enum(["cluster", "fetched", "shipped"]);
const fetchedFrom = z.strictObject({
  source: text,
  path: text.nullable(),
  ref: text.nullable(),
  commit: text.nullable(),
  digest: z.templateLiteral(["sha256:", text]),
});
const change = z.enum(["none", "create", "change", "destroy", "unknown"]);
const count = z.int().min(0);

function document<K extends string, S extends z.ZodRawShape>(kind: K, shape: S): z.ZodObject {
  return z.strictObject({ halligan: z.literal(1), kind: z.literal(kind), ...shape });
}

const labNode = z.strictObject({ name: text, address: text, port: count, state: z.enum(["up", "down"]) });

const level = z.enum(["deny", "warn", "info"]);
const violation = z.strictObject({
  rule: text,
  level,
  outcome: z.enum(["fail", "unknown", "error", "timeout"]),
  change: z.enum(["new", "unchanged"]),
  subject: text,
  message: text,
  evidence: z.record(text, json),
  nodes: z.array(text),
  deployments: z.array(text),
  owner: text.optional(),
  waived: z.strictObject({ by: text, reason: text, until: count }).optional(),
  blocks: z.boolean(),
});
const policy = z.strictObject({
  digest: text,
  rules: count,
  summary: z.strictObject({
    deny: count,
    warn: count,
    info: count,
    unknown: count,
    waived: count,
    new: count,
    cured: count,
    unchanged: count,
    blocking: count,
  }),
  violations: z.array(violation),
  more: count,
  cured: z.array(z.strictObject({ rule: text, level, subject: text, message: text })),
});
const ruleShape = {
  rule: text,
  level,
  scope: z.enum(["plan", "node", "role"]),
  applies: z.array(z.enum(["propose", "plan", "live"])),
  origin,
  off: z.boolean(),
  owner: text.nullable(),
  file: text,
  line: count,
};
const waiver = z.strictObject({
  rule: text,
  node: text.nullable(),
  deployment: text.nullable(),
  reason: text,
  by: text,
  at: count,
  until: count,
  inForce: z.boolean(),
});

const mark = z.strictObject({ n: count, hash: text, at: count });
const output = z.strictObject({
  totalBytes: count,
  sha256: text,
  encoding: z.enum(["utf8", "base64"]),
  head: text,
  omittedBytes: count,
  tail: text,
});
const outcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exited"), code: count }),
  z.strictObject({ kind: z.literal("signalled"), signal: text }),
  z.strictObject({ kind: z.enum(["timeout", "interrupted"]), gone: z.boolean() }),
  z.strictObject({ kind: z.literal("lost"), reason: text }),
]);

/** The promised shapes; docs/json.md says the same in words. */
const shapes = {
  tui: document("tui", { openRun: text.nullable() }),
  served: document("served", { clusters: z.array(text) }),
  worker: document("worker", { name: text, site: text.nullable(), done: count }),
  "slack-manifest": document("slack-manifest", { manifest: z.record(text, json) }),
  help: document("help", {
    prefix: text,
    areas: z.array(z.strictObject({ area: text, commands: z.array(z.strictObject({ id: text, summary: text })) })),
  }),
  "command-help": document("command-help", {
    id: text,
    area: text,
    summary: text,
    details: text,
    usage: text,
    risk,
    needs: z.enum(["nothing", "read", "operate", "approve", "breakglass", "administer"]),
    roles: z.array(role),
    perDeployment: z.boolean(),
    follows: z.boolean(),
    positionals: z.array(argument),
    options: z.array(argument),
    examples: z.array(z.strictObject({ line: text, does: text })),
  }),
  version: document("version", { version: text }),
  notes: document("notes", {
    did: z.enum(["listed", "added", "removed"]),
    notes: z.array(
      z.strictObject({
        note: z.templateLiteral(["N-", z.int()]),
        node: text.optional(),
        role: text.optional(),
        run: text.optional(),
        failures: z.array(text).optional(),
        text,
        by: text,
        at: count,
      }),
    ),
    at: count,
  }),
  validation: document("validation", {
    file: text,
    problems,
    notices: problems,
    counts: z.strictObject({ nodes: count, deployments: count, barclamps: count }).optional(),
  }),
  written: document("written", { files: z.array(text), next: z.array(text) }),
  schema: document("schema", {
    name: z.enum(["cluster", "barclamp", "people", "policy", "slack", "alerts"]),
    schema: z.record(text, json),
  }),
  completion: document("completion", { shell: z.enum(["bash", "zsh", "fish"]), script: text }),
  names: document("names", { names: z.array(text) }),
  lab: document("lab", {
    lab: z
      .strictObject({
        driver: z.enum(["sandbox", "nspawn"]),
        clusterName: text,
        state: z.enum(["up", "partial", "down"]),
        nodes: z.array(labNode),
        clusterFile: text,
        cluster: z.enum(["written", "kept", "other", "missing"]),
        keepsFiles: z.boolean(),
        notices: problems,
      })
      .nullable(),
  }),
  nodes: document("nodes", {
    cluster: text,
    selector: text.nullable(),
    nodes: z.array(
      z.strictObject({
        name: text,
        address: text,
        port: count,
        user: text,
        labels: z.record(text, text),
        seen: z
          .strictObject({
            at: z.int(),
            os: text.nullable(),
            arch: text.nullable(),
            threads: count.nullable(),
            memoryBytes: z.number().nullable(),
            init: text,
          })
          .nullable(),
      }),
    ),
  }),
  facts: document("facts", { node: text, at: z.int().nullable(), facts: factsSchema.nullable() }),
  "facts-history": document("facts-history", { node: text, entries: z.array(z.strictObject({ at: z.int(), digest: text, changed })) }),
  discovery: document("discovery", {
    cluster: text,
    nodes: z.array(
      z.discriminatedUnion("ok", [
        z.strictObject({ node: text, ok: z.literal(true), firstTime: z.boolean(), os: text.nullable(), changed }),
        z.strictObject({ node: text, ok: z.literal(false), problem }),
      ]),
    ),
    summary: z.strictObject({ seen: count, new: count, changed: count, failed: count }),
  }),
  import: document("import", {
    format: z.enum(["ansible", "ssh-config", "csv", "kolla"]),
    cluster: text,
    nodes: z.array(
      z.strictObject({
        name: text,
        address: text,
        port: count.nullable(),
        user: text.nullable(),
        keys: z.array(text),
        become: z.enum(["sudo", "none"]).nullable(),
        jump: z.array(text),
        labels: z.record(text, text),
        file: text,
        line: z.int().min(1),
      }),
    ),
    notes: z.array(
      z.strictObject({ kind: z.enum(["renamed", "left", "node-left", "unread"]), file: text, line: z.int().min(1), message: text }),
    ),
    result: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("text"), text }),
      z.strictObject({ kind: z.literal("merged"), file: text, added: z.array(text), same: z.array(text) }),
    ]),
  }),
  export: document("export", {
    format: z.enum(["ansible", "ansible-yaml", "ssh-config", "csv", "json", "markdown"]),
    cluster: text,
    text,
    notes: z.array(text),
  }),
  doctor: document("doctor", {
    subjects: z.array(
      z.strictObject({
        node: text.nullable(),
        examinations: z.array(
          z.strictObject({ name: text, verdict: z.enum(["ok", "warn", "fail", "skipped"]), found: text, action: text.optional() }),
        ),
      }),
    ),
    summary: z.strictObject({ ok: count, warn: count, fail: count, skipped: count }),
  }),
  barclamps: document("barclamps", {
    barclamps: z.array(
      z.strictObject({
        name: text,
        origin,
        source: fetchedFrom.nullable(),
        hides: z.boolean(),
        folder: text,
        version: text.nullable(),
        description: text.nullable(),
        roles: z.array(text),
        problems,
      }),
    ),
  }),
  barclamp: document("barclamp", {
    name: text,
    version: text,
    description: text.nullable(),
    origin,
    source: fetchedFrom.nullable(),
    folder: text,
    digest: z.templateLiteral(["sha256:", text]),
    attributes: z.record(text, z.record(text, json)),
    roles: z.array(
      z.strictObject({
        name: text,
        description: text.nullable(),
        deprecated: z.record(text, text).nullable(),
        requires: z.array(text),
        provides: z.array(text),
        conflicts: z.array(text),
        platform: z.array(text),
        inputs: z.record(text, z.record(text, json)),
        outputs: z.record(text, z.record(text, json)),
        steps: z.array(z.strictObject({ id: text, kind: text })),
        checks: z.array(text),
        verify: z.array(text),
        proves: z.array(z.strictObject({ capability: text, means: text, per: z.enum(["deployment", "node"]) })),
        undo: z.enum(["own", "inverse"]),
      }),
    ),
    migrations: z.array(z.strictObject({ to: text, up: z.array(z.record(text, json)), down: z.array(z.record(text, json)) })),
    files: z.array(text),
  }),
  "barclamps-fetched": document("barclamps-fetched", {
    lock: text,
    barclamps: z.array(
      z.strictObject({
        name: text,
        action: z.enum(["added", "updated", "unchanged", "fetched"]),
        ...fetchedFrom.shape,
        version: text,
        folder: text,
        roles: z.array(text),
        before: z.strictObject({ version: text, commit: text.nullable(), digest: text }).nullable(),
        files: z.strictObject({ added: z.array(text), removed: z.array(text), changed: z.array(text) }).nullable(),
      }),
    ),
    notices: problems,
    diff: text.nullable(),
    proposal: text.nullable(),
  }),
  "barclamp-docs": document("barclamp-docs", { name: text, markdown: text }),
  "barclamp-lint": document("barclamp-lint", {
    barclamps: z.array(
      z.strictObject({ name: text, folder: text, problems, advice: z.array(z.strictObject({ where: text, message: text })) }),
    ),
  }),
  "barclamp-test": document("barclamp-test", {
    fixtures: z.array(
      z.strictObject({
        barclamp: text,
        file: text,
        role: text.nullable(),
        title: text.nullable(),
        outcome: z.enum(["passed", "failed"]),
        differences: z.array(z.strictObject({ step: text, expected: change, actual: z.union([change, z.literal("absent")]) })),
        problems,
      }),
    ),
    untested: z.array(text),
    summary: z.strictObject({ passed: count, failed: count }),
  }),
  "step-kinds": document("step-kinds", {
    kinds: z.array(z.strictObject({ name: text, summary: text, readOnly: z.boolean(), undo: undoClass })),
  }),
  "step-kind": document("step-kind", {
    name: text,
    summary: text,
    readOnly: z.boolean(),
    undo: z.strictObject({ class: undoClass, means: text }),
    arguments: z.array(z.strictObject({ name: text, required: z.boolean(), type: text, description: text, default: text.nullable() })),
    examples: z.array(z.strictObject({ title: text, yaml: text })),
    schema: z.record(text, json),
  }),
  what: document("what", {
    cluster: text,
    deployments: z.array(
      z.strictObject({
        deployment: text,
        wanted: z.boolean(),
        nodeRoles: count,
        nodes: count,
        barclamps: z.array(z.strictObject({ barclamp: text, version: text.nullable(), digest: text, nodeRoles: count })),
        since: count,
        last: z.strictObject({ run: text, plan: text, by: text.nullable(), at: count }),
      }),
    ),
    absent: z.array(text),
    activeRun: text.nullable(),
    at: count,
  }),
  whoami: document("whoami", {
    mode: z.enum(["single-user", "people"]),
    principal: text,
    person: text.nullable(),
    name: text.nullable(),
    groups: z.array(text),
    principals: z.array(text),
    roles: z.strictObject({ cluster: z.array(role), deployments: z.record(text, z.array(role)) }),
    may: z.array(z.enum(["read", "operate", "approve", "breakglass", "administer"])),
  }),
  links: document("links", {
    links: z.array(z.strictObject({ principal: text, person: text, counts: z.boolean() })),
    open: z.array(z.strictObject({ person: text, by: text, principal: text.nullable(), until: count })),
  }),
  verify: document("verify", {
    cluster: text,
    at: count,
    durationMs: count,
    nodeRoles: z.array(z.strictObject({ id: text, ok: z.boolean(), durationMs: count })),
    capabilities: z.array(
      z.strictObject({
        capability: text,
        means: text,
        barclamp: text,
        role: text,
        deployment: text,
        node: text,
        per: z.enum(["deployment", "node"]),
        durationMs: count,
        steps: z.array(
          z.strictObject({
            id: text,
            part: z.enum(["steps", "cleanup"]),
            status: z.enum(["ok", "failed", "timeout", "cancelled"]),
            durationMs: count,
          }),
        ),
        outcome: z.enum(["proven", "failed", "interrupted", "not-tried"]),
        why: z.enum(["not-active", "unreachable", "unresolved", "needs", "interrupted"]).optional(),
        needs: text.optional(),
        problem: z.json().optional(),
      }),
    ),
    counts: z.strictObject({ proven: count, failed: count, notTried: count, interrupted: count }),
    report: text.nullable(),
    problems,
  }),
  exec: document("exec", {
    command: text,
    groups: z.array(z.strictObject({ nodes: z.array(text), folded: z.array(text), outcome, stdout: output, stderr: output })),
    unreachable: z.array(z.strictObject({ nodes: z.array(text), folded: z.array(text), problem })),
    notStarted: z.array(text),
    counts: z.strictObject({ ok: count, failed: count, unknown: count, interrupted: count }),
    durations: z.array(z.strictObject({ node: text, durationMs: count })),
  }),
  secrets: document("secrets", {
    cluster: text,
    at: count,
    secrets: z.array(
      z.strictObject({
        name: text,
        source: z.strictObject({ kind: z.enum(["env", "file", "command", "ask", "generate"]), from: text }).nullable(),
        version: count.nullable(),
        older: z.array(count),
        madeAt: count.nullable(),
        madeBy: text.nullable(),
        how: z.enum(["env", "file", "command", "ask", "generate", "set"]).nullable(),
        usedBy: z.array(z.strictObject({ id: text, version: count.nullable() })),
      }),
    ),
  }),
  "secrets-changed": document("secrets-changed", {
    cluster: text,
    changes: z.array(z.strictObject({ name: text, before: count.nullable(), version: count, usedBy: z.array(text) })).min(1),
  }),
  "secret-recipients": document("secret-recipients", {
    own: text,
    resealed: count,
    recipients: z.array(
      z.strictObject({
        id: text,
        recipient: text,
        kind: z.enum(["native", "post-quantum", "tag", "passphrase"]),
        label: text,
        at: count,
        by: text,
        own: z.boolean(),
      }),
    ),
  }),
  audit: document("audit", {
    entries: z.array(
      z.strictObject({
        n: count,
        at: count,
        by: text,
        principal: text,
        front: z.enum(["cli", "tui", "slack", "engine"]),
        action: text,
        resource: text.optional(),
        decision: z.enum(["allowed", "refused"]),
        code: text.optional(),
        reason: text.optional(),
        detail: json.optional(),
        hash: text,
      }),
    ),
    more: z.boolean(),
  }),
  "audit-verified": document("audit-verified", {
    ok: z.boolean(),
    file: text.nullable(),
    entries: count,
    last: mark.nullable(),
    checkpoints: count,
    newest: mark.extend({ fingerprint: text, mark: text }).nullable(),
    uncovered: count,
    keys: z.array(z.strictObject({ fingerprint: text, checkpoints: count, trusted: z.boolean() })),
    findings: z.array(
      z.strictObject({
        what: z.enum(["edited", "missing", "unlinked", "foreign", "tail-cut", "rewritten", "checkpoint"]),
        n: count,
        problem,
      }),
    ),
    moreFindings: count,
  }),
  "audit-key": document("audit-key", { keys: z.array(z.strictObject({ line: text, fingerprint: text })) }),
  "audit-export": document("audit-export", { lines: z.array(text) }),
  "policy-check": document("policy-check", { cluster: text, deployments: z.array(text), policy, at: count }),
  policies: document("policies", {
    digest: text,
    settings: z.strictObject({ factsMaxAgeMs: count, timezone: text, deadlineMs: count }),
    rules: z.array(z.strictObject(ruleShape)).min(1),
    waivers: z.array(waiver),
    at: count,
  }),
  "policy-rule": document("policy-rule", {
    ...ruleShape,
    description: text.nullable(),
    when: text.nullable(),
    require: text,
    message: text,
    evidence: z.record(text, text),
    params: z.record(text, json),
    variables: z.array(z.strictObject({ name: text, type: text, means: text })).min(1),
    violations: z.array(violation),
    waivers: z.array(waiver),
    at: count,
  }),
  "policy-test": document("policy-test", {
    fixtures: z.array(
      z.strictObject({
        file: text,
        title: text.nullable(),
        rules: z.array(text),
        outcome: z.enum(["passed", "failed"]),
        differences: z.array(z.strictObject({ rule: text, expected: text, actual: text })),
        problems,
      }),
    ),
    untested: z.array(text),
    summary: z.strictObject({ passed: count, failed: count }),
  }),
  "state-copy": document("state-copy", { from: text, to: text, events: count, documents: count, logs: count, digest: text }),
  "state-prune": document("state-prune", {
    dryRun: z.boolean(),
    runs: z.array(text),
    plans: z.array(text),
    events: count,
    logs: count,
    room: z.enum(["given-back", "kept", "untouched"]),
    before: count,
  }),
  "policy-waiver": document("policy-waiver", { waiver, ended: z.boolean(), at: count }),
} satisfies Record<string, z.ZodType>;

const broken = "halligan: 1\ncluster: t\nnodess: {}\nnodes: { a: { address: 1 } }\n";
const good =
  "halligan: 1\ncluster: t\nssh: { user: root, port: 1, hostKeys: strict }\nnodes: { a: { address: 127.0.0.1, labels: { tier: x } } }\ndeployments: {}\n";
const cases: readonly (readonly [keyof typeof shapes, string, readonly string[], number])[] = [
  ["help", "", ["help"], 0],
  ["help", "", ["lab"], 0],
  ["command-help", "", ["plan", "--help"], 0],
  ["version", "", ["--version"], 0],
  ["validation", broken, ["validate"], 2],
  ["validation", good, ["validate"], 0],
  ["validation", "", ["validate", "/nonexistent/c.yaml"], 2],
  ["written", "", ["init", "lab-a", "--user", "ops"], 0],
  ["written", "", ["barclamp", "new", "motd"], 0],
  ["schema", "", ["schema", "cluster"], 0],
  ["schema", "", ["schema", "barclamp"], 0],
  ["schema", "", ["schema", "people"], 0],
  ["schema", "", ["schema", "policy"], 0],
  ["schema", "", ["schema", "slack"], 0],
  ["schema", "", ["schema", "alerts"], 0],
  ["slack-manifest", "", ["slack", "manifest"], 0],
  ["policy-check", good, ["policy", "check"], 0],
  ["policies", good, ["policy", "list"], 0],
  ["policy-rule", good, ["policy", "explain", "odd-quorum"], 0],
  ["policy-test", "", ["policy", "test", "--shipped"], 0],
  ["policy-waiver", good, ["policy", "waive", "odd-quorum", "--reason", "lab", "--for", "2h"], 0],
  ["state-copy", good, ["state", "export", "backup.jsonl"], 0],
  ["state-copy", good, ["state", "copy", "one.db", "two.db"], 0],
  ["state-prune", good, ["state", "prune", "--dry-run"], 0],
  ["whoami", good, ["whoami"], 0],
  ["links", good, ["link"], 0],
  ["completion", "", ["completion", "fish"], 0],
  ["names", good, ["complete", "nodes"], 0],
  ["lab", "", ["lab", "status"], 0],
  ["lab", "", ["lab", "down"], 0],
  ["nodes", good, ["nodes", "tier=x"], 0],
  ["facts", good, ["facts", "a"], 0],
  ["facts-history", good, ["facts", "a", "--history"], 0],
  ["discovery", good, ["discover"], 5],
  ["import", "name,port,x_y,1\na_1,22,z,q\n", ["import", "csv", "cluster.yaml"], 0],
  ["import", good, ["import", "csv", join(import.meta.dirname, "../core/inventory/import-data/csv/more.csv"), "--into", "cluster.yaml"], 0],
  ["export", good, ["export", "json"], 0],
  ["doctor", good, ["doctor"], 0],
  ["doctor", good, ["doctor", "a"], 5],
  ["barclamps", "", ["barclamp", "list"], 0],
  ["barclamp", "", ["barclamp", "show", "nginx"], 0],
  ["barclamp-docs", "", ["barclamp", "docs", "base"], 0],
  ["barclamps-fetched", "", ["barclamp", "add", join(import.meta.dirname, "../../barclamps/memcached"), "--as", "caching"], 0],
  ["barclamp-lint", "", ["barclamp", "lint"], 0],
  ["barclamp-test", "", ["barclamp", "test", "nginx"], 0],
  ["notes", good, ["note"], 0],
  ["what", good, ["what"], 0],
  ["notes", good, ["note", "a/web", "mind", "the", "disk"], 0],
  ["exec", good, ["exec", "tier=x", "--", "true"], 5],
  ["verify", good, ["verify", "--prove"], 0],
  ["audit", good, ["audit", "--since", "1h"], 0],
  ["audit-verified", good, ["audit", "verify"], 0],
  ["audit-key", good, ["audit", "key"], 0],
  ["audit-export", good, ["audit", "export"], 0],
  ["step-kinds", "", ["steps"], 0],
  ["step-kind", "", ["steps", "file"], 0],
];

describe("--json is one line of exactly the promised shape", () => {
  test.each(cases)("%s: %#", async (kind, cluster, args, code) => {
    using folder = temporaryFolder();
    if (cluster !== "") writeFileSync(join(folder.path, "cluster.yaml"), cluster);
    const ran = await halligan(["--json", ...args], { cwd: folder.path, env: { HOME: folder.path } });
    expect(ran.stderr).toBe("");
    expect(ran.stdout.split("\n")).toHaveLength(2);
    expect(z.prettifyError(shapes[kind].safeParse(JSON.parse(ran.stdout)).error ?? new z.ZodError([]))).toBe("");
    expect(ran.code).toBe(code);
  });

  test("what is told of secrets", async () => {
    using folder = temporaryFolder();
    const barclamp = join(folder.path, "barclamps/box");
    mkdirSync(barclamp, { recursive: true });
    writeFileSync(
      join(barclamp, "barclamp.yaml"),
      'barclamp: box\nversion: 1.0.0\nattributes: { x: { type: secret }, y: { type: secret } }\nroles: { box: { steps: [{ file: { path: /x, content: "{{ set.x }}" } }] } }\n',
    );
    const deployments = "{ d: { place: { box: all }, secrets: { box.x: { generate: 16 }, box.y: { ask: true } } } }";
    writeFileSync(join(folder.path, "cluster.yaml"), good.replace("deployments: {}", `deployments: ${deployments}`));
    const told = async (kind: keyof typeof shapes, ...args: readonly string[]): Promise<unknown> => {
      const ran = await halligan(["--json", "secrets", ...args], { cwd: folder.path, env: { HOME: folder.path } });
      const answer: unknown = JSON.parse(ran.stdout);
      expect(z.prettifyError(shapes[kind].safeParse(answer).error ?? new z.ZodError([]))).toBe("");
      expect([ran.code, ran.stderr]).toEqual([0, ""]);
      return answer;
    };
    await told("secrets-changed", "generate", "box.y", "--alphabet", "hex");
    expect(await told("secrets-changed", "rotate", "d/box.x")).toMatchObject({ changes: [{ name: "d/box.x", before: null, version: 1 }] });
    expect(await told("secrets-changed", "rotate", "d/box.x")).toMatchObject({ changes: [{ before: 1, version: 2, usedBy: ["a/box"] }] });
    expect(await told("secrets", "list")).toMatchObject({
      secrets: [
        { name: "d/box.x", version: 2, older: [1], how: "generate", usedBy: [{ id: "a/box", version: null }] },
        { name: "d/box.y", version: 1, older: [], how: "generate", usedBy: [], source: { kind: "ask" } },
      ],
    });
    expect(await told("secret-recipients", "recipients", "add", "own")).toMatchObject({ resealed: 3, recipients: [{ own: true }] });
    await told("secret-recipients", "recipients", "list");
  });

  test("failing commands give problems, of one shape", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, ".halligan"));
    const lines = await Promise.all(
      [["facts", "x"], ["nodes", "("], ["steps", "fil"], ["barclamp", "show", "ngin"], ["nodes", "-f", "/nonexistent"], ["plan"]].map(
        (args) => halligan(["--json", ...args], { cwd: folder.path, env: { HOME: folder.path } }),
      ),
    );
    const shape = z.strictObject({ kind: z.literal("problems"), problems: problems.min(1) });
    for (const { stdout, code } of lines) {
      expect(shape.safeParse(JSON.parse(stdout)).error).toBeUndefined();
      expect(code).toBe(2);
    }
  });
});

test("docs/json.md has an entry for every kind of document, and for no other", () => {
  const page = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");
  const entries = [...page.matchAll(/^### `([a-z-]+)`/gm)].map((match) => match[1]);
  expect(entries.toSorted()).toEqual([...new Set([...viewKinds, ...Object.keys(shapes), "problems"])].toSorted());
});
