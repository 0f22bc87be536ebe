/** The command line's entry: everything else is loaded with compiled code kept from the last time, which makes the start fast. */
import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { parseArgs } from "node:util";
import { keptCodeFolder } from "./kept-code.ts";

const keptCode = keptCodeFolder(process.env);
if (keptCode !== undefined) enableCompileCache(keptCode);
const [first, ...others] = process.argv.slice(2);
if (first === "engine") {
  // The engine is a process, not a command: front ends start it (house/engine-process.ts).
  const { values } = parseArgs({
    args: others,
    options: { file: { type: "string", short: "f", default: "cluster.yaml" }, state: { type: "string" }, standby: { type: "string" } },
  });
  const { file, state, standby: starter } = values;
  const { awaitTurn } = await import("./house/standby.ts");
  const turn = await awaitTurn(process.stdin);
  if (turn !== undefined) {
    const { runEngineProcess } = await import("./house/open.ts");
    await runEngineProcess({ file, ...(state === undefined ? {} : { state }) }, { ...turn, starter });
  }
  process.stdin.destroy();
} else if (first === "--version" && others.length === 0) {
  // Scripts ask for it all the time; nothing needs to be loaded for the answer.
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string };
  process.stdout.write(`${version}\n`);
} else {
  const { main } = await import("./program.ts");
  await main(process.argv.slice(2));
}
