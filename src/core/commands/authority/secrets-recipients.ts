import { z } from "zod";
import type { RecipientRows } from "../../authority/secrets/desk.ts";
import type { Answer } from "../command.ts";
import { defineCommand } from "../command.ts";

/** `secrets recipients list`, `add` and `remove`. */
export interface RecipientsDocument extends RecipientRows {
  readonly halligan: 1;
  readonly kind: "secret-recipients";
}

function answer(rows: RecipientRows): Answer {
  const document: RecipientsDocument = { halligan: 1, kind: "secret-recipients", ...rows };
  return { exit: 0, document: { ...document } };
}

/** Lists those who can open the secrets. */
export const recipientsListCommand = defineCommand({
  id: "secrets recipients list",
  area: "authority",
  summary: "List the keys for which the secrets are sealed",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan secrets recipients list", does: "shows who can open the secrets, and this user's own recipient" }],
  run: async (context) => answer(await (await context.house()).secrets.recipients()),
});

/** Seals the secrets for one more. */
export const recipientsAddCommand = defineCommand({
  id: "secrets recipients add",
  area: "authority",
  summary: "Seal the secrets for one more key",
  details: [
    "RECIPIENT is an age recipient (`age1...`, or `age1pq1...` which withstands quantum computers), `own` for this user's key on this machine, or `passphrase`, which is asked for: the way back when every key file is lost.",
    "Everything is sealed anew. `--with` opens the secrets with another key than this user's: a file with an age identity, or `passphrase`. `halligan secrets recipients add own --with passphrase` gives a new machine access.",
  ].join("\n\n"),
  args: () =>
    z.object({
      recipient: z.string().min(1).max(5000).describe("age1..., own, or passphrase"),
      label: z.string().min(1).max(100).optional().describe("Whose it is, for the list"),
      with: z.string().min(1).optional().describe("File with an age identity that opens the secrets, or passphrase"),
    }),
  positionals: ["recipient"],
  risk: "change",
  needs: "administer",
  follows: false,
  chat: { takes: "cluster", without: ["with"] },
  examples: [
    { line: "halligan secrets recipients add age1x7...q2l --label backup", does: "lets the owner of this key open the secrets" },
    { line: "halligan secrets recipients add passphrase", does: "asks for a passphrase that opens the secrets" },
  ],
  async run(context, { recipient, label, with: opener }) {
    const { secrets } = await context.house();
    return answer(
      await secrets.admit(recipient, { ...(label === undefined ? {} : { label }), ...(opener === undefined ? {} : { opener }) }),
    );
  },
});

/** Seals the secrets without one. */
export const recipientsRemoveCommand = defineCommand({
  id: "secrets recipients remove",
  area: "authority",
  summary: "Seal the secrets without a key",
  details: "Who had the key may have opened the secrets or kept a copy of the store: rotate the secrets too.",
  args: () => z.object({ recipient: z.string().min(1).max(5000).describe("Short name from the list, or age1...") }),
  positionals: ["recipient"],
  risk: "change",
  needs: "administer",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan secrets recipients remove 3f0c9a1b22de", does: "seals everything without this key" }],
  run: async (context, { recipient }) => answer(await (await context.house()).secrets.expel(recipient)),
});
