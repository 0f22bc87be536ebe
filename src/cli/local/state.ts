import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { errnoOf, fileFault } from "../../core/adapters/store/file-faults.ts";
import { openState } from "../../core/adapters/store/open.ts";
import { type SnapshotSum, type StateRecord, summing } from "../../core/adapters/store/snapshot.ts";
import type { State } from "../../core/adapters/store/state.ts";
import type { CopiedState } from "../../core/commands/local.ts";
import { authorise } from "../../core/authority/authorise.ts";
import { principalText } from "../../core/authority/principal.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import { type HousePlace, openLocalHouse } from "../house/open.ts";
import { markMoved, refuseMoved } from "../house/moved.ts";
import { storeAccess } from "../house/store-access.ts";
import { keepOthersOut } from "./keep-out.ts";
import { snapshotLines, snapshotRecords } from "./snapshot-file.ts";

/** Works with what `--state` would open for a cluster folder, and closes it. */
async function withState<T>(folder: string, url: string | undefined, work: (state: State) => Promise<T>): Promise<T> {
  const home = join(folder, ".halligan");
  const state = await openState({ url: url ?? join(home, "state.db"), logs: join(home, "logs") }, storeAccess(process.env));
  try {
    return await work(state);
  } finally {
    await state.store.close();
  }
}

/**
 * Copies one store into another that is empty, reads the copy back and compares; then the first is marked as moved.
 * @throws `NOT_ALLOWED`, `STORE_NOT_EMPTY`, `STORE_IN_USE`, `STORE_MOVED`, `STORE_COPY`, and the problems of both stores.
 */
export async function copyState(place: Omit<HousePlace, "state">, from: string, to: string): Promise<CopiedState> {
  const cluster = await permit({ ...place, state: from }, to);
  const folder = dirname(resolve(place.file));
  return await withState(folder, from, (source) =>
    withState(folder, to, async (target) => {
      await refuseMoved(source.store);
      const others = await keepOthersOut(source, cluster);
      try {
        const [here, there] = [await source.about(), await target.about()];
        // Two stores in files share the folder of the logs: nothing of it has to be copied.
        const sum = await transfer(source, target, here.kind !== "embedded" || there.kind !== "embedded");
        others.assert();
        await markMoved(source.store, there.where, Date.now());
        return { ...sum, from: here.where, to: there.where };
      } finally {
        await others.letIn();
      }
    }),
  );
}

/** Only who may administer the cluster may move its state; that it was asked for goes along in the audit. Gives the cluster's name. @throws `NOT_ALLOWED`, `PRINCIPAL_UNKNOWN`. */
async function permit(place: HousePlace, to: string): Promise<string> {
  const house = await openLocalHouse(place);
  try {
    const principal = principalText(house.principal);
    const verdict = authorise({
      authority: await house.authority(),
      who: { principal },
      action: "administer",
      resource: { kind: "cluster" },
    });
    const entry = { principal, front: "cli", action: "state copy", resource: to } as const;
    if (verdict.allowed) await house.audit.record({ ...entry, by: verdict.person, decision: "allowed" });
    else {
      const { code, message } = verdict.problem;
      await house.audit.record({ ...entry, by: verdict.person ?? principal, decision: "refused", code, reason: message });
      throw new HalliganError([verdict.problem]);
    }
    return (await house.load()).cluster.name;
  } finally {
    await house.close();
  }
}

async function transfer(source: State, target: State, withLogs: boolean): Promise<SnapshotSum> {
  const dump = (state: State): AsyncIterable<StateRecord> => (withLogs ? state.snapshots.dump() : withoutLogs(state.snapshots.dump()));
  const head = await source.store.head();
  const sent = summing(dump(source));
  await target.snapshots.restore(sent.records);
  const copy = summing(dump(target));
  await toItsEnd(copy.records);
  const [wanted, found] = [sent.sum(), copy.sum()];
  if (wanted.digest === found.digest && (await source.store.head()) === head) return wanted;
  const amounts = ({ events, documents, logs, digest }: SnapshotSum): string =>
    `${events} events, ${documents} documents and ${logs} logs (${digest})`;
  throw fail("STORE_COPY", { message: `The copy holds ${amounts(found)}; what was read held ${amounts(wanted)}.` });
}

async function* withoutLogs(records: AsyncIterable<StateRecord>): AsyncGenerator<StateRecord> {
  for await (const record of records) if (record.kind !== "log") yield record;
}

async function toItsEnd(records: AsyncIterable<StateRecord>): Promise<void> {
  for await (const record of records) void record;
}

/**
 * Writes everything of a store into a new file (0600).
 * @throws `STORE_MOVED`, `STORE_FULL`, `STORE_UNAVAILABLE`, also where the file exists.
 */
export async function exportState(folder: string, url: string | undefined, file: string): Promise<CopiedState> {
  const path = resolve(file);
  return await withState(folder, url, async ({ store, snapshots, about }) => {
    await refuseMoved(store);
    const sent = summing(snapshots.dump());
    await pipeline(snapshotLines(sent), createWriteStream(path, { flags: "wx", mode: 0o600 })).catch(async (error: unknown) => {
      if (errnoOf(error) !== "EEXIST") await rm(path, { force: true }); // half a file is worse than none
      throw fileFault(error, path);
    });
    return { ...sent.sum(), from: (await about()).where, to: path };
  });
}

/**
 * Fills an empty store from a file that `exportState` wrote. It is read twice: a damaged one changes nothing.
 * @throws `STORE_COPY` for a file that is not whole, `STORE_NOT_EMPTY`, and the problems of the store.
 */
export async function importState(folder: string, url: string | undefined, file: string): Promise<CopiedState> {
  const path = resolve(file);
  const whole = summing(snapshotRecords(path));
  await toItsEnd(whole.records);
  return await withState(folder, url, async ({ snapshots, about }) => {
    await snapshots.restore(snapshotRecords(path));
    return { ...whole.sum(), from: path, to: (await about()).where };
  });
}
