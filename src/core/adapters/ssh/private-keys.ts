import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import keyParser from "ssh2/lib/protocol/keyParser.js";
import { type Problem, problem } from "../../errors.ts";
import type { Secret } from "../../ports.ts";
import { messageOf } from "./known-hosts.ts";

/** A private key that can be offered, or why it cannot. */
export type LoadedKey =
  | { readonly kind: "usable"; readonly file: string; readonly key: ParsedKey; readonly hasCertificate: boolean }
  | { readonly kind: "unusable"; readonly file: string; readonly problem: Problem };

/** Loads private keys and remembers them, because opening an encrypted key costs a tenth of a second of computing. */
export interface KeyRing {
  /** Problems (`KEY_UNREADABLE`, `PASSPHRASE_NEEDED`, `PASSPHRASE_WRONG`) are in the results; it does not throw. */
  load(files: readonly string[], passphrase: Secret | undefined): Promise<readonly LoadedKey[]>;
}

/** Connections that begin together read a key file once: with hundreds of nodes that is felt. */
const readAgainMs = 250;

/** Makes an empty key ring. */
export function createKeyRing(): KeyRing {
  const kept = new Map<string, LoadedKey>();
  const reading = new Map<string, ReturnType<typeof readKey>>();
  const read = (file: string): ReturnType<typeof readKey> => {
    const begun = reading.get(file);
    if (begun !== undefined) return begun;
    const found = readKey(file);
    reading.set(file, found);
    setTimeout(() => reading.delete(file), readAgainMs).unref();
    return found;
  };
  return {
    load: (files, passphrase) =>
      Promise.all(
        files.map(async (file) => {
          const found = await read(file);
          if ("problem" in found) return found;
          const secret = passphrase?.reveal();
          const id = `${file}\0${createHash("sha256")
            .update(found.text)
            .update("\0")
            .update(secret ?? "")
            .digest("hex")}`;
          const result = kept.get(id) ?? parse(file, found.text, secret, found.hasCertificate);
          kept.set(id, result);
          return result;
        }),
      ),
  };
}

type Unusable = Extract<LoadedKey, { kind: "unusable" }>;

/** The text of a private key file, after the checks that OpenSSH makes too. */
export async function readKey(file: string): Promise<Unusable | { readonly text: string; readonly hasCertificate: boolean }> {
  try {
    const { mode, uid } = await stat(file);
    // like OpenSSH: only files of our own are judged, others' permissions are not ours to mend
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, "0");
      return unusable(file, {
        message: `The private key ${file} is open to other users (mode ${shown}); it is not used.`,
        hint: `Run \`chmod 600 ${file}\`.`,
      });
    }
    const text = await readFile(file, "utf8");
    const hasCertificate = await access(`${file}-cert.pub`, constants.R_OK).then(
      () => true,
      () => false,
    );
    return { text, hasCertificate };
  } catch (error) {
    return unusable(file, { message: `The private key ${file} cannot be read.`, cause: messageOf(error) });
  }
}

function unusable(file: string, input: { message: string; cause?: string; hint?: string }): Unusable {
  return { kind: "unusable", file, problem: problem("KEY_UNREADABLE", input) };
}

/** True for a private key in any known format that needs a passphrase. */
export function isEncrypted(text: string): boolean {
  const parsed = keyParser.parseKey(text);
  return (parsed instanceof Error && /no passphrase given/.test(parsed.message)) || /BEGIN ENCRYPTED PRIVATE KEY/.test(text);
}

function parse(file: string, text: string, passphrase: string | undefined, hasCertificate: boolean): LoadedKey {
  if (passphrase === undefined && isEncrypted(text)) {
    const message = `The private key ${file} is encrypted and no passphrase was given.`;
    return {
      kind: "unusable",
      file,
      problem: problem("PASSPHRASE_NEEDED", { message, hint: `Load it with \`ssh-add ${file}\`, or give its passphrase.` }),
    };
  }
  const parsed: unknown = keyParser.parseKey(text, passphrase);
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (first instanceof Error) return explain(file, text, passphrase, first);
  const key = first as ParsedKey;
  if (key.isPrivateKey()) return { kind: "usable", file, key, hasCertificate };
  return unusable(file, {
    message: `${file} is a public key; the private one is needed.`,
    hint: `Name the file without \`.pub\`${file.endsWith(".pub") ? `: ${file.slice(0, -4)}` : ""}.`,
  });
}

function explain(file: string, text: string, passphrase: string | undefined, error: Error): LoadedKey {
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text)) {
    const message = `The private key ${file} is in PKCS#8 format, which is not supported.`;
    return unusable(file, { message, hint: `Convert it in place: \`ssh-keygen -p -f ${file}\`.` });
  }
  if (/type: sk-/.test(error.message) || /sk-(ssh|ecdsa)/.test(Buffer.from(bodyOf(text), "base64").toString("latin1"))) {
    const message = `The private key ${file} lives in a FIDO security key, which the ssh2 transport cannot use.`;
    return unusable(file, { message, hint: "Set `transport: openssh` for this node." });
  }
  if (passphrase !== undefined && isEncrypted(text) && !/[Uu]nsupported|not supported/.test(error.message)) {
    return {
      kind: "unusable",
      file,
      problem: problem("PASSPHRASE_WRONG", { message: `The passphrase does not open the private key ${file}.` }),
    };
  }
  return unusable(file, {
    message: `${file} is not a private key in a supported format.`,
    cause: error.message,
    hint: `Supported are OpenSSH, PEM (RSA, EC) and PuTTY keys; see what it is with \`ssh-keygen -y -f ${file}\`.`,
  });
}

function bodyOf(text: string): string {
  return text.replace(/-----[^-]*-----/g, "").replace(/\s+/g, "");
}
