import { closeHouse } from "../../support/close-house.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";

let lab: TestLab;
let house: EngineHouse;

const barclamp = `barclamp: ports
version: 1.0.0
attributes:
  say: { type: string, default: "8080" }
roles:
  giver:
    steps:
      - command: { name: choose, run: "printf '%s' {{ set.say | shellquote }}" }
    outputs:
      port: { type: port, capability: service, fromStep: choose }
  taker:
    inputs: { port: { from: service.port } }
    steps:
      - file: { path: /opt/port, content: "{{ inputs.port }}" }
`;

beforeAll(async () => {
  lab = await startSandbox(2);
});

afterAll(async () => {
  await closeHouse(house);
  await lab?.dispose();
});

async function run(say: string): Promise<readonly Recorded[]> {
  const place = `deployments:\n  all:\n    place:\n      giver: { on: name=n1 }\n      taker: { on: name=n2 }\n    set: { ports: { say: ${JSON.stringify(say)} } }\n`;
  const file = writeCluster(lab, place, { "barclamps/ports/barclamp.yaml": barclamp });
  await house?.close();
  house = await openLocalHouse({ file });
  const signal = new AbortController().signal;
  const plan = await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  const asked = await house.requestRun(plan, "test");
  const events: Recorded[] = [];
  for await (const { event } of house.follow(asked.run, signal)) events.push(event);
  return events;
}

test("a value that does not fit its type stops at the node-role that gave it", async () => {
  const events = await run("80; reboot");
  const moved = events.filter((event) => event.type === "noderole.moved");
  expect(moved.find((event) => event.id === "n1/giver" && event.state === "error")?.problem?.code).toBe("OUTPUT_INVALID");
  expect(moved.find((event) => event.id === "n2/taker")?.state).toBe("blocked");
  expect(events.at(-1)).toMatchObject({ type: "run.ended", phase: "failed" });
});

test("a value that fits reaches the node-role that takes it", async () => {
  const events = await run("8080");
  expect(events.at(-1)).toMatchObject({ type: "run.ended", phase: "succeeded", nodeRoles: { active: 2 } });
  expect(events.find((event) => event.type === "output.known")).toMatchObject({ id: "n1/giver", name: "port", value: "8080" });
});
