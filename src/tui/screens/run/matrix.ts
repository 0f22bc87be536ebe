import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { count } from "../../../core/words/count.ts";
import { cutToWidth, textWidth } from "../../../core/words/text-width.ts";
import type { RunView } from "../../data/run-view.ts";
import type { Look } from "../../text/look.ts";
import { type Line, type Seg, fitText, line } from "../../text/line.ts";
import type { Row } from "../screen.ts";
import { seconds } from "./head.ts";
import { type RunLocal, arranged, byUrgency, isWrong, progressSign, selected } from "./select.ts";

/** The table of a run: its heading and its rows. */
export interface Matrix {
  readonly head: Line;
  readonly rows: readonly Row[];
}

/** Nodes down, roles across. */
export function matrixOf(view: RunView, local: RunLocal, cursor: string | undefined, look: Look, width: number): Matrix {
  const { nodes, roles, byNode } = arranged(view);
  const nameWidth = Math.min(Math.max(12, Math.floor(width / 4)), Math.max(4, ...nodes.map((node) => textWidth(node))));
  const chosen = selected(view, local, cursor)?.planned;
  const at = Math.max(0, roles.indexOf(chosen?.role ?? ""));
  const { shown, before, after } = columns(roles, at, width - nameWidth - 2);
  const head = line(
    ["   ", "plain"],
    [fitText("NODE", nameWidth, look.glyphs.cut), "dim"],
    [before > 0 ? ` ${look.glyphs.less}` : "  ", "dim"],
    ...shown.map(
      ({ role, width: cell }): Seg => [
        fitText(cutToWidth(role, cell - 2, look.glyphs.cut), cell, ""),
        role === chosen?.role ? "accent" : "dim",
      ],
    ),
    [after > 0 ? `${look.glyphs.more} ${after} more` : "", "dim"],
  );
  const rows = nodes.map((node): Row => {
    const of = byNode.get(node) ?? new Map<string, NodeRoleProgress>();
    return {
      id: node,
      text: `${node}: ${[...of.values()].map((each) => `${each.planned.role} ${stateText(each, look)}`).join(", ")}`,
      line: () =>
        line(
          [fitText(node, nameWidth, look.glyphs.cut), "plain"],
          ["  ", "plain"],
          ...shown.flatMap(({ role, width: cell }) => cellOf(of.get(role), role, cell)),
        ),
    };
    function cellOf(each: NodeRoleProgress | undefined, role: string, cell: number): readonly Seg[] {
      const before = Math.max(0, Math.floor((cell - 3) / 2) - 1);
      const isChosen = chosen?.node === node && chosen.role === role;
      const sign = each === undefined ? { glyph: " ", tone: "plain" as const } : progressSign(each, look.glyphs);
      const open: Seg = [isChosen ? "[" : " ", "accent"];
      const close: Seg = [isChosen ? "]" : " ", "accent"];
      return [[" ".repeat(before), "plain"], open, [sign.glyph, sign.tone], close, [" ".repeat(Math.max(0, cell - 3 - before)), "plain"]];
    }
  });
  return { head, rows };
}

interface Columns {
  readonly shown: readonly { readonly role: string; readonly width: number }[];
  readonly before: number;
  readonly after: number;
}

/** Which columns fit, as wide as can be, so that the chosen one is among them. */
function columns(roles: readonly string[], at: number, room: number): Columns {
  const widths = (most: number): readonly number[] => roles.map((role) => Math.max(3, Math.min(most, textWidth(role))) + 2);
  const sum = (all: readonly number[]): number => all.reduce((whole, width) => whole + width, 0);
  const most = [24, 18, 14, 12, 10, 8, 7, 6, 5, 4].find((each) => sum(widths(each)) <= room);
  const all = widths(most ?? 6);
  let [from, to] = [at, Math.min(roles.length, at + 1)];
  const left = most === undefined ? room - 8 : room;
  for (;;) {
    const used = sum(all.slice(from, to));
    if (to < roles.length && used + (all[to] ?? 0) <= left) to += 1;
    else if (from > 0 && used + (all[from - 1] ?? 0) <= left) from -= 1;
    else break;
  }
  const shown = roles.slice(from, to).map((role, index) => ({ role, width: all[from + index] ?? 0 }));
  return { shown, before: from, after: roles.length - to };
}

/** Wrong ones that are shown although their role is folded. */
const wrongShown = 5;

