import { z } from "zod";
import { absolutePath, fileMode, flag, owner, splitOwner } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z
  .strictObject({
    path: absolutePath.describe("Absolute path on the node. Missing parents are made too, with mode 0755."),
    mode: fileMode.optional().describe('Octal digits in quotes, such as "0750". Default: what is there; a new directory gets 0755.'),
    owner: owner
      .optional()
      .describe("user:group, user or :group. Default: what is there; a new directory belongs to the user who runs the step."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: the directory is removed; see force."),
    force: flag
      .default(false)
      .describe("With state absent: remove it with everything in it. Otherwise a directory that is not empty is a failure."),
    restore: flag
      .default(false)
      .describe("With state absent: only if Halligan made it, with everything in it and the parents made for it."),
  })
  .refine((args) => args.state === "present" || (args.mode ?? args.owner) === undefined, "state: absent takes no mode or owner")
  .refine(
    (args) => args.state === "present" || /^\/[^/]+\/[^/]/u.test(args.path),
    "a directory at the top of the file system is not removed",
  );

const prelude = posix`
hg_directory_check() {
  hg_look "$1"
  if [ "$t" = link ] && [ -d "$p" ]; then hg_seen="symlink to a directory"; fi
  if [ "$t" = none ]; then hg_want create absent; return; fi
  if [ "$t" = dir ] && [ "\${2:-$m}" = "$m" ] && ! hg_owner_differs "$3" "$4"; then hg_none "$hg_seen"; return; fi
  hg_want change "$hg_seen"
  if [ "$t" = dir ]; then hg_attributes "$2" "$3" "$4"; return; fi
  hg_diff type "$hg_seen" directory
  hg_refuse "$p exists and is no directory ($hg_seen): it is not replaced" "$hg_seen"
}

hg_directory_apply() {
  hg_look "$1"
  case $t in
    dir) ;;
    none)
      hg_top=$p
      hg_dir=$p
      while hg_dir=\${hg_dir%/*} && [ -n "$hg_dir" ] && [ ! -e "$hg_dir" ]; do hg_top=$hg_dir; done
      hg_remember "$5" "$hg_top" || return 1
      umask 022
      hg_m=\${2:-755}
      hg_dir=\${hg_dir:-/}
      hg_wants_chown "$3" "$4"
      case $hg_batch:$hg_m:$hg_cu$hg_cg in
        ?*:???:?*)
          hg_try install -d -m "$hg_m" \${hg_cu:+-o "$hg_cu"} \${hg_cg:+-g "$hg_cg"} -- "$p" || { umask 077; return 1; }
          umask 077
          return
          ;;
        ?*:???:) hg_try mkdir -p -m "$hg_m" -- "$p" || { umask 077; return 1; } ;;
        *)
          hg_try mkdir -p -- "$p" || { umask 077; return 1; }
          hg_try chmod -- "$hg_m" "$p" || { umask 077; return 1; }
          ;;
      esac
      umask 077
      [ -z "$hg_cu$hg_cg" ] || hg_try chown -h -- "$hg_cu\${hg_cg:+:$hg_cg}" "$p"
      return
      ;;
    *)
      hg_fail "$p exists and is no directory ($hg_seen): it is not replaced"
      return 1
      ;;
  esac
  hg_set_attributes "$2" "$3" "$4"
}

hg_nodir_check() {
  hg_look "$1"
  if [ "$3" = 1 ]; then
    [ -e "$4.none" ] || { hg_none "not ours"; return; }
    if [ "$t" = none ] && [ "$hg_mode" = remove ]; then rm -f -- "$4.none"; fi
  fi
  if [ "$t" = none ]; then hg_none absent; else hg_want destroy "$hg_seen"; fi
}

hg_nodir_apply() {
  hg_look "$1"
  if [ "$t" != dir ]; then hg_fail "$p is no directory ($hg_seen): it is not removed"; return 1; fi
  if [ "$2" = 1 ] || [ "$3" = 1 ]; then
    hg_try rm -rf -- "$p" || return 1
  else
    hg_try rmdir -- "$p" || return 1
  fi
  [ "$3" = 1 ] || return 0
  hg_top=$(cat -- "$4.none"; printf x)
  hg_top=\${hg_top%x}
  hg_dir=$p
  while [ "$hg_dir" != "$hg_top" ] && [ -n "$hg_dir" ]; do
    hg_dir=\${hg_dir%/*}
    rmdir -- "$hg_dir" 2>/dev/null || break
  done
  hg_try rm -f -- "$4.none"
}
`;

/** A directory with mode and owner. */
export const directoryKind: StepKind<typeof schema> = {
  kind: "directory",
  summary: "A directory with this mode and owner, with its parents.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { path: value } : undefined),
  naturalId: (args) => args.path,
  label: (args) => (args.state === "absent" ? `directory ${args.path} absent` : `directory ${args.path}`),
  readOnly: false,
  undo: {
    class: "inverse",
    means: "A directory that Halligan made is removed with everything in it, and the parents made for it when they are empty; others stay.",
  },
  inverse: (args) =>
    args.state === "absent" || !/^\/[^/]+\/[^/]/u.test(args.path)
      ? undefined
      : { kind: "directory", args: { path: args.path, state: "absent", restore: true } },
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Short", yaml: "directory: /srv/app" },
    { title: "With mode and owner", yaml: 'directory: { path: /var/lib/app, mode: "0750", owner: app:app }' },
  ],
  prelude,
  compile(args, _step, context) {
    const k = context.path(args.path);
    const memory = context.memory("originals", `directory:${args.path}`);
    if (args.state === "absent") {
      const words = sh`${k} ${args.force ? 1 : 0} ${args.restore ? 1 : 0} ${memory}`;
      return { check: sh`hg_nodir_check ${words}`, apply: sh`hg_nodir_apply ${words}`, converges: true };
    }
    const { user, group } = splitOwner(args.owner);
    const words = sh`${k} ${args.mode ?? ""} ${user} ${group} ${memory}`;
    return { check: sh`hg_directory_check ${words}`, apply: sh`hg_directory_apply ${words}`, converges: true, own: true };
  },
};
