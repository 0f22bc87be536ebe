import type { Violation } from "../../core/authority/policy/report.ts";
import type { Json } from "../../core/ports.ts";
import { utcWords } from "../../core/words/time.ts";
import type { Look } from "../text/look.ts";
import { line } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import type { Told } from "./told.ts";
import type { Sign } from "./words.ts";

/** How a verdict is shown: by what it means for a plan, not by colour alone. */
function verdictSign({ level, outcome, waived }: Pick<Violation, "level" | "outcome" | "waived">, { glyphs }: Look): Sign {
  if (waived !== undefined) return { glyph: glyphs.skipped, word: "waived", tone: "dim" };
  if (outcome === "unknown") return { glyph: glyphs.unknown, word: "unknown", tone: "warn" };
  if (outcome !== "fail") return { glyph: glyphs.bad, word: "broken", tone: "bad" };
  if (level === "deny") return { glyph: glyphs.bad, word: "deny", tone: "bad" };
  return level === "warn" ? { glyph: glyphs.changed, word: "warn", tone: "warn" } : { glyph: glyphs.waiting, word: "info", tone: "plain" };
}

/** A violation as rows: what does not hold, and with `whole` everything that speaks for that. */
export function violationLines(each: Violation, look: Look, width: number, how: "short" | "whole"): readonly Told[] {
  const sign = verdictSign(each, look);
  const id = `violation:${each.rule}:${each.subject}`;
  const said = `${each.rule}: ${each.message}${each.change === "new" ? "" : " (as before)"}${each.owner === undefined ? "" : `; ask ${each.owner}`}`;
  const [first = "", ...more] = wrapWords(said, Math.max(20, width - 10));
  const text = `${sign.word} ${said} ${each.nodes.join(" ")} ${each.deployments.join(" ")}`;
  return [
    {
      id,
      text,
      line: line([`${sign.glyph} ${sign.word.padEnd(7)} `, sign.tone], [first, sign.tone === "dim" ? "dim" : "plain"]),
    },
    ...more.map((row, index): Told => ({ id: `${id}:${index}`, line: line(["          ", "plain"], row) })),
    ...(each.waived === undefined
      ? []
      : [
          {
            id: `${id}:waived`,
            line: line([`          waived by ${each.waived.by} until ${utcWords(each.waived.until)}: ${each.waived.reason}`, "dim"]),
          } satisfies Told,
        ]),
    ...(how === "whole" ? evidence(each, id, width) : []),
  ];
}

function evidence({ subject, evidence: values, nodes, deployments }: Violation, id: string, width: number): readonly Told[] {
  const pairs: readonly (readonly [string, string])[] = [
    ["about", subject],
    ...(nodes.length > 0 ? [["nodes", nodes.join(" ")] as const] : []),
    ...(deployments.length > 0 ? [["deployments", deployments.join(" ")] as const] : []),
    ...Object.entries(values).map(([name, value]) => [name, valueWords(value)] as const),
  ];
  const longest = Math.min(20, Math.max(...pairs.map(([name]) => name.length)));
  return pairs.flatMap(([name, value], at) =>
    wrapWords(value, Math.max(20, width - longest - 13)).map(
      (row, index): Told => ({
        id: `${id}:evidence:${at}:${index}`,
        line: line([`          ${(index === 0 ? name : "").padEnd(longest)}  `, "dim"], row),
      }),
    ),
  );
}

/** A value as people read it. */
export function valueWords(value: Json): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((each) => typeof each === "string" || typeof each === "number")) return value.join(", ");
  return JSON.stringify(value);
}
