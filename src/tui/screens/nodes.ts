import type { ClusterNode } from "../../core/model/cluster.ts";
import { agoWords } from "../../core/words/time.ts";
import { count } from "../../core/words/count.ts";
import { known, openRun, see } from "../data/world.ts";
import type { AnyTopic } from "../data/topic.ts";
import { remember, rememberEach } from "../data/remember.ts";
import type { RunView } from "../data/run-view.ts";
import { type NodeState, type NodeView, type Standing, createNodeBook, stateOrder } from "../data/standing.ts";
import { appliedTopic, factsTopic, filesTopic, newestPlanTopic, runTopic, runsTopic } from "../data/topics.ts";
import type { World } from "../data/world.ts";
import { keyRow, markKeys } from "../keys/keymap.ts";
import type { Look } from "../text/look.ts";
import { type Line, type Seg, line } from "../text/line.ts";
import { type Column, type TableShape, measure, sameShape, tableHead, tableRow, tableShape } from "../text/table.ts";
import { type Intent, type Row, type View, defineScreen, whenReady } from "./screen.ts";
import { nodeSign } from "./words.ts";

/** How the list is ordered: as in the file, or what needs looking at first. */
interface Local {
  readonly sort: "file" | "worst" | "seen";
}

/** The run that node states come from: the one that goes on, else the last one. */
function tellingRun(world: World): string | undefined {
  return (openRun(world) ?? known(world, runsTopic)?.at(-1))?.run;
}

/** Topics that node states are made of. */
export function nodeTopics(world: World): readonly AnyTopic[] {
  const run = tellingRun(world);
  return [filesTopic, factsTopic, appliedTopic, newestPlanTopic, runsTopic, ...(run === undefined ? [] : [runTopic(run)])];
}

const book = createNodeBook();

/** All nodes as far as they are known. */
export function nodesOf(world: World): readonly NodeView[] {
  const run = runOfNodes(world);
  return book({
    nodes: known(world, filesTopic)?.cluster.nodes ?? none,
    facts: known(world, factsTopic),
    applied: known(world, appliedTopic) ?? none,
    plan: known(world, newestPlanTopic),
    run,
  });
}

/** The run that node states come from, as far as it is known. */
export function runOfNodes(world: World): RunView | undefined {
  const run = tellingRun(world);
  return run === undefined ? undefined : known(world, runTopic(run));
}

const none: readonly never[] = [];

/** Every node of the cluster. */
export const nodesScreen = defineScreen<Local>({
  id: "nodes",
  tab: { key: "1", label: "nodes" },
  about: "Every node: its state, what differs from the newest plan, what is known of it.",
  title: () => "nodes",
  topics: (world) => nodeTopics(world),
  start: () => ({ sort: "file" }),
  view: ({ world, local, look, width }) =>
    whenReady(see(world, filesTopic), "the cluster's files", ({ cluster }): View => {
      if (cluster.nodes.length === 0) return { kind: "empty", says: "The cluster file names no nodes.", command: "import" };
      const all = sorted(nodesOf(world), local.sort);
      const second = Math.floor(world.now / 1000);
      return { kind: "body", head: head(all, local, second, width - 3, look), rows: rows(all, second, width - 3, look) };
    }),
  keys: [
    keyRow("nodes", "open", ["enter", "l", "right"], "open", { hint: 9 }),
    ...markKeys("nodes"),
    keyRow("nodes", "sort", ["s"], "sort", { hint: 2 }),
    keyRow("nodes", "discover", ["d"], "discover", { hint: 5 }),
    keyRow("nodes", "plan", ["p"], "plan", { hint: 5 }),
    keyRow("nodes", "shell", ["!"], "shell", { hint: 4 }),
    keyRow("nodes", "diff", ["D"], "what differs"),
  ],
  actions: {
    open: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "node", param: row.id }]),
    sort: ({ local }): readonly Intent<Local>[] => {
      const sort = { file: "worst", worst: "seen", seen: "file" } as const;
      const next = sort[local.sort];
      return [
        { want: "local", value: { sort: next } },
        {
          want: "notice",
          tone: "plain",
          text: { file: "as in the file", worst: "what needs a look first", seen: "seen longest ago first" }[next],
        },
      ];
    },
    discover: ({ chosen, list }) => [
      { want: "effect", effect: { do: "run", argv: ["discover", ...(list.marks.size > 0 ? chosen : [])], show: "quiet" } },
      {
        want: "notice",
        tone: "plain",
        text:
          list.marks.size > 0
            ? `discovers ${count(chosen.length, "marked node")}`
            : "discovers all nodes; mark some with space to discover only those",
      },
    ],
    plan: () => [{ want: "effect", effect: { do: "run", argv: ["plan"], show: "quiet", opens: { screen: "plan", param: "" } } }],
    shell: ({ row }) =>
      row === undefined ? [] : [{ want: "effect", effect: { do: "foreground", what: { kind: "shell", node: row.id } } }],
    diff: ({ row, world }) => {
      const node = nodesOf(world).find((each) => each.node.name === row?.id);
      if (row === undefined || node === undefined) return [];
      if (node.differs === undefined) return [{ want: "notice", tone: "plain", text: `No plan has looked at ${row.id} yet; p makes one.` }];
      if (node.differs === 0) return [{ want: "notice", tone: "ok", text: `Nothing differs on ${row.id}.` }];
      return [
        { want: "open", screen: "plan", param: "" },
        { want: "filter", text: `"${row.id}"` },
        { want: "notice", tone: "plain", text: `what differs on ${row.id}; esc shows the whole plan` },
      ];
    },
  },
});

