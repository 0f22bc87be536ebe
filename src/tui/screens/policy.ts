import type { Violation } from "../../core/authority/policy/report.ts";
import type { Rule } from "../../core/authority/policy/rule.ts";
import type { Waiver } from "../../core/authority/policy/waivers.ts";
import { durationWords } from "../../core/words/time.ts";
import { type PolicyView, holdsTopic, myselfTopic, policyTopic } from "../data/authority-topics.ts";
import { newestPlanTopic } from "../data/topics.ts";
import { type World, known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { type Line, type Seg, line } from "../text/line.ts";
import type { Look } from "../text/look.ts";
import { ask, holdLines, releaseIntents } from "./holds.ts";
import { type Intent, type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, part, toldRow } from "./told.ts";
import { violationLines } from "./violation.ts";

/** Rules, how they judge the newest plan, and what else holds runs back. */
export const policyScreen = defineScreen<null>({
  id: "policy",
  tab: { key: "8", label: "policy" },
  about: "How rules judge the newest plan, what was waived, and what holds runs back: the queue, locks, freezes.",
  title: () => "policy",
  topics: () => [policyTopic, holdsTopic, myselfTopic, newestPlanTopic],
  start: () => null,
  ticks: (world) => {
    const holds = known(world, holdsTopic);
    return holds !== undefined && holds.locks.length + holds.freezes.length + holds.queue.waiting.length > 0;
  },
  view: ({ world, look, width }) =>
    whenReady(see(world, policyTopic), "the policy", (view): View => {
      const holds = known(world, holdsTopic);
      const rows = [
        ...verdicts(view, look, width - 4),
        ...(holds === undefined ? [] : holdLines(holds, world.now, look, width - 4)),
        ...waivers(view, world.now, look),
        ...rules(view, look),
      ];
      return { kind: "body", head: [headLine(view, look)], rows: rows.map(toldRow) };
    }),
  keys: [
    keyRow("policy", "open", ["enter", "l", "right"], "open", { hint: 9 }),
    keyRow("policy", "waive", ["W"], "waive", { hint: 5, level: "asks" }),
    keyRow("policy", "lock", ["L"], "lock", { hint: 5, level: "asks" }),
    keyRow("policy", "freeze", ["F"], "freeze", { hint: 4, level: "asks" }),
    keyRow("policy", "release", ["U"], "release", { hint: 4, level: "asks" }),
    keyRow("policy", "schedule", ["S"], "schedule the plan", { level: "asks" }),
    keyRow("policy", "edit", ["e"], "edit the rule"),
  ],
  actions: {
    open: ({ row, world }) => openRow(row?.id ?? "", world),
    waive: ({ row, world }) => waiveIntents(row?.id ?? "", known(world, policyTopic)),
    lock: () => [{ want: "form", command: "lock", rest: [] }],
    freeze: () => [{ want: "form", command: "freeze", rest: [] }],
    release: ({ row, world }) => release(row?.id ?? "", world),
    schedule: ({ world }) => {
      const plan = known(world, newestPlanTopic);
      return [{ want: "form", command: "schedule", rest: plan === undefined ? [] : [plan.id] }];
    },
    edit: ({ row, world }) => editRule(ruleOf(row?.id ?? ""), known(world, policyTopic), world),
  },
});

/** The rule that a row is about. */
function ruleOf(id: string): string {
  const [kind, rule = ""] = id.split(":");
  return kind === "violation" || kind === "rule" || kind === "waiver" || kind === "cured" ? rule : "";
}

function openRow(id: string, world: World): readonly Intent<never>[] {
  const rule = ruleOf(id);
  if (rule !== "") return [{ want: "open", screen: "rule", param: rule }];
  const [kind, name = ""] = id.split(":");
  if (kind === "run") return [{ want: "open", screen: "run", param: name }];
  const holds = known(world, holdsTopic);
  return holds === undefined ? [] : releaseIntents(id, holds, known(world, myselfTopic)?.person ?? world.by);
}

function release(id: string, world: World): readonly Intent<never>[] {
  const waiver = known(world, policyTopic)?.waivers.find((each) => id === waiverId(each));
  if (waiver !== undefined) {
    const argv = ["policy", "waive", waiver.rule, ...scopeWords(waiver), "--end"];
    return [ask("policy waive", `Rule ${waiver.rule} counts again${whereWords(waiver)}.`, argv)];
  }
  const holds = known(world, holdsTopic);
  const found = holds === undefined ? [] : releaseIntents(id, holds, known(world, myselfTopic)?.person ?? world.by);
  return found.length > 0 ? found : [{ want: "notice", tone: "plain", text: "Put the cursor on a lock, a freeze or a waiver to end it." }];
}

/** The form for a waiver, for what the row is about. */
export function waiveIntents(id: string, view: PolicyView | undefined): readonly Intent<never>[] {
  const rule = ruleOf(id);
  if (rule === "") return [{ want: "notice", tone: "plain", text: "Put the cursor on a rule, or on what one says, to waive it." }];
  const violation = view?.report.violations.find((each) => id.startsWith(`violation:${each.rule}:${each.subject}`));
  return [{ want: "form", command: "policy waive", rest: [rule, ...(violation === undefined ? [] : narrowest(violation))] }];
}

/** A waiver covers as little as it can. */
function narrowest({ nodes, deployments }: Violation): readonly string[] {
  const [node, ...others] = nodes;
  const [deployment, ...more] = deployments;
  if (node !== undefined && others.length === 0 && deployment === undefined) return [`--node=${node}`];
  return deployment !== undefined && more.length === 0 ? [`--deployment=${deployment}`] : [];
}

function scopeWords({ node, deployment }: Waiver): readonly string[] {
  if (node !== undefined) return ["--node", node];
  return deployment === undefined ? [] : ["--deployment", deployment];
}

function whereWords({ node, deployment }: Waiver): string {
  if (node !== undefined) return ` on ${node}`;
  return deployment === undefined ? "" : ` in ${deployment}`;
}

/** Opens the file of a rule of the cluster's own. */
export function editRule(id: string, view: PolicyView | undefined, world: World): readonly Intent<never>[] {
  const rule = view?.policy.rules.find((each) => each.id === id);
  if (rule === undefined) return [{ want: "notice", tone: "plain", text: "Put the cursor on a rule to edit it." }];
  if (rule.origin === "shipped")
    return [
      { want: "notice", tone: "plain", text: `${id} comes with Halligan; \`tune:\` in a file of policy/ changes or switches it off.` },
    ];
  const folder = world.file.slice(0, world.file.lastIndexOf("/"));
  const file = rule.place.file.startsWith("/") ? rule.place.file : `${folder}/policy/${rule.place.file.split("/").at(-1) ?? ""}`;
  return [{ want: "effect", effect: { do: "foreground", what: { kind: "editor", file, line: rule.place.line } } }];
}

function headLine({ report, plan }: PolicyView, look: Look): Line {
  const { deny, warn, info, unknown, waived, blocking, cured } = report.summary;
  const parts: readonly (readonly [number, string, Seg[1]])[] = [
    [deny, "denied", "bad"],
    [warn, warn === 1 ? "warning" : "warnings", "warn"],
    [info, "to know", "plain"],
    [unknown, "unknown", "warn"],
    [waived, "waived", "dim"],
    [cured, "cured", "ok"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, word, tone]): Seg => [`${count} ${word}   `, tone]);
  return line(
    ["   ", "plain"],
    [`${plan ?? "the files"} by ${report.rules} rules: `, "plain"],
    ...(said.length === 0 ? [[`${look.glyphs.ok} nothing to object`, "ok"] as const] : said),
    ...(blocking > 0 ? [[`${look.glyphs.bad} it may not run like this`, "bad"] as const] : []),
  );
}

