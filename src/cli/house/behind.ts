import { type EngineStart, type Standby, startStandby } from "./engine-process.ts";

/** An engine process behind an engine of another machine: it has everything loaded, and takes over as soon as that one's lease ends. */
export interface Behind {
  /** Sees to it that one is behind the engine of this name, as its lease has it. One per engine: where it ends by itself, nothing is left to do or it cannot be done. */
  follow(start: EngineStart, engine: string): void;
  /** The process that was started last; `undefined` where none was. */
  standby(): Standby | undefined;
  /** It is not needed any more. */
  dismiss(): void;
}

/** Stands behind one engine at a time. */
export function createBehind(): Behind {
  let now: { readonly engine: string; readonly standby: Standby } | undefined;
  return {
    follow(start, engine) {
      if (now?.engine === engine) return;
      now?.standby.dismiss();
      now = { engine, standby: startStandby(start, engine) };
      now.standby.begin(); // it loads, then waits for the lease, not for a word
    },
    standby: () => now?.standby,
    dismiss: () => now?.standby.dismiss(),
  };
}
