import { parseArgs } from "node:util";

/** Runs one command line, or an engine process, to its end; tells when its words were understood. */
export async function commandLine(words: readonly string[], understood: () => void): Promise<void> {
  const [first, ...others] = words;
  if (first === "engine") return await engine(others, understood);
  const { main } = await import("./program.ts");
  await main(words, understood);
}

/** The engine is a process, not a command: front ends start it (house/engine-process.ts). */
async function engine(args: string[], understood: () => void): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { file: { type: "string", short: "f", default: "cluster.yaml" }, state: { type: "string" }, standby: { type: "string" } },
  });
  understood();
  const { file, state, standby: starter } = values;
  const { awaitTurn } = await import("./house/standby.ts");
  const turn = await awaitTurn(process.stdin);
  if (turn !== undefined) {
    const { runEngineProcess } = await import("./house/open.ts");
    await runEngineProcess({ file, ...(state === undefined ? {} : { state }) }, { ...turn, starter });
  }
  process.stdin.destroy();
}
