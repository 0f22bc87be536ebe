import type { Digest } from "../model/ids.ts";

/** What somebody may do; `admin` includes the others. Approving is apart from operating on purpose. */
export type Role = "observer" | "operator" | "approver" | "breakglass" | "admin";

/** A person of people.yaml. */
export interface Person {
  readonly id: string;
  readonly name?: string;
  /** Principals by their text (`principalText`). */
  readonly principals: ReadonlySet<string>;
  /** Public keys in OpenSSH's one-line format, for signatures over approvals. */
  readonly keys: readonly string[];
}

/** Members of roles: ids of people, groups already opened. */
export type Grants = Readonly<Record<Role, ReadonlySet<string>>>;

/** people.yaml, checked, with groups opened. */
export interface People {
  readonly digest: Digest;
  readonly people: ReadonlyMap<string, Person>;
  /** Ids of people by group. */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  /** For the whole cluster. */
  readonly cluster: Grants;
  /** Further grants for single deployments. */
  readonly deployments: ReadonlyMap<string, Grants>;
}

/** Who decides in a cluster folder: one user without people.yaml, else the people in it (default deny). */
export type Authority = { readonly mode: "single-user" } | { readonly mode: "people"; readonly people: People };
