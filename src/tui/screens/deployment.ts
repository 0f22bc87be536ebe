import type { FilePlace } from "../../core/errors.ts";
import { count, listed } from "../../core/words/count.ts";
import { filesTopic } from "../data/topics.ts";
import { type PlacedRole, type SettingRow, type SettingValue, settingsTopic } from "../data/settings-topic.ts";
import { type World, known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { runWords } from "../state/run-line.ts";
import type { Look } from "../text/look.ts";
import { type Line, line } from "../text/line.ts";
import { nodeTopics, nodesOf } from "./nodes.ts";
import { type Intent, type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, part, toldRow } from "./told.ts";
import { nodeRoleSign } from "./words.ts";

/** One deployment: what it puts where, and every setting with where its value comes from. */
export const deploymentScreen = defineScreen<null>({
  id: "deployment",
  about:
    "One deployment: its roles on their nodes, and every setting with where its value comes from. e edits at that place, S proposes another value.",
  title: ({ param }) => param,
  topics: (world, { param }) => [settingsTopic(param), ...nodeTopics(world)],
  start: () => null,
  view: ({ world, param, look, width }) =>
    whenReady(see(world, settingsTopic(param)), `the settings of ${param}`, ({ roles, settings }): View => {
      if (roles.length === 0)
        return { kind: "empty", says: `The cluster file has no deployment ${param} any more.`, command: "deployments" };
      const barclamps = [...new Set(settings.map(({ barclamp }) => barclamp))];
      const rows = [
        ...part(
          "roles",
          roles.map((role) => roleLine(role, param, world, look)),
          "It places nothing.",
        ),
        ...barclamps.flatMap((name) =>
          part(
            `settings of ${name}`,
            settings.filter(({ barclamp }) => barclamp === name).flatMap((row) => settingLines(row, width - 4)),
            "",
          ),
        ),
        ...(settings.length === 0 ? part("settings", [], "Its barclamps take none.") : []),
        ...approvals(param, world),
      ];
      return { kind: "body", head: [headLine(roles, param, world, look)], rows: rows.map(toldRow) };
    }),
  keys: [
    keyRow("deployment", "edit", ["e"], "edit", { hint: 9 }),
    keyRow("deployment", "plan", ["p"], "plan", { hint: 8 }),
    keyRow("deployment", "open", ["enter", "l", "right"], "its barclamp", { hint: 6 }),
    keyRow("deployment", "set", ["S"], "set", { hint: 7, level: "asks" }),
    keyRow("deployment", "why", ["w"], "why", { hint: 4 }),
    keyRow("deployment", "rollback", ["B"], "roll back", { hint: 3, level: "asks" }),
    keyRow("deployment", "reset", ["D"], "take it away", { level: "types" }),
    keyRow("deployment", "lock", ["L"], "lock it", { hint: 2, level: "asks" }),
  ],
  actions: {
    edit: ({ row, param, world }) => edit(row?.id ?? "", param, world),
    plan: ({ param }) => [
      { want: "effect", effect: { do: "run", argv: ["plan", param], show: "quiet", opens: { screen: "plan", param: "" } } },
    ],
    open: ({ row, param, world }) => {
      const barclamp = barclampOf(row?.id ?? "", param, world);
      return barclamp === undefined ? [] : [{ want: "open", screen: "barclamp", param: barclamp }];
    },
    why: ({ row, param, world }) => {
      const role = known(world, settingsTopic(param))?.roles.find(
        (each) => row?.id === `role:${each.role}` || row?.id.startsWith(`setting:${each.barclamp}.`),
      );
      const [node] = role?.nodes ?? [];
      return role === undefined || node === undefined
        ? []
        : [{ want: "effect", effect: { do: "run", argv: ["why", `${node}/${role.role}`], show: "output" } }];
    },
    set: ({ row, param, world }) => {
      const path = settingOf(row?.id ?? "", param, world);
      return [{ want: "form", command: "set", rest: [...(path === undefined ? [] : [`${path}=`]), "--deployment", param] }];
    },
    rollback: ({ param, world }) => runWords(["rollback", param], world),
    reset: ({ param, world }) => runWords(["reset", param], world),
    lock: ({ param }) => [{ want: "form", command: "lock", rest: [param] }],
  },
});

function barclampOf(id: string, deployment: string, world: World): string | undefined {
  const value = known(world, settingsTopic(deployment));
  const role = value?.roles.find((each) => id === `role:${each.role}`);
  return role?.barclamp ?? value?.settings.find((each) => id.startsWith(`setting:${each.barclamp}.${each.name}:`))?.barclamp;
}

/** `BARCLAMP.ATTRIBUTE` of a row with a setting. */
function settingOf(id: string, deployment: string, world: World): string | undefined {
  const found = known(world, settingsTopic(deployment))?.settings.find((each) => id.startsWith(`setting:${each.barclamp}.${each.name}:`));
  return found === undefined ? undefined : `${found.barclamp}.${found.name}`;
}

/** The editor at the place where a value stands; where it stands nowhere, at the deployment, to be written there. */
function edit(id: string, deployment: string, world: World): readonly Intent<never>[] {
  const value = known(world, settingsTopic(deployment));
  const places = known(world, filesTopic)?.cluster.places;
  const setting = value?.settings.find((each) => id.startsWith(`setting:${each.barclamp}.${each.name}:`));
  const at =
    setting?.values[Number(id.split(":")[2] ?? "0")]?.place ??
    value?.roles.find((each) => id === `role:${each.role}`)?.place ??
    places?.get(`deployments.${deployment}.set`) ??
    places?.get(`deployments.${deployment}`);
  return [{ want: "effect", effect: { do: "foreground", what: { kind: "editor", file: world.file, ...lineOf(at) } } }];
}

function lineOf(at: FilePlace | undefined): { readonly line?: number } {
  return at === undefined ? {} : { line: at.line };
}

function headLine(roles: readonly PlacedRole[], param: string, world: World, look: Look): Line {
  const standings = nodesOf(world)
    .flatMap((node) => node.standings)
    .filter(({ deployment }) => deployment === param);
  const active = standings.filter(({ state }) => state === "active").length;
  const wrong = standings.filter(({ state }) => state === "error" || state === "unknown" || state === "blocked").length;
  const nodes = new Set(roles.flatMap((role) => role.nodes)).size;
  return line(
    ["   ", "plain"],
    [param, "strong"],
    [`  ${count(roles.length, "role")} on ${count(nodes, "node")}   `, "dim"],
    [`${active > 0 ? `${look.glyphs.ok} ` : ""}${active} active   `, active > 0 ? "ok" : "dim"],
    ...(wrong > 0 ? [[`${look.glyphs.bad} ${wrong} wrong`, "bad"] as const] : []),
  );
}

function roleLine(role: PlacedRole, deployment: string, world: World, look: Look): Told {
  const standings = nodesOf(world)
    .flatMap((node) => node.standings)
    .filter((each) => each.deployment === deployment && each.role === role.role);
  const worst = standings.find(({ state }) => state === "error") ?? standings.find(({ state }) => state !== "active") ?? standings[0];
  const sign = worst === undefined ? { glyph: look.glyphs.waiting, tone: "dim" as const } : nodeRoleSign(worst.state, look.glyphs);
  const active = standings.filter(({ state }) => state === "active").length;
  return {
    id: `role:${role.role}`,
    text: `${role.role} on ${role.nodes.join(" ")} (${role.on}), ${active} of ${role.nodes.length} active`,
    line: line(
      [`${sign.glyph} `, sign.tone],
      [role.role, "strong"],
      `  ${active}/${role.nodes.length}  `,
      role.nodes.length === 0 ? ["on no node", "bad"] : listed(role.nodes, 6),
      [`  on ${role.on}${placeText(role.place)}`, "dim"],
    ),
  };
}

function settingLines({ barclamp, name, attribute, values }: SettingRow, width: number): readonly Told[] {
  const id = `setting:${barclamp}.${name}`;
  const names = Math.min(28, Math.max(12, name.length));
  const all = values.reduce((sum, { nodes }) => sum + nodes.length, 0);
  return values.map((value, index): Told => {
    const some = values.length === 1 || value.nodes.length === all ? "" : `  on ${listed(value.nodes, 4)}`;
    const why = index > 0 || attribute.why === undefined || width < 70 ? "" : `  ${attribute.why}`;
    return {
      id: `${id}:${index}`,
      text: `${barclamp}.${name} = ${value.text}, from ${value.from}${placeText(value.place)}${some}. ${attribute.why ?? ""}`,
      line: line(
        [(index === 0 ? name : "").padEnd(names), value.given ? "strong" : "plain"],
        ["  ", "plain"],
        [short(value), value.text === "-" ? "dim" : value.given ? "accent" : "plain"],
        [some, "change"],
        [`  ${value.from}${placeText(value.place)}`, "dim"],
        [why, "dim"],
      ),
    };
  });
}

function short({ text }: SettingValue): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function placeText(place: FilePlace | undefined): string {
  return place === undefined ? "" : ` ${place.file.split("/").at(-1) ?? place.file}:${place.line}`;
}

function approvals(name: string, world: World): readonly Told[] {
  const policy = known(world, filesTopic)?.cluster.deployments.find((each) => each.name === name)?.approvals;
  const rules = policy === undefined ? [] : Object.entries(policy);
  const rows = rules.flatMap(([risk, rule]: [string, (typeof rules)[number][1]]): readonly Told[] => {
    if (rule === undefined) return [];
    const { people, groups, stepUp } = rule;
    return [
      {
        id: `approval:${risk}`,
        line: line(
          [risk.padEnd(17), "plain"],
          people === 0
            ? "nobody is asked"
            : `${people} ${people === 1 ? "person" : "people"}${groups.length === 0 ? "" : ` of ${listed(groups)}`}`,
          [stepUp ? ", signed" : "", "plain"],
        ),
      },
    ];
  });
  return part("approvals", rows, "Nobody is asked.").slice(0, -1);
}
