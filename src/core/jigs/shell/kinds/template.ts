import { z } from "zod";
import { absolutePath, fileMode, owner } from "../args.ts";
import { compileContent, contentPrelude } from "../content-step.ts";
import type { StepKind } from "../kind.ts";

const schema = z.strictObject({
  path: absolutePath.describe("Absolute path on the node."),
  source: z.string().min(1).describe("A Liquid template of the barclamp's `templates/` folder."),
  mode: fileMode
    .optional()
    .describe('Octal digits in quotes, such as "0640". Default: what is there; a new file gets 0644, one with a secret 0600.'),
  owner: owner.optional().describe("user:group, user or :group. Default: what is there; a new file belongs to the user who runs the step."),
});

/** A file rendered from a template of the barclamp. The engine renders; the blob `source` holds the result. */
export const templateKind: StepKind<typeof schema> = {
  kind: "template",
  summary: "A file rendered from a Liquid template of the barclamp.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.path,
  label: (args) => `template ${args.path}`,
  readOnly: false,
  undo: {
    class: "restore",
    means: "The file that was there before the first change comes back with content, owner and mode; a new file is removed.",
  },
  inverse: (args) => ({ kind: "file", args: { path: args.path, state: "absent", restore: true } }),
  sources: ["source"],
  secretArgs: [],
  examples: [
    { title: "A configuration", yaml: 'template: { path: /etc/nginx/nginx.conf, source: nginx.conf.liquid, mode: "0644", notify: nginx }' },
  ],
  prelude: contentPrelude,
  compile(args, step, context) {
    const bytes = step.blobs["source"]?.bytes ?? new Uint8Array();
    return compileContent({ path: args.path, bytes, mode: args.mode, owner: args.owner }, step, context);
  },
};
