/** `crash-screen.ts WHERE`: the full screen with a screen that throws while drawing, on a key, or later by itself. Exit code 70 after last words. */
import { fullScreen } from "../../src/cli/tui/full-screen.ts";
import { nodesScreen } from "../../src/tui/screens/nodes.ts";
import { screenTable } from "../../src/tui/screens/table.ts";
import { update } from "../../src/tui/state/update.ts";
import { Rig } from "../tui/rig.ts";

const [where = ""] = process.argv.slice(2);
let broken = false;
const table = screenTable([
  {
    ...nodesScreen,
    view: (sight) => {
      if (broken) throw new Error("this screen is broken");
      return nodesScreen.view(sight);
    },
  },
]);

function lastWords(error: unknown): void {
  process.stderr.write(`last words: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(70);
}

process.env["NODE_ENV"] ??= "production";
process.on("uncaughtException", lastWords);
process.on("unhandledRejection", lastWords);
async function later(work: () => void): Promise<void> {
  await Promise.resolve();
  work();
}

let { state } = new Rig({ size: [100, 30] });
const changed = new Set<() => void>();
await fullScreen(
  {
    get state() {
      return state;
    },
    dispatch(message) {
      if (message.type !== "keys") state = update(state, message, table).state;
      else {
        broken = true;
        const next = { ...state, world: { ...state.world, now: state.world.now + 1 } };
        if (where === "key") update(next, message, table);
        else if (where === "drawing") state = next;
        else void later(() => update(next, message, table));
      }
      for (const each of changed) each();
    },
    subscribe(each) {
      changed.add(each);
      return () => changed.delete(each);
    },
    on: () => undefined,
    begin: () => undefined,
    stop: () => undefined,
  },
  table,
  { now: () => 1, signal: new AbortController().signal, mouse: false },
).catch(lastWords);
