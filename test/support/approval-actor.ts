/** Another process that acts on an approval request: `node approval-actor.ts FILE AT WHAT PERSON REQUEST [TTL]`; it reports one line of JSON. */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/cli/house/clock.ts";
import { approve, consumeApproval, reject, withdraw } from "../../src/core/authority/approvals/desk.ts";
import { readApproval } from "../../src/core/authority/approvals/read.ts";
import { HalliganError } from "../../src/core/errors.ts";
import { readPlan, requestRun } from "../../src/core/run/requests.ts";
import { local, openWorld, rule } from "../core/authority/approvals/world.ts";

const [file = "", at = "0", what = "", person = "", request = ""] = process.argv.slice(2);
const world = await openWorld(file, { default: rule() });
const id = request as `A-${number}`;
const state = await readApproval(world.deps, request).catch(() => undefined);
await systemClock.sleep(Math.max(0, Number(at) - systemClock.now()));

async function act(): Promise<unknown> {
  if (what === "approve") return (await approve(world.deps, request, { ...local(person), digest: state?.digest ?? "sha256:00" })).already;
  if (what === "reject") return (await reject(world.deps, request, { ...local(person), reason: "no" })).already;
  if (what === "withdraw") return (await withdraw(world.deps, request, local(person), false)).already;
  const plan = await readPlan(world.store, state?.plan ?? "");
  const claim = (run: `R-${number}`) => consumeApproval(world.deps, id, plan, person, run);
  return await requestRun(world.store, plan, person, systemClock.now(), { request: id, claim });
}

try {
  writeSync(1, `${JSON.stringify({ said: await act() })}\n`);
} catch (error) {
  if (!(error instanceof HalliganError)) throw error;
  writeSync(1, `${JSON.stringify({ code: error.code })}\n`);
}
await world.store.close();
