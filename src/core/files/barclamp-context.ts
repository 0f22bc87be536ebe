import type { Problem } from "../errors.ts";
import type { KindsForLoading } from "./kind-for-loading.ts";
import type { YamlTree } from "./yaml-tree.ts";

/** What every part of loading a barclamp needs; problems are collected in it. */
export interface BarclampContext {
  readonly tree: YamlTree;
  readonly kinds: KindsForLoading;
  readonly folder: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Names of the declared attributes; undefined = not known, nothing is said about settings. */
  readonly attributes: ReadonlySet<string> | undefined;
  /** Where a problem goes. */
  readonly report: (fault: Problem) => void;
}
