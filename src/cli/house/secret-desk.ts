import { randomInt } from "node:crypto";
import type { Vault } from "../../core/adapters/secrets/vault.ts";
import type { RecipientRows, SecretChange, SecretDesk, SecretRow } from "../../core/authority/secrets/desk.ts";
import { fail, HalliganError, type Problem } from "../../core/errors.ts";
import type { LoadedCluster } from "../../core/house.ts";
import type { SecretPolicy, SecretSource } from "../../core/model/cluster.ts";
import type { Facts } from "../../core/model/facts.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import { checkSecretText, classesOf, defaultPolicy, generateText } from "../../core/model/secret-policy.ts";
import { SecretValue } from "../../core/model/secret.ts";
import { suggestion } from "../../core/model/suggest.ts";
import { secretText } from "../../core/plan/held.ts";
import type { Secret, Store } from "../../core/ports.ts";
import { readStanding } from "../../core/run/applied.ts";
import { makeDraft } from "../../core/run/draft.ts";
import { earlierOutputs } from "../../core/run/earlier-outputs.ts";
import { keepOffScreen } from "../disclosure.ts";
import { createRecipientDesk } from "./recipient-desk.ts";
import { retireSecrets } from "./secrets.ts";
import type { AskSecret, SourceReader } from "./targets.ts";

/** What the desk works with. */
export interface SecretDeskOptions {
  readonly store: Store;
  readonly vault: () => Promise<Vault>;
  readonly load: () => Promise<LoadedCluster>;
  readonly knownFacts: () => Promise<ReadonlyMap<string, { readonly facts: Facts }>>;
  readonly read: SourceReader;
  /** A value from standard input, or typed twice. */
  readonly takeValue: (what: string) => Promise<Secret>;
  readonly ask: AskSecret;
  readonly identityFile: string;
  readonly now: () => number;
  readonly by: () => Promise<string>;
}

/** A secret of the cluster file. */
interface Named {
  readonly name: string;
  readonly source: SecretSource;
}

/** Sources that give their value again at every plan. */
const foreign: readonly SecretSource["kind"][] = ["env", "file", "command"];

/** The desk of one cluster folder. */
export function createSecretDesk(options: SecretDeskOptions): SecretDesk {
  const { store, vault, load } = options;

  async function find(name: string): Promise<Named> {
    return findIn(secretsOf(await load()), name);
  }

  async function keep(named: Named, value: Secret, how: SecretSource["kind"] | "set"): Promise<SecretChange> {
    const what = secretText(named.name);
    checkSecretText(value.reveal(), `value of ${what}`);
    keepOffScreen([{ name: named.name.slice(named.name.indexOf("/") + 1), value }]);
    const box = await vault();
    const before = (await box.list()).find((each) => each.name === named.name)?.version ?? null;
    const version = await box.set(named.name, value, how);
    await retireSecrets(store, vault);
    return { name: named.name, before, version, usedBy: (await usage(options)).get(named.name) ?? [] };
  }

  return {
    ...createRecipientDesk(options),
    async list() {
      const loaded = await load();
      const named = secretsOf(loaded);
      const kept = new Map((await (await vault()).list()).map((each) => [each.name, each]));
      const users = await usage(options);
      const applied = new Map((await readStanding(store)).map((each) => [each.id, each.secrets ?? []]));
      const names = [...new Set([...named.map((each) => each.name), ...kept.keys()])].toSorted();
      return names.map((name): SecretRow => {
        const record = kept.get(name);
        const source = named.find((each) => each.name === name)?.source;
        return {
          name,
          source: source === undefined ? null : { kind: source.kind, from: sourceText(source) },
          version: record?.version ?? null,
          older: record?.older ?? [],
          madeAt: record?.made?.at ?? null,
          madeBy: record?.made?.by ?? null,
          how: record?.made?.how ?? null,
          usedBy: (users.get(name) ?? []).map((id) => ({
            id,
            version: applied.get(id)?.find((each) => each.name === name)?.version ?? null,
          })),
        };
      });
    },
    async set(name) {
      const named = await find(name);
      refuseForeign(named, "set");
      return await keep(named, await options.takeValue(`value of ${secretText(named.name)}`), "set");
    },
    async generate(name, wish) {
      const named = await find(name);
      refuseForeign(named, "generated");
      const policy = policyOf(named.source, wish);
      if ((await (await vault()).list()).some((each) => each.name === named.name))
        throw fail("SECRET_EXISTS", { message: `The secret ${named.name} has a value already.` });
      return await keep(named, new SecretValue(generateText(policy, randomInt)), "generate");
    },
    async rotate(names) {
      const all = secretsOf(await load());
      const wanted = [...new Map(each(names, (name) => findIn(all, name)).map((found) => [found.name, found])).values()];
      const values: { readonly named: Named; readonly value: Secret }[] = [];
      for (const named of wanted) values.push({ named, value: await nextValue(named, options) });
      const changes: SecretChange[] = [];
      for (const { named, value } of values) changes.push(await keep(named, value, named.source.kind));
      return changes;
    },
  } satisfies SecretDesk & { readonly recipients: () => Promise<RecipientRows> };
}

