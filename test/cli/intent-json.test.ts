import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { halligan, temporaryFolder } from "./run-cli.ts";

const text = z.string();
const count = z.int().min(0);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/u);
const phase = z.enum(["requested", "succeeded", "failed", "cancelled"]);
const problem = z.object({ code: text, message: text, hint: text, docs: text });
const conflicts = z.array(z.strictObject({ proposal: text, author: text, paths: z.array(text) }));
const revision = {
  revision: text.regex(/^V-\d+$/u),
  digest,
  text: digest,
  barclamps: z.record(text, digest),
  at: count,
  by: text,
  origin: z.union([
    z.strictObject({ kind: z.enum(["first", "edit", "barclamps"]) }),
    z.strictObject({ kind: z.literal("proposal"), proposal: text }),
  ]),
  editors: z.array(text),
  before: text.optional(),
  present: z.boolean(),
  runs: z.array(z.strictObject({ run: text, plan: text, phase, at: count, deployments: z.array(text) })),
};
const proposal = {
  proposal: text.regex(/^D-\d+$/u),
  author: text,
  editors: z.array(text).min(1),
  at: count,
  note: text.optional(),
  base: digest,
  after: digest,
  state: z.union([
    z.strictObject({ phase: z.literal("open") }),
    z.strictObject({ phase: z.literal("committed"), by: text, at: count, revision: text, git: text.optional() }),
    z.strictObject({ phase: z.literal("dropped"), by: text, at: count }),
  ]),
  stale: z.boolean(),
  paths: z.array(text),
  conflicts,
};
const ids = z.array(text);
const head = { halligan: z.literal(1) };
const shapes = {
  revisions: z.strictObject({
    ...head,
    kind: z.literal("revisions"),
    revisions: z.array(z.strictObject(revision)),
    more: count,
    at: count,
  }),
  revision: z.strictObject({ ...head, kind: z.literal("revision"), ...revision, content: text, now: count }),
  "revision-diff": z.strictObject({
    ...head,
    kind: z.literal("revision-diff"),
    from: text,
    to: text,
    paths: ids,
    diff: text,
    barclamps: z.array(z.strictObject({ barclamp: text, before: digest.nullable(), after: digest.nullable() })),
  }),
  proposals: z.strictObject({
    ...head,
    kind: z.literal("proposals"),
    proposals: z.array(z.strictObject(proposal)),
    more: count,
    at: count,
  }),
  proposal: z.strictObject({
    ...head,
    kind: z.literal("proposal"),
    did: z.enum(["shown", "made", "changed", "rebased", "dropped", "committed"]),
    ...proposal,
    touched: z.strictObject({ layers: ids, added: ids, removed: ids, changed: ids }),
    diff: text,
    problems: z.array(problem),
    violations: z.array(z.strictObject({ rule: text, level: z.enum(["deny", "warn", "info"]), message: text, blocks: z.boolean() })),
    git: z
      .union([
        z.strictObject({ kind: z.literal("none") }),
        z.strictObject({ kind: z.literal("left"), why: text }),
        z.strictObject({ kind: z.literal("committed"), commit: text, detached: z.boolean() }),
      ])
      .optional(),
    notices: z.array(problem),
    now: count,
  }),
};

const cluster = `halligan: 1
cluster: t
ssh: { user: root, port: 1, hostKeys: strict }
nodes: { a: { address: 127.0.0.1, labels: { tier: x } } }
deployments:
  one:
    place: { base: { on: tier=x } }
    set: { base: { motd: hello } }
`;

test("--json of proposals and revisions is of exactly the promised shape", { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "cluster.yaml");
  writeFileSync(file, cluster);
  writeFileSync(join(folder.path, "new.yaml"), cluster.replace("hello", "servus"));
  const told = async (kind: keyof typeof shapes, ...args: readonly string[]): Promise<unknown> => {
    const ran = await halligan(["--json", ...args], { cwd: folder.path, env: { HOME: folder.path } });
    const answer: unknown = JSON.parse(ran.stdout);
    expect(z.prettifyError(shapes[kind].safeParse(answer).error ?? new z.ZodError([]))).toBe("");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    return answer;
  };
  await told("revisions", "revisions");
  expect(await told("proposal", "set", "base.motd=hi", "--note", "why")).toMatchObject({
    did: "made",
    note: "why",
    touched: { changed: ["a/base"] },
  });
  expect(await told("proposal", "set", "base.motd=hey", "--proposal", "D-1")).toMatchObject({ did: "changed" });
  expect(await told("proposal", "propose", "--with", "new.yaml")).toMatchObject({ conflicts: [{ proposal: "D-1" }] });
  expect(await told("proposals", "proposals")).toMatchObject({ proposals: [{ proposal: "D-2" }, { proposal: "D-1" }] });
  expect(await told("proposal", "propose", "commit", "D-1")).toMatchObject({
    did: "committed",
    git: { kind: "none" },
    state: { revision: "V-2" },
  });
  expect(await told("proposal", "propose", "show", "D-2")).toMatchObject({ stale: true });
  expect(await told("proposal", "propose", "drop", "D-2")).toMatchObject({ state: { phase: "dropped" } });
  expect(await told("proposal", "set", "base.motd=servus", "--commit")).toMatchObject({ did: "committed" });
  expect(await told("proposals", "proposals", "--all")).toMatchObject({ proposals: [{}, {}, {}] });
  expect(await told("revisions", "revisions", "--limit", "1")).toMatchObject({
    revisions: [{ revision: "V-3", present: true, before: "V-2" }],
    more: 2,
  });
  expect(await told("revision", "revisions", "show", "V-1")).toMatchObject({ content: cluster });
  expect(await told("revision-diff", "revisions", "diff", "V-1")).toMatchObject({
    to: "present",
    paths: ["deployments.one.set.base.motd"],
  });
  expect(await told("revision-diff", "revisions", "diff", "V-1", "V-1")).toMatchObject({ diff: "", barclamps: [] });

  const refused = await halligan(["--json", "set", "base.motd=x", "ssh.password=hunter2"], {
    cwd: folder.path,
    env: { HOME: folder.path },
  });
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stdout)).toMatchObject({ kind: "problems", problems: [{ code: "SECRET_LITERAL" }] });
  const audit = await halligan(["--json", "audit"], { cwd: folder.path, env: { HOME: folder.path } });
  expect(refused.stdout + audit.stdout).not.toContain("hunter2");
  expect(audit.stdout).toContain('"set"');
});
