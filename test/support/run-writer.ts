/** `run-writer.ts STATE PER_SECOND`: asks for R-1 and plays the engine that carries it out, so many events a second, until it is told to end or all is done. */
import { setTimeout as sleep } from "node:timers/promises";
import { engineOwner } from "../../src/cli/house/engine-process.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { type JournalEvent, runStream, toStored } from "../../src/core/journal/events.ts";
import type { PlannedNodeRole } from "../../src/core/model/plan.ts";
import { engineLease } from "../../src/core/run/engine.ts";
import { readPlan, requestRun } from "../../src/core/run/requests.ts";
import { bigCluster } from "./big-run.ts";

const [state = "", perSecond = "200"] = process.argv.slice(2);
const batchMs = 50;

/** What an engine says about one node-role. */
function* eventsOf({ id, steps }: PlannedNodeRole): Generator<JournalEvent> {
  yield { type: "noderole.moved", v: 1, id, state: "transition", attempt: 1, job: `job-${id}` };
  for (const step of steps) {
    yield { type: "step.started", v: 1, id, step: step.id, section: "steps" };
    yield { type: "step.finished", v: 1, id, step: step.id, section: "steps", status: "changed", exitCode: 0, durationMs: 40 };
  }
  yield { type: "noderole.moved", v: 1, id, state: "active", attempt: 1, changed: steps.length };
}

/** Many node-roles at once, as an engine has them. */
function* story(nodeRoles: readonly PlannedNodeRole[]): Generator<JournalEvent> {
  const wide = 100;
  for (let from = 0; from < nodeRoles.length; from += wide) {
    let going = nodeRoles.slice(from, from + wide).map((each) => eventsOf(each));
    while (going.length > 0) {
      const still: Generator<JournalEvent>[] = [];
      for (const each of going) {
        const next = each.next();
        if (next.done === true) continue;
        yield next.value;
        still.push(each);
      }
      going = still;
    }
  }
}

const store = await openStore(state);
const plan = await readPlan(store, "P-1");
const stream = runStream(await requestRun(store, plan, "ann", Date.now()));
await store.acquire(engineLease(bigCluster), engineOwner(), 600_000);
const { digest, body } = plan;
const steps = body.nodeRoles.reduce((sum, each) => sum + each.steps.length, 0);
const nodeRoles = body.nodeRoles.length;
await store.append(stream, [
  toStored({ type: "run.started", v: 1, run: "R-1", plan: "P-1", digest, by: "ann", nodeRoles, steps, engine: engineOwner() }),
]);
process.stdout.write("started\n");
const began = performance.now();
let written = 0;
let batch: JournalEvent[] = [];
for (const event of story(body.nodeRoles)) {
  batch.push(event);
  if (written + batch.length < ((performance.now() - began) / 1_000) * Number(perSecond)) continue;
  await store.append(stream, batch.map(toStored));
  written += batch.length;
  batch = [];
  await sleep(batchMs);
}
await store.append(stream, batch.map(toStored));
await store.close();
