import type { Vault } from "../../core/adapters/secrets/vault.ts";
import { fail } from "../../core/errors.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { SecretRef } from "../../core/model/secret-ref.ts";
import type { Secret } from "../../core/ports.ts";
import { secretText } from "../../core/plan/held.ts";
import type { SecretLookup } from "../../core/plan/settings-view.ts";
import type { NamedSecret } from "../../core/run/redactor.ts";
import type { SourceReader } from "./targets.ts";

/** The secrets of a cluster's deployments, opened. */
export interface OpenSecrets {
  readonly lookup: SecretLookup;
  /** The same versions, with placeholders for the values. */
  readonly masked: SecretLookup;
  /** For redaction: every value that could appear. */
  readonly named: readonly NamedSecret[];
}

/**
 * Opens all secrets that the deployments refer to: generated ones are made at first need; values from environment, files or people are sealed
 * anew when they have changed, which raises their version. With `sealedOnly` nothing is read from outside: an engine uses what a front end sealed.
 * @throws `SECRET_MISSING`, `SECRET_UNREADABLE`.
 */
export async function openSecrets(
  cluster: Cluster,
  vault: () => Promise<Vault>,
  read: SourceReader,
  sealedOnly: boolean,
): Promise<OpenSecrets> {
  const opened = new Map<string, { readonly secret: Secret; readonly version: number }>();
  for (const deployment of cluster.deployments) {
    for (const [attribute, source] of Object.entries(deployment.secrets)) {
      const key = `${deployment.name}/${attribute}`;
      const box = await vault();
      if (source.kind === "generate") {
        opened.set(key, await box.generate(key, source.length));
        continue;
      }
      const before = await box.get(key);
      if (before !== undefined && (sealedOnly || source.kind === "ask")) {
        opened.set(key, before);
        continue;
      }
      const secret = await read(source, `secret ${attribute}`);
      const version = before?.secret.reveal() === secret.reveal() ? before.version : await box.set(key, secret);
      opened.set(key, { secret, version });
    }
  }
  const find = (ref: SecretRef): { readonly secret: Secret; readonly version: number } => {
    const found = opened.get(ref.secret);
    if (found === undefined)
      throw fail("SECRET_MISSING", {
        message: `There is no source for the secret ${ref.secret}.`,
        hint: `Add it under \`secrets:\` of deployment ${ref.secret.split("/")[0] ?? ""}.`,
      });
    return found;
  };
  return {
    lookup: (ref) => ({ value: find(ref).secret.reveal(), version: find(ref).version }),
    masked: Object.assign((ref: SecretRef) => ({ value: secretText(ref.secret), version: find(ref).version }), { masked: true as const }),
    named: [...opened].map(([key, { secret }]) => ({ name: key.slice(key.indexOf("/") + 1), value: secret })),
  };
}
