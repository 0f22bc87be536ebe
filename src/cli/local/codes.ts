import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { askSecret } from "../house/ask-secret.ts";

/** Letters and digits that are not mistaken for each other, 32 of them: five bits each. */
const alphabet = "abcdefghjkmnpqrstuvwxyz023456789";

/** A code of 24 letters in groups: 120 bits of chance. */
export function newCode(): string {
  const letters = [...randomBytes(24)].map((byte) => alphabet[byte & 31]).join("");
  return letters.match(/.{4}/gu)?.join("-") ?? letters;
}

/** A line typed at the terminal without being shown, or the first line of stdin. */
export async function askHidden(what: string): Promise<string | undefined> {
  if (process.stdin.isTTY) return (await askSecret(what))?.reveal();
  for await (const line of createInterface({ input: process.stdin })) return line.trim() || undefined;
  return undefined;
}
