import { userInfo } from "node:os";

/** The local user's name; a user without an entry in the password file is told by number. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
