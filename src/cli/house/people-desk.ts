import { relative } from "node:path";
import { readPeopleFile } from "../../core/adapters/files/read-people.ts";
import type { AuditTrail } from "../../core/authority/audit/trail.ts";
import { identify } from "../../core/authority/authorise.ts";
import type { Authority, People } from "../../core/authority/people.ts";
import { type Principal, principalText } from "../../core/authority/principal.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import type { House } from "../../core/house.ts";
import type { Store } from "../../core/ports.ts";
import { localPrincipal } from "./principal.ts";

/** Proves who asks, once; `authority` says whose keys are known. @throws `IDENTITY_UNPROVEN`. */
export type Prove = (authority: House["authority"]) => Promise<Principal>;

/** Who decides in a cluster folder, read anew at each question: people.yaml may change while a run goes on. */
export function createAuthority(folder: string, store: Store): House["authority"] {
  let last: { readonly text: string; readonly people: People } | undefined;
  return async (): Promise<Authority> => {
    const read = await readPeopleFile(folder);
    if (read === undefined) return { mode: "single-user" };
    const [{ loadPeople }, { keepPeople }, { readLinks, withLinks }] = await Promise.all([
      import("../../core/files/load-people.ts"),
      import("../../core/authority/people/kept.ts"),
      import("../../core/authority/people/links.ts"),
    ]);
    if (last?.text !== read.text) {
      const { people, problems } = loadPeople({ file: relative(process.cwd(), read.file) || read.file, text: read.text });
      const [first, ...rest] = problems;
      if (first !== undefined) throw new HalliganError([first, ...rest]);
      if (people === undefined) throw fail("BUG", { message: `${read.file} gave neither people nor a problem.` });
      await keepPeople(store, people.digest, read.text);
      last = { text: read.text, people };
    }
    return { mode: "people", people: withLinks(last.people, await readLinks(store)) };
  };
}

/** Proves who asks. A proof that fails is put on record as what the local user tried. @throws `IDENTITY_UNPROVEN`. */
export async function provePrincipal(prove: Prove, authority: House["authority"], audit: AuditTrail): Promise<Principal> {
  try {
    return await prove(authority);
  } catch (error) {
    if (error instanceof HalliganError) {
      const [{ code, message }] = error.problems;
      const principal = principalText(localPrincipal());
      await audit.record({ by: principal, principal, front: "cli", action: "login", decision: "refused", code, reason: message });
    }
    throw error;
  }
}

/** The person behind a principal. @throws `PRINCIPAL_UNKNOWN`. */
export async function personBehind(principal: Principal, authority: House["authority"]): Promise<string> {
  const found = identify(await authority(), { principal: principalText(principal) });
  if (!found.allowed) throw new HalliganError([found.problem]);
  return found.person;
}
