import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { SecretValue } from "../../core/model/secret.ts";
import type { Secret } from "../../core/ports.ts";

/** Asks at the terminal without echo; `undefined` where there is no terminal, or when the person gives nothing. */
export async function askSecret(what: string): Promise<Secret | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  process.stderr.write(`${what}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
    });
    return answer === "" ? undefined : new SecretValue(answer);
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
