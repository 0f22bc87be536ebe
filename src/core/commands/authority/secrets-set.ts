import { z } from "zod";
import type { SecretChange } from "../../authority/secrets/desk.ts";
import type { Answer } from "../command.ts";
import { defineCommand } from "../command.ts";

/** `secrets set`, `secrets generate`, `secrets rotate`. */
export interface SecretsChangedDocument {
  readonly halligan: 1;
  readonly kind: "secrets-changed";
  readonly cluster: string;
  readonly changes: readonly SecretChange[];
}

/** The answer of a command that made new versions. */
export function changedAnswer(cluster: string, changes: readonly SecretChange[]): Answer {
  const document: SecretsChangedDocument = { halligan: 1, kind: "secrets-changed", cluster, changes };
  return { exit: 0, document: { ...document } };
}

/** Names of secrets, as the three commands take them. */
export const secretName = z
  .string()
  .min(1)
  .max(300)
  .describe("DEPLOYMENT/BARCLAMP.ATTRIBUTE, or without the deployment where only one has it");

/** Keeps a value that a person gives. */
export const secretsSetCommand = defineCommand({
  id: "secrets set",
  area: "authority",
  summary: "Keep a value for a secret, from standard input or a hidden prompt",
  details: [
    "The value is read from standard input (one newline at its end is left away), or asked for twice without being shown. It is never an argument: arguments are seen by every user of the machine.",
    "It becomes the next version, sealed. Nodes get it by the next plan and apply. For secrets with `ask` or `generate` in the cluster file; others have their value where the file says.",
  ].join("\n\n"),
  args: () => z.object({ secret: secretName }),
  positionals: ["secret"],
  risk: "change",
  needs: "administer",
  follows: false,
  chat: { no: "A value typed here would be kept by Slack." },
  examples: [
    { line: "halligan secrets set identity/keystone.adminPassword", does: "asks for the value, twice" },
    { line: "pass show lab/keystone | halligan secrets set keystone.adminPassword", does: "takes it from another program" },
  ],
  async run(context, { secret }) {
    const house = await context.house();
    const { cluster } = await house.load();
    return changedAnswer(cluster.name, [await house.secrets.set(secret)]);
  },
});
