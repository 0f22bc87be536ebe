import { clusterName, known } from "../data/world.ts";
import { newestPlanTopic } from "../data/topics.ts";
import type { World } from "../data/world.ts";
import type { Intent } from "../screens/screen.ts";
import type { ScreenTable } from "../screens/table.ts";
import { approvalTopic } from "../data/authority-topics.ts";
import { askToApply } from "./ask-apply.ts";
import { askToApprove } from "./ask-approve.ts";
import { findCommand, interactive, joinWords, missing, splitWords } from "./command-line.ts";
import type { RunEffect } from "./state.ts";

/** What a typed line wants: a screen, a command (with its question first), or a form for what is missing. */
export function runLine(
  text: string,
  world: World,
  table: ScreenTable,
): readonly Intent[] | { readonly form: string; readonly rest: readonly string[] } {
  const all = splitWords(text);
  const words = all[0] === "halligan" ? all.slice(1) : all;
  const [first] = words;
  if (first === undefined) return [];
  if (words.length === 1 && (first === "q" || first === "quit")) return [{ want: "effect", effect: { do: "quit" } }];
  const screen = table.named.find(({ id }) => id === first);
  if (screen !== undefined && words.length === 1) return [{ want: "open", screen: screen.id, param: "" }];
  const found = findCommand(words);
  if (found === undefined) return [{ want: "notice", tone: "warn", text: `There is no command \`${first}\`; \`help\` lists them.` }];
  if (missing(found.command, found.rest).length > 0) return { form: found.command.id, rest: found.rest };
  return runWords(words, world);
}

/** Runs a complete command line, with the question that its risk asks for. */
export function runWords(words: readonly string[], world: World): readonly Intent[] {
  const found = findCommand(words);
  if (found === undefined) return [];
  const { command, rest } = found;
  if (interactive.has(command.id)) return [{ want: "effect", effect: { do: "foreground", what: { kind: "command", argv: words } } }];
  if (command.id === "plan") return [run({ do: "run", argv: words, show: "quiet", opens: { screen: "plan", param: "" } })];
  if (command.id === "apply") return apply(words, rest, world);
  if (command.id === "approve" && rest.length === 1) return approve(rest[0] ?? "", world);
  if (command.risk === "read") return [run({ do: "run", argv: words, show: "output" })];
  const line = `halligan ${joinWords(words)}`;
  return [
    {
      want: "ask",
      confirmation: {
        level: command.risk === "destructive" ? "types" : "asks",
        title: command.id,
        says: [`${command.summary}.`, ...(clusterName(world) === undefined ? [] : [`Cluster: ${clusterName(world)}.`])],
        command: line,
        effects: [{ do: "run", argv: rest.includes("--yes") ? words : [...words, "--yes"], show: "output" }],
      },
    },
  ];
}

/** Nothing is applied that nobody has seen: without a plan's id a plan is made and shown, and `A` applies it there. */
function apply(words: readonly string[], rest: readonly string[], world: World): readonly Intent[] {
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
function approve(request: string, world: World): readonly Intent[] {
  const document = known(world, approvalTopic(request));
  if (document !== undefined) return askToApprove(document, world);
  return [
    { want: "open", screen: "approval", param: request },
    { want: "notice", tone: "plain", text: `Read ${request} first, then A approves it.` },
  ];
}

function run(effect: RunEffect): Intent {
  return { want: "effect", effect };
}
