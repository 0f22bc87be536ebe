import type { OpenedVersion, Vault, VersionedSecret } from "../../core/adapters/secrets/vault.ts";
import { fail } from "../../core/errors.ts";
import type { Cluster, SecretSource } from "../../core/model/cluster.ts";
import type { Plan } from "../../core/model/plan.ts";
import { checkSecretText } from "../../core/model/secret-policy.ts";
import type { SecretRef } from "../../core/model/secret-ref.ts";
import { secretText } from "../../core/plan/held.ts";
import type { SecretLookup } from "../../core/plan/settings-view.ts";
import type { Store } from "../../core/ports.ts";
import type { NamedSecret } from "../../core/run/redactor.ts";
import { neededSecrets } from "../../core/run/secret-needs.ts";
import { keepOffScreen } from "../disclosure.ts";
import type { SourceReader } from "./targets.ts";

/** The secrets of a cluster's deployments, opened. */
export interface OpenSecrets {
  readonly lookup: SecretLookup;
  /** The same versions, with placeholders for the values. */
  readonly masked: SecretLookup;
  /** For redaction: every value that could appear, older versions and secrets that are no longer in the cluster file too. */
  readonly named: readonly NamedSecret[];
}

/** How secrets are opened. */
export interface SecretOpening {
  readonly store: Store;
  readonly vault: () => Promise<Vault>;
  readonly read: SourceReader;
  /** Nothing is read from outside: an engine uses what a front end sealed. */
  readonly sealedOnly: boolean;
  /** Versions by name that a plan was made with; others are opened as they are now. */
  readonly pinned?: ReadonlyMap<string, number>;
}

/**
 * Opens all secrets that the deployments refer to: generated ones are made at first need; values from elsewhere are sealed anew when they have
 * changed, which raises their version.
 * @throws `SECRET_MISSING`, `SECRET_UNREADABLE`, `SECRET_UNFIT`, and what sources report.
 */
export async function openSecrets(cluster: Cluster, opening: SecretOpening): Promise<OpenSecrets> {
  const wanted = cluster.deployments.flatMap((deployment) =>
    Object.entries(deployment.secrets).map(([attribute, source]) => ({ key: `${deployment.name}/${attribute}`, attribute, source })),
  );
  const sealed = wanted.length > 0 || (await opening.store.list("secrets")).length > 0;
  const kept = sealed ? await (await opening.vault()).values() : [];
  const opened = new Map<string, VersionedSecret>();
  for (const { key, attribute, source } of wanted) opened.set(key, await openOne(key, attribute, source, kept, opening));
  const find = (ref: SecretRef): VersionedSecret => {
    const found = opened.get(ref.secret);
    if (found === undefined)
      throw fail("SECRET_MISSING", {
        message: `There is no source for the secret ${ref.secret}.`,
        hint: `Add it under \`secrets:\` of deployment ${ref.secret.split("/")[0] ?? ""}.`,
      });
    return found;
  };
  const named = [...[...opened].map(([name, { secret }]) => ({ name, secret })), ...kept].map(({ name, secret }) => ({
    name: name.slice(name.indexOf("/") + 1),
    value: secret,
  }));
  keepOffScreen(named);
  return {
    lookup: (ref) => ({ value: find(ref).secret.reveal(), version: find(ref).version }),
    masked: Object.assign((ref: SecretRef) => ({ value: secretText(ref.secret), version: find(ref).version }), { masked: true as const }),
    named,
  };
}

async function openOne(
  key: string,
  attribute: string,
  source: SecretSource,
  kept: readonly OpenedVersion[],
  { vault, read, sealedOnly, pinned }: SecretOpening,
): Promise<VersionedSecret> {
  const box = await vault();
  const version = pinned?.get(key);
  const before = kept.find((each) => each.name === key && (version === undefined ? each.newest : each.version === version));
  // A record that is there and was not opened tells here why.
  const present = before ?? (await box.get(key, version)) ?? (version === undefined ? undefined : await box.get(key));
  if (present !== undefined && (sealedOnly || source.kind === "ask" || source.kind === "generate")) return present;
  if (source.kind === "generate") return await box.generate(key, source.policy);
  const secret = await read(source, `secret ${attribute}`);
  checkSecretText(secret.reveal(), `secret ${attribute}`);
  if (present?.secret.reveal() === secret.reveal()) return present;
  return { secret, version: await box.set(key, secret, source.kind) };
}

/** Removes older versions that nothing needs any more. */
export async function retireSecrets(store: Store, vault: () => Promise<Vault>): Promise<void> {
  if ((await store.list("secret-versions")).length === 0) return;
  await (await vault()).retire(await neededSecrets(store));
}

/** The versions of secrets that a plan was made with, by name: what was approved is what runs, whatever was rotated since. */
export function versionsOf(plan: Plan): ReadonlyMap<string, number> {
  return new Map(plan.body.nodeRoles.flatMap((each) => each.secrets.map(({ name, version }) => [name, version] as const)));
}
