import type { Machine } from "./machine.ts";
import type { SimScript, SimStep } from "./script.ts";
import { applyStep, checkStep, oldContent, type Seen } from "./steps.ts";

/** Shown contents are cut here, as on real nodes. */
const shownBytes = 65_536;

/** Runs a compiled script on a simulated machine; gives its frames in order, one write each (docs/protocol.md, "Frames"). @throws `Unsupported`. */
export function carryOut(script: SimScript, machine: Machine): readonly Uint8Array[] {
  machine.pid += 1;
  const { pid } = machine;
  const frames = [frame(`hello ${pid} ${pid * 7} ${machine.bootId} ${pid} ${pid}`, ""), frame("phase check", "")];
  const look = (steps: readonly SimStep[]): readonly Judged[] => {
    const seen = steps.map((step) => ({ step, seen: checkStep(step, script, machine) }));
    // The script prints them all in one go.
    if (seen.length > 0)
      frames.push(Buffer.concat(seen.map((each) => frame(`observed ${each.step.index} ${each.seen.change}`, each.seen.observed))));
    return seen;
  };
  if (script.mode === "check") {
    for (const steps of script.parts) frames.push(...shown(look(steps), script, machine));
    return [...frames, frame("done ok", "")];
  }
  const steps = script.parts.flat();
  const seen = look(steps);
  const { stale, forgone } = judge(seen, script.bounded);
  if (stale !== undefined) return [...frames, ...shown(seen, script, machine), frame("done stale", stale)];
  if (seen.every((each) => each.seen.change === "none") && !forgone) return [...frames, frame("done ok", "")];
  return [...frames, ...applied(steps, script, machine)];
}

interface Judged {
  readonly step: SimStep;
  readonly seen: Seen;
}

/** As `hg_stale` of the script's prelude judges what was seen against what was approved. */
function judge(all: readonly Judged[], bounded: boolean): { readonly stale?: string; readonly forgone: boolean } {
  let forgone = false;
  for (const { step, seen } of all) {
    const { change, observed, settled } = step.expected;
    if (change === "" || change === "unknown") continue;
    if (settled && seen.change === "none" && change !== "none") {
      forgone = true;
      continue;
    }
    if (bounded) {
      if (change === "none" && seen.change !== "none")
        return { stale: "a step approved to change nothing would change something", forgone };
    } else {
      if (observed !== undefined && observed !== seen.observed) return { stale: "a step finds another state than approved", forgone };
      if (change !== seen.change) return { stale: "a step would do another thing than approved", forgone };
    }
  }
  return { forgone };
}

/** Differences and contents of what would change. */
function shown(all: readonly Judged[], script: SimScript, machine: Machine): readonly Uint8Array[] {
  return all.flatMap(({ step, seen }) => {
    if (seen.change === "none") return [];
    const diff = seen.diffs.length === 0 ? [] : [frame(`diff ${step.index}`, seen.diffs.map((line) => `${line}\n`).join(""))];
    const [offset, length] = step.show;
    if (offset === undefined || offset === "-") return diff;
    const wanted = script.content(Number(offset), Number(length));
    const old = oldContent(step, script, machine).subarray(0, shownBytes);
    return [...diff, frame(`old ${step.index}`, old), frame(`new ${step.index}`, wanted)];
  });
}

function applied(steps: readonly SimStep[], script: SimScript, machine: Machine): readonly Uint8Array[] {
  const frames = [frame("phase apply", "")];
  let any = false;
  // What a batch has changed is looked at, and said, at its end.
  let batch = "";
  const ending: Uint8Array[] = [];
  const settle = (): void => void frames.push(...ending.splice(0));
  for (const step of steps) {
    if (step.batch !== batch) settle();
    batch = step.batch;
    frames.push(frame(`begin ${step.index}`, ""));
    const before = checkStep(step, script, machine);
    const fault = before.change === "none" ? undefined : applyStep(step, script, machine);
    if (fault !== undefined) return [...frames, frame(`end ${step.index} failed 0 0`, fault), ...ending, frame("done failed", fault)];
    const changed = before.change !== "none";
    any ||= changed;
    const end = frame(`end ${step.index} ${changed ? "changed" : "ok"} 0 0`, "");
    if (changed && batch !== "") ending.push(end);
    else frames.push(end);
  }
  settle();
  return [...frames, frame(any ? "done changed" : "done ok", "")];
}

function frame(head: string, payload: string | Uint8Array): Uint8Array {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  return Buffer.concat([Buffer.from(`@ ${head} ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}
