import { z } from "zod";
import { findBarclamps } from "./barclamp-find.ts";
import { defineCommand } from "./command.ts";
import type { FixtureResult } from "./fixture-run.ts";

/** `barclamp test`. */
export interface BarclampTestDocument {
  readonly halligan: 1;
  readonly kind: "barclamp-test";
  readonly fixtures: readonly FixtureResult[];
  /** Barclamps that have no fixture. */
  readonly untested: readonly string[];
  readonly summary: { readonly passed: number; readonly failed: number };
}

/** Runs the fixtures of barclamps. */
export const barclampTestCommand = defineCommand({
  id: "barclamp test",
  area: "barclamps",
  summary: "Run the fixtures of a barclamp, or of all",
  details: `A fixture says: with these settings and facts, on a node that looks like this, these steps change. The check that would run on a node
runs here under /bin/sh, with the fixture in place of the machine: nothing is touched. Exit code 1 when one fails.`,
  args: () => z.object({ name: z.string().min(1).optional().describe("Barclamp; default: all") }),
  positionals: ["name"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It runs scripts on the machine on which it is typed." },
  examples: [{ line: "halligan barclamp test nginx", does: "runs barclamps/nginx/fixtures/*.yaml" }],
  async run(context, { name }) {
    const { runFixture } = await import("./fixture-run.ts");
    const found = await findBarclamps(context.local, name);
    const fixtures: FixtureResult[] = [];
    const untested: string[] = [];
    for (const each of found) {
      const sources = await context.local.fixtures(each.folder);
      if (sources.length === 0) untested.push(each.name);
      for (const source of sources) {
        context.signal.throwIfAborted();
        fixtures.push(await runFixture(each, source, context.local));
      }
    }
    const failed = fixtures.filter((each) => each.outcome === "failed").length;
    const document: BarclampTestDocument = {
      halligan: 1,
      kind: "barclamp-test",
      fixtures,
      untested,
      summary: { passed: fixtures.length - failed, failed },
    };
    return { exit: failed === 0 ? 0 : 1, document: { ...document } };
  },
});
