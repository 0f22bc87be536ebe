import { z } from "zod";
import type { Action } from "../../authority/authorise.ts";
import type { Role } from "../../authority/people.ts";
import { defineCommand } from "../command.ts";

/** `whoami`. */
export interface WhoamiDocument {
  readonly halligan: 1;
  readonly kind: "whoami";
  readonly mode: "single-user" | "people";
  /** How you are known: `local:alice`, `ssh:SHA256:...`. */
  readonly principal: string;
  /** Null = nobody in people.yaml. */
  readonly person: string | null;
  readonly name: string | null;
  readonly groups: readonly string[];
  /** All principals of the person. */
  readonly principals: readonly string[];
  readonly roles: { readonly cluster: readonly Role[]; readonly deployments: Readonly<Record<string, readonly Role[]>> };
  /** What that allows for the whole cluster. */
  readonly may: readonly Action[];
}

const actions = ["read", "operate", "approve", "breakglass", "administer"] as const satisfies readonly Action[];

/** Tells who you are here. */
export const whoamiCommand = defineCommand({
  id: "whoami",
  area: "authority",
  summary: "Show who you are here and what you may do",
  details:
    "Without people.yaml there is only the local user, who may do everything. With it you are the person who has your user name or your key there; the exit code is 3 when nobody has. docs/people.md explains roles.",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "every cluster" },
  examples: [
    { line: "halligan whoami", does: "tells person, roles and what they allow" },
    { line: "halligan whoami --identity agent", does: "the same for the person whose key is in the SSH agent" },
  ],
  async run(context) {
    const [{ authorise, identify, rolesOf }, { principalText }] = await Promise.all([
      import("../../authority/authorise.ts"),
      import("../../authority/principal.ts"),
    ]);
    const house = await context.house();
    const authority = await house.authority();
    const principal = principalText(house.principal);
    const found = identify(authority, { principal });
    const person = found.allowed ? found.person : null;
    const known = authority.mode === "people" && person !== null ? authority.people.people.get(person) : undefined;
    const roles = authority.mode === "people" && person !== null ? rolesOf(authority.people, person) : undefined;
    const groups = authority.mode === "people" ? [...authority.people.groups] : [];
    const resource = { kind: "cluster" } as const;
    const document: WhoamiDocument = {
      halligan: 1,
      kind: "whoami",
      mode: authority.mode,
      principal,
      person,
      name: known?.name ?? null,
      groups: groups.flatMap(([name, members]) => (person !== null && members.has(person) ? [name] : [])),
      principals: [...(known?.principals ?? [])],
      roles: { cluster: roles?.cluster ?? [], deployments: Object.fromEntries(roles?.deployments ?? []) },
      may: actions.filter((action) => authorise({ authority, who: { principal }, action, resource }).allowed),
    };
    return { exit: person === null ? 3 : 0, document: { ...document } };
  },
});
