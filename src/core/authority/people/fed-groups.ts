import { hasCode } from "../../errors.ts";
import { peopleFileSchema } from "../../model/people-file.ts";
import type { EpochMs, Json, Store } from "../../ports.ts";
import { readYaml } from "../../files/yaml-tree.ts";
import { identify } from "../authorise.ts";
import type { People } from "../people.ts";

/** Members of groups that another system keeps, by group: their principals. */
export type FedGroups = ReadonlyMap<string, readonly string[]>;

const collection = "fed-groups";
const key = "slack";

/** How long members are believed after they were read: whoever was taken out of a group has lost it after this, ms. */
export const fedLifetimeMs = 60_000;

/** Keeps who is in the groups now. */
export async function keepFedGroups(store: Store, groups: FedGroups, now: EpochMs): Promise<void> {
  const value = { at: now, groups: Object.fromEntries(groups) } as Json;
  for (;;) {
    const before = await store.get(collection, key);
    try {
      await store.put(collection, key, value, before?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error; // another instance wrote; what is newer wins
    }
  }
}

/** Who is in the groups. Fails closed: what is older than a minute, or from the future, counts as empty. */
export async function readFedGroups(store: Store, now: EpochMs): Promise<FedGroups> {
  const kept = await store.get<{ readonly at: number; readonly groups: Readonly<Record<string, readonly string[]>> }>(collection, key);
  if (kept === undefined || Math.abs(now - kept.value.at) > fedLifetimeMs) return new Map();
  return new Map(Object.entries(kept.value.groups));
}

/**
 * The text of a people.yaml whose groups have these members as well; `people` is what the file and links say. A group must be in the file, and a
 * principal must stand for somebody in it: nobody becomes anybody by being in a group. `undefined` = nothing is added.
 */
export function withFedGroups(text: string, people: People, fed: FedGroups): string | undefined {
  const parsed = peopleFileSchema.safeParse(readYaml("people.yaml", text).value);
  if (!parsed.success) return undefined;
  const groups = { ...parsed.data.groups };
  let added = false;
  for (const [group, principals] of fed) {
    const written = groups[group];
    if (written === undefined || !Object.hasOwn(groups, group)) continue;
    const persons = principals.flatMap((principal) => {
      const found = identify({ mode: "people", people }, { principal });
      return found.allowed && !written.includes(found.person) ? [found.person] : [];
    });
    if (persons.length === 0) continue;
    groups[group] = [...written, ...[...new Set(persons)].toSorted()];
    added = true;
  }
  // JSON is YAML: the text can be kept and read like the file itself.
  return added ? JSON.stringify({ ...parsed.data, groups }) : undefined;
}
