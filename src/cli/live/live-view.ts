import type { Recorded } from "../../core/journal/events.ts";
import type { RunState } from "../../core/run/state.ts";
import type { Screen } from "../screen.ts";
import { Canvas } from "./canvas.ts";
import { keyMeaning } from "./dialogue.ts";
import { frame } from "./frame.ts";
import { LiveRun } from "./model.ts";
import type { Terminal } from "./terminal.ts";

/** At most ten frames a second; clocks alone move once a second. */
const frameMs = 100;
const clockMs = 1000;
const ctrlZ = "\u001a";

/** What a live view needs. */
export interface LiveViewOptions {
  readonly terminal: Terminal;
  readonly screen: Screen;
  /** The run as it is when the view begins. */
  readonly state: RunState;
  readonly leave: () => void;
  readonly cancel: (how: "after-step" | "now") => unknown;
}

/** Shows a run while it goes on: redraws in place and reads keys. Nothing of the run depends on it. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #run: LiveRun;
  readonly #canvas: Canvas;
  readonly #timer: NodeJS.Timeout;
  readonly #endResize: () => void;
  readonly #endExit: () => void;
  #endKeys: (() => void) | undefined;
  #notices: string[] = [];
  #asking = false;
  #dirty = true;
  #drawnAt = 0;
  #open = true;

  constructor(options: LiveViewOptions) {
    const { terminal, state } = options;
    this.#options = options;
    this.#run = new LiveRun(state);
    this.#canvas = new Canvas(terminal.write);
    this.#timer = setInterval(() => this.#tick(), frameMs);
    this.#endResize = terminal.onResize(() => {
      this.#canvas.reflow(terminal.size());
      this.#draw();
    });
    this.#endExit = terminal.onExit(() => {
      this.#canvas.showCursor();
      this.#endKeys?.();
    });
    this.#endKeys = terminal.readKeys((key) => this.#pressed(key));
  }

  /** False after its end. */
  get open(): boolean {
    return this.#open;
  }

  /** Takes in an event; `notice` is printed for good above the view. */
  fold(event: Recorded, state: RunState, notice: readonly string[]): void {
    this.#run.fold(event, state);
    this.#notices.push(...notice);
    this.#dirty = true;
  }

  /** Prints lines for good above the view. */
  say(lines: readonly string[]): void {
    this.#notices.push(...lines);
    this.#dirty = true;
  }

  /** A signal to interrupt: asks when there is a keyboard; the second one leaves. */
  interrupt(): "stay" | "leave" {
    if (this.#endKeys === undefined || this.#asking) return "leave";
    this.#ask(true);
    return "stay";
  }

  /** Takes the view off the screen and gives cursor and keyboard back. Safe to call again. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#timer);
    this.#endKeys?.();
    this.#endResize();
    this.#endExit();
    const { terminal } = this.#options;
    const drawn = this.#drawnAt > 0;
    this.#canvas.clear(terminal.size());
    // What was never on the screen is told by the answer that follows.
    if (drawn && this.#notices.length > 0) terminal.write(this.#notices.map((line) => `${line}\n`).join(""));
  }

  #tick(): void {
    const { terminal } = this.#options;
    if (this.#dirty || terminal.now() - this.#drawnAt >= clockMs) this.#draw();
  }

  #draw(): void {
    if (!this.#open) return;
    const { terminal, screen } = this.#options;
    const now = terminal.now();
    const size = terminal.size();
    this.#canvas.draw(frame(this.#run, now, size, screen, this.#asking), size, this.#notices);
    this.#notices = [];
    this.#dirty = false;
    this.#drawnAt = now;
  }

  #ask(asking: boolean): void {
    this.#asking = asking;
    this.#draw();
  }

  #pressed(key: string): void {
    if (key === ctrlZ) return this.#suspend();
    const meaning = keyMeaning(this.#asking, key);
    if (meaning.asking !== this.#asking) this.#ask(meaning.asking);
    switch (meaning.does) {
      case "nothing":
        return;
      case "detach":
        return this.#options.leave();
      case "cancel":
        this.#options.cancel(meaning.how);
        return;
      default:
        meaning satisfies never;
    }
  }

  #suspend(): void {
    const { terminal } = this.#options;
    this.#endKeys?.();
    this.#canvas.clear(terminal.size());
    terminal.suspend(() => {
      if (!this.#open) return;
      this.#endKeys = terminal.readKeys((key) => this.#pressed(key));
      this.#draw();
    });
  }
}
