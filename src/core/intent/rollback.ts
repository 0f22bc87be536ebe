import { fail, hasCode } from "../errors.ts";
import type { LoadedCluster } from "../house.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanLimit } from "../model/plan.ts";
import { bind } from "../plan/bind.ts";
import type { Json, Store } from "../ports.ts";
import { readStanding } from "../run/applied.ts";
import { readRevisionText } from "../run/revision.ts";
import { intentChanges, isMap, pathText, valueAt, valueOf } from "./changes.ts";
import type { IntentDesk } from "./desk.ts";
import type { RollbackTarget } from "./rollback-target.ts";
import { sameDeployment } from "./touched.ts";
import { editYaml } from "./yaml-edit.ts";

/** How a deployment can go back. */
export type RollbackWay =
  /** The cluster file says it already. */
  | { readonly way: "files"; readonly present: string }
  /** The cluster file says it with this text. */
  | { readonly way: "proposal"; readonly present: string; readonly text: string }
  /** No text of the deployment says it: what else differs. */
  | { readonly way: "revision"; readonly present: string; readonly differs: readonly string[] };

/**
 * Finds the way back. The cluster file stays the source of intent wherever it can say what the deployment was: then its block is put back (who
 * must approve stays as it is now). Where something beside the block makes the difference (barclamps, nodes, groups, common settings), only the
 * kept revision says it.
 * @throws `REVISION_NOT_FOUND`.
 */
export async function rollbackWay(
  { store, intent }: { readonly store: Store; readonly intent: IntentDesk },
  deployment: string,
  { entry, loaded }: RollbackTarget,
): Promise<RollbackWay> {
  const kept = await readRevisionText(store, entry.digest);
  if (kept === undefined) throw fail("REVISION_NOT_FOUND", { message: `The text of ${entry.revision} is not in the store any more.` });
  const present = await intent.read();
  const text = withBlock(present, deployment, kept.text);
  const judged = text === undefined ? undefined : (await intent.check(text)).loaded;
  if (text === undefined || judged === undefined || !sameDeployment(deployment, judged, loaded))
    return { way: "revision", present, differs: await differences(intent, present, { deployment, text: kept.text, loaded }) };
  return text === present ? { way: "files", present } : { way: "proposal", present, text };
}

/** The cluster file with a deployment's block as another text has it, approvals apart; `undefined` where it cannot be written. */
function withBlock(present: string, deployment: string, from: string): string | undefined {
  const path = ["deployments", deployment];
  const block = valueAt(valueOf(from), path);
  if (!isMap(block)) return undefined;
  const { approvals: _then, ...old } = block;
  const approvals = valueAt(valueOf(present), [...path, "approvals"]);
  const value: Json = approvals === undefined ? old : { ...old, approvals };
  try {
    return editYaml(present, { do: "set", path, value });
  } catch (error) {
    if (hasCode(error, "EDIT_REFUSED")) return undefined;
    throw error;
  }
}

/** What differs beside the block of the deployment, in words. */
async function differences(
  intent: IntentDesk,
  present: string,
  { deployment, text, loaded }: { readonly deployment: string; readonly text: string; readonly loaded: LoadedCluster },
): Promise<readonly string[]> {
  const now = (await intent.check(present)).loaded;
  const paths = intentChanges(text, present).filter(({ path }) => path[0] !== "deployments" || path[1] === deployment);
  const used = [...loaded.barclamps].filter(([name, barclamp]) => now !== undefined && now.barclamps.get(name)?.digest !== barclamp.digest);
  return [
    ...used.map(
      ([name, { version }]) =>
        `barclamp ${name}: was version ${version} (${shortOf(loaded, name)}), is ${now === undefined ? "unknown" : isOf(now, name)}`,
    ),
    ...paths.map(({ path }) => pathText(path)),
  ];
}

function isOf(loaded: LoadedCluster, name: string): string {
  const barclamp = loaded.barclamps.get(name);
  return barclamp === undefined ? "not used" : `version ${barclamp.version} (${shortOf(loaded, name)})`;
}

function shortOf({ barclamps }: LoadedCluster, name: string): string {
  return (barclamps.get(name)?.digest ?? "").slice("sha256:".length, "sha256:".length + 12);
}

/** The bounds of a plan that brings a deployment back to a kept revision: what that places of it, and what stands of it now. */
export async function rollbackLimit(store: Store, deployment: string, { entry, loaded }: RollbackTarget): Promise<PlanLimit> {
  const standing = (await readStanding(store)).filter((each) => each.deployment === deployment).map((each) => each.id);
  const { bound } = bind({ cluster: loaded.cluster, barclamps: [...loaded.barclamps.values()] });
  const placed = bound.filter((each) => each.deployment.name === deployment).map((each) => each.id);
  return {
    purpose: { kind: "rollback", deployment, revision: entry.revision },
    only: new Set<NodeRoleId>([...placed, ...standing]),
    away: new Set(),
    gone: new Set(standing),
  };
}
