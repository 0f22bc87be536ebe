import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { createBreath } from "../../../src/core/run/breath.ts";
import { type Look, lookAt } from "../../../src/core/run/remote/look.ts";
import { nodeRole, step } from "../jigs/run-script.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";

/** Several node-roles of a real node, looked at in one script: one that spoils it spoils it for itself alone. */

let lab: TestLab;
let links: TestLinks;

beforeAll(async () => {
  lab = await startSandbox(1);
  links = testLinks(lab.targets);
});

afterAll(async () => {
  await links?.end();
  await lab?.dispose();
});

function look(role: string, ...steps: readonly ResolvedStep[]): Look {
  return { at: { node: "n1", role }, input: { nodeRole: nodeRole(steps, { id: `n1/${role}` }) } };
}

/** What became of each, and how often the node was asked. */
async function ask(first: Look, ...more: readonly Look[]): Promise<{ readonly said: readonly unknown[]; readonly asked: number }> {
  const link = await links.link("n1");
  let asked = 0;
  const exec: typeof link.connection.exec = async (...words) => {
    asked += 1;
    return await link.connection.exec(...words);
  };
  const counted = { ...link, connection: { ...link.connection, exec } };
  const site = { purpose: "plan", clock: systemClock, breath: createBreath(systemClock), deadlineMs: 3_000, link: async () => counted };
  const results = await lookAt([first, ...more], site);
  const said = results.map(([, { steps, failed }]) => failed?.code ?? steps.map(({ change }) => change).join(" "));
  return { said, asked };
}

const web = look("web", step("directory", { path: "/etc" }), step("file", { path: "/etc/halligan-look", content: "x" }));
const db = look("db", step("package", { name: ["tar"] }));

test("one script asks for all of them", async () => {
  expect(await ask(web, db)).toEqual({ said: ["none create", "none"], asked: 1 });
});

test("a guard that never ends costs its own node-role alone", async () => {
  const stuck = look("stuck", step("command", { name: "stuck", run: "true", unless: "sleep 60" }, { timeoutMs: 60_000 }));
  expect(await ask(web, stuck, db)).toEqual({ said: ["none create", "STEP_TIMEOUT", "none"], asked: 4 });
});

test("arguments that are refused cost their own node-role alone", async () => {
  const wrong = look("wrong", step("file", { path: "relative" }));
  expect(await ask(web, wrong, db)).toEqual({ said: ["none create", "STEP_INVALID", "none"], asked: 2 });
});

test("a node that cannot be asked is not asked once for each", async () => {
  let asked = 0;
  const site = { purpose: "plan", clock: systemClock, breath: createBreath(systemClock), deadlineMs: 3_000 };
  const results = await lookAt([web, db], {
    ...site,
    link: async () => {
      asked += 1;
      const link = await links.link("n1");
      await link.connection.close();
      return link;
    },
  });
  expect(results.map(([, { failed }]) => [failed?.code, failed?.at])).toEqual([
    ["CONNECTION_LOST", { node: "n1", role: "web" }],
    ["CONNECTION_LOST", { node: "n1", role: "db" }],
  ]);
  expect(asked).toBe(2);
});
