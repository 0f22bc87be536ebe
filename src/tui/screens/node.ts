import type { Plan, PlannedNodeRole } from "../../core/model/plan.ts";
import { type Note, notesAbout } from "../../core/notes/notes.ts";
import { agoWords } from "../../core/words/time.ts";
import { type Holds, holdsTopic } from "../data/authority-topics.ts";
import { clusterName, known, see } from "../data/world.ts";
import { problemLines } from "../data/problem-lines.ts";
import { notesTopic } from "../data/run-topics.ts";
import { type NodeView, carriedOut } from "../data/standing.ts";
import { appliedTopic, filesTopic, newestPlanTopic } from "../data/topics.ts";
import { keyRow } from "../keys/keymap.ts";
import { type Line, type Seg, line } from "../text/line.ts";
import type { Look } from "../text/look.ts";
import { diffLines, stepLine } from "./diff.ts";
import { lockLines } from "./holds.ts";
import { driftLines, driftTopic } from "./node-drift.ts";
import { factLines, factsHistoryTopic, historyLines } from "./node-facts.ts";
import { nodeTopics, nodesOf, runOfNodes } from "./nodes.ts";
import { type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, gap, indent, title, toldRow } from "./told.ts";
import { noteLines } from "./run/panel.ts";
import { nodeRoleSign, nodeSign } from "./words.ts";

/** One node: what stands on it, what would change, what it is. */
export const nodeScreen = defineScreen<null>({
  id: "node",
  about: "One node: its roles, what the newest plan would change, its facts.",
  title: ({ param }) => param,
  topics: (world, { param }) => {
    const name = clusterName(world);
    return [...nodeTopics(world), driftTopic, notesTopic, holdsTopic, ...(name === undefined ? [] : [factsHistoryTopic(name, param)])];
  },
  start: () => null,
  view: ({ world, param, look, width }) =>
    whenReady(see(world, filesTopic), "the cluster's files", ({ cluster, revision }): View => {
      const each = nodesOf(world).find(({ node }) => node.name === param);
      if (each === undefined) return { kind: "empty", says: `The cluster file has no node ${param} any more.`, command: "nodes" };
      const done = carriedOut(known(world, newestPlanTopic), known(world, appliedTopic) ?? [], runOfNodes(world));
      const planned = known(world, newestPlanTopic)?.body.nodeRoles.filter(({ node, id }) => node === param && !done(id)) ?? [];
      const lines = [
        ...roles(each, world.now, look, width - 4),
        ...noted(notesAbout(known(world, notesTopic) ?? [], { node: param }), world.now, width - 4),
        ...locked(each, known(world, holdsTopic), world.now, look, width - 4),
        ...driftLines(each, known(world, driftTopic), world.now, look),
        ...differences(each, planned, look, world.now, known(world, newestPlanTopic), revision),
        ...factLines(each, world.now),
        ...historyLines(known(world, factsHistoryTopic(cluster.name, param)) ?? [], world.now),
      ];
      return { kind: "body", head: [headLine(each, look)], rows: lines.map(toldRow) };
    }),
  keys: [
    keyRow("node", "open", ["enter", "l", "right"], "output of the role", { hint: 6 }),
    keyRow("node", "note", ["m"], "note", { hint: 3 }),
    keyRow("node", "shell", ["!"], "shell", { hint: 9 }),
    keyRow("node", "discover", ["d"], "discover", { hint: 8 }),
    keyRow("node", "logs", ["o"], "logs", { hint: 5 }),
    keyRow("node", "plan", ["p"], "plan", { hint: 5 }),
    keyRow("node", "facts", ["f"], "all facts", { hint: 4 }),
    keyRow("node", "why", ["w"], "why", { hint: 4 }),
  ],
  actions: {
    open: ({ param, row, world }) => {
      const role = roleOf(row?.id);
      const standing = nodesOf(world)
        .find(({ node }) => node.name === param)
        ?.standings.find((each) => each.role === role);
      if (standing === undefined) return [{ want: "notice", tone: "plain", text: "Put the cursor on a role to see what it printed." }];
      return [{ want: "open", screen: "log", param: `${standing.run} ${standing.id}` }];
    },
    note: ({ param, row }) => {
      const role = roleOf(row?.id);
      return [{ want: "form", command: "note", rest: [role === undefined ? param : `${param}/${role}`] }];
    },
    shell: ({ param }) => [{ want: "effect", effect: { do: "foreground", what: { kind: "shell", node: param } } }],
    discover: ({ param }) => [{ want: "effect", effect: { do: "run", argv: ["discover", param], show: "quiet" } }],
    logs: ({ param }) => [{ want: "effect", effect: { do: "run", argv: ["logs", param], show: "output" } }],
    plan: () => [{ want: "effect", effect: { do: "run", argv: ["plan"], show: "quiet", opens: { screen: "plan", param: "" } } }],
    facts: ({ param }) => [{ want: "effect", effect: { do: "run", argv: ["facts", param], show: "output" } }],
    why: ({ param, row }) => {
      const role = roleOf(row?.id);
      if (role === undefined) return [{ want: "notice", tone: "plain", text: "Put the cursor on a role to ask why it is there." }];
      return [{ want: "effect", effect: { do: "run", argv: ["why", `${param}/${role}`], show: "output" } }];
    },
  },
});

