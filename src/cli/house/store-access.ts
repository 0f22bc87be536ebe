import type { StoreAccess } from "../../core/adapters/store/open.ts";
import { SecretValue } from "../../core/model/secret.ts";

/** The password of a shared store, which is kept out of its address: `HALLIGAN_REDIS_PASSWORD`. */
export function storeAccess(environment: Readonly<Record<string, string | undefined>>): StoreAccess {
  const password = environment["HALLIGAN_REDIS_PASSWORD"];
  return password === undefined || password === "" ? {} : { password: new SecretValue(password) };
}
