import type { EngineInfo } from "../house.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { askOfRun } from "../run/requests.ts";

/** What can be asked of a run. */
export type Wish = Parameters<typeof askOfRun>[2];

/** Answer of `pause`, `resume` and `cancel`: the wish is in the journal; the engine carries it out. */
export interface AskedDocument {
  readonly halligan: 1;
  readonly kind: "asked";
  readonly run: string;
  readonly asked: Wish["kind"];
  /** How strongly to cancel. */
  readonly how?: "after-step" | "now" | "abandon";
  /** The run had not begun, so that nothing of it runs. */
  readonly waiting?: true;
  readonly engine: { readonly host: string; readonly pid: number };
}

/**
 * Puts a wish about a run into the journal and sees to it that an engine is there to read it.
 * @throws `NOT_ALLOWED`, `RUN_NOT_FOUND`, `RUN_ENDED`, `ENGINE_GONE`.
 */
export async function ask(context: CommandContext, named: string | undefined, wish: Wish): Promise<Answer> {
  const { askOfRun, readPlan, readRunState } = await import("../run/requests.ts");
  const { requirePlan } = await import("./planning.ts");
  const { chooseRun } = await import("./run-choose.ts");
  const house = await context.house();
  const { run, plan } = await chooseRun(house.store, named);
  await requirePlan(context, await readPlan(house.store, plan));
  await askOfRun(house.store, run, wish, context.by);
  const waiting = wish.kind === "cancel" && (await readRunState(house.store, run)).state.phase === "requested";
  const engine: EngineInfo = await house.ensureEngine();
  const document: AskedDocument = {
    halligan: 1,
    kind: "asked",
    run,
    asked: wish.kind,
    ...(wish.kind === "cancel" ? { how: wish.how } : {}),
    ...(waiting ? { waiting: true as const } : {}),
    engine: { host: engine.host, pid: engine.pid },
  };
  return { exit: 0, document: { ...document } };
}
