import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commitProposal } from "../../../src/core/intent/commit.ts";
import { amendProposal, conflictsOf, propose, proposeOn, type ProposeDeps, rebaseProposal } from "../../../src/core/intent/proposing.ts";
import { editorsOf } from "../../../src/core/intent/editors.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import { listProposals, readProposal } from "../../../src/core/intent/proposals.ts";
import { findRevision, listRevisions } from "../../../src/core/intent/revisions.ts";
import { proposeSettings } from "../../../src/core/commands/intent/propose-run.ts";
import { proposeCommitCommand } from "../../../src/core/commands/intent/propose-on.ts";
import { setCommand } from "../../../src/core/commands/intent/propose.ts";
import { HalliganError } from "../../../src/core/errors.ts";
import type { SettingScope } from "../../../src/core/intent/setting-place.ts";
import { call, codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { planBody } from "../run/plans.ts";

const text = `# a cluster for tests
halligan: 1
cluster: t
ssh: { user: root, port: 1, hostKeys: strict }
nodes:
  a: { address: 127.0.0.1, labels: { tier: x } }   # the first
  b-[1-2]: { address: 127.0.0.[2-3], labels: { tier: y } }
deployments:
  one:
    place: { base: { on: tier=x } }
    set:
      base: { motd: hello }   # what people see
  two:
    place: { base: { on: tier=y } }
`;

let folder: string;
let house: FakeHouse;
const file = (): string => join(folder, "cluster.yaml");
const now = async (): Promise<string> => await readFile(file(), "utf8");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-intent-"));
  await writeFile(file(), text);
  house = await openFakeHouse(folder, planBody());
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

function deps(by: string, present: FakeHouse = house): ProposeDeps {
  const { store, clock, intent } = present;
  return { store, clock, intent, by, redacted: async (each) => each, authorise: async () => undefined };
}

async function set(by: string, change: string, scope: SettingScope = {}): Promise<string> {
  return (await proposeSettings(deps(by), { changes: [change], unset: [], scope })).proposal.proposal;
}

async function codeOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  return error instanceof HalliganError ? error.problems.map((each) => each.code) : [];
}

