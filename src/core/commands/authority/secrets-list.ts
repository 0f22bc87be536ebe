import { z } from "zod";
import type { SecretRow } from "../../authority/secrets/desk.ts";
import { defineCommand } from "../command.ts";

/** `secrets list`. */
export interface SecretsDocument {
  readonly halligan: 1;
  readonly kind: "secrets";
  readonly cluster: string;
  readonly secrets: readonly SecretRow[];
  /** Milliseconds since 1970, for ages. */
  readonly at: number;
}

/** Lists secrets without their values. */
export const secretsListCommand = defineCommand({
  id: "secrets list",
  area: "authority",
  summary: "List the secrets: where they come from, their version and age, who uses them",
  details:
    "Values are never shown. A version behind a node-role is the one that stands on the node; where it is older than the newest, `halligan apply` brings the newest.",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan secrets list", does: "lists all secrets of the cluster" }],
  async run(context) {
    const house = await context.house();
    const { cluster } = await house.load();
    const document: SecretsDocument = {
      halligan: 1,
      kind: "secrets",
      cluster: cluster.name,
      secrets: await house.secrets.list(),
      at: house.clock.now(),
    };
    return { exit: 0, document: { ...document } };
  },
});
