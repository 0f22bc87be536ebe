import { withoutSecrets } from "../disclosure.ts";
import type { Size } from "./frame.ts";

/** A terminal that can be drawn on and read from, key by key. */
export interface Terminal {
  write(text: string): void;
  size(): Size;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after the size has changed; the returned function ends that. */
  onResize(changed: () => void): () => void;
  /**
   * Reads keys without echo and without signals: Ctrl+C arrives as a key. The returned function gives the keyboard back.
   * `undefined` = no keyboard.
   */
  readKeys(pressed: (key: string) => void): (() => void) | undefined;
  /** Stops the process as Ctrl+Z does; `resumed` is called when it goes on. */
  suspend(resumed: () => void): void;
  /** Calls back when the process ends, however it does so, short of being killed; the returned function ends that. */
  onExit(leaving: () => void): () => void;
}

/** The terminal of this process; the keyboard counts only when standard input is a terminal too. */
export function processTerminal(): Terminal {
  const { stdin, stdout } = process;
  return {
    write: (text) => void stdout.write(withoutSecrets(text)),
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    now: () => Date.now(),
    onResize(changed) {
      stdout.on("resize", changed);
      return () => stdout.off("resize", changed);
    },
    readKeys(pressed) {
      if (!stdin.isTTY) return undefined;
      const read = (chunk: Buffer): void => {
        const text = chunk.toString("utf8");
        // A key such as an arrow arrives as one escape sequence; it is one key, and means nothing here.
        if (text.startsWith("\u001b")) pressed(text);
        else for (const key of text) pressed(key);
      };
      stdin.setRawMode(true);
      stdin.on("data", read);
      stdin.resume();
      return () => {
        stdin.off("data", read);
        stdin.setRawMode(false);
        stdin.pause();
      };
    },
    suspend(resumed) {
      process.once("SIGCONT", resumed);
      process.kill(process.pid, "SIGTSTP");
    },
    onExit(leaving) {
      process.on("exit", leaving);
      return () => process.off("exit", leaving);
    },
  };
}