function roleOf(id: string | undefined): string | undefined {
  return id?.startsWith("role:") === true ? id.slice(5) : undefined;
}

/** What people noted about the node and its roles, newest first. */
function noted(notes: readonly Note[], now: number, width: number): readonly Told[] {
  if (notes.length === 0) return [];
  const rows = notes.flatMap((note) =>
    noteLines([note], now, width).map((drawn, index): Told => ({ id: `${note.note}:${index}`, line: drawn })),
  );
  return [title("notes"), ...rows, gap("notes")];
}

function headLine(each: NodeView, look: Look): Line {
  const sign = nodeSign(each.state, look.glyphs);
  const { node } = each;
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return line(["   ", "plain"], [`${sign.glyph} ${sign.word}`, sign.tone], `   ${node.ssh.user}@${node.address}:${node.ssh.port}   `, [
    labels.join(" "),
    "dim",
  ]);
}

function roles(each: NodeView, now: number, look: Look, width: number): readonly Told[] {
  const lines = each.standings.flatMap(({ role, state, run, at, deployment, problem, step }): readonly Told[] => {
    const sign = nodeRoleSign(state, look.glyphs);
    const where: Seg = [
      `  ${deployment}  ${run}  ${agoWords(now - at)}${step === undefined || state !== "transition" ? "" : `  ${step}`}`,
      "dim",
    ];
    const told: Told = {
      id: `role:${role}`,
      line: line([`${sign.glyph} `, sign.tone], [role.padEnd(24), "plain"], [` ${sign.word}`, sign.tone], where),
    };
    const why =
      problem === undefined
        ? []
        : problemLines([problem], width - 4).map(
            (row, index): Told => ({ id: `why:${role}:${index}`, line: { segs: [["    ", "plain"], ...row.segs], look: "normal" } }),
          );
    return [told, ...why];
  });
  return [
    title("roles"),
    ...(lines.length === 0 ? [{ id: "none", line: line(["nothing has been deployed here", "dim"]) }] : lines),
    gap("roles"),
  ];
}

/** Locks that cover a deployment of this node. */
function locked({ standings }: NodeView, holds: Holds | undefined, now: number, look: Look, width: number): readonly Told[] {
  const here = new Set(standings.map(({ deployment }) => deployment));
  const locks = holds?.locks.filter(({ deployment }) => deployment === undefined || here.has(deployment)) ?? [];
  return locks.length === 0 ? [] : [title("locked"), ...locks.flatMap((lock) => lockLines(lock, now, look, width)), gap("locked")];
}

/** What the newest plan found here that is not as it should be: as true as its check is young. */
function differences(
  each: NodeView,
  planned: readonly PlannedNodeRole[],
  look: Look,
  now: number,
  plan: Plan | undefined,
  revision: string,
): readonly Told[] {
  if (plan === undefined)
    return [title("what differs"), { id: "no-plan", line: line(["no plan yet; p makes one", "dim"]) }, gap("differs")];
  const changing = planned.filter(({ action }) => action !== "skip");
  const lines = changing.flatMap((nodeRole): readonly Told[] => [
    {
      id: `differs:${nodeRole.role}`,
      line: line(
        [nodeRole.action === "remove" ? "- " : `${look.glyphs.changed} `, nodeRole.action === "remove" ? "del" : "change"],
        [nodeRole.role, "strong"],
      ),
    },
    ...nodeRole.steps
      .filter(({ change }) => change !== "none")
      .flatMap((step): readonly Told[] => [
        { id: `step:${nodeRole.role}:${step.id}`, line: indent(stepLine(step), 2) },
        ...diffLines(step).map((row, index): Told => ({ id: `diff:${nodeRole.role}:${step.id}:${index}`, line: indent(row, 6) })),
      ]),
  ]);
  const blocked =
    each.blocked === undefined ? [] : problemLines([each.blocked], 90).map((row, index): Told => ({ id: `blocked:${index}`, line: row }));
  const nothing: readonly Told[] =
    lines.length + blocked.length === 0 ? [{ id: "same", line: line([`nothing, says ${plan.id}`, "dim"]) }] : [];
  const old: readonly Told[] =
    revision === plan.revision
      ? []
      : [{ id: "old", line: line(["The files have changed since: this is what the earlier ones wanted; p looks again.", "warn"]) }];
  return [title(`what differs, as ${plan.id} saw it ${agoWords(now - plan.at)}`), ...old, ...blocked, ...lines, ...nothing, gap("differs")];
}
