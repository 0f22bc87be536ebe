import { z } from "zod";
import { alphabetNames, generatedLength } from "../../model/secret-policy.ts";
import { defineCommand } from "../command.ts";
import { changedAnswer, secretName } from "./secrets-set.ts";

/** Makes the first value of a secret. */
export const secretsGenerateCommand = defineCommand({
  id: "secrets generate",
  area: "authority",
  summary: "Make a random value for a secret that has none",
  details:
    "What is not said here comes from `generate` in the cluster file, else 32 letters and digits. A plan makes generated secrets by itself; this is for making one before, or one that is otherwise asked for.",
  args: () =>
    z.object({
      secret: secretName,
      length: z.int().min(generatedLength.least).max(generatedLength.most).optional().describe("Number of characters"),
      alphabet: z.enum(alphabetNames).optional().describe("What it is made of"),
      minClasses: z.int().min(1).max(4).optional().describe("So many of lower case, upper case, digits and other characters must occur"),
    }),
  positionals: ["secret"],
  risk: "change",
  needs: "administer",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan secrets generate keystone.adminPassword", does: "makes it as the cluster file says" },
    { line: "halligan secrets generate db.key --length 64 --alphabet hex", does: "64 hexadecimal digits" },
  ],
  async run(context, { secret, length, alphabet, minClasses }) {
    const house = await context.house();
    const { cluster } = await house.load();
    const change = await house.secrets.generate(secret, {
      ...(length === undefined ? {} : { length }),
      ...(alphabet === undefined ? {} : { alphabet }),
      ...(minClasses === undefined ? {} : { minClasses }),
    });
    return changedAnswer(cluster.name, [change]);
  },
});
