import { z } from "zod";
import { oneOrMany, text } from "../args.ts";
import { commandPrelude, compileGuarded, guardKeys, shellText, wordsText } from "../command-step.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";

const schema = z.strictObject({
  name: text.optional().describe("What others call this step in notify and outputs."),
  run: z.union([text.min(1), oneOrMany(text)]).describe("Shell text for /bin/sh, or a list: a program and its arguments, without a shell."),
  ...guardKeys,
});

function shown(run: string | readonly string[]): string {
  const line = (typeof run === "string" ? run : run.join(" ")).trim().split("\n")[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** A command, guarded or run once. */
export const commandKind: StepKind<typeof schema> = {
  kind: "command",
  summary: "A command; without a guard it runs once per distinct text.",
  schema,
  shorthand: (value) => (typeof value === "string" || Array.isArray(value) ? { run: value } : undefined),
  naturalId: (args) => args.name ?? hexDigest(JSON.stringify(args.run)).slice(0, 12),
  label: (args) => `command ${args.name ?? shown(args.run)}`,
  readOnly: true,
  undo: { class: "none", means: "What a command did is not known; say it in the role's own `undo`. That it ran is forgotten." },
  inverse: () => undefined,
  sources: [],
  secretArgs: ["run", "env", "unless", "onlyIf"],
  examples: [
    { title: "Once", yaml: "command: keystone-manage db_sync" },
    { title: "Guarded", yaml: 'command: { name: initialise, run: "app init --force", as: app, creates: /var/lib/app/db }' },
    { title: "When notified", yaml: "command: { name: reload-dns, run: rndc reload, on: notify }" },
  ],
  prelude: commandPrelude,
  compile(args, step, context) {
    const script = typeof args.run === "string" ? args.run : wordsText(args.run);
    const identity = JSON.stringify([script, args.as ?? "", args.cwd ?? "", args.env]);
    return compileGuarded(args, { ...shellText(script, step.secret, context), identity }, step, context);
  },
};
