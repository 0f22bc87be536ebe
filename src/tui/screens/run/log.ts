import { hasEnded } from "../../../core/run/state.ts";
import { known, see } from "../../data/world.ts";
import type { World } from "../../data/world.ts";
import { type LogPlace, logTopic, notesTopic, seeLog } from "../../data/run-topics.ts";
import type { RunView } from "../../data/run-view.ts";
import { runTopic } from "../../data/topics.ts";
import { keyRow } from "../../keys/keymap.ts";
import { type Line, type Seg, line, lineText, oneLine } from "../../text/line.ts";
import { wrapWords } from "../../text/wrap.ts";
import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { type ActionSight, type Intent, type Row, type Sight, type View, defineScreen, whenReady } from "../screen.ts";
import { indent } from "../told.ts";
import { failureLines, noteLines, notesOn, panelLines } from "./panel.ts";
import { isWrong } from "../../data/run-tally.ts";
import { freshLocal, progressSign } from "./select.ts";

interface LogLocal {
  readonly wrap: boolean;
  /** What was looked for last, in lower case; empty = nothing. */
  readonly sought: string;
}

/** `R-1 web1/nginx 2`: run, node-role, attempt. */
function placeOf(param: string): LogPlace {
  const [run = "", id = "", attempt = "1"] = param.split(" ");
  const at = id.indexOf("/");
  return { run, node: id.slice(0, at), role: id.slice(at + 1), attempt: Number(attempt) };
}

function eachOf(view: RunView, { node, role }: LogPlace): NodeRoleProgress | undefined {
  return view.state.nodeRoles.get(`${node}/${role}`);
}

/** True while something writes to it. */
function isLive(view: RunView | undefined, place: LogPlace): boolean {
  if (view === undefined || hasEnded(view.state.phase)) return false;
  const each = eachOf(view, place);
  return each?.state === "transition" && each.attempt === place.attempt;
}

