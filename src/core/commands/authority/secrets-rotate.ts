import { z } from "zod";
import { defineCommand } from "../command.ts";
import { changedAnswer, secretName } from "./secrets-set.ts";

/** Makes the next version of secrets. */
export const secretsRotateCommand = defineCommand({
  id: "secrets rotate",
  area: "authority",
  summary: "Make the next version of secrets",
  details: [
    "A generated secret gets a new random value, one from `env`, `file` or `command` the value that its source gives now (which must have changed), one with `ask` is asked for.",
    "Nothing happens on nodes yet: the next plan shows `version 1 -> 2` for each node-role that uses the secret, and its digest is another one. Plans that were made before are refused. The older version stays readable until nothing that was applied refers to it.",
  ].join("\n\n"),
  args: () => z.object({ secrets: z.array(secretName).min(1).describe("Which secrets") }),
  positionals: ["secrets"],
  risk: "change",
  needs: "administer",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan secrets rotate identity/keystone.adminPassword", does: "makes a new value; then: halligan plan" }],
  async run(context, { secrets }) {
    const house = await context.house();
    const { cluster } = await house.load();
    return changedAnswer(cluster.name, await house.secrets.rotate(secrets));
  },
});
