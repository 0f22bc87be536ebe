import type { ParsedKey } from "ssh2";

/** Keys that sign in less time than a packet takes; RSA needs milliseconds, and first has to learn which digests the server knows. */
const quick: ReadonlySet<string> = new Set(["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"]);

/** ssh2 1.17: asks for a key, or with `sign` proves that it is there. */
type OfferKey = (
  user: string,
  key: ParsedKey,
  algorithm?: string,
  sign?: (data: Buffer, done: (signature: Buffer) => void) => void,
) => void;

/**
 * Offers keys with their signatures at once. ssh2 asks first whether the server would take a key, which costs a round trip, and the server a second look into
 * `authorized_keys`; RFC 4252, section 7, has that for signatures that are dear. A key that is refused counts as one attempt either way. Keys of agents may
 * ask a person, so they ask the server first. Call it before the login; what is not as expected is left as it is.
 */
export function signAtOnce(client: object): void {
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (typeof protocol !== "object" || protocol === null || Object.hasOwn(protocol, "authPK")) return;
  const given: unknown = Reflect.get(protocol, "authPK");
  if (typeof given !== "function") return;
  const offer: OfferKey = (user, key, algorithm, sign) => void Reflect.apply(given, protocol, [user, key, algorithm, sign ?? signer(key)]);
  Reflect.set(protocol, "authPK", offer);
}

function signer(key: ParsedKey): Parameters<OfferKey>[3] {
  if (!quick.has(key.type) || !key.isPrivateKey()) return undefined;
  return (data, done) => done(key.sign(data));
}
