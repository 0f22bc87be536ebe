import { z } from "zod";
import { problem } from "../errors.ts";
import { nameSchema } from "../model/ids.ts";
import { subfolderSchema } from "../model/lock-file.ts";
import { defineCommand } from "./command.ts";

/** Takes a barclamp from a git repository or a folder. */
export const barclampAddCommand = defineCommand({
  id: "barclamp add",
  area: "barclamps",
  summary: "Take a barclamp from a git repository or a folder",
  details: [
    "Fetches it into the cache of this folder and writes into halligan.lock where it came from, at which commit, and a digest over all its files. From then on it is used exactly so, also without the network; a copy whose digest differs is refused.",
    "SOURCE is an address that git understands, or a folder; @REF is a branch, a tag or a whole commit. Nothing of a repository is run: no hooks, no filters, no submodules. The name that is there already is replaced.",
  ].join("\n\n"),
  args: () =>
    z.object({
      source: z.string().min(1).describe("SOURCE or SOURCE@REF"),
      path: subfolderSchema.optional().describe("Folder of the barclamp in the source"),
      as: nameSchema.optional().describe("Name under which it is used here; default: its own"),
    }),
  positionals: ["source"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "It writes files into the folder in which it is typed." },
  examples: [
    {
      line: "halligan barclamp add https://git.example.org/barclamps.git@v1.2 --path motd",
      does: "takes barclamp motd as tag v1.2 has it",
    },
    { line: "halligan barclamp add ../shared/motd", does: "takes a folder as it is now" },
  ],
  async run(context, { source, path, as }) {
    const { lockAll, requireLock, take } = await import("./barclamp-fetch.ts");
    const sources = await context.local.sources();
    const lock = await requireLock(sources);
    const wish = { ...(await sources.understand(source)), ...(path === undefined ? {} : { path }) };
    const taken = await take(sources, wish, lock.barclamps, { ...(as === undefined ? {} : { as }), signal: context.signal });
    const there = (await context.local.barclamps()).find((each) => each.name === taken.name);
    const message =
      there?.origin === "cluster"
        ? `${taken.name} lies in ${there.folder} too, and that one is used: remove the folder to use what was added.`
        : `${taken.name} is used in place of the barclamp of the same name that comes with Halligan.`;
    const notices = there === undefined || there.origin === "fetched" ? [] : [problem("SOURCE_NOTICE", { message })];
    return { exit: 0, document: { ...(await lockAll(sources, lock, [taken], notices)) } };
  },
});
