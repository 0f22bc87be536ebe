/** A commented people.yaml with one admin: the local user of this name. */
export function peopleText(user: string): string {
  const local = /^\d+$/u.test(user) ? `uid:${user}` : user;
  const plain = user.toLowerCase().replace(/[^a-z0-9._-]/gu, "-");
  const id = /^[a-z]/u.test(plain) && plain !== "everyone" ? plain.slice(0, 32) : `user-${plain}`.slice(0, 32);
  return `# Who may do what in this cluster. Whoever is not here, or has no role, may do nothing.
# Editors complete it with the schema that \`halligan schema people\` prints; docs/people.md explains roles.
halligan: 1

# People, and how they are known: user names of this machine, public SSH keys, Slack users (TEAM/USER).
people:
  ${id}: { local: [${JSON.stringify(local)}] }
  # bob: { name: Bob Example, local: [bob], keys: ["ssh-ed25519 AAAA... bob@desk"] }

# groups:
#   ops: [${id}, bob]

# Roles for the whole cluster. Members are people, groups, or \`everyone\`.
roles:
  admin: [${id}]
  observer: [everyone]
  # operator: [ops]          # plan and run
  # approver: [bob]          # approve what others run
  # breakglass: [bob]        # past approvals, locks and freezes, with a reason

# Further roles for single deployments:
# deployments:
#   web: { roles: { operator: [bob] } }
`;
}
