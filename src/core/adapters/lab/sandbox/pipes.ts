import { spawn } from "node:child_process";
import { constants, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { fail } from "../../../errors.ts";

/** Both ends of a real pipe, as file descriptors that close on exec unless passed to a child. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

const DESCRIPTORS = [3, 4, 5, 6, 7, 8] as const;

// A shell that stands at the ends of six pipes, says its own pid and waits. The writers have ended; their ends are opened anew.
const STAND = `${DESCRIPTORS.map((each) => `: | { exec ${each}<&0`).join("; ")}; read -r pid rest </proc/self/stat; echo "$pid"; read -r over <&9${"; }".repeat(DESCRIPTORS.length)}`;

/**
 * Makes pipes. What Node gives a child are sockets, which a program cannot open again as `/dev/stdin` or `/dev/stdout`; commands that run
 * under OpenSSH have pipes and may do that. Named pipes would make the second opening wait.
 */
export class PipeMaker {
  #ready: Pipe[] = [];
  #refill: Promise<void> | undefined;

  /** Takes one pipe. */
  async make(): Promise<Pipe> {
    for (;;) {
      const pipe = this.#ready.pop();
      if (this.#ready.length < DESCRIPTORS.length) void this.#more().catch(() => undefined);
      if (pipe !== undefined) return pipe;
      await this.#more();
    }
  }

  #more(): Promise<void> {
    this.#refill ??= this.#open().finally(() => {
      this.#refill = undefined;
    });
    return this.#refill;
  }

  async #open(): Promise<void> {
    const shell = spawn("/bin/sh", ["-c", `exec 9<&0 </dev/null; ${STAND}`], { stdio: ["pipe", "pipe", "ignore"] });
    const failed = new Promise<never>((_, reject) => shell.once("error", reject));
    try {
      await Promise.race([failed, this.#read(shell.stdout)]);
    } finally {
      shell.stdin.destroy();
      shell.stdout.destroy();
    }
  }

  async #read(output: NodeJS.ReadableStream): Promise<void> {
    for await (const pid of createInterface({ input: output })) {
      const open = (descriptor: number, flags: number): number => openSync(`/proc/${pid}/fd/${descriptor}`, flags);
      for (const each of DESCRIPTORS) this.#ready.push({ read: open(each, constants.O_RDONLY), write: open(each, constants.O_WRONLY) });
      return;
    }
    throw fail("LAB_FAILED", { message: "The shell that makes pipes for commands has ended." });
  }
}
