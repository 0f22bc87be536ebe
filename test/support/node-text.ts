import type { Connection } from "../../src/core/ports.ts";

/** Runs a command on a node and gives what it prints on both outputs. */
export async function textFrom(connection: Connection, command: string): Promise<string> {
  const run = await connection.exec(command);
  const read = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const [out, err] = await Promise.all([read(run.stdout), read(run.stderr), run.exit]);
  return out + err;
}
