import { HalliganError } from "../../errors.ts";
import type { CompiledLooks, Frame, LookInput } from "../../jigs/resolved.ts";
import { compileLooks } from "../../jigs/shell/compile.ts";
import { type Breath, compiling } from "../breath.ts";
import { type CheckLimits, type CheckResult, checkResult, runCheckAgain } from "./check.ts";
import type { NodeLink } from "./node-link.ts";

/** A node-role to be looked at. */
export interface Look {
  readonly at: { readonly node: string; readonly role: string };
  readonly input: LookInput;
}

/** How and where to look. */
export interface LookSite extends CheckLimits {
  /** What it is for: part of the name that the node sees. */
  readonly purpose: string;
  readonly breath: Breath;
  /** Told whether it is the second time. */
  link(again: boolean): Promise<NodeLink>;
}

/** One node-role among several may be the reason: each is asked by itself then. */
const ofOne: ReadonlySet<string> = new Set(["STEP_TIMEOUT", "PROTOCOL_ERROR", "STEP_INVALID"]);

/** Looks at several node-roles of a node in one script; gives what was found of each. What one of them spoils, it spoils for itself alone. */
export async function lookAt<T extends Look>(looks: readonly [T, ...T[]], site: LookSite): Promise<readonly (readonly [T, CheckResult])[]> {
  try {
    return await inOneScript(looks, site);
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    const [why] = error.problems;
    if (looks.length === 1 || !ofOne.has(why.code))
      return looks.map((look) => [look, { steps: [], unmet: [], failed: { ...why, at: { ...look.at, ...why.at } } }]);
  }
  const found: (readonly [T, CheckResult])[] = [];
  for (const look of looks) found.push(...(await lookAt([look], site)));
  return found;
}

async function inOneScript<T extends Look>(looks: readonly [T, ...T[]], site: LookSite): Promise<readonly (readonly [T, CheckResult])[]> {
  const [first, ...more] = looks;
  const weight = looks.reduce((sum, { input }) => sum + input.nodeRole.steps.length, 0) * compiling;
  await site.breath(weight);
  const { script, parts } = compileLooks([first.input, ...more.map(({ input }) => input)], site.clock.now());
  const name = `${site.purpose}.${more.length === 0 ? first.at.role : `${looks.length}-roles`}`;
  const frames = framesOf(parts, await runCheckAgain((again) => site.link(again), name, script, site));
  await site.breath(weight);
  return looks.map((look, number) => [look, checkResult(parts[number] ?? { steps: [] }, frames[number] ?? [], look.at)]);
}

/** The frames that speak of the steps of each part, in the order of these. Pure. */
export function framesOf(parts: CompiledLooks["parts"], frames: readonly Frame[]): readonly (readonly Frame[])[] {
  const owners = new Map(parts.flatMap(({ steps }, number) => steps.map(({ index }) => [index, number] as const)));
  const sorted = parts.map((): Frame[] => []);
  for (const frame of frames) if ("index" in frame) sorted[owners.get(frame.index) ?? -1]?.push(frame);
  return sorted;
}
