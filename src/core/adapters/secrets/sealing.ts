import { armor, Decrypter, Encrypter } from "age-encryption";
import { fail, type HalliganError } from "../../errors.ts";
import { SecretValue } from "../../model/secret.ts";
import type { Secret } from "../../ports.ts";
import type { Identity } from "./identity.ts";
import { decryptText, encryptText } from "./whole.ts";

/** One sealed value of a secret. Name and version are inside of the seal too, so that a record moved or put back is noticed. */
export interface Sealed {
  readonly version: number;
  /** An armored age file. */
  readonly sealed: string;
}

/** The clear text inside of the seal. */
interface Content {
  readonly name: string;
  readonly version: number;
  readonly value: string;
}

/** Seals a text for these age recipients. */
export async function sealText(recipients: readonly string[], text: string): Promise<string> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encryptText(encrypter, text));
}

/** Seals one version of a secret. */
export async function seal(recipients: readonly string[], content: Content): Promise<string> {
  return await sealText(recipients, JSON.stringify(content));
}

/** Opens one version of a secret. @throws `SECRET_UNREADABLE`. */
export async function unseal(identity: Identity, name: string, record: Sealed): Promise<Secret> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.key.reveal());
  let content: Content;
  try {
    content = JSON.parse(await decryptText(decrypter, armor.decode(record.sealed))) as Content;
  } catch {
    throw unreadable(
      name,
      "It was sealed for other keys than this user's on this machine, or its record is damaged.",
      `Let somebody who can open it run \`halligan secrets recipients add ${identity.recipient}\`, restore the key file that was here, or set the secret again.`,
    );
  }
  if (content.name !== name || content.version !== record.version)
    throw unreadable(name, "Its record is the one of another secret or of another version.");
  return new SecretValue(content.value);
}

/** A secret that cannot be opened, as a problem. */
export function unreadable(name: string, cause: string, hint?: string): HalliganError {
  return fail("SECRET_UNREADABLE", { message: `The secret ${name} cannot be opened.`, cause, hint });
}