/** What one attempt of a node-role printed, in any run. */
export const logScreen = defineScreen<LogLocal>({
  id: "log",
  about: "What a node-role printed in a run: / searches, enter shows a found line among its neighbours, n goes to the next.",
  title: ({ param }) => {
    const { run, node, role, attempt } = placeOf(param);
    return `${run} ${node}/${role}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
  },
  topics: (world, { param }) => {
    const place = placeOf(param);
    const run = runTopic(place.run);
    return [run, notesTopic, logTopic(place, "page", isLive(known(world, run), place))];
  },
  start: () => ({ wrap: false, sought: "" }),
  view: (sight) =>
    whenReady(see(sight.world, runTopic(placeOf(sight.param).run)), "the run", (view): View => {
      const place = placeOf(sight.param);
      const each = eachOf(view, place);
      if (each === undefined) return { kind: "empty", says: `${place.run} has no ${place.node}/${place.role}.`, command: "runs" };
      return whenReady(seeLog(sight.world, place, "page", isLive(view, place)), "the output", (log): View => {
        const { look, local, width, world, list } = sight;
        const { glyph, word, tone } = progressSign(each, look.glyphs);
        const tries = each.attempt > 1 ? `  attempt ${place.attempt} of ${each.attempt}` : "";
        const head = line(
          ["   ", "plain"],
          [`${glyph} ${word}`, tone],
          [tries, "dim"],
          [log.skipped === 0 ? "" : `  the first ${log.skipped} bytes are left out; o has all`, "dim"],
        );
        if (log.lines.length === 0) {
          const parts = { view, each, local: freshLocal, now: world.now, notes: known(world, notesTopic) ?? [], log: undefined, look };
          const rows = panelLines(parts, width - 4).map(
            (drawn, index): Row => ({ id: `${index}`, text: lineText(drawn), line: () => drawn }),
          );
          const says = each.attempt === 0 ? "has not been started" : "printed nothing";
          return { kind: "body", head: [head, line(["   ", "plain"], [`It ${says}.`, "dim"])], rows };
        }
        const sought = list.filter === "" ? local.sought : list.filter.toLowerCase();
        return {
          kind: "body",
          head: [head, ...failureHead(view, each, sight)],
          rows: logRows(log.lines, local.wrap ? width - 4 : undefined, sought),
          grows: true,
          startsAtEnd: true,
        };
      });
    }),
  keys: [
    keyRow("log", "context", ["enter"], "among its neighbours", { hint: 4 }),
    keyRow("log", "next", ["n"], "next match", { hint: 5 }),
    keyRow("log", "next-back", ["N"], "match before"),
    keyRow("log", "follow", ["f"], "follow", { hint: 6 }),
    keyRow("log", "wrap", ["w"], "wrap", { hint: 3 }),
    keyRow("log", "copy-all", ["Y"], "copy all of it", { hint: 2 }),
    keyRow("log", "pager", ["o"], "pager", { hint: 6 }),
    keyRow("log", "attempt", ["a"], "another attempt"),
    keyRow("log", "note", ["m"], "note", { hint: 2 }),
  ],
  actions: {
    context: ({ row, list, local }) => {
      if (row === undefined || list.filter === "") return [];
      return [
        { want: "local", value: { ...local, sought: list.filter.toLowerCase() } },
        { want: "filter", text: "" },
        { want: "cursor", id: row.id },
        { want: "notice", tone: "plain", text: `n goes to the next line with ${list.filter}` },
      ];
    },
    next: (sight) => toMatch(sight, 1),
    "next-back": (sight) => toMatch(sight, -1),
    follow: ({ list }) => [{ want: "follow", on: !list.follow }],
    wrap: ({ local }) => [{ want: "local", value: { ...local, wrap: !local.wrap } }],
    "copy-all": ({ world, param }) => {
      const text = (linesOf(world, param) ?? []).join("\n");
      return text === "" ? [] : [{ want: "effect", effect: { do: "copy", text, what: "the output" } }];
    },
    pager: ({ param }) => {
      const { run, node, role } = placeOf(param);
      return [{ want: "effect", effect: { do: "foreground", what: { kind: "paged", argv: ["logs", run, `${node}/${role}`] } } }];
    },
    attempt: ({ world, param }) => {
      const place = placeOf(param);
      const view = known(world, runTopic(place.run));
      const most = view === undefined ? 1 : (eachOf(view, place)?.attempt ?? 1);
      if (most <= 1) return [{ want: "notice", tone: "plain", text: "There was one attempt." }];
      return [
        { want: "back" },
        { want: "open", screen: "log", param: `${place.run} ${place.node}/${place.role} ${(place.attempt % most) + 1}` },
      ];
    },
    note: ({ param }) => {
      const { node, role } = placeOf(param);
      return [{ want: "form", command: "note", rest: [`${node}/${role}`] }];
    },
  },
});

/** What went wrong above what was printed, as far as there is room. */
function failureHead(view: RunView, each: NodeRoleProgress, { width, height, world, param }: Sight<LogLocal>): readonly Line[] {
  if (!isWrong(each.state)) return [];
  const about = noteLines(notesOn(known(world, notesTopic) ?? [], each), world.now, width - 4);
  const lines = [...failureLines(view, each, width - 4, linesOf(world, param) ?? []), ...about];
  return lines.slice(0, Math.max(1, Math.floor(height / 4))).map((row) => indent(row, 3));
}

function linesOf(world: World, param: string): readonly string[] | undefined {
  const place = placeOf(param);
  return known(world, logTopic(place, "page", isLive(known(world, runTopic(place.run)), place)))?.lines;
}

/** A row per line, or several where lines are wrapped; what was looked for stands out. */
function logRows(lines: readonly string[], wrap: number | undefined, sought: string): readonly Row[] {
  const row = (id: string, text: string): Row => ({ id, text, line: () => marked(text, sought) });
  if (wrap === undefined) return lines.map((text, index) => row(`${index}`, text));
  return lines.flatMap((text, index) => wrapWords(text, wrap).map((piece, at) => row(at === 0 ? `${index}` : `${index}.${at}`, piece)));
}

function marked(text: string, sought: string): Line {
  const word = sought.split(/\s+/u)[0] ?? "";
  if (word === "") return line(text);
  const safe = oneLine(text);
  const low = safe.toLowerCase();
  const segs: Seg[] = [];
  let from = 0;
  for (let at = low.indexOf(word); at !== -1; at = low.indexOf(word, from)) {
    segs.push([safe.slice(from, at), "plain"], [safe.slice(at, at + word.length), "accent"]);
    from = at + word.length;
  }
  return line(...segs, safe.slice(from));
}

/** The next line that holds what was looked for; after the last comes the first. */
function toMatch({ world, param, list, local, row }: ActionSight<LogLocal>, by: 1 | -1): readonly Intent<LogLocal>[] {
  const sought = list.filter === "" ? local.sought : list.filter.toLowerCase();
  if (sought === "") return [{ want: "notice", tone: "plain", text: "/ searches; enter shows a found line among its neighbours." }];
  const words = sought.split(/\s+/u);
  const lines = linesOf(world, param) ?? [];
  const found = lines.flatMap((text, index) => (words.every((word) => text.toLowerCase().includes(word)) ? [index] : []));
  const here = row === undefined ? -1 : Number.parseInt(row.id, 10);
  const next = by === 1 ? (found.find((index) => index > here) ?? found[0]) : (found.findLast((index) => index < here) ?? found.at(-1));
  if (next === undefined) return [{ want: "notice", tone: "warn", text: `No line holds ${sought}.` }];
  const notice: Intent<LogLocal> = { want: "notice", tone: "plain", text: `${found.indexOf(next) + 1} of ${found.length} with ${sought}` };
  return [{ want: "local", value: { ...local, sought } }, { want: "filter", text: "" }, { want: "cursor", id: `${next}` }, notice];
}
