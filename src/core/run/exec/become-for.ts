import { type Problem, problem } from "../../errors.ts";
import type { Become } from "../remote/node-link.ts";

/** As whom a command shall run: the login user, root, or a user by name. */
export type Whom = { readonly kind: "login" } | { readonly kind: "root" } | { readonly kind: "user"; readonly name: string };

/** How to become that user on one node: by sudo, or on the node where root logs in. */
export interface Way {
  readonly become: Become;
  /** Whom root becomes, on the node. */
  readonly su?: string;
}

/** What a node offers. */
export interface Login {
  readonly node: string;
  readonly user: string;
  /** As the cluster file says. */
  readonly become: Become;
}

/** The way to that user, or `BECOME_REFUSED` where the cluster file knows none. */
export function becomeFor({ node, user, become }: Login, whom: Whom): Way | Problem {
  const wanted = whom.kind === "login" ? user : whom.kind === "root" ? "root" : whom.name;
  if (wanted === user) return { become: { kind: "none" } };
  if (become.kind === "sudo") return { become: wanted === "root" ? become : { ...become, user: wanted } };
  if (user === "root") return { become, su: wanted };
  return problem("BECOME_REFUSED", {
    message: `On ${node} the login user ${user} cannot become ${wanted}: the cluster file says \`become: none\`.`,
    at: { node },
    hint: "Set `become: sudo` for the node, or run the command as the login user.",
  });
}
