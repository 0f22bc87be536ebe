import {
  chmodSync,
  copyFileSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  type Stats,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import type { LayoutPart } from "./layout.ts";

interface CopyRule {
  /** Copy files too, or make the directories only. */
  readonly files: boolean;
  /** How many levels of directories. */
  readonly depth: number;
  readonly owner: "root" | "user";
}

function copyEntry(from: string, to: string, stat: Stats, rule: CopyRule): void {
  if (stat.isDirectory()) {
    copyTree(from, to, rule);
    return;
  }
  if (!rule.files) return;
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (stat.isFile()) copyFileSync(from, to);
  else return;
  if (rule.owner === "root") lchownSync(to, stat.uid, stat.gid);
  if (stat.isFile()) chmodSync(to, stat.mode & 0o7777);
}

/** Copies what this user may read; the rest is left out. */
function copyTree(from: string, to: string, rule: CopyRule): void {
  const stat = lstatSync(from);
  let names: readonly string[];
  try {
    names = readdirSync(from);
  } catch {
    return;
  }
  mkdirSync(to, { recursive: true });
  chmodSync(to, (stat.mode & 0o7777) | 0o700);
  if (rule.owner === "root") lchownSync(to, stat.uid, stat.gid);
  if (rule.depth === 0) return;
  for (const name of names) {
    const path = join(from, name);
    try {
      copyEntry(path, join(to, name), lstatSync(path), { ...rule, depth: rule.depth - 1 });
    } catch {
      // Unreadable for this user, or gone since the listing.
    }
  }
}

const FOLDER_DEPTH: Readonly<Record<string, number>> = { "/usr": 3, "/usr/local": 8, "/var": 4 };

/**
 * Makes the layer that lies between the machine's directories and each node's changes: copies of `copy` parts and, for an ordinary user,
 * empty directories of its own in the place of root's. An overlay shows a merged directory with the topmost layer's owner, so these make
 * root's directories writable for the node's root. Made once per lab.
 */
export function prepareBase(base: string, layout: readonly LayoutPart[], owner: "root" | "user"): void {
  for (const part of layout) {
    const to = `${base}${part.path}`;
    if (existsSync(to)) continue;
    if (part.kind === "copy") copyTree(part.path, to, { files: true, depth: 16, owner });
    if (part.kind !== "overlay" || owner === "root") continue;
    copyTree(part.path, to, { files: false, depth: FOLDER_DEPTH[part.path] ?? 2, owner });
    if (part.path === "/usr" && existsSync("/usr/local")) copyTree("/usr/local", `${to}/local`, { files: false, depth: 8, owner });
  }
}
