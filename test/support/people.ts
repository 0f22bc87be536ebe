import type { Authority } from "../../src/core/authority/people.ts";
import { loadPeople } from "../../src/core/files/load-people.ts";

/** Who decides by this people.yaml; fails when it has problems. */
export function authorityOf(text: string): Authority & { readonly mode: "people" } {
  const { people, problems } = loadPeople({ file: "people.yaml", text });
  if (people === undefined) throw new Error(problems.map((each) => each.message).join("\n"));
  return { mode: "people", people };
}

/** One person for each role, called by it, and one without any. */
export const onePersonPerRole = `halligan: 1
people:
  observer: { local: [observer] }
  operator: { local: [operator] }
  approver: { local: [approver] }
  breakglass: { local: [breakglass] }
  admin: { local: [admin] }
  nobody: { local: [nobody] }
  weboperator: { local: [weboperator] }
  webadmin: { local: [webadmin] }
roles:
  observer: [observer]
  operator: [operator]
  approver: [approver]
  breakglass: [breakglass]
  admin: [admin]
deployments:
  web: { roles: { operator: [weboperator], admin: [webadmin] } }
`;
