/**
 * Who stands behind a request, as the front end proved it. Never a name that somebody typed.
 * `local`: the operating system's user; `ssh`: a fresh signature by this key; `slack`: ids from Slack's own envelope.
 */
export type Principal =
  | { readonly kind: "local"; readonly user: string }
  /** `fingerprint`: `SHA256:...`, as OpenSSH prints it; `key`: the public key in one line. */
  | { readonly kind: "ssh"; readonly fingerprint: string; readonly key?: string }
  | { readonly kind: "slack"; readonly team: string; readonly user: string; readonly enterprise?: string };

/** A principal as one word, for events, the audit and people.yaml: `local:alice`, `ssh:SHA256:...`, `slack:T1/U2`, `slack:E1/T1/U2`. */
export function principalText(principal: Principal): string {
  switch (principal.kind) {
    case "local":
      return `local:${principal.user}`;
    case "ssh":
      return `ssh:${principal.fingerprint}`;
    case "slack":
      return `slack:${principal.enterprise === undefined ? "" : `${principal.enterprise}/`}${principal.team}/${principal.user}`;
    default:
      return principal satisfies never;
  }
}
