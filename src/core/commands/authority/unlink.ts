import { z } from "zod";
import { defineCommand } from "../command.ts";

/** `unlink`. */
export interface UnlinkedDocument {
  readonly halligan: 1;
  readonly kind: "unlinked";
  readonly principal: string;
  /** For whom it stood. */
  readonly person: string;
}

/** Takes a link away again. */
export const unlinkCommand = defineCommand({
  id: "unlink",
  area: "authority",
  summary: "Take a user, key or chat account away that was linked to a person",
  details:
    "Your own links you may take away yourself, those of others an admin. What is written in people.yaml is taken away there. Runs that the principal asked for are held from then on.",
  args: () => z.object({ principal: z.string().min(1).describe("As `halligan link` lists it: local:carol, ssh:SHA256:...") }),
  positionals: ["principal"],
  risk: "change",
  needs: "nothing",
  recorded: true,
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan unlink local:carol", does: "the local user carol stands for nobody any more" }],
  async run(context, { principal }) {
    const [{ findLink, noPeople, removeLink }, { readLinks }] = await Promise.all([
      import("../../authority/people/linking.ts"),
      import("../../authority/people/links.ts"),
    ]);
    const house = await context.house();
    if ((await house.authority()).mode === "single-user") throw noPeople();
    const by = await house.person();
    const links = await readLinks(house.store);
    if (links.made.get(principal)?.person !== by) await context.authorise("administer", { kind: "cluster" });
    const { person } = findLink(links, principal);
    await removeLink(house, principal, by);
    const document: UnlinkedDocument = { halligan: 1, kind: "unlinked", principal, person };
    return { exit: 0, document: { ...document } };
  },
});
