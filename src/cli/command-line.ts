import { parseArgs } from "node:util";

/** Runs one command line, or an engine process, to its end. */
export async function commandLine(words: readonly string[]): Promise<void> {
  const [first, ...others] = words;
  if (first === "engine") return await engine(others);
  const { main } = await import("./program.ts");
  await main(words);
}

/** The engine is a process, not a command: front ends start it (house/engine-process.ts). */
async function engine(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
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
}