/** What the next version will be. */
async function nextValue({ name, source }: Named, { vault, read, takeValue }: SecretDeskOptions): Promise<Secret> {
  if (source.kind === "generate") return new SecretValue(generateText(source.policy, randomInt));
  if (source.kind === "ask") return await takeValue(`new value of ${secretText(name)}`);
  const value = await read(source, `secret ${name.slice(name.indexOf("/") + 1)}`);
  const before = await (await vault()).get(name);
  if (before?.secret.reveal() === value.reveal())
    throw fail("SECRET_UNCHANGED", {
      message: `The secret ${name} still has the value of version ${before.version} in ${sourceText(source)}.`,
    });
  return value;
}

/** Every one of them, or all problems at once. */
function each<T>(names: readonly string[], work: (name: string) => T): readonly T[] {
  const problems: Problem[] = [];
  const found = names.flatMap((name) => {
    try {
      return [work(name)];
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  return found;
}

function secretsOf({ cluster }: LoadedCluster): readonly Named[] {
  return cluster.deployments.flatMap((deployment) =>
    Object.entries(deployment.secrets).map(([attribute, source]) => ({ name: `${deployment.name}/${attribute}`, source })),
  );
}

/** `deployment/barclamp.attribute`, or without the deployment where only one has it. */
function findIn(all: readonly Named[], name: string): Named {
  const found = all.filter((one) => one.name === name || one.name.slice(one.name.indexOf("/") + 1) === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const names = all.map((one) => one.name);
  const hint = found.length > 1 ? `Write one of: ${found.map((one) => one.name).join(", ")}.` : suggestion(name, names);
  const message =
    found.length > 1
      ? `Several deployments have a secret ${name}.`
      : `The cluster file has no secret ${name.slice(0, 200)} under \`secrets:\`.`;
  throw fail("SECRET_UNKNOWN", { message, hint });
}

function refuseForeign({ name, source }: Named, how: string): void {
  if (foreign.includes(source.kind))
    throw fail("SECRET_ELSEWHERE", { message: `The secret ${name} comes from ${sourceText(source)}; it cannot be ${how} here.` });
}

function policyOf(source: SecretSource, wish: Partial<SecretPolicy>): SecretPolicy {
  const base = source.kind === "generate" ? source.policy : defaultPolicy;
  const policy = { ...base, ...wish };
  if (policy.minClasses > classesOf(policy.alphabet))
    throw fail("VALUE_INVALID", {
      message: `${policy.alphabet} has ${classesOf(policy.alphabet)} kinds of characters, fewer than ${policy.minClasses}.`,
    });
  return policy;
}

/** Where a value comes from, in the words of the cluster file. Arguments of a program stay out: nobody promised that they are harmless. */
function sourceText(source: SecretSource): string {
  switch (source.kind) {
    case "env":
      return `environment variable ${source.name}`;
    case "file":
      return `file ${source.path}`;
    case "command":
      return `program ${source.words[0] ?? ""}`;
    case "ask":
      return "the terminal";
    case "generate":
      return `${source.policy.length} characters of ${source.policy.alphabet}`;
    default:
      return source satisfies never;
  }
}

/** Node-roles by the secrets that go into them, found as a plan does: through settings and through outputs of others. */
async function usage({ load, store, knownFacts }: SecretDeskOptions): Promise<ReadonlyMap<string, readonly NodeRoleId[]>> {
  const { cluster, barclamps } = await load();
  const facts = new Map([...(await knownFacts())].map(([node, known]) => [node, known.facts]));
  const draft = makeDraft({ cluster, barclamps, deployments: [], facts });
  const masked = Object.assign(({ secret }: { readonly secret: string }) => ({ value: secretText(secret), version: 0 }), {
    masked: true as const,
  });
  const resolver = draft.resolver({ secrets: masked, lateOutputs: earlierOutputs(await readStanding(store)), seen: true });
  const users = new Map<string, NodeRoleId[]>();
  for (const ordered of draft.graph.nodeRoles)
    for (const { name } of resolver.resolve(ordered).secrets) users.set(name, [...(users.get(name) ?? []), ordered.bound.id]);
  return users;
}