describe("settings", () => {
  test.each<[string, SettingScope, RegExp]>([
    ["base.motd=Hi you", { deployment: "two" }, /two:\n {4}place: .*\n {4}set:\n {6}base:\n {8}motd: Hi you\n/u],
    ["base.motd=Hi", {}, /base: \{ motd: Hi \} {3}# what people see/u],
    ["base.motd=Hi", { node: "a" }, /a: \{ address: 127.0.0.1, labels: \{ tier: x \}, set: \{ base: \{ motd: Hi \} \} \} {3}# the first/u],
    ["base.motd=Hi", { node: "tier=y" }, /b-\[1-2\]: \{ address: .*, set: \{ base: \{ motd: Hi \} \} \}/u],
    ["base.motd=Hi", { node: "b-2" }, /groups:\n {2}b-2:\n {4}on: name=b-2\n {4}set:\n {6}base:\n {8}motd: Hi\n/u],
    ["set.base.motd=true", {}, /\nset:\n {2}base:\n {4}motd: "true"\n/u],
    ["deployments.one.rollout.batch=25%", {}, /rollout:\n {6}batch: 25%/u],
    ["deployments.two.place.base.on=all & !tier=x", {}, /base: \{ on: all & !tier=x \}/u],
  ])("%s %j", async (change, scope, expected) => {
    const id = await set("ann", change, scope);
    expect((await readProposal(house.store, id)).text).toMatch(expected);
  });

  test("everything that is wrong is told at once, and no secret is repeated", async () => {
    const wish = {
      changes: [
        "base.motd",
        "base.nope=1",
        "bse.motd=1",
        "x=1",
        "ssh.password=hunter2-secret",
        "deployments.one.secrets.base.key=hunter2-secret",
        "nodes.b-1.set.base.motd=x",
      ],
      unset: [],
      scope: {},
    };
    const error: unknown = await proposeSettings(deps("ann"), wish).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(HalliganError);
    const { problems } = error as HalliganError;
    expect(problems.map((each) => each.code)).toEqual([
      "USAGE",
      "SETTING_UNKNOWN",
      "BARCLAMP_UNKNOWN",
      "KEY_UNKNOWN",
      "SECRET_LITERAL",
      "SECRET_LITERAL",
      "EDIT_REFUSED",
    ]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
    expect(await listProposals(house.store)).toEqual([]);
    expect(setCommand.secretArgs).toEqual(["changes"]);
  });

  test("what the file could not take is refused, and so is what it says already", async () => {
    expect(await codeOf(set("ann", "deployments.one.place.base.on=tier=nowhere"))).toContain("PLACEMENT_EMPTY");
    expect(await codeOf(set("ann", "base.motd=hello"))).toEqual(["PROPOSAL_EMPTY"]);
    const both = (changes: readonly string[], unset: readonly string[] = []) =>
      codeOf(proposeSettings(deps("ann"), { changes, unset, scope: {} }));
    expect(await both(["base.motd=a", "deployments.one.set.base.motd=b", "nonsense"])).toEqual(["USAGE", "USAGE"]);
    expect(await both(["base.motd=a"], ["base.motd"])).toEqual(["USAGE"]);
    expect(await codeOf(set("ann", "base.timezone=UTC"))).toEqual(["SETTING_AMBIGUOUS"]);
  });
});

describe("several people", () => {
  test("of two that are committed at once one wins, in two processes' houses as well", async () => {
    const other = await openFakeHouse(folder, planBody());
    try {
      const ids = [await set("ann", "base.motd=Ann", { deployment: "one" }), await set("bob", "base.motd=Bob", { deployment: "two" })];
      const results = await Promise.allSettled([
        commitProposal(deps("ann"), ids[0] ?? "", undefined),
        commitProposal(deps("bob", other), ids[1] ?? "", undefined),
      ]);
      const lost = results.flatMap((each) => (each.status === "rejected" ? [each.reason as HalliganError] : []));
      expect(lost.map((each) => each.code)).toEqual(["PROPOSAL_STALE"]);
      const winner = results[0]?.status === "fulfilled" ? 0 : 1;
      expect(await now()).toContain(winner === 0 ? "motd: Ann" : "motd: Bob");
      expect(await now()).not.toContain(winner === 0 ? "motd: Bob" : "motd: Ann");
      const loser = ids[1 - winner] ?? "";
      await rebaseProposal(deps("cyd"), loser);
      await commitProposal(deps("cyd"), loser, undefined);
      expect(await now()).toMatch(/motd: Ann[\s\S]*motd: Bob/u);
    } finally {
      await other.close();
    }
  });

  test("the same proposal is committed once, however many try", async () => {
    const id = await set("ann", "base.motd=Ann", { deployment: "one" });
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => commitProposal(deps("ann"), id, undefined)));
    expect(results.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect(results.flatMap((each) => (each.status === "rejected" ? [(each.reason as HalliganError).code] : []))).toEqual(
      Array(5).fill("PROPOSAL_ENDED"),
    );
    expect((await house.store.read({ stream: "proposals" })).filter((each) => each.type === "proposal.committed")).toHaveLength(1);
  });

  test("with a digest only what was read is committed", async () => {
    const opened = await proposeSettings(deps("ann"), { changes: ["base.motd=Ann"], unset: [], scope: { deployment: "one" } });
    const { proposal: id, after } = opened.proposal;
    await amendProposal(deps("ann"), id, (before) => before.replace("motd: Ann", "motd: Anna"));
    expect(await codeOf(commitProposal(deps("bob"), id, undefined, after))).toEqual(["PROPOSAL_DIGEST"]);
    expect(await codeOf(commitProposal(deps("bob"), id, undefined, "4f1c"))).toEqual(["USAGE"]);
    expect(await now()).toBe(text);
    const present = (await readProposal(house.store, id)).proposal.after;
    await commitProposal(deps("bob"), id, undefined, present.slice("sha256:".length, "sha256:".length + 12).toUpperCase());
    expect(await now()).toContain("motd: Anna");
  });

  test("proposals that change the same are named, with whose they are; the second cannot be put on top of the first", async () => {
    const first = await set("ann", "base.motd=Ann", { deployment: "one" });
    const second = await proposeSettings(deps("bob"), { changes: ["base.motd=Bob"], unset: [], scope: { deployment: "one" } });
    expect(await conflictsOf(house.store, second)).toEqual([{ proposal: first, author: "ann", paths: ["deployments.one.set.base.motd"] }]);
    await commitProposal(deps("ann"), first, undefined);
    const stale = await commitProposal(deps("bob"), "D-2", undefined).catch((fault: unknown) => fault);
    expect((stale as HalliganError).problems[0]).toMatchObject({
      code: "PROPOSAL_STALE",
      cause: expect.stringContaining("D-1 by ann") as string,
    });
    expect(await codeOf(rebaseProposal(deps("bob"), "D-2"))).toEqual(["PROPOSAL_CONFLICT"]);
  });

  test("an edit by hand makes it stale; comments of both sides stay when it is put on top", async () => {
    const id = await set("ann", "base.motd=Ann", { deployment: "one" });
    await writeFile(
      file(),
      text.replace("# a cluster for tests", "# a cluster for tests\n# and more").replace("# the first", "# number one"),
    );
    expect(await codeOf(commitProposal(deps("ann"), id, undefined))).toEqual(["PROPOSAL_STALE"]);
    await rebaseProposal(deps("ann"), id);
    await commitProposal(deps("ann"), id, undefined);
    expect(await now()).toMatch(/# and more[\s\S]*# number one[\s\S]*motd: Ann \} {3}# what people see/u);
  });

  test("whoever changes a proposal is its last editor, and both are told", async () => {
    await set("ann", "base.motd=Ann", { deployment: "one" });
    const { proposal } = await amendProposal(deps("bob"), "D-1", (before) => before.replace("motd: Ann", "motd: Bob"));
    expect(proposal).toMatchObject({ author: "ann", editors: ["ann", "bob"] });
  });
});

test("a process that died after it wrote the file is completed by the next commit", async () => {
  const id = await set("ann", "base.motd=Ann", { deployment: "one" });
  const { text: after } = await proposeOn(deps("ann"), text, text.replace("hello", "Ann"));
  await writeFile(file(), after);
  const { revision } = await commitProposal(deps("bob"), id, undefined);
  expect(await findRevision(house.store, revision)).toMatchObject({ origin: { kind: "proposal", proposal: id }, editors: ["ann"] });
  expect(await now()).toBe(after);
});

test("what was there before a commit is kept as a revision, each content once", async () => {
  await commitProposal(deps("ann"), await set("ann", "base.motd=Ann", { deployment: "one" }), undefined);
  await commitProposal(deps("ann"), await set("ann", "base.motd=hello", { deployment: "one" }), undefined);
  expect((await listRevisions(house.store)).map(({ revision, origin }) => [revision, origin.kind])).toEqual([
    ["V-2", "proposal"],
    ["V-1", "first"],
  ]);
  expect(await now()).toBe(text);
});

test("a file that would not be valid can be proposed and not be committed", async () => {
  await propose(deps("ann"), `${text}nonsense: 1\n`);
  expect(await codesOf(call(house, proposeCommitCommand, { proposal: "D-1" }).answer)).toEqual(["KEY_UNKNOWN"]);
  expect(await now()).toBe(text);
});

test("who wrote what a plan brings about is known from proposals; of a hand edit whoever planned with it stands for them", async () => {
  const planOf = (revision: Plan["revision"]): Plan =>
    ({
      id: "P-1",
      digest: "sha256:1",
      body: { ...planBody(), deployments: ["one"] },
      author: "pam",
      at: 1,
      revision,
      facts: "sha256:2",
    }) as Plan;
  await set("ann", "base.motd=Ann", { deployment: "one" });
  await amendProposal(deps("bob"), "D-1", (before) => before.replace("motd: Ann", "motd: Bob"));
  await commitProposal(deps("cyd"), "D-1", undefined);
  const [newest] = await listRevisions(house.store);
  expect(await editorsOf(house.store, planOf(newest?.digest ?? "sha256:"))).toEqual(["ann", "bob"]);
  const edited = await house.intent.keep((await now()).replace("motd: Bob", "motd: by hand"), { by: "eve", at: Date.now(), head: true });
  expect(await editorsOf(house.store, planOf(edited.digest))).toEqual(["ann", "bob", "pam"]);
});
