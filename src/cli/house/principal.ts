import { userInfo } from "node:os";
import type { Principal } from "../../core/authority/principal.ts";

/**
 * The operating system's user of this process: the effective user id and its entry in the password file, never a variable of the environment.
 * A user without an entry is told by number, in a form that no user name can have.
 */
export function localPrincipal(): Principal {
  try {
    return { kind: "local", user: userInfo().username };
  } catch {
    return { kind: "local", user: `uid:${process.geteuid?.() ?? "unknown"}` };
  }
}
