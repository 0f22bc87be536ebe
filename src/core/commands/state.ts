import { z } from "zod";
import { defineCommand } from "./command.ts";
import type { CopiedState } from "./local.ts";

/** `state copy`, `state export`, `state import`. */
export interface StateCopyDocument extends CopiedState {
  readonly halligan: 1;
  readonly kind: "state-copy";
}

const inChat = { no: "It works with files and addresses of the machine on which it is typed." } as const;

/** Copies a store. */
export const stateCopyCommand = defineCommand({
  id: "state copy",
  area: "processes",
  summary: "Move a cluster's state to another store, verified by digest",
  details: `FROM and TO are addresses as for \`--state\`: a file, or redis://... (docs/store.md). TO must be empty. Everything goes along: journal, plans, approvals, sealed
secrets, tokens of leases, logs. The copy is read back and compared; then FROM is marked, and whoever opens it is told where the state is now. No engine may run meanwhile.`,
  args: () =>
    z.object({
      from: z.string().min(1).describe("Store to copy"),
      to: z.string().min(1).describe("Empty store to fill"),
    }),
  positionals: ["from", "to"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: inChat,
  examples: [
    { line: "halligan state copy .halligan/state.db 'redis://10.0.0.5?site=prod-eu'", does: "from the embedded store to a shared one" },
    { line: "halligan state copy 'redis://10.0.0.5?site=prod-eu' ./state.db", does: "and back" },
  ],
  run: async (context, { from, to }) => answer(await context.local.copyState(from, to)),
});

/** Writes a store into a file. */
export const stateExportCommand = defineCommand({
  id: "state export",
  area: "processes",
  summary: "Write a backup of a cluster's state into a new file",
  details:
    "Of an embedded store it may be made while runs go on: the file holds one moment. A shared one should be at rest. Secrets in it are sealed; keep the age identities (.halligan/identity) apart from it.",
  args: () => z.object({ file: z.string().min(1).describe("File to make") }),
  positionals: ["file"],
  risk: "read",
  needs: "administer",
  follows: false,
  chat: inChat,
  examples: [{ line: "halligan state export backup-2026-11-21.jsonl", does: "makes a backup" }],
  run: async (context, { file }) => answer(await context.local.exportState(file)),
});

/** Fills a store from a file. */
export const stateImportCommand = defineCommand({
  id: "state import",
  area: "processes",
  summary: "Fill an empty store from a backup",
  details:
    "The store is the one that `--state` names, or the cluster folder's own. A file that was cut or changed is refused before anything is written.",
  args: () => z.object({ file: z.string().min(1).describe("File that `state export` made") }),
  positionals: ["file"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: inChat,
  examples: [{ line: "halligan state import backup-2026-11-21.jsonl", does: "brings back a backup" }],
  run: async (context, { file }) => answer(await context.local.importState(file)),
});

function answer(copied: CopiedState): { exit: 0; document: StateCopyDocument & Readonly<Record<string, unknown>> } {
  return { exit: 0, document: { halligan: 1, kind: "state-copy", ...copied } };
}
