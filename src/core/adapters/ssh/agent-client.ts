import { connect } from "node:net";
import { fail } from "../../errors.ts";
import { readFields, writeField } from "../../authority/signatures/wire.ts";

/** A key that an agent holds. */
export interface AgentKey {
  /** The public key in SSH's wire format. */
  readonly blob: Buffer;
  readonly comment: string;
}

/** What is asked of an agent here (draft-ietf-sshm-ssh-agent). */
const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;
/** For RSA keys: sign with SHA-512, not with SHA-1. */
const rsaSha512 = 4;
/** OpenSSH's own limit for one message. */
const mostBytes = 256 * 1024;
/** A person may have to confirm the use of a key. */
const patienceMs = 60_000;

/** The keys that the agent behind a socket holds. @throws `SIGNING_FAILED`. */
export async function agentKeys(socket: string): Promise<readonly AgentKey[]> {
  const answer = await askAgent(socket, Buffer.from([requestIdentities]));
  const fields = answer[0] === identitiesAnswer && answer.length >= 5 ? readFields(answer.subarray(5)) : undefined;
  if (fields === undefined) throw trouble(socket, "It does not tell its keys.");
  const count = Math.floor(fields.length / 2);
  return Array.from({ length: count }, (_, index) => ({
    blob: fields[2 * index] ?? Buffer.alloc(0),
    comment: fields[2 * index + 1]?.toString("utf8") ?? "",
  }));
}

/** Lets the agent sign with one of its keys; the answer is the signature with its format in front, in wire format. @throws `SIGNING_FAILED`. */
export async function agentSign(socket: string, blob: Buffer, data: Buffer): Promise<Buffer> {
  const flags = Buffer.alloc(4);
  flags.writeUInt32BE(readFields(blob)?.[0]?.toString("latin1") === "ssh-rsa" ? rsaSha512 : 0);
  const answer = await askAgent(socket, Buffer.concat([Buffer.from([signRequest]), writeField(blob), writeField(data), flags]));
  const [signature] = answer[0] === signResponse ? (readFields(answer.subarray(1)) ?? []) : [];
  if (signature === undefined) throw trouble(socket, "It refused to sign: the key may be locked, or its use was not confirmed.");
  return signature;
}

/** One question, one answer. */
async function askAgent(socket: string, question: Buffer): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const line = connect(socket);
    const give = (cause: string): void => {
      line.destroy();
      reject(trouble(socket, cause));
    };
    line.setTimeout(patienceMs, () => give(`It did not answer within ${patienceMs / 1000} s.`));
    line.on("error", (error) => give(error.message));
    line.on("close", () => give("It closed the connection without an answer."));
    line.on("data", (part) => {
      parts.push(part);
      const all = Buffer.concat(parts);
      const length = all.length < 4 ? 0 : all.readUInt32BE(0);
      if (length > mostBytes) give("Its answer is too large.");
      if (all.length < 4 || all.length < 4 + length) return;
      resolve(all.subarray(4, 4 + length));
      line.destroy();
    });
    line.write(writeField(question));
  });
}

function trouble(socket: string, cause: string): Error {
  return fail("SIGNING_FAILED", { message: `The SSH agent at ${socket} did not help.`, cause });
}
