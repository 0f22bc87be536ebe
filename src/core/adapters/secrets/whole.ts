import type { Decrypter, Encrypter } from "age-encryption";

/*
 * age reads what it made of a whole value through a `Response`, for which Node.js loads an HTTP client: a twentieth of what a command takes that has secrets. What it
 * makes of a stream is the same, and is read as it comes.
 */

/** The age file of a text. */
export async function encryptText(encrypter: Encrypter, text: string): Promise<Uint8Array> {
  return await whole(await encrypter.encrypt(ReadableStream.from([Buffer.from(text)])));
}

/** The text of an age file. @throws what age says to a damaged file, or one that is for somebody else. */
export async function decryptText(decrypter: Decrypter, file: Uint8Array): Promise<string> {
  const text = await whole(await decrypter.decrypt(ReadableStream.from([file])));
  return text.toString("utf8");
}

async function whole(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
