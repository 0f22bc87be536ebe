import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { fail } from "../../../errors.ts";

/** Port of every sandbox node: below the range of ephemeral ports, above those that need root. */
export const SANDBOX_PORT = 2222;

async function isFree(address: string): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host: address, port: SANDBOX_PORT, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Chooses a loopback address per node, `127.77.X.1` and up: X follows from the folder, so that a lab gets the same addresses again and two
 * labs on one machine do not meet; the next X is taken while another process listens there.
 * @throws LAB_ADDRESS_TAKEN
 */
export async function chooseAddresses(folder: string, count: number): Promise<readonly string[]> {
  const first = createHash("sha256").update(folder).digest().readUInt16BE(0);
  for (let attempt = 0; attempt < 254; attempt += 1) {
    const block = ((first + attempt) % 254) + 1;
    const addresses = Array.from({ length: count }, (_, index) => `127.77.${block}.${index + 1}`);
    const free = await Promise.all(addresses.map(isFree));
    if (free.every(Boolean)) return addresses;
  }
  throw fail("LAB_ADDRESS_TAKEN", { message: `No block of addresses under 127.77.0.0/16 is free on port ${SANDBOX_PORT}.` });
}
