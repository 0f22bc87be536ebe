import { join } from "node:path";
import type { Vault } from "../../core/adapters/secrets/vault.ts";
import { openState } from "../../core/adapters/store/open.ts";
import type { ClusterNode } from "../../core/model/cluster.ts";
import { refuseMoved } from "./moved.ts";
import { storeAccess } from "./store-access.ts";
import { type Connector, createConnector, createSshTransport } from "../../core/adapters/ssh/connector.ts";
import { lazyOpensshTransport, lazySsh2Transport } from "../../core/adapters/ssh/lazy-transports.ts";
import type { ApprovalDeps } from "../../core/authority/approvals/read.ts";
import { type Principal, principalText } from "../../core/authority/principal.ts";
import { recordRuns } from "../../core/authority/audit/record-runs.ts";
import type { House, LoadedCluster } from "../../core/house.ts";
import { takeSecret } from "./ask-secret.ts";
import { createAuditDesk, tellUnrecorded } from "./audit-desk.ts";
import { createExecDesk } from "./exec-desk.ts";
import { everySecret } from "./every-secret.ts";
import { systemClock } from "./clock.ts";
import { findEngine } from "./engine-process.ts";
import { readFiles } from "./files.ts";
import { createFreshFiles, type FreshFiles } from "./fresh-files.ts";
import { createKeyAcceptor } from "./accept-key.ts";
import { createGate } from "./gate.ts";
import { createIntentDesk } from "./intent-desk.ts";
import { createInventoryDesk } from "./inventory-desk.ts";
import { createLinks, type Links } from "./links.ts";
import { createPlanDesk } from "./plan-desk.ts";
import { createHousePolicy } from "./policy.ts";
import { localPrincipal } from "./principal.ts";
import { createAuthority, personBehind, type Prove, provePrincipal } from "./people-desk.ts";
import { createRunDesk, type RunDesk } from "./run-desk.ts";
import { createSecretDesk } from "./secret-desk.ts";
import { joinSharedFolder, ownFile } from "./shared-folder.ts";
import { type AskSecret, createTargets } from "./targets.ts";

/** What the composition root knows. */
export interface HouseOptions {
  /** Absolute path of the cluster file. */
  readonly file: string;
  readonly folder: string;
  readonly stateUrl: string | undefined;
  readonly user: string;
  /** Proves who asks. */
  readonly prove: Prove;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: AskSecret;
  /** Secrets that another process has asked for. */
  readonly answers?: Readonly<Record<string, string>>;
  /** The process stays while the files are edited: they are read anew, at most once a second. Otherwise they are read once. */
  readonly stays?: boolean;
  /** Connections of another house of this process, which ends them. */
  readonly connector?: Connector;
}

/** A house that can also carry out runs: what an engine process holds. */
export type EngineHouse = House & RunDesk;

/** A house with doors for others than whoever opened it. */
export interface OpenedHouse extends EngineHouse {
  /** The same store, files and connections for another asker, who was proved by the caller. It reads the files once; only the opened house is closed. */
  as(principal: Principal): House;
}

const handshakesAtOnce = 48;
/** How long files that were read are good for in a process that stays, ms. */
const readAgainMs = 1_000;

