import type { Duplex } from "node:stream";
import { HalliganError, type Problem } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import { where } from "./host-key-verdict.ts";
import { unreachable } from "./socket.ts";
import type { Authenticated } from "./ssh2-connection.ts";

/** A shared connection to a jump host, closed when nobody goes through it any more. */
export interface Hop {
  take(): void;
  release(): void;
  /** A stream to the target, opened by the jump host. Problem: `HOST_UNREACHABLE`. */
  forward(target: SshTarget): Promise<Duplex>;
}

/** Makes the shared connection to `jump`; `forget` is called as soon as it must not be used for new targets. */
export function createHop(jump: SshTarget, opening: Promise<Authenticated>, forget: () => void): Hop {
  let users = 0;
  opening.then(({ gone }) => gone.then(forget), forget).catch(() => undefined);
  return {
    take: () => void users++,
    release() {
      if (--users > 0) return;
      forget();
      opening.then(
        ({ client }) => client.end(),
        () => undefined,
      );
    },
    async forward(target) {
      const link = await opening.catch((error: unknown) => {
        throw throughJump(target, jump, error);
      });
      return await new Promise<Duplex>((resolve, reject) => {
        const refuse = (why: string): void =>
          reject(unreachable(target, `The jump host ${jump.node} (${where(jump)}) could not open a connection to it: ${why}.`));
        if (link.isGone()) refuse("its own connection was lost");
        else
          link.client.forwardOut("127.0.0.1", 0, target.address, target.port, (error, channel) =>
            error ? refuse(forwardCause(error)) : resolve(channel),
          );
      });
    },
  };
}

function forwardCause(error: Error): string {
  const text = error.message.replace("(SSH) Channel open failure: ", "");
  return /prohibited/.test(text) ? `${text} (AllowTcpForwarding is off there)` : text;
}

/** Keeps the code of the hop's problem and says whose way it blocks. */
function throughJump(target: SshTarget, jump: SshTarget, error: unknown): unknown {
  if (!(error instanceof HalliganError)) return error;
  const [first, ...rest] = error.problems;
  const told: Problem = { ...first, message: `${first.message} It is the jump host ${jump.node} on the way to ${target.node}.` };
  return new HalliganError([told, ...rest], { cause: error });
}
