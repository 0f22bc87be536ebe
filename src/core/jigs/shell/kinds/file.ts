import { z } from "zod";
import { absolutePath, fileMode, flag, owner } from "../args.ts";
import { compileAbsent, compileContent, compileExisting, contentPrelude } from "../content-step.ts";
import type { StepKind } from "../kind.ts";

const schema = z
  .strictObject({
    path: absolutePath.describe("Absolute path on the node."),
    content: z.string().optional().describe("The content, byte for byte (UTF-8)."),
    source: z.string().min(1).optional().describe("Instead of content: a file of the barclamp's `files/` folder, delivered as it is."),
    mode: fileMode
      .optional()
      .describe('Octal digits in quotes, such as "0640". Default: what is there; a new file gets 0644, one with a secret 0600.'),
    owner: owner
      .optional()
      .describe("user:group, user or :group. Default: what is there; a new file belongs to the user who runs the step."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: the file is removed."),
    restore: flag
      .default(false)
      .describe("With state absent: bring back the file that was there before Halligan replaced it; a file that is not ours stays."),
  })
  .refine((args) => args.content === undefined || args.source === undefined, "give content or source, not both")
  .refine(
    (args) => args.state === "present" || (args.content ?? args.source ?? args.mode ?? args.owner) === undefined,
    "state: absent takes only path and restore",
  );

/** A file with exactly this content, mode and owner. */
export const fileKind: StepKind<typeof schema> = {
  kind: "file",
  summary: "A file with exactly this content, mode and owner; a symlink at the path is replaced, not followed.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.path,
  label: (args) => (args.state === "absent" ? `file ${args.path} ${args.restore ? "as before" : "absent"}` : `file ${args.path}`),
  readOnly: false,
  undo: {
    class: "restore",
    means: "The file that was there before the first change comes back with content, owner and mode; a new file is removed.",
  },
  inverse: (args) => (args.restore ? undefined : { kind: "file", args: { path: args.path, state: "absent", restore: true } }),
  sources: ["source"],
  secretArgs: ["content"],
  examples: [
    { title: "Content in place", yaml: 'file: { path: /etc/motd, content: "Welcome\\n", mode: "0644", owner: root:root }' },
    { title: "A file of the barclamp", yaml: "file: { path: /srv/logo.png, source: logo.png }" },
    { title: "Gone", yaml: "file: { path: /etc/nginx/sites-enabled/default, state: absent }" },
  ],
  prelude: contentPrelude,
  compile(args, step, context) {
    if (args.state === "absent") return compileAbsent({ path: args.path, restore: args.restore }, step, context);
    const { path, mode, owner: who } = args;
    const bytes = step.blobs["source"]?.bytes ?? (args.content === undefined ? undefined : new TextEncoder().encode(args.content));
    if (bytes === undefined) return compileExisting({ path, mode, owner: who }, context);
    return compileContent({ path, bytes, mode, owner: who }, step, context);
  },
};
