import { known, see } from "../data/world.ts";
import { filesTopic } from "../data/topics.ts";
import { keyRow } from "../keys/keymap.ts";
import { line } from "../text/line.ts";
import { type Column, tableHead, tableRow, tableShape } from "../text/table.ts";
import { nodeTopics, nodesOf } from "./nodes.ts";
import { type Row, type View, defineScreen, whenReady } from "./screen.ts";

/** What one row tells of a deployment. */
interface Deployed {
  readonly name: string;
  readonly roles: readonly string[];
  readonly active: number;
  readonly wrong: number;
  readonly settings: number;
}

/** What is to run where. */
export const deploymentsScreen = defineScreen<null>({
  id: "deployments",
  tab: { key: "6", label: "deployments" },
  about: "What is to run where: roles, how many stand, how many do not.",
  title: () => "deployments",
  topics: (world) => nodeTopics(world),
  start: () => null,
  view: ({ world, width, look }) =>
    whenReady(see(world, filesTopic), "the cluster's files", ({ cluster }): View => {
      const all = cluster.deployments.map((each): Deployed => {
        const standings = nodesOf(world)
          .flatMap((node) => node.standings)
          .filter(({ deployment }) => deployment === each.name);
        const wrong = standings.filter(({ state }) => state === "error" || state === "unknown" || state === "blocked").length;
        const settings = Object.values(each.set).reduce((sum, of) => sum + Object.keys(of).length, 0);
        const active = standings.filter(({ state }) => state === "active").length;
        return { name: each.name, roles: each.place.map(({ role }) => role), active, wrong, settings };
      });
      if (all.length === 0) return { kind: "empty", says: "The cluster file deploys nothing yet; `deployments:` says what goes where." };
      const shape = tableShape(columns, all, width - 3);
      const head = tableHead(shape, look.glyphs.cut);
      return {
        kind: "body",
        head: [{ segs: [["   ", "plain"], ...head.segs], look: "normal" }],
        rows: all.map(
          (each): Row => ({
            id: each.name,
            text: `${each.name}: ${each.roles.join(" ")}, ${each.active} active, ${each.wrong} wrong`,
            line: () => tableRow(shape, each, look.glyphs.cut),
          }),
        ),
      };
    }),
  keys: [
    keyRow("deployments", "open", ["enter", "l", "right"], "open", { hint: 9 }),
    keyRow("deployments", "plan", ["p"], "plan it", { hint: 8 }),
    keyRow("deployments", "edit", ["e"], "edit the file", { hint: 6 }),
  ],
  actions: {
    open: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "deployment", param: row.id }]),
    plan: ({ row }) =>
      row === undefined
        ? []
        : [{ want: "effect", effect: { do: "run", argv: ["plan", row.id], show: "quiet", opens: { screen: "plan", param: "" } } }],
    edit: ({ row, world }) => {
      const at = known(world, filesTopic)?.cluster.places.get(`deployments.${row?.id ?? ""}`);
      return [
        {
          want: "effect",
          effect: { do: "foreground", what: { kind: "editor", file: world.file, ...(at === undefined ? {} : { line: at.line }) } },
        },
      ];
    },
  },
});

const columns: readonly Column<Deployed>[] = [
  { title: "DEPLOYMENT", cell: ({ name }) => name, tone: () => "strong" },
  { title: "ACTIVE", cell: ({ active }) => `${active}`, tone: ({ active }) => (active > 0 ? "ok" : "dim"), align: "right" },
  {
    title: "WRONG",
    cell: ({ wrong }) => (wrong === 0 ? "-" : `${wrong}`),
    tone: ({ wrong }) => (wrong > 0 ? "bad" : "dim"),
    align: "right",
  },
  { title: "SETTINGS", cell: ({ settings }) => `${settings}`, align: "right", drop: 1 },
  { title: "ROLES", cell: ({ roles }) => roles.join(" "), most: 120 },
];

/** What the cluster is built of. */
export const barclampsScreen = defineScreen<null>({
  id: "barclamps",
  tab: { key: "7", label: "barclamps" },
  about: "The barclamps that the cluster uses, with their roles.",
  title: () => "barclamps",
  topics: () => [filesTopic],
  start: () => null,
  view: ({ world }) =>
    whenReady(see(world, filesTopic), "the cluster's files", ({ barclamps }): View => {
      const all = [...barclamps.values()];
      if (all.length === 0) return { kind: "empty", says: "No barclamp is used yet.", command: "barclamp list" };
      const longest = Math.max(...all.map(({ name }) => name.length));
      const rows = all.map(
        ({ name, version, roles, description }): Row => ({
          id: name,
          text: `${name} ${version}: ${Object.keys(roles).join(" ")}. ${description ?? ""}`,
          line: () =>
            line(
              [name.padEnd(longest), "strong"],
              [`  ${version}  `, "dim"],
              [Object.keys(roles).join(" "), "plain"],
              [`  ${description ?? ""}`, "dim"],
            ),
        }),
      );
      return { kind: "body", head: [], rows };
    }),
  keys: [
    keyRow("barclamps", "open", ["enter", "l", "right"], "open", { hint: 8 }),
    keyRow("barclamps", "test", ["t"], "test", { hint: 5 }),
  ],
  actions: {
    open: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "barclamp", param: row.id }]),
    test: ({ row }) =>
      row === undefined ? [] : [{ want: "effect", effect: { do: "run", argv: ["barclamp", "test", row.id], show: "output" } }],
  },
});
