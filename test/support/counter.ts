import type { Connection } from "../../src/core/ports.ts";
import { textFrom } from "./node-text.ts";

/** Steps of each role of the barclamp `counter`. */
export const stepsPerRole = 6;

/** Both roles on all nodes. */
export const placeCounters = "deployments:\n  all:\n    place:\n      first: { on: all }\n      second: { on: all }\n";

/** A barclamp whose steps count themselves on the node, each with a text of this round so that it is due again. */
export function counterBarclamp(round: number): string {
  const steps = Array.from(
    { length: stepsPerRole },
    (_, index) =>
      `      - command: { name: count-${index}, run: "sleep 0.1; echo round-${round} step-${index} >> /root/counts-{{ role.name }}" }`,
  ).join("\n");
  return `barclamp: counter\nversion: 1.0.0\nroles:\n  first:\n    steps:\n${steps}\n  second:\n    requires: [first]\n    steps:\n${steps}\n`;
}

/** What a role has counted when every step of the round ran exactly once, in order. */
export function counted(round: number): readonly string[] {
  return Array.from({ length: stepsPerRole }, (_, index) => `round-${round} step-${index}`);
}

/** What a role has counted on a node; takes it away. */
export async function counts(connection: Connection, role: string): Promise<readonly string[]> {
  return (await textFrom(connection, `cat /root/counts-${role}; rm /root/counts-${role}`)).trim().split("\n");
}
