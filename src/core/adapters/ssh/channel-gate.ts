/** Bounds the channels of one connection. */
export interface ChannelGate {
  /** Waits for a free place; call the result once to give it back. Rejects after `end`. `onWanted` is called when somebody waits while this place is taken. */
  enter(onWanted?: () => void): Promise<() => void>;
  /**
   * Tells the gate that the server refused one more channel. True: it has fewer places than we thought (MaxSessions), the gate is narrower
   * now, so give the place back and enter again. False: nothing else was open, so waiting will not help.
   */
  refused(): boolean;
  /** Rejects everybody who waits, now and later. */
  end(error: Error): void;
}

/** OpenSSH's default for MaxSessions is 10; two are left for people. */
export const maxChannels = 8;

/** Makes a gate with `maxChannels` places. First come, first served. */
export function createChannelGate(): ChannelGate {
  let limit = maxChannels;
  let busy = 0;
  let ended: Error | undefined;
  const waiting: { resolve: (leave: () => void) => void; reject: (error: Error) => void; onWanted: (() => void) | undefined }[] = [];
  const heedful = new Set<() => void>();
  const admit = (): void => {
    while (busy < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      busy++;
      const { onWanted } = next;
      if (onWanted !== undefined) heedful.add(onWanted);
      let left = false;
      next.resolve(() => {
        if (left) return;
        left = true;
        busy--;
        if (onWanted !== undefined) heedful.delete(onWanted);
        admit();
      });
    }
    if (waiting.length > 0) for (const tell of [...heedful]) tell();
  };
  return {
    enter: (onWanted) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        waiting.push({ resolve, reject, onWanted });
        admit();
      }),
    refused() {
      const others = busy - 1;
      if (others < 1) return false;
      limit = Math.min(limit, others);
      return true;
    },
    end(error) {
      ended = error;
      for (const each of waiting.splice(0)) each.reject(error);
    },
  };
}
