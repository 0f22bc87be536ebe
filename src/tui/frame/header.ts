import { clusterName, engineState, known, openRun, waitingForMe } from "../data/world.ts";
import { presenceTopic } from "../data/presence-topic.ts";
import { filesTopic, runTopic } from "../data/topics.ts";
import type { World } from "../data/world.ts";
import type { ScreenTable } from "../screens/table.ts";
import { type State } from "../state/state.ts";
import { type Line, type Seg, lineWidth, oneLine } from "../text/line.ts";
import { listed } from "../../core/words/count.ts";
import { phaseWords } from "../../core/words/states.ts";
import { durationWords } from "../../core/words/time.ts";

/** Where one is, and how things stand: what matters most stays when room is short. */
export function headerLine(state: State, table: ScreenTable): Line {
  const { world, ui } = state;
  const { columns } = ui.size;
  const path = ` ${ui.look.glyphs.path} `;
  const trail = ui.stack.map((page) => table.get(page.screen).title(page));
  const here = trail.at(-1) ?? "";
  const before = [clusterName(world) ?? "halligan", ...trail.slice(0, -1)];
  const left: Seg[] = [
    [" ", "plain"],
    [oneLine(before.join(path)), "strong"],
    [path, "dim"],
    [oneLine(here), "accent"],
  ];
  const parts = facts(world);
  const leftWidth = lineWidth({ segs: left, look: "normal" });
  while (parts.length > 1 && leftWidth + 2 + widthOf(parts) > columns) parts.shift();
  const right = parts.flatMap((part, index): readonly Seg[] => (index === 0 ? [part] : [["  ", "plain"], part]));
  const room = columns - leftWidth - widthOf(parts) - 1;
  return { segs: [...left, [" ".repeat(Math.max(1, room)), "plain"], ...right], look: "normal" };
}

function widthOf(parts: readonly Seg[]): number {
  return lineWidth({ segs: parts, look: "normal" }) + Math.max(0, parts.length - 1) * 2;
}

/** Least important first. */
function facts(world: World): Seg[] {
  const parts: Seg[] = [];
  const files = known(world, filesTopic);
  if (files !== undefined) parts.push([`${files.cluster.nodes.length} nodes`, "dim"]);
  const others = known(world, presenceTopic)?.filter(({ id }) => id !== world.self) ?? [];
  if (others.length > 0) parts.push([`${listed([...new Set(others.map(({ person }) => person))].map(oneLine), 2)} here`, "ok"]);
  const engine = engineState(world);
  if (engine.kind === "here") parts.push([`engine ${oneLine(engine.engine.host)}`, "dim"]);
  for (const job of world.jobs.values()) {
    if (job.end === undefined) parts.push([`${job.command.split(" ")[0] ?? ""} ${durationWords(world.now - job.startedAt)}`, "busy"]);
  }
  const mine = waitingForMe(world).length;
  if (mine > 0) parts.push([`${mine === 1 ? "approval waits" : `${mine} approvals wait`} for you`, "warn"]);
  const run = runWords(world);
  if (run !== undefined) parts.push(run);
  if (engine.kind === "gone") parts.push([`engine gone: ${engine.run} waits, :resume`, "bad"]);
  if (world.link.phase === "lost") parts.push([`store lost ${durationWords(world.now - world.link.since)} ago`, "bad"]);
  return parts;
}

function runWords(world: World): Seg | undefined {
  const open = openRun(world);
  if (open === undefined) return undefined;
  const view = known(world, runTopic(open.run));
  if (view === undefined) return [`${open.run} open`, "busy"];
  const { settled, wrong: failed } = view.tally;
  const counts = `${settled}/${view.state.nodeRoles.size}${failed === 0 ? "" : ` ${failed} failed`}`;
  return [`${open.run} ${phaseWords(view.state)} ${counts}`, failed === 0 ? "busy" : "bad"];
}

/** The tab bar. Where room is short the tabs farthest from the one that is shown keep their key alone, then go. */
export function tabsLine({ ui }: State, table: ScreenTable): Line {
  const first = ui.stack[0]?.screen;
  const tabs = table.tabs.flatMap(({ id, tab }) => (tab === undefined ? [] : [{ id, key: tab.key, text: `${tab.key} ${tab.label}` }]));
  const here = Math.max(
    0,
    tabs.findIndex(({ id }) => id === first),
  );
  const farthest = tabs.map((_, index) => index).toSorted((a, b) => Math.abs(b - here) - Math.abs(a - here));
  const width = (): number => tabs.reduce((sum, { text }) => sum + (text === "" ? 0 : text.length + 2), 1);
  for (const texts of [(key: string) => key, () => ""]) {
    for (const index of farthest) {
      const tab = tabs[index];
      if (width() <= ui.size.columns || tab === undefined || index === here) continue;
      tabs[index] = { ...tab, text: texts(tab.key) };
    }
  }
  const segs = tabs
    .filter(({ text }) => text !== "")
    .map(({ id, text }): Seg => (id === first ? [`[${text}]`, "strong"] : [` ${text} `, "dim"]));
  return { segs: [[" ", "plain"], ...segs], look: "normal" };
}
