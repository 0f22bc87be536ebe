import { type Dirent, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageFolder } from "../../files/package.ts";
import { hasMountsBelow, isUnder, type Mount } from "./mounts.ts";

/** One entry of a node's root directory tree, parents before children. */
export type LayoutPart =
  /** The node sees the machine's directory and keeps its changes for itself. */
  | { readonly kind: "overlay"; readonly path: string }
  /** A private copy made once per lab lies under the node's changes, instead of the machine's directory. */
  | { readonly kind: "copy"; readonly path: string }
  /** A directory of the node's own. */
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  /** The machine's directory, read-only. */
  | { readonly kind: "bind"; readonly path: string };

const COPIED_ON_WRITE = ["bin", "etc", "lib", "lib32", "lib64", "libx32", "opt", "sbin", "srv", "usr", "var"];
const OVERLAY_LOWERS = new Set(["ext2", "ext3", "ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "f2fs", "erofs", "squashfs"]);

function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** Overlays one directory; where something is mounted below it, its children one by one. */
function overlayOrSplit(path: string, mounts: readonly Mount[]): readonly LayoutPart[] {
  const own = mounts.findLast((mount) => mount.path === path);
  if (own !== undefined && !OVERLAY_LOWERS.has(own.type)) return [{ kind: "directory", path }];
  if (!hasMountsBelow(mounts, path)) return [{ kind: "overlay", path }];
  const children = entriesOf(path).flatMap((entry): readonly LayoutPart[] => {
    const child = join(path, entry.name);
    if (entry.isSymbolicLink()) return [{ kind: "link", path: child, target: readlinkSync(child) }];
    return entry.isDirectory() ? overlayOrSplit(child, mounts) : [];
  });
  return [{ kind: "directory", path }, ...children];
}

function topLevel(name: string, mounts: readonly Mount[], owner: "root" | "user"): readonly LayoutPart[] {
  const path = `/${name}`;
  const entry = entriesOf("/").find((each) => each.name === name);
  if (entry === undefined) return [];
  if (entry.isSymbolicLink()) return [{ kind: "link", path, target: readlinkSync(path) }];
  if (!entry.isDirectory()) return [];
  if (name === "etc" && (owner === "user" || hasMountsBelow(mounts, path))) return [{ kind: "copy", path }];
  return overlayOrSplit(path, mounts);
}

/** What a layout is made from. */
export interface LayoutInput {
  readonly mounts: readonly Mount[];
  /** Who runs the lab: an ordinary user cannot write into root's directories, so `/etc` is copied for it. */
  readonly owner: "root" | "user";
  /** Directories of the machine that nodes must be able to read, e.g. where node and this program are. */
  readonly readable: readonly string[];
}

/** Decides how a node's root tree is put together. */
export function sandboxLayout(input: LayoutInput): readonly LayoutPart[] {
  const parts = COPIED_ON_WRITE.flatMap((name) => topLevel(name, input.mounts, input.owner));
  const own = ["/root", "/home", "/tmp", "/run", "/dev", "/proc", "/sys", "/mnt", "/media"].map(
    (path): LayoutPart => ({ kind: "directory", path }),
  );
  const visible = (path: string): boolean => parts.some((part) => part.kind === "overlay" && isUnder(path, part.path));
  const binds = input.readable.filter((path) => !visible(path)).map((path): LayoutPart => ({ kind: "bind", path }));
  return [...parts, ...own, ...binds];
}

/** True when a directory inside one of the overlaid trees would hold the nodes' changes: the kernel refuses that. */
export function overlapsLayout(layout: readonly LayoutPart[], path: string): boolean {
  return layout.some((part) => part.kind === "overlay" && isUnder(path, part.path));
}

/** The directories that hold this program and the node binary that runs it. */
export function ownDirectories(): readonly string[] {
  const node = realpathSync(process.execPath);
  const wanted = [realpathSync(packageFolder()), dirname(dirname(node))];
  return wanted.filter(
    (path, index) => !wanted.some((other, at) => at !== index && isUnder(path, other) && (other !== path || at < index)),
  );
}
