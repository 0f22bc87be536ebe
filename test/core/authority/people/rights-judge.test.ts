import { rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import type { GateQuestion } from "../../../../src/core/authority/gate.ts";
import { keepPeople } from "../../../../src/core/authority/people/kept.ts";
import { createRightsJudge } from "../../../../src/core/authority/people/rights-judge.ts";
import type { Authority } from "../../../../src/core/authority/people.ts";
import { loadPeople } from "../../../../src/core/files/load-people.ts";
import type { Plan } from "../../../../src/core/model/plan.ts";
import type { Store } from "../../../../src/core/ports.ts";
import { requestRun } from "../../../../src/core/run/requests.ts";
import { planBody, plannedNodeRole } from "../../run/plans.ts";

let folder: string;
let store: Store;
/** people.yaml as it is now; "" = there is none. */
let now: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-rights-"));
  store = await openStore(join(folder, "state.db"));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const plan = {
  id: "P-1",
  digest: "sha256:02",
  body: {
    ...planBody(
      plannedNodeRole("n1", "web", { deployment: "web" }),
      plannedNodeRole("n1", "old", { deployment: "gone", action: "remove" }),
    ),
    deployments: ["web"],
  },
} as unknown as Plan;

const file = (roles: string, people = "ann: { local: [ann] }, bob: { local: [bob] }"): string =>
  `halligan: 1\npeople: { ${people} }\n${roles}\n`;
const operators = (...names: readonly string[]): string => file(`roles: { operator: [${names.join(", ")}] }`);

async function authority(): Promise<Authority> {
  if (now === "") return { mode: "single-user" };
  const { people } = loadPeople({ file: "people.yaml", text: now });
  if (people === undefined) throw new Error("the test's people.yaml is wrong");
  await keepPeople(store, people.digest, now);
  return { mode: "people", people };
}

/** Asks for a run under the people.yaml of now, as a house does. */
async function askFor(by: string, principal = `local:${by}`): Promise<Pick<GateQuestion, "run" | "by">> {
  const deciding = await authority();
  const people = deciding.mode === "people" ? { people: deciding.people.digest } : {};
  return { by, run: await requestRun(store, plan, by, 1000, { principal, ...people }) };
}

async function objections(question: Partial<GateQuestion> & { readonly by: string }): Promise<readonly string[]> {
  const holdups = await createRightsJudge({ store, authority })({ phase: "start", plan, ...question });
  expect(holdups.every((each) => each.kind === "rights" && !each.final)).toBe(true);
  // A run that lost its person needs another one, not the advice that whoever asks is given.
  for (const { problem } of holdups) expect(/handoff|Cancel/u.test(problem.hint)).toBe(question.run !== undefined);
  return holdups.map((each) => `${each.problem.code} ${each.problem.message}`);
}

const needs = (person: string, where: string): string => `NOT_ALLOWED ${person} may not do this: it needs the role operator for ${where}.`;

describe("who asks for a run", () => {
  test("needs the role for everything that the plan works on, also for what it removes", async () => {
    now = file("deployments: { web: { roles: { operator: [ann] } } }");
    expect(await objections({ by: "ann", phase: "request" })).toEqual([needs("ann", "deployment gone")]);
    now = file("deployments: { web: { roles: { operator: [ann] } }, gone: { roles: { operator: [ann] } } }");
    expect(await objections({ by: "ann", phase: "request" })).toEqual([]);
    expect(await objections({ by: "bob", phase: "request" })).toEqual([needs("bob", "deployments gone and web")]);
    expect(await objections({ by: "eve", phase: "request" })).toEqual(["PRINCIPAL_UNKNOWN eve is nobody in people.yaml (any more)."]);
  });

  test("a plan may be looked at without it", async () => {
    now = operators("bob");
    expect(await objections({ by: "ann", phase: "plan" })).toEqual([]);
  });
});

describe("a run that was asked for is judged by people.yaml as it was and as it is", () => {
  test("nothing changed", async () => {
    now = operators("ann");
    expect(await objections(await askFor("ann"))).toEqual([]);
  });

  test("the right is gone: held", async () => {
    now = operators("ann");
    const asked = await askFor("ann");
    now = operators("bob");
    expect(await objections({ ...asked, phase: "batch" })).toEqual([needs("ann", "deployments gone and web")]);
  });

  test("and given back: it goes on", async () => {
    now = operators("ann");
    const asked = await askFor("ann");
    now = operators("bob");
    expect(await objections(asked)).toHaveLength(1);
    now = operators("ann", "bob");
    expect(await objections(asked)).toEqual([]);
  });

  test("a right that was not there when it was asked for is not gained by an edit", async () => {
    now = operators("bob");
    const asked = await askFor("ann"); // as an engine would find it had somebody written it past the house
    now = operators("ann");
    expect(await objections(asked)).toEqual([needs("ann", "deployments gone and web")]);
  });

  test("removing people.yaml frees nobody", async () => {
    now = operators("bob");
    const asked = await askFor("ann");
    now = "";
    expect(await objections(asked)).toEqual([needs("ann", "deployments gone and web")]);
  });

  test("a people.yaml that comes later counts for what was asked for without", async () => {
    now = "";
    const asked = await askFor("root", "local:root");
    expect(await objections(asked)).toEqual([]);
    now = operators("ann");
    expect(await objections(asked)).toEqual(["PRINCIPAL_UNKNOWN local:root is nobody in people.yaml, so it may do nothing."]);
    now = file("roles: { operator: [ann] }", "ann: { local: [root] }");
    expect(await objections(asked)).toEqual([]);
  });

  test("the user who asked was taken away from the person, or given to another one", async () => {
    now = operators("ann", "bob");
    const asked = await askFor("ann");
    now = file("roles: { operator: [ann, bob] }", "ann: {}, bob: { local: [bob] }");
    expect(await objections(asked)).toEqual(["PRINCIPAL_UNKNOWN local:ann is nobody in people.yaml, so it may do nothing."]);
    now = file("roles: { operator: [ann, bob] }", "ann: {}, bob: { local: [bob, ann] }");
    expect(await objections(asked)).toEqual(["NOT_ALLOWED local:ann asked for R-1 as ann and is bob now."]);
  });

  test("a people.yaml that the store has lost, or that was changed there, allows nothing", async () => {
    now = operators("ann");
    const asked = await askFor("ann");
    const [doc] = await store.list("authority");
    await store.put("authority", doc?.key ?? "", { text: operators("ann", "bob") }, doc?.rev ?? 0);
    now = `${operators("ann")}# edited\n`;
    expect(await objections(asked)).toEqual([
      "NOT_ALLOWED The people.yaml under which R-1 was asked for is not in the store any more, so it cannot be judged.",
    ]);
  });

  test("who has taken a run over answers for it", async () => {
    now = operators("ann", "bob");
    const asked = await askFor("ann");
    now = operators("bob");
    expect(await objections({ ...asked, owner: "bob" })).toEqual([]);
    now = operators("ann");
    expect(await objections({ ...asked, owner: "bob" })).toEqual([needs("bob", "deployments gone and web")]);
  });

  test("break-glass needs its own role, and that of who used it", async () => {
    const breakglass = { reason: "the shop is down" };
    now = file("roles: { breakglass: [bob], operator: [ann] }");
    const asked = await askFor("bob");
    expect(await objections({ ...asked, breakglass })).toEqual([]);
    expect(await objections({ by: "ann", phase: "request", breakglass })).toEqual([
      "NOT_ALLOWED ann may not do this: it needs the role breakglass for deployments gone and web.",
    ]);
    expect(await objections({ ...asked, breakglass, owner: "ann" })).toEqual([]);
    now = operators("ann");
    expect(await objections({ ...asked, breakglass, owner: "ann" })).toEqual([
      "NOT_ALLOWED bob may not do this: it needs the role breakglass for deployments gone and web.",
    ]);
  });
});
