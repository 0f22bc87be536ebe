import { z } from "zod";
import { fail } from "../../errors.ts";
import { defineCommand } from "../command.ts";

/** `link --for PERSON`. */
export interface LinkOfferDocument {
  readonly halligan: 1;
  readonly kind: "link-offer";
  readonly person: string;
  /** To be handed to whoever shall become the person; it is shown once and kept nowhere. */
  readonly code: string;
  /** The only principal that may use it; null = whoever has the code. */
  readonly principal: string | null;
  /** Until when it may be used, in ms since 1970. */
  readonly until: number;
}

/** `link CODE`. */
export interface LinkedDocument {
  readonly halligan: 1;
  readonly kind: "linked";
  readonly principal: string;
  readonly person: string;
  /** Who made the code. */
  readonly by: string;
}

/** `link` alone. */
export interface LinksDocument {
  readonly halligan: 1;
  readonly kind: "links";
  readonly links: readonly { readonly principal: string; readonly person: string; readonly counts: boolean }[];
  /** Codes that may still be used. */
  readonly open: readonly { readonly person: string; readonly by: string; readonly principal: string | null; readonly until: number }[];
}

/** Ties a further principal to a person. */
export const linkCommand = defineCommand({
  id: "link",
  area: "authority",
  summary: "Let one more user, key or chat account stand for a person",
  details: [
    "With --for: makes a code that can be used once, within 10 minutes. For yourself anybody may, for others an admin. Hand it over where nobody else reads it, or bind it with --principal.",
    "With a code: shows who you would become and asks; from then on your present principal (local user, or the key of --identity) stands for that person. `-` reads the code from the terminal or stdin, so that it is in no process list.",
    "Alone: lists links and open codes.",
  ].join("\n\n"),
  args: () =>
    z.object({
      code: z.string().min(1).optional().describe("A code that was made for you, or - to type it"),
      for: z.string().min(1).optional().describe("Person of people.yaml for whom to make a code"),
      principal: z
        .string()
        .regex(/^(local|ssh|slack):\S+$/u, "local:USER, ssh:SHA256:... or slack:TEAM/USER")
        .optional()
        .describe("With --for: the only principal that may use the code, as `halligan whoami` shows it"),
    }),
  positionals: ["code"],
  secretArgs: ["code"],
  risk: "change",
  needs: "nothing",
  recorded: true,
  follows: false,
  chat: { takes: "every cluster" },
  examples: [
    { line: "halligan link --for alice", does: "prints a code with which one more user or key can become alice" },
    { line: "halligan link -", does: "asks for the code, shows who you would become, and asks whether you want that" },
    { line: "halligan link - --identity ~/.ssh/id_ed25519", does: "lets that key stand for the person of the code" },
  ],
  async run(context, args) {
    const run = await import("./link-run.ts");
    if (args.for !== undefined && args.code !== undefined)
      throw fail("USAGE", { message: "--for makes a code; to use one, give it alone.", hint: "`halligan help link` shows both." });
    if (args.for !== undefined) return await run.makeCode(context, args.for, args.principal);
    if (args.principal !== undefined) throw fail("USAGE", { message: "--principal belongs to --for." });
    return args.code === undefined ? await run.listLinks(context) : await run.redeem(context, args.code);
  },
});