function verdicts({ report, plan }: PolicyView, look: Look, width: number): readonly Told[] {
  const cured = report.cured.map(
    ({ rule, subject, message }): Told => ({
      id: `cured:${rule}:${subject}`,
      line: line([`${look.glyphs.ok} cured   `, "ok"], [`${rule}: ${message}`, "dim"]),
    }),
  );
  const of = (change: Violation["change"]): readonly Told[] =>
    report.violations
      .filter((each) => each.change === change)
      .flatMap((each) => violationLines({ ...each, change: "new" }, look, width, "short"));
  const name = plan ?? "the files";
  const [fresh, old] = [of("new"), of("unchanged")];
  return [
    ...(fresh.length + old.length + cured.length === 0 ? part(`what ${name} would leave behind`, [], "No rule objects.") : []),
    ...(fresh.length > 0 ? part(`new with ${name}`, fresh, "") : []),
    ...(old.length > 0 ? part("as before", old, "") : []),
    ...(cured.length > 0 ? part(`cured by ${name}`, cured, "") : []),
  ];
}

function waiverId({ rule, node, deployment }: Waiver): string {
  return `waiver:${rule}:${node ?? ""}:${deployment ?? ""}`;
}

function waivers({ waivers: all }: PolicyView, now: number, look: Look): readonly Told[] {
  const rows = all
    .filter(({ until }) => until > now)
    .map((each): Told => {
      const { rule, reason, by, until } = each;
      return {
        id: waiverId(each),
        line: line(
          [`${look.glyphs.skipped} `, "dim"],
          [rule, "strong"],
          whereWords(each) || " everywhere",
          [`  by ${by}, ${durationWords(until - now)} more: `, "dim"],
          reason,
        ),
      };
    });
  return part("waivers", rows, "Nothing is waived.");
}

function rules({ policy, report }: PolicyView, look: Look): readonly Told[] {
  const longest = Math.max(0, ...policy.rules.map(({ id }) => id.length));
  const found = new Map<string, number>();
  for (const { rule } of report.violations) found.set(rule, (found.get(rule) ?? 0) + 1);
  const tone = ({ off, level }: Rule): Seg[1] => (off ? "dim" : level === "deny" ? "bad" : level === "warn" ? "warn" : "plain");
  return part(
    "rules",
    policy.rules.map((rule): Told => {
      const { id, level, off, scope, applies, owner, origin, place } = rule;
      const count = found.get(id) ?? 0;
      return {
        id: `rule:${id}`,
        text: `${id}, ${off ? "off" : level}, each ${scope}, ${applies.join(" ")}, ${owner ?? "no owner"}, ${origin}: ${rule.description ?? ""}`,
        line: line(
          [`${off ? look.glyphs.skipped : count > 0 ? look.glyphs.bad : look.glyphs.ok} `, off ? "dim" : count > 0 ? tone(rule) : "ok"],
          [id.padEnd(longest), off ? "dim" : "plain"],
          [`  ${(off ? "off" : level).padEnd(4)}`, tone(rule)],
          [`  ${scope.padEnd(4)}  ${(owner ?? "-").padEnd(12)}  `, "dim"],
          [
            origin === "shipped"
              ? (rule.description ?? "")
              : `${place.file.split("/").at(-1) ?? ""}:${place.line} ${rule.description ?? ""}`,
            "dim",
          ],
        ),
      };
    }),
    "There are no rules.",
  ).slice(0, -1);
}
