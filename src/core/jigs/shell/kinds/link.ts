import { z } from "zod";
import { absolutePath, flag, text } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z
  .strictObject({
    path: absolutePath.describe("Absolute path of the symlink."),
    to: text.min(1).optional().describe("What it points to, as written: absolute, or relative to the link's folder. It need not exist."),
    state: z
      .enum(["present", "absent"])
      .default("present")
      .describe("absent: the symlink is removed; anything else at the path is a failure."),
    restore: flag
      .default(false)
      .describe("With state absent: bring back what was there before Halligan replaced it; a link that is not ours stays."),
  })
  .refine((args) => (args.state === "present") === (args.to !== undefined), "give `to`, or state: absent");

const prelude = posix`
hg_link_look() {
  hg_look "$1"
  [ "$t" = link ] || return 0
  case $l in
    *[!\ -~]*)
      hg_o=$(printf %s "$l" | sha256sum)
      hg_seen="symlink to a name with sha256:\${hg_o%% *}"
      ;;
    *) hg_seen="symlink to $l" ;;
  esac
}

hg_link_check() {
  hg_link_look "$1"
  if [ "$t" = link ] && [ "$l" = "$2" ]; then hg_none "$hg_seen"; return; fi
  if [ "$t" = none ]; then hg_want create absent; else hg_want change "$hg_seen"; fi
  if [ "$t" = link ]; then hg_diff target "$l" "$2"; else hg_diff target "$hg_seen" "$2"; fi
  [ "$t" != dir ] || hg_refuse "$p is a directory: it is not replaced by a symlink" "$hg_seen"
}

hg_link_apply() {
  hg_link_look "$1"
  if [ "$t" = dir ]; then hg_fail "$p is a directory: it is not replaced by a symlink"; return 1; fi
  hg_parent "$p" && hg_remember "$3" || return 1
  if [ "$t" = none ]; then hg_try ln -s -n -- "$2" "$p"; return; fi
  hg_temporary "$hg_dir" "$hg_index"
  hg_try ln -s -- "$2" "$hg_temp" || return 1
  if [ "$t" = link ] && [ -d "$p" ]; then hg_try rm -f -- "$p" || { rm -f -- "$hg_temp"; return 1; }; fi
  hg_try mv -f -- "$hg_temp" "$p" && return 0
  rm -f -- "$hg_temp"
  return 1
}

hg_nolink_check() {
  hg_link_look "$1"
  if [ "$2" = 1 ]; then
    if [ -e "$3" ] || [ -L "$3" ]; then hg_want change "$hg_seen"; hg_diff content ours "what was there before"; return; fi
    [ -e "$3.none" ] || { hg_none "not ours"; return; }
    if [ "$t" = none ] && [ "$hg_mode" = remove ]; then rm -f -- "$3.none"; fi
  fi
  if [ "$t" = none ]; then hg_none absent; else hg_want destroy "$hg_seen"; fi
}

hg_nolink_apply() {
  hg_link_look "$1"
  case $t in none | link) ;; *) hg_fail "$p is no symlink ($hg_seen): it is not removed"; return 1 ;; esac
  if [ "$2" = 1 ] && { [ -e "$3" ] || [ -L "$3" ]; }; then
    hg_parent "$p" || return 1
    hg_temporary "$hg_dir" "$hg_index"
    hg_try cp -a -- "$3" "$hg_temp" && hg_try rm -f -- "$p" && hg_try mv -f -- "$hg_temp" "$p" && hg_try rm -f -- "$3"
    return
  fi
  [ "$2" = 1 ] || hg_remember "$3" || return 1
  hg_try rm -f -- "$p" || return 1
  [ "$2" != 1 ] || hg_try rm -f -- "$3.none"
}
`;

/** A symlink. */
export const linkKind: StepKind<typeof schema> = {
  kind: "link",
  summary: "A symlink with exactly this target; replaced atomically.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.path,
  label: (args) => (args.to === undefined ? `link ${args.path} absent` : `link ${args.path} -> ${args.to}`),
  readOnly: false,
  undo: { class: "restore", means: "The symlink or file that was there before comes back; a new symlink is removed." },
  inverse: (args) => (args.restore ? undefined : { kind: "link", args: { path: args.path, state: "absent", restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [{ title: "Enable a site", yaml: "link: { path: /etc/nginx/sites-enabled/app, to: ../sites-available/app }" }],
  prelude,
  compile(args, _step, context) {
    const k = context.path(args.path, { target: true });
    const memory = context.memory("originals", `link:${args.path}`);
    if (args.to === undefined) {
      const words = sh`${k} ${args.restore ? 1 : 0} ${memory}`;
      return { check: sh`hg_nolink_check ${words}`, apply: sh`hg_nolink_apply ${words}`, converges: true };
    }
    return { check: sh`hg_link_check ${k} ${args.to}`, apply: sh`hg_link_apply ${k} ${args.to} ${memory}`, converges: true, own: true };
  },
};
