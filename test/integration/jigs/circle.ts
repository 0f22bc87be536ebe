import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { shownContents } from "../../../src/core/run/remote/shown-contents.ts";
import { changes, done, nodeRole, type Place, type Ran, type RunOptions } from "./run-script.ts";

/** Everything below a folder: name, type, mode, owner and content. */
export function listing(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const info = lstatSync(path);
    const content = info.isFile() ? readFileSync(path, "hex") : info.isSymbolicLink() ? readlinkSync(path) : "";
    const own = `${path} ${info.mode.toString(8)} ${info.uid}:${info.gid} ${content}`;
    return entry.isDirectory() ? [own, ...listing(path)] : [own];
  });
}

/** Where a circle runs, and how the world that its steps may change looks. */
export interface World {
  readonly place: Place;
  readonly options: RunOptions;
  readonly look: () => unknown;
}

/** check (nothing moves), apply, apply again (nothing to do), inverse, and then everything is as before and nothing is remembered. */
export async function circle(world: World, steps: readonly ResolvedStep[], between: () => unknown = () => {}): Promise<Ran> {
  const { place, options, look } = world;
  const run = (mode: "check" | "apply" | "remove", which: readonly ResolvedStep[]): Promise<Ran> =>
    place.run({ mode, nodeRole: nodeRole(which) }, options);
  const before = await look();
  const planned = await run("check", steps);
  expect({ ...done(planned), trouble: planned.trouble }).toMatchObject({ status: "ok", message: "", trouble: "" });
  expect(changes(planned)).not.toContain("none");
  expect(await look()).toEqual(before);
  const applied = await run("apply", steps);
  expect({ ...done(applied), trouble: applied.trouble }).toMatchObject({ status: "changed", message: "", trouble: "" });
  await between();
  const after = await look();
  const again = await run("apply", steps);
  expect(changes(again)).toEqual(steps.map(() => "none"));
  expect(done(again).status).toBe("ok");
  expect(await look()).toEqual(after);
  const removed = await run("remove", inverseSteps(steps));
  expect({ ...done(removed), trouble: removed.trouble }).toMatchObject({ status: "changed", message: "", trouble: "" });
  expect(await look()).toEqual(before);
  const left = readdirSync(place.state("."), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left.map((entry) => entry.name)).toEqual([]);
  expect(done(await run("remove", inverseSteps(steps))).status).toBe("ok");
  return planned;
}

/** Old and new text of a step, as the check shows them. */
export function shown(ran: Ran, index = 0): readonly [string, string] {
  const contents = shownContents(ran.frames).get(index);
  return [Buffer.from(contents?.old ?? []).toString(), Buffer.from(contents?.new ?? []).toString()];
}
