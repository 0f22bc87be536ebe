import { clusterName, known } from "../data/world.ts";
import type { CommandDefinition } from "../../core/commands/command.ts";
import { newestPlanTopic, planTopic } from "../data/topics.ts";
import type { World } from "../data/world.ts";
import type { Intent } from "../screens/screen.ts";
import type { ScreenTable } from "../screens/table.ts";
import { approvalTopic } from "../data/authority-topics.ts";
import { applyWords, askToApply } from "./ask-apply.ts";
import { askToApprove } from "./ask-approve.ts";
import { findCommand, interactive, isIncomplete, joinWords, shapesOf, splitWords } from "./command-line.ts";
import type { Confirmation, RunEffect } from "./state.ts";

/** What a typed line wants: a screen, a command (with its question first), or a form for what is missing. */
export function runLine(
  text: string,
  world: World,
  table: ScreenTable,
): readonly Intent<never>[] | { readonly form: string; readonly rest: readonly string[] } {
  const all = splitWords(text);
  const words = all[0] === "halligan" ? all.slice(1) : all;
  const [first] = words;
  if (first === undefined) return [];
  if (words.length === 1 && (first === "q" || first === "quit")) return [{ want: "effect", effect: { do: "quit" } }];
  const screen = table.named.find(({ id }) => id === first);
  if (screen !== undefined && words.length === 1) return [{ want: "open", screen: screen.id, param: "" }];
  const found = findCommand(words);
  if (found === undefined) return [{ want: "notice", tone: "warn", text: `There is no command \`${first}\`; \`help\` lists them.` }];
  if (isIncomplete(found.command, found.rest)) return { form: found.command.id, rest: found.rest };
  return runWords(words, world);
}

/** Runs a complete command line, with the question that its risk asks for. */
export function runWords(words: readonly string[], world: World): readonly Intent<never>[] {
  const found = findCommand(words);
  if (found === undefined) return [];
  const { command, rest } = found;
  if (interactive.has(command.id)) return [{ want: "effect", effect: { do: "foreground", what: { kind: "command", argv: words } } }];
  if (command.id === "plan") return [run({ do: "run", argv: words, show: "quiet", opens: { screen: "plan", param: "" } })];
  if (command.id === "apply") return apply(words, rest, world);
  if (command.id === "approve") return approve(rest, world);
  if (plansFirst(command, rest)) {
    return [
      { want: "notice", tone: "plain", text: "A plan comes first: read it, then A applies it." },
      run({ do: "run", argv: [...words, "--plan-only"], show: "quiet", opens: { screen: "plan", param: "" } }),
    ];
  }
  if (riskOf(command, rest) === "read") return [run({ do: "run", argv: words, show: "output" })];
  const line = `halligan ${joinWords(words)}`;
  return [
    {
      want: "ask",
      confirmation: {
        level: levelOf(command, rest),
        title: command.id,
        says: [
          `${command.summary}.`,
          ...planWords(command.id, rest, world),
          ...(clusterName(world) === undefined ? [] : [`Cluster: ${clusterName(world)}.`]),
        ],
        command: line,
        effects: [{ do: "run", argv: rest.includes("--yes") ? words : [...words, "--yes"], show: "output" }],
      },
    },
  ];
}

/** True for commands that make a plan of their own and would run it: here a plan is read first, and `A` on its page asks as hard as it is grave. */
function plansFirst(command: CommandDefinition, rest: readonly string[]): boolean {
  const planOnly = shapesOf(command).find(({ key }) => key === "planOnly");
  const has = (word: string): boolean => rest.some((each) => each.split("=")[0] === word);
  return (
    planOnly !== undefined && !has(planOnly.word) && !notPlanning.some(([id, word, wanted]) => id === command.id && has(word) === wanted)
  );
}

/** What a command may do with the options that were typed. */
function riskOf(command: CommandDefinition, rest: readonly string[]): CommandDefinition["risk"] {
  const typed = new Set(rest.map((word) => word.split("=")[0]));
  const graver = shapesOf(command).filter(({ key, word }) => command.graver?.[key] !== undefined && typed.has(word));
  const risks = graver.map(({ key }) => command.graver?.[key]);
  return risks.includes("destructive") ? "destructive" : risks.includes("change") ? "change" : command.risk;
}

/** Such commands that make no plan with, or without, an option. */
const notPlanning: readonly (readonly [id: string, option: string, given: boolean])[] = [
  ["reset", "--forget", true],
  ["drift", "--put-back", false],
];

/** Options with which a command takes something away that it otherwise leaves alone. */
const harsh: ReadonlySet<string> = new Set(["unlock --force", "cancel --now", "cancel --abandon"]);

/** The command asks nobody once it has been agreed to here, so what cannot be taken back wants the cluster's name typed. */
function levelOf({ id, risk }: CommandDefinition, rest: readonly string[]): Confirmation["level"] {
  const isHarsh = rest.some((word) => harsh.has(`${id} ${word.split("=")[0] ?? ""}`));
  return risk === "destructive" || runsPlans.has(id) || isHarsh ? "types" : "asks";
}

/** Commands that run a plan, now or later. */
const runsPlans: ReadonlySet<string> = new Set(["schedule", "breakglass"]);

/** What the plan does that a command would run. */
function planWords(id: string, rest: readonly string[], world: World): readonly string[] {
  if (!runsPlans.has(id)) return [];
  const name = rest.find((word) => /^P-\d+$/u.test(word));
  const plan =
    name === undefined ? undefined : [known(world, newestPlanTopic), known(world, planTopic(name))].find((each) => each?.id === name);
  if (plan !== undefined) return applyWords(plan, world);
  return name === undefined ? [] : [`${name} has not been looked at here; \`:plan\` shows the newest one.`];
}

/** Nothing is applied that nobody has seen: without a plan's id a plan is made and shown, and `A` applies it there. */
function apply(words: readonly string[], rest: readonly string[], world: World): readonly Intent<never>[] {
  const plan = known(world, newestPlanTopic);
  const [id] = rest.filter((word) => !word.startsWith("-"));
  if (id !== undefined && /^P-\d+$/u.test(id)) {
    if (plan?.id === id) return askToApply(plan, world);
    return [
      {
        want: "ask",
        confirmation: {
          level: "types",
          title: `apply ${id}`,
          says: [
            `${id} is not the newest plan${plan === undefined ? "" : ` (${plan.id} is)`}; it runs only if the files are still those it was made from.`,
          ],
          command: `halligan ${joinWords(words)}`,
          effects: [{ do: "run", argv: ["apply", id, "--yes", "--detach"], show: "quiet" }],
        },
      },
    ];
  }
  const targets = rest.filter((word) => !word.startsWith("-"));
  return [
    { want: "notice", tone: "plain", text: "A plan comes first: read it, then A applies it." },
    run({ do: "run", argv: ["plan", ...targets], show: "quiet", opens: { screen: "plan", param: "" } }),
  ];
}

/** Nobody votes for what they have not seen: a request that was not read yet is opened, and `A` approves it there. */
function approve(rest: readonly string[], world: World): readonly Intent<never>[] {
  const request = rest.find((word) => /^A-\d+$/u.test(word)) ?? rest[0] ?? "";
  const document = known(world, approvalTopic(request));
  if (document !== undefined)
    return askToApprove(
      document,
      world,
      rest.filter((word) => word !== request),
    );
  return [
    { want: "open", screen: "approval", param: request },
    { want: "notice", tone: "plain", text: `Read ${request} first, then A approves it.` },
  ];
}

function run(effect: RunEffect): Intent<never> {
  return { want: "effect", effect };
}
