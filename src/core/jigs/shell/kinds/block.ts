import { z } from "zod";
import { absolutePath, fileMode, flag, oneLine, owner, text } from "../args.ts";
import { blockPrelude, compileBlock, compileNoBlock, markerLines } from "../block-step.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";

const standardMarker = "# {mark} halligan";

const schema = z
  .strictObject({
    path: absolutePath.describe("A text file."),
    block: text
      .transform((value) => value.replace(/\n$/u, ""))
      .pipe(z.string().min(1, "must not be empty: use state: absent"))
      .optional()
      .describe("The lines between the markers."),
    marker: oneLine
      .refine((value) => value.includes("{mark}"), "must hold {mark}")
      .default(standardMarker)
      .describe("The lines around the block, with BEGIN and END for {mark}. A second block in the same file needs a marker of its own."),
    after: oneLine
      .min(1)
      .optional()
      .describe("Extended regular expression: a new block goes after the last line that it matches. Default: the end of the file."),
    before: oneLine
      .min(1)
      .optional()
      .describe("Instead of after: a new block goes before the first line that this matches. A block that is there stays where it is."),
    create: flag.default(false).describe("Make the file when it is missing."),
    owner: owner.optional().describe("user:group, user or :group. Default: what is there."),
    mode: fileMode.optional().describe("Octal digits in quotes. Default: what is there; a new file gets 0644, one with a secret 0600."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: the block and its markers are removed."),
    restore: flag.default(false).describe("With state absent: only a block of ours goes; what the markers held before it comes back."),
  })
  .refine((args) => args.state === "absent" || args.block !== undefined, "give block")
  .refine((args) => args.after === undefined || args.before === undefined, "give after or before, not both")
  .refine((args) => {
    const { begin, end } = markerLines(args.marker);
    return !(args.block ?? "").split("\n").some((line) => line === begin || line === end);
  }, "block must not hold the marker lines");

/** A marked block of lines in a text file. */
export const blockKind: StepKind<typeof schema> = {
  kind: "block",
  summary: "A block of lines between two markers in a text file; every other byte of the file stays.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => (args.marker === standardMarker ? args.path : `${args.path}:${hexDigest(args.marker).slice(0, 8)}`),
  label: (args) => `block in ${args.path}${args.state === "absent" ? (args.restore ? " as before" : " absent") : ""}`,
  readOnly: false,
  undo: {
    class: "restore",
    means: "The block goes, or what the markers held before comes back; a file made for it is removed when nothing else is in it.",
  },
  inverse: (args) =>
    args.state === "absent" ? undefined : { kind: "block", args: { path: args.path, marker: args.marker, state: "absent", restore: true } },
  sources: [],
  secretArgs: ["block"],
  examples: [
    { title: "At the end", yaml: 'block: { path: /etc/profile, block: "umask 027\\nexport EDITOR=vi" }' },
    {
      title: "At a place, with a marker of its own",
      yaml: 'block: { path: /etc/ssh/sshd_config, before: "^Match ", marker: "# {mark} bastion", block: "AllowGroups ops" }',
    },
  ],
  prelude: blockPrelude,
  compile(args, step, context) {
    const { path, marker, block } = args;
    if (args.state === "absent" || block === undefined) return compileNoBlock({ path, marker, restore: args.restore }, step, context);
    const { after, before, create, mode } = args;
    return compileBlock({ path, marker, block, after, before, create, mode, owner: args.owner }, step, context);
  },
};
