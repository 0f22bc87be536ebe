import type { ForgottenDocument } from "../../core/commands/reset.ts";
import { listed } from "../../core/words/count.ts";
import type { Screen } from "../screen.ts";

/** Node-roles that Halligan no longer knows of. */
export function forgottenView({ nodeRoles }: ForgottenDocument, screen: Screen): readonly string[] {
  return [
    `Forgotten: ${listed(nodeRoles, 20)}. Nothing was done on their nodes.`,
    `Where the cluster file still places them, ${screen.bold("halligan plan")} makes them anew.`,
  ];
}