/** Opens the house of one cluster folder. Problems: those of the store. */
export async function openHouse(options: HouseOptions): Promise<OpenedHouse> {
  const { file, folder } = options;
  const home = join(folder, ".halligan");
  joinSharedFolder(home);
  const access = storeAccess(options.environment);
  const place = { url: options.stateUrl ?? join(home, "state.db"), logs: join(home, "logs") };
  const { store: kept, logs, about } = await openState(place, access);
  await refuseMoved(kept).catch(async (error: unknown) => {
    await kept.close();
    throw error;
  });
  const audit = createAuditDesk({ store: kept, home, user: options.user, secrets: () => everySecret(kept, vault) });
  const store = recordRuns(kept, audit, tellUnrecorded);
  const identityFile = ownFile(home, "identity", options.user);
  const deps = { clock: systemClock, random: Math.random };
  const ssh2 = lazySsh2Transport(deps);
  const transport = createSshTransport({ ssh2, openssh: lazyOpensshTransport(deps) });
  const connector = options.connector ?? createConnector({ transport, maxHandshakes: handshakesAtOnce });
  const targets = createTargets(options, options.answers);
  let vaulting: Promise<Vault> | undefined;
  const vault = (): Promise<Vault> => (vaulting ??= openVault());
  const files = createFreshFiles(file, () => readFiles(file, { user: options.user }), systemClock.now);
  const readOnce = (): FreshFiles["read"] => {
    let loading: ReturnType<FreshFiles["read"]> | undefined;
    return () => (loading ??= files.read());
  };
  const ownRead = options.stays === true ? atMostOncePer(readAgainMs, files.read, systemClock.now) : readOnce();
  const load = async (): Promise<LoadedCluster> => (await ownRead()).loaded;
  const linksOf = (loaded: LoadedCluster): Links => createLinks(loaded.cluster.nodes, targets, connector);
  const authority = createAuthority(folder, store);
  // A proof that fails is on record, and what is recorded is searched for secrets: the vault is opened before anybody is known.
  const known: { principal?: Principal } = {};
  // An engine's local user need not be anybody in people.yaml.
  const asker = async (): Promise<string> => {
    const who = known.principal;
    return who === undefined ? "nobody" : await personBehind(who, authority).catch(() => principalText(who));
  };
  const principal = await provePrincipal(options.prove, authority, audit).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  known.principal = principal;
  const policy = createHousePolicy({ store, clock: systemClock, folder, load, authority });
  const gate = createGate({ store, clock: systemClock, folder, authority, load, files, policy: policy.judge });
  const approvals: ApprovalDeps = { store, clock: systemClock, authority, policies: () => files.approvals() };
  const desk = createInventoryDesk({ store, clock: systemClock, load, linksOf, accept: createKeyAcceptor(targets, ssh2) });

  // A house that stays, or that has planned before, has its connections open already.
  let isNew = options.stays !== true && options.connector === undefined;
  const expectNodes = (nodes: readonly ClusterNode[]): void => {
    if (!isNew) return;
    isNew = false;
    ssh2.expect(nodes.slice(0, handshakesAtOnce).map(({ address, ssh: { port } }) => ({ address, port })));
  };
  const shared = { store, approvals, vault, linksOf };
  const forOne = options.stays !== true && options.connector === undefined;
  const { stateUrl, user } = options;
  const openEngine = (answers: Readonly<Record<string, string>>): Promise<EngineHouse> =>
    openHouse({ ...options, prove: async () => localPrincipal(), ask: async () => undefined, answers, connector });

  /** What is the same for everybody, and what depends on who asks; `read` gives the files. */
  const houseFor = (who: Principal, by: () => Promise<string>, read: FreshFiles["read"]): EngineHouse => ({
    file,
    folder,
    store,
    logs,
    clock: systemClock,
    principal: who,
    authority,
    person: () => personBehind(who, authority),
    audit,
    secrets: createSecretDesk({
      store,
      vault,
      load: async () => (await read()).loaded,
      knownFacts: desk.knownFacts,
      read: targets.read,
      takeValue: takeSecret,
      ask: options.ask,
      identityFile,
      now: systemClock.now,
      by,
    }),
    load: async () => (await read()).loaded,
    knownFacts: desk.knownFacts,
    discover: desk.discover,
    ...createPlanDesk({
      ...shared,
      ...(forOne ? { letGo: connector.letGo } : {}),
      file,
      user,
      policy: policy.desk,
      inventory: desk,
      readSecret: targets.read,
      read,
      expectNodes,
    }),
    approvals,
    judge: gate,
    policy: policy.desk,
    intent: createIntentDesk({ store, clock: systemClock, file, user, policy: policy.desk }),
    execute: createExecDesk({ load, linksOf, secrets: () => everySecret(store, vault) }),
    about,
    findEngine: (cluster) => findEngine(store, cluster),
    ...createRunDesk({
      ...shared,
      file,
      folder,
      stateUrl,
      storePassword: access.password,
      user,
      logs,
      principal: who,
      gate,
      files,
      targets,
      authority,
      load: async () => (await read()).loaded,
      ...(options.stays === true ? {} : { openEngine }),
    }),
    close: () => Promise.resolve(),
  });

  const own = houseFor(principal, asker, ownRead);
  return {
    ...own,
    as: (who) => houseFor(who, () => personBehind(who, authority), readOnce()),
    async close() {
      await own.leave();
      await policy.close();
      if (options.connector === undefined) await connector.end();
      await store.close();
    },
  };

  /** Loaded at first need: a cluster without secrets starts a little faster. */
  async function openVault(): Promise<Vault> {
    const { createVault } = await import("../../core/adapters/secrets/vault.ts");
    return await createVault({
      store,
      identityFile,
      now: systemClock.now,
      by: await asker(),
    });
  }
}

/** What was read a moment ago is good enough; what failed is not kept. */
function atMostOncePer<T>(ms: number, read: () => Promise<T>, now: () => number): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  return async () => {
    if (last === undefined || now() - last.at >= ms) {
      const made = { at: now(), value: read() };
      made.value.catch(() => {
        if (last === made) last = undefined;
      });
      last = made;
    }
    return await last.value;
  };
}