function columns(look: Look, second: number): readonly Column<NodeView>[] {
  return [
    { title: "NAME", cell: ({ node }) => node.name, most: 36 },
    {
      title: "STATE",
      cell: (each) => {
        const sign = nodeSign(each.state, look.glyphs);
        return `${sign.glyph} ${sign.word}`;
      },
      tone: (each) => nodeSign(each.state, look.glyphs).tone,
    },
    { title: "ROLES", cell: ({ standings }) => rolesWords(standings), most: 40, drop: 3 },
    {
      title: "DIFFERS",
      cell: differsWords,
      tone: ({ differs, blocked }) => (blocked !== undefined ? "bad" : differs === undefined || differs === 0 ? "dim" : "change"),
      align: "right",
      drop: 1,
    },
    { title: "ADDRESS", cell: ({ node }) => (node.ssh.port === 22 ? node.address : `${node.address}:${node.ssh.port}`), most: 28, drop: 2 },
    {
      title: "LABELS",
      cell: ({ node }) => labelWords(node.labels),
      most: 32,
      drop: 5,
      tone: () => "dim",
    },
    {
      title: "OS",
      cell: ({ facts }) => [facts?.os?.id, facts?.os?.version].filter((part) => part !== undefined && part !== null).join(" ") || "-",
      most: 20,
      drop: 4,
    },
    {
      title: "SEEN",
      cell: ({ seenAt }) => (seenAt === undefined ? "never" : agoWords(second * 1000 - seenAt)),
      tone: ({ seenAt }) => (seenAt === undefined ? "warn" : "dim"),
      takes: ({ seenAt }) => (seenAt === undefined ? 5 : longestAgo),
      drop: 2,
    },
  ];
}

/** Ages change all the time; the column stands still. */
const longestAgo = "59m 59s ago".length;

function rolesWords(standings: readonly Standing[]): string {
  return standings.length === 0 ? "-" : standings.map(({ role }) => role).join(" ");
}

const labelWords = rememberEach((labels: ClusterNode["labels"]): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" "),
);

function differsWords({ differs, blocked }: NodeView): string {
  if (blocked !== undefined) return "not seen";
  return differs === undefined ? "?" : differs === 0 ? "-" : `${differs}`;
}

const sorted = remember((all: readonly NodeView[], sort: Local["sort"]): readonly NodeView[] => {
  if (sort === "file") return all;
  if (sort === "seen") return all.toSorted((a, b) => (a.seenAt ?? 0) - (b.seenAt ?? 0));
  return all.toSorted((a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) || (b.differs ?? 0) - (a.differs ?? 0));
});

/** Widths of a node's cells are measured once for as long as nothing on it changes. */
const measured = remember((look: Look) => measure(columns(look, 0)));

/** The same rows and widths until the data, the second or the width changes. */
const shaped = remember((all: readonly NodeView[], second: number, width: number, look: Look): TableShape<NodeView> => {
  const shape = tableShape(columnsAt(look, second), all, width, measured(look));
  return sameShape(shape, lastShape) ? lastShape : (lastShape = shape);
});

const columnsAt = remember(columns);
let lastShape: TableShape<NodeView> = { columns: [] };

/** A node that is as it was is drawn as it was. */
const drawn = remember((shape: TableShape<NodeView>, look: Look) =>
  rememberEach((each: NodeView): Line => tableRow(shape, each, look.glyphs.cut)),
);

const rows = remember((all: readonly NodeView[], second: number, width: number, look: Look): readonly Row[] =>
  all.map((each) => ({
    id: each.node.name,
    get text() {
      return texts(look)(each);
    },
    line: () => drawn(shaped(all, second, width, look), look)(each),
  })),
);

const texts = remember((look: Look) =>
  rememberEach((each: NodeView): string => {
    const { node, state, standings } = each;
    const { word } = nodeSign(state, look.glyphs);
    return `${node.name}, ${word}, ${rolesWords(standings)}, ${node.address}, ${differsWords(each)} differ, ${labelWords(node.labels)}`;
  }),
);

function head(all: readonly NodeView[], local: Local, second: number, width: number, look: Look): readonly Line[] {
  const counts = new Map<NodeState, number>();
  for (const { state } of all) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = stateOrder.flatMap((state): readonly Seg[] => {
    const n = counts.get(state);
    const sign = nodeSign(state, look.glyphs);
    return n === undefined ? [] : [[`${sign.glyph} ${n} ${sign.word}   `, sign.tone]];
  });
  const differ = all.filter(({ differs }) => (differs ?? 0) > 0).length;
  const shape = tableHead(shaped(all, second, width, look), look.glyphs.cut);
  return [
    line(
      ["   ", "plain"],
      ...parts,
      ...(differ > 0 ? [[`${look.glyphs.changed} ${count(differ, "node")} differ from the newest plan`, "change"] as const] : []),
      [local.sort === "file" ? "" : `   sorted: ${local.sort}`, "dim"],
    ),
    { segs: [["   ", "plain"], ...shape.segs], look: "normal" },
  ];
}
