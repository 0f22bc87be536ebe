import { type Needs, noNeeds, type ScriptContext, type StepContext } from "./context.ts";
import { union } from "./gathering.ts";
import type { Compiled } from "./part.ts";
import { quote } from "./quote.ts";

/** Steps that are applied one right after another and then looked at together: two looks instead of two for each. */
export interface Batch {
  readonly number: number;
  readonly indices: readonly number[];
  /** What all of them want to know. */
  readonly needs: Needs;
}

/** A batch that is larger would leave people without news for too long. */
const mostSteps = 32;

/**
 * Finds the batches of a node-role's steps: neighbours that change nothing but their own paths, and none of which changes what another one looks at.
 * What one must wait for, or what is tried again, stays alone.
 */
export function batchesOf(steps: readonly Compiled[]): readonly Batch[] {
  const batches: Compiled[][] = [];
  let open: Compiled[] = [];
  for (const each of steps.filter(({ section }) => section === "steps")) {
    if (!mayJoin(each)) {
      open = [];
      continue;
    }
    if (open.length === 0 || open.length >= mostSteps || open.some((other) => meet(other, each))) batches.push((open = []));
    open.push(each);
  }
  return batches
    .filter((batch) => batch.length > 1)
    .map((batch, number) => ({
      number,
      indices: batch.map(({ index }) => index),
      needs: union(
        batch.map(({ context }) => context.needs),
        noNeeds(),
      ),
    }));
}

function mayJoin({ step, shell, notified, context: { needs, script } }: Compiled): boolean {
  if (shell?.own !== true || !shell.converges || notified || step.unknown || step.retries > 0) return false;
  const others = [needs.packages, needs.candidates, needs.users, needs.groups, needs.units, needs.guards];
  return others.every(({ size }) => size === 0) && [...needs.paths.keys()].every((number) => !script.computed.has(number));
}

/** True when one of the two may see what the other does: the same path, or one below the other, but for what lies in a directory made first. */
export function meet(first: Compiled, second: Compiled): boolean {
  return pathsOf(first).some((one) =>
    pathsOf(second).some((other) => one === other || isBelow(one, other) || (isBelow(other, one) && first.step.kind !== "directory")),
  );
}

/** Paths by step: each is compared with those of all others. */
const known = new WeakMap<StepContext, readonly string[]>();

/** The paths of a compiled step as they are on the node. Two that differ only in quotes count as one. */
export function pathsOf({ context }: Compiled): readonly string[] {
  const before = known.get(context);
  if (before !== undefined) return before;
  const paths = readPaths(context);
  known.set(context, paths);
  return paths;
}

function readPaths({ needs, script }: StepContext): readonly string[] {
  return [...needs.paths.keys()].map((number) => {
    const path = (script.paths[number] ?? "").replaceAll("'", "").replaceAll(/\/(?:\.?\/)+/gu, "/");
    return aliases.reduce((name, [alias, meant]) => name.replace(alias, meant), path);
  });
}

/** Folders that have two names on most machines. */
const aliases = [
  [/^\/(?=(?:bin|sbin|lib|lib32|lib64|libx32)(?:\/|$))/u, "/usr/"],
  [/^\/var\/run(?=\/|$)/u, "/run"],
  [/^\/var\/lock(?=\/|$)/u, "/run/lock"],
] as const;

/** True when the path lies somewhere below the folder. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Which batch each step is in, empty for those in none; and which batches are looked at again where others may have changed what they look at. */
export function batchSettings(
  batches: readonly Batch[],
  steps: readonly { readonly index: number }[],
  again: ReadonlySet<number>,
): readonly string[] {
  const numberOf = new Map(batches.flatMap(({ number, indices }) => indices.map((index) => [index, number] as const)));
  const looks = batches.map(({ number, indices }) => `XB_${number}=${indices.some((index) => again.has(index)) ? 1 : 0}`);
  return [[...steps.map(({ index }) => `B_${index}=${numberOf.get(index) ?? ""}`), ...looks].join(" ")];
}

/** Contents up to this are written by the shell itself. */
const inlineLimitBytes = 4_096;

/** Small texts as shell variables `y_OFFSET`, beside their bytes behind the script: a shell writes a variable without starting a process. No secrets. */
export function inlineContents({ data }: ScriptContext): readonly string[] {
  let offset = 0;
  return data.flatMap(({ bytes, secret }) => {
    const at = offset;
    offset += bytes.length;
    return bytes.length === 0 ? [] : `y_${at}=${secret || bytes.length > inlineLimitBytes ? "" : quote(asText(bytes) ?? "")}`;
  });
}

/** The bytes as text that a shell can hold, or `undefined`. */
function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