/** A row for each role, with its node-roles below where it is unfolded. */
export function foldedOf(view: RunView, local: RunLocal, now: number, look: Look): Matrix {
  const { byRole } = arranged(view);
  const nameWidth = Math.max(4, ...[...byRole.keys()].map((role) => Math.min(28, textWidth(role))));
  const rows = [...byRole].flatMap(([role, all]): readonly Row[] => {
    const open = local.open.has(role);
    const wrong = all.filter(({ state }) => isWrong(state));
    const inside = open ? byUrgency(all) : byUrgency(wrong).slice(0, wrongShown);
    const hidden = open ? 0 : wrong.length - inside.length;
    return [
      summaryRow(role, all, open, nameWidth, look),
      ...inside.map((each) => insideRow(view, each, now, look)),
      ...(hidden > 0
        ? [
            {
              id: `more:${role}`,
              text: `${hidden} more`,
              line: () => line([`    ${count(hidden, "more", "more")}; enter on ${role} shows all`, "dim"]),
              heading: true,
            },
          ]
        : []),
    ];
  });
  return { head: line(["   ", "plain"], [`  ${fitText("ROLE", nameWidth, "")}`, "dim"]), rows };
}

function summaryRow(role: string, all: readonly NodeRoleProgress[], open: boolean, nameWidth: number, look: Look): Row {
  const counts = new Map<string, { n: number; seg: (n: number) => Seg }>();
  for (const each of byUrgency(all)) {
    const { glyph, word, tone } = progressSign(each, look.glyphs);
    const known = counts.get(word);
    counts.set(word, { n: (known?.n ?? 0) + 1, seg: (n) => [`${glyph} ${n} ${word}`, tone] });
  }
  const done = all.filter(({ state }) => state === "active" || state === "retired").length;
  const wrong = all.filter(({ state }) => isWrong(state)).length;
  const barWidth = 10;
  const good = Math.floor((done / all.length) * barWidth);
  const bad = wrong === 0 ? 0 : Math.min(barWidth - good, Math.max(1, Math.floor((wrong / all.length) * barWidth)));
  const words = [...counts.values()].map(({ n, seg }) => seg(n));
  return {
    id: `role:${role}`,
    text: `${role}: ${done} of ${all.length} done; ${words.map(([text]) => text.slice(2)).join(", ")}`,
    line: () =>
      line(
        [`${open ? look.glyphs.unfolded : look.glyphs.folded} `, "accent"],
        [fitText(role, nameWidth, look.glyphs.cut), "strong"],
        ["  ", "plain"],
        [look.glyphs.full.repeat(good), "ok"],
        [look.glyphs.lost.repeat(bad), "bad"],
        [look.glyphs.open.repeat(barWidth - good - bad), "dim"],
        [`  ${done}/${all.length}`, "plain"],
        ...words.flatMap((seg): readonly Seg[] => [["   ", "plain"], seg]),
      ),
  };
}

function insideRow(view: RunView, each: NodeRoleProgress, now: number, look: Look): Row {
  const { glyph, word, tone } = progressSign(each, look.glyphs);
  const started = view.pace.get(each.planned.id)?.startedAt;
  const what =
    each.state === "transition"
      ? `${stepWords(each)}${started === undefined ? "" : `  ${seconds(now - started)}`}`
      : (each.problem?.message ?? each.reason ?? "");
  return {
    id: each.planned.id,
    text: `${each.planned.id}: ${stateText(each, look)}`,
    line: () =>
      line(
        ["    ", "plain"],
        [fitText(each.planned.node, 16, look.glyphs.cut), "plain"],
        [` ${glyph} ${word}`, tone],
        [`  ${what}`, "dim"],
      ),
  };
}

/** The step that runs, as the plan names it. */
export function stepWords({ planned, step, attempt }: NodeRoleProgress): string {
  const at = planned.steps.findIndex(({ id }) => id === step);
  const label = step === undefined ? "starting" : (planned.steps[at]?.label ?? step);
  return `${label}${at === -1 ? "" : ` (${at + 1} of ${planned.steps.length})`}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
}

function stateText(each: NodeRoleProgress, look: Look): string {
  const { word } = progressSign(each, look.glyphs);
  if (each.state === "transition") return `${word} (${stepWords(each)})`;
  return each.problem === undefined || !isWrong(each.state) ? word : `${word} (${each.problem.code})`;
}
