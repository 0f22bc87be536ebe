import type { Recorded } from "../../core/journal/events.ts";
import { estimateLeftMs } from "../../core/run/estimate.ts";
import { type Pace, type RunProgress, foldPace, progressOf } from "../../core/run/pace.ts";
import type { RunState } from "../../core/run/state.ts";

/** What the live view draws: a run up to now. */
export class LiveRun {
  readonly pace: Pace = new Map();
  /** Nodes without contact, with the reason. */
  readonly lost = new Map<string, string>();
  state: RunState;
  /** `host:pid` of the engine that carries it out; empty until one does. */
  engine = "";
  #estimate: { readonly at: number; readonly leftMs: number | undefined } | undefined;

  constructor(state: RunState) {
    this.state = state;
  }

  /** Takes in an event and the run's state after it. */
  fold(event: Recorded, state: RunState): void {
    this.state = state;
    foldPace(this.pace, event);
    if (event.type === "run.started" || event.type === "run.resumed") this.engine = event.engine;
    if (event.type !== "node.contact") return;
    if (event.contact === "lost") this.lost.set(event.node, event.reason);
    else this.lost.delete(event.node);
  }

  progress(): RunProgress {
    return progressOf(this.state, this.pace);
  }

  /** Time left in ms; judged anew once a second, counted down in between. */
  leftMs(now: number): number | undefined {
    if (this.#estimate === undefined || now - this.#estimate.at >= 1000 || now < this.#estimate.at) {
      this.#estimate = { at: now, leftMs: estimateLeftMs(this.state, this.pace, now) };
    }
    const { at, leftMs } = this.#estimate;
    return leftMs === undefined ? undefined : Math.max(0, leftMs - (now - at));
  }
}
