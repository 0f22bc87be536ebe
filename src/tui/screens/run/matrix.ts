import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { count } from "../../../core/words/count.ts";
import { cutToWidth, textWidth } from "../../../core/words/text-width.ts";
import { type RoleTally, isWrong } from "../../data/run-tally.ts";
import type { RunView } from "../../data/run-view.ts";
import type { Look } from "../../text/look.ts";
import { type Line, type Seg, fitText, line } from "../../text/line.ts";
import type { Row } from "../screen.ts";
import { seconds } from "./head.ts";
import { type RunLocal, arranged, byUrgency, countSegs, progressSign, selected, standingOf, wrongOf } from "./select.ts";

/** The table of a run: its heading and its rows. */
export interface Matrix {
  readonly head: Line;
  readonly rows: readonly Row[];
}

/** Nodes down, roles across. */
export function matrixOf(view: RunView, local: RunLocal, cursor: string | undefined, look: Look, width: number): Matrix {
  const { nodes, longest, roles, byNode } = arranged(view);
  const nameWidth = Math.min(Math.max(12, Math.floor(width / 4)), longest);
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
    const of = byNode.get(node);
    const at = (role: string): NodeRoleProgress | undefined => {
      const id = of?.get(role);
      return id === undefined ? undefined : view.state.nodeRoles.get(id);
    };
    return {
      id: node,
      get text() {
        const all = standingOf(view, of?.values());
        return `${node}: ${all.map((each) => `${each.planned.role} ${stateText(each, look)}`).join(", ")}`;
      },
      line: () =>
        line(
          [fitText(node, nameWidth, look.glyphs.cut), "plain"],
          ["  ", "plain"],
          ...shown.flatMap(({ role, width: cell }) => cellOf(at(role), role, cell)),
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
  const tally = view.tally.byRole;
  const rows = [...byRole].flatMap(([role, ids]): readonly Row[] => {
    const open = local.open.has(role);
    const wrong = wrongOf(view, role);
    const inside = open ? byUrgency(standingOf(view, ids)) : wrong.slice(0, wrongShown);
    const hidden = open ? 0 : wrong.length - inside.length;
    return [
      summaryRow(role, tally.get(role) ?? noTally, open, nameWidth, look),
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

const noTally: RoleTally = { counts: new Map(), done: 0, total: 0, wrong: new Set() };

function summaryRow(role: string, { counts, done, total, wrong }: RoleTally, open: boolean, nameWidth: number, look: Look): Row {
  const barWidth = 10;
  const good = Math.floor((done / Math.max(1, total)) * barWidth);
  const bad = wrong.size === 0 ? 0 : Math.min(barWidth - good, Math.max(1, Math.floor((wrong.size / total) * barWidth)));
  const words = countSegs(counts, look.glyphs);
  return {
    id: `role:${role}`,
    text: `${role}: ${done} of ${total} done; ${words.map(([text]) => text.slice(2)).join(", ")}`,
    line: () =>
      line(
        [`${open ? look.glyphs.unfolded : look.glyphs.folded} `, "accent"],
        [fitText(role, nameWidth, look.glyphs.cut), "strong"],
        ["  ", "plain"],
        [look.glyphs.full.repeat(good), "ok"],
        [look.glyphs.lost.repeat(bad), "bad"],
        [look.glyphs.open.repeat(barWidth - good - bad), "dim"],
        [`  ${done}/${total}`, "plain"],
        ...words.flatMap((seg): readonly Seg[] => [["   ", "plain"], seg]),
      ),
  };
}

function insideRow(view: RunView, each: NodeRoleProgress, now: number, look: Look): Row {
  const what = (): string => {
    const started = view.pace.get(each.planned.id)?.startedAt;
    if (each.state !== "transition") return each.problem?.message ?? each.reason ?? "";
    return `${stepWords(each)}${started === undefined ? "" : `  ${seconds(now - started)}`}`;
  };
  return {
    id: each.planned.id,
    get text() {
      return `${each.planned.id}: ${stateText(each, look)}`;
    },
    line: () => {
      const { glyph, word, tone } = progressSign(each, look.glyphs);
      const node = fitText(each.planned.node, 16, look.glyphs.cut);
      return line(["    ", "plain"], [node, "plain"], [` ${glyph} ${word}`, tone], [`  ${what()}`, "dim"]);
    },
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
