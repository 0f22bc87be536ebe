import { type DriftKept, type KeptDrift, readDrift } from "../../core/run/drift-kept.ts";
import { count } from "../../core/words/count.ts";
import { agoWords } from "../../core/words/time.ts";
import { problemLines } from "../data/problem-lines.ts";
import type { NodeView } from "../data/standing.ts";
import type { Topic } from "../data/topic.ts";
import { line } from "../text/line.ts";
import type { Look } from "../text/look.ts";
import { diffLines, stepLine } from "./diff.ts";
import { type Told, gap, indent, title } from "./told.ts";

/** What looking for drift found last. It is written beside the journal, a moment later. */
export const driftTopic: Topic<DriftKept | undefined> = {
  key: "drift",
  load: ({ store }) => readDrift(store),
  touched: ({ type }) => type === "drift.looked" || type === "run.ended",
  everyMs: 10_000,
};

/** What is not as it was applied on a node, as far as anybody has looked. */
export function driftLines({ node, standings }: NodeView, kept: DriftKept | undefined, now: number, look: Look): readonly Told[] {
  if (standings.length === 0) return [];
  const say = (id: string, text: string): Told => ({ id: `drift:${id}`, line: line([text, "dim"]) });
  const here = kept?.nodeRoles.filter(({ id }) => id.startsWith(`${node.name}/`)) ?? [];
  const looked = kept?.nodes === undefined ? kept?.at : kept.nodes[node.name];
  if (kept === undefined || (looked === undefined && here.length === 0))
    return [title("drift"), say("none", `not looked at yet: \`halligan drift ${node.name}\``), gap("drift")];
  if (here.length === 0) {
    const cut = kept.more > 0 ? `; ${count(kept.more, "finding")} more than are kept` : "";
    return [title("drift"), say("same", `none found here; last looked ${agoWords(now - (looked ?? kept.at))}${cut}`), gap("drift")];
  }
  return [title("drift: what is not as it was applied"), ...here.flatMap((each) => found(each, now, look)), gap("drift")];
}

function found(each: KeptDrift, now: number, look: Look): readonly Told[] {
  const role = each.id.slice(each.id.indexOf("/") + 1);
  const age: readonly [string, "dim"] = [`  looked ${agoWords(now - each.at)}`, "dim"];
  switch (each.state) {
    case "same":
      return [];
    case "drifted":
      return [
        { id: `drift:${role}`, line: line([`${look.glyphs.changed} `, "change"], [role, "strong"], age) },
        ...each.steps.flatMap((step, at): readonly Told[] => [
          { id: `drift:${role}:${at}`, line: indent(stepLine({ change: "change", label: step.label }), 2) },
          ...diffLines(step).map((row, index): Told => ({ id: `drift:${role}:${at}:${index}`, line: indent(row, 6) })),
        ]),
      ];
    case "unchecked":
      return [
        {
          id: `drift:${role}`,
          line: line([`${look.glyphs.unknown} `, "warn"], [role, "strong"], ["  could not be looked at", "warn"], age),
        },
        ...problemLines([each.problem], 90).map((row, index): Told => ({ id: `drift:${role}:${index}`, line: indent(row, 4) })),
      ];
    default:
      return each satisfies never;
  }
}
