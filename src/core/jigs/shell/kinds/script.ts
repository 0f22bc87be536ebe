import { z } from "zod";
import { oneLine, text } from "../args.ts";
import { commandPrelude, compileGuarded, guardKeys } from "../command-step.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { lines, rawShell, sh } from "../quote.ts";

const schema = z
  .strictObject({
    name: text.optional().describe("What others call this step in notify and outputs."),
    content: text.min(1).optional().describe("The script itself."),
    source: z.string().min(1).optional().describe("Instead of content: a file of the barclamp's `files/` folder."),
    interpreter: oneLine.min(1).optional().describe("Program that runs it. Default: its first line (`#!...`), else /bin/sh."),
    args: z
      .array(z.union([text, z.number().transform(String)]))
      .default([])
      .describe("Arguments."),
    ...guardKeys,
  })
  .refine((args) => (args.content === undefined) !== (args.source === undefined), "give content or source");

/** A script, guarded or run once. */
export const scriptKind: StepKind<typeof schema> = {
  kind: "script",
  summary: "A script of the barclamp or in place; guards as for command.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { source: value } : undefined),
  naturalId: (args) => args.name ?? args.source ?? hexDigest(args.content ?? "").slice(0, 12),
  label: (args) => `script ${args.name ?? args.source ?? "in place"}`,
  readOnly: true,
  undo: { class: "none", means: "What a script did is not known; say it in the role's own `undo`. That it ran is forgotten." },
  inverse: () => undefined,
  sources: ["source"],
  secretArgs: ["content", "env", "unless", "onlyIf"],
  examples: [{ title: "From the barclamp", yaml: "script: { source: migrate.sh, as: app, creates: /var/lib/app/migrated }" }],
  prelude: commandPrelude,
  compile(args, step, context) {
    const bytes = step.blobs["source"]?.bytes ?? new TextEncoder().encode(args.content ?? "");
    const content = context.content(bytes);
    const program = args.interpreter === undefined ? interpreterOf(bytes) : [args.interpreter];
    const file = args.as === undefined ? sh`"$HG_VOLATILE"/script.${context.index}` : sh`"$hg_script"`;
    const place =
      args.as === undefined
        ? sh`hg_script=${file}`
        : sh`hg_script=$(mktemp ${rawShell('"${TMPDIR:-/tmp}"')}/halligan.XXXXXX) || { hg_fail "no temporary file could be made"; return 1; }
hg_try chown -- ${args.as} "$hg_script" || return 1`;
    const identity = JSON.stringify([hexDigest(bytes), program, args.args, args.as ?? "", args.cwd ?? "", args.env]);
    const prepare = lines(
      sh`hg_have ${content} || return 1`,
      place,
      sh`hg_pour ${content} >"$hg_script" || { hg_fail "the script could not be written"; return 1; }`,
    );
    return compileGuarded(
      args,
      { argv: sh`${program} ${file} ${args.args}`, prepare, tidy: sh`rm -f -- "$hg_script"`, identity },
      step,
      context,
    );
  },
};

/** What the kernel would make of the first line: a program and at most one argument. */
function interpreterOf(bytes: Uint8Array): readonly string[] {
  const first = new TextDecoder().decode(bytes.subarray(0, 256)).split("\n")[0] ?? "";
  const [, program, argument] = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t\r]*$/u.exec(first) ?? [];
  if (program === undefined) return ["/bin/sh"];
  return argument === undefined || argument === "" ? [program] : [program, argument];
}
