import { relative } from "node:path";
import { readPeopleFile } from "../../core/adapters/files/read-people.ts";
import type { AuditTrail } from "../../core/authority/audit/trail.ts";
import { identify } from "../../core/authority/authorise.ts";
import type { Authority, People } from "../../core/authority/people.ts";
import { type Principal, principalText } from "../../core/authority/principal.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import type { House } from "../../core/house.ts";
import type { Store } from "../../core/ports.ts";
import { systemClock } from "./clock.ts";
import { localPrincipal } from "./principal.ts";

/** Proves who asks, once; `authority` says whose keys are known. @throws `IDENTITY_UNPROVEN`. */
export type Prove = (authority: House["authority"]) => Promise<Principal>;

/** Who decides in a cluster folder, read anew at each question: people.yaml, links and groups that Slack keeps may change while a run goes on. */
export function createAuthority(folder: string, store: Store): House["authority"] {
  const readText = createPeopleReader(store);
  return async (): Promise<Authority> => {
    const read = await readPeopleFile(folder);
    if (read === undefined) return { mode: "single-user" };
    const [{ readLinks, withLinks }, { readFedGroups, withFedGroups }] = await Promise.all([
      import("../../core/authority/people/links.ts"),
      import("../../core/authority/people/fed-groups.ts"),
    ]);
    const links = await readLinks(store);
    const people = withLinks(await readText(read.file, read.text), links);
    const fed = await readFedGroups(store, systemClock.now());
    const text = fed.size === 0 ? undefined : withFedGroups(read.text, people, fed);
    return { mode: "people", people: text === undefined ? people : withLinks(await readText(read.file, text), links) };
  };
}

/** Reads people.yaml texts and keeps them in the store; the last two are remembered. @throws everything that is wrong with one. */
function createPeopleReader(store: Store): (file: string, text: string) => Promise<People> {
  const known = new Map<string, People>();
  return async (file, text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const [{ loadPeople }, { keepPeople }] = await Promise.all([
      import("../../core/files/load-people.ts"),
      import("../../core/authority/people/kept.ts"),
    ]);
    const { people, problems } = loadPeople({ file: relative(process.cwd(), file) || file, text });
    const [first, ...rest] = problems;
    if (first !== undefined) throw new HalliganError([first, ...rest]);
    if (people === undefined) throw fail("BUG", { message: `${file} gave neither people nor a problem.` });
    await keepPeople(store, people.digest, text);
    known.set(text, people);
    if (known.size > 2) known.delete(known.keys().next().value ?? "");
    return people;
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
