import { z } from "zod";
import { absolutePath, flag, oneLine } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";
import { textFilesPrelude } from "../text-files.ts";

const schema = z
  .strictObject({
    source: oneLine
      .min(1)
      .optional()
      .describe("What is mounted: a device, UUID=..., a folder (with the option bind), SERVER:/PATH, or tmpfs."),
    target: absolutePath.refine((value) => value !== "/", "must not be /").describe("Where. The folder is made when only it is missing."),
    type: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._,-]*$/u, "must be the type of a file system")
      .optional()
      .describe("Type of the file system, such as ext4, nfs or tmpfs; none for a bind mount."),
    options: oneLine
      .regex(/^[^\s]+$/u, "must hold no blanks")
      .default("defaults")
      .describe("Mount options, separated by commas."),
    state: z
      .enum(["mounted", "present", "absent"])
      .default("mounted")
      .describe("mounted: now, and in /etc/fstab. present: only in /etc/fstab. absent: unmounted and not in /etc/fstab."),
    restore: flag.default(false).describe("Go back to the mount and the line of /etc/fstab that were there before."),
  })
  .refine(
    (args) => args.restore || args.state === "absent" || (args.source !== undefined && args.type !== undefined),
    "give source and type",
  );

const prelude = `${textFilesPrelude}${posix`
hg_mount_now() {
  hg_mounted= hg_mounted_type=
  if [ "$hg_init" = fixture ]; then return 1; fi
  while read -r hg_a hg_b hg_c hg_line; do
    if [ "$hg_b" = "$1" ]; then hg_mounted=$hg_a hg_mounted_type=$hg_c; fi
  done </proc/self/mounts
  [ -n "$hg_mounted" ]
}

hg_mount_same() {
  case ,$4, in *,bind,* | *,rbind,* | *,loop,*) return 0 ;; esac
  case $3 in auto) ;; *) [ "$hg_mounted_type" = "$3" ] || return 1 ;; esac
  hg_a=$2
  case $2 in
    "$hg_mounted") return 0 ;;
    UUID=*) hg_a=/dev/disk/by-uuid/\${2#*=} ;;
    LABEL=*) hg_a=/dev/disk/by-label/\${2#*=} ;;
    PARTUUID=*) hg_a=/dev/disk/by-partuuid/\${2#*=} ;;
    /*) ;;
    *) return 1 ;;
  esac
  hg_a=$(readlink -f -- "$hg_a") && [ "$hg_a" = "$(readlink -f -- "$hg_mounted")" ]
}

hg_mount_judge() {
  hg_mount_now "$1" && hg_mount_same "$@"
}

hg_fstab_look() {
  hg_text_look "$1" 0
  hg_old=
  hg_b=$2
  IFS=$hg_nl
  set -- $x
  IFS=$hg_space
  for hg_line in "$@"; do
    set -- $hg_line
    case \${1:-#} in '#'*) continue ;; esac
    if [ "\${2:-}" = "$hg_b" ]; then hg_old=$hg_line; fi
  done
}

hg_mount_check() {
  hg_fstab_look "$1" "$2"
  hg_mounted= hg_mounted_type=
  if [ "$5" = 0 ] || hg_mount_now "$2"; then hg_is=mounted; else hg_is="not mounted"; fi
  hg_seen="$hg_is\${hg_mounted:+ from $hg_mounted ($hg_mounted_type)}, fstab \${hg_old:-without it}"
  if [ "$4" = absent ]; then
    if [ "$hg_is" = mounted ] || [ -n "$hg_old" ]; then hg_want destroy "$hg_seen"; else hg_none "$hg_seen"; fi
  else
    hg_none "$hg_seen"
    if [ "$hg_old" != "$3" ]; then hg_want change "$hg_seen"; fi
    if [ "$4" = mounted ] && [ "$5" != 0 ]; then
      if [ "$hg_is" = mounted ]; then hg_want change "$hg_seen"; else hg_want create "$hg_seen"; fi
      hg_diff mounted "\${hg_mounted:-nothing}" "\${3%% *}"
    fi
  fi
  [ "$4" = absent ] || hg_diff fstab "\${hg_old:-(nothing)}" "$3"
}

hg_mount_run() {
  hg_run "$@" || hg_fail "$1 \${hg_mount_point} failed (exit code $hg_exit)"
}

hg_mount_reload() {
  [ ! -d /run/systemd/system ] || systemctl daemon-reload </dev/null >/dev/null 2>&1 || :
}

hg_fstab_write() {
  [ "$hg_text" != "$x" ] || return 0
  hg_write_text "$hg_text" "\${m:-644}" '' '' && hg_mount_reload
}

hg_mount_remember() {
  [ "$hg_memory" = 1 ] && [ ! -e "$1.was" ] || return 0
  hg_entry_remember "$1" || return 1
  hg_a=none
  if [ "$hg_is" = mounted ]; then
    hg_a=mounted
    if [ "$2" != 0 ] && [ -z "$hg_old" ]; then
      hg_fail "$hg_mount_point holds $hg_mounted, which is not in /etc/fstab and could not come back: unmount it first"
      rm -f -- "$1"
      return 1
    fi
  elif [ ! -d "$hg_mount_point" ]; then hg_a=made
  fi
  printf '%s\n' "$hg_a" >"$1.was" || hg_fail "how the mount was could not be kept"
}

hg_mount_apply() {
  if [ -n "$hg_error" ]; then return 1; fi
  hg_mount_point=$6 hg_fits=$5 hg_line_new=$3 hg_kept=$7 hg_mount_options=\${11}
  if [ "$4" = absent ]; then
    if [ "$hg_is" = mounted ]; then hg_mount_run umount "$6" || return 1; fi
    if [ -n "$hg_old" ]; then hg_entry_swap "$hg_old" '' && hg_fstab_write; fi
    return
  fi
  [ "$hg_euid" = 0 ] || { hg_fail "mounting needs root: set become: sudo for this node"; return 1; }
  hg_wanted_now=0
  [ "$4" != mounted ] || hg_wanted_now=1
  shift 8
  if [ "$hg_wanted_now" = 1 ]; then hg_mount_remember "$hg_kept" "$hg_fits" || return 1
  else hg_entry_remember "$hg_kept" || return 1
  fi
  if [ "$hg_wanted_now" = 1 ]; then
    if [ ! -d "$hg_mount_point" ]; then
      hg_parent_of_mount=\${hg_mount_point%/*}
      [ -d "\${hg_parent_of_mount:-/}" ] || { hg_fail "the directory $hg_parent_of_mount does not exist: make it with a directory step before this one"; return 1; }
      hg_try mkdir -m 755 -- "$hg_mount_point" || return 1
    fi
    if [ "$hg_fits" != 0 ]; then
      if [ "$hg_is" = mounted ]; then hg_mount_run umount "$hg_mount_point" || return 1; fi
      hg_mount_run mount -t "$2" -o "$hg_mount_options" "$1" "$hg_mount_point" || { hg_mount_undo_folder; return 1; }
    elif [ -n "$hg_old" ] && [ "$hg_old" != "$hg_line_new" ]; then
      hg_mount_run mount -o "remount,$hg_mount_options" "$hg_mount_point" || return 1
    fi
  fi
  [ "$t" = file ] || x=
  [ "$hg_old" != "$hg_line_new" ] || return 0
  hg_parent "$p" && hg_entry_swap "$hg_old" "$hg_line_new" && hg_fstab_write
}

hg_mount_undo_folder() {
  hg_a=
  if [ -r "$hg_kept.was" ]; then read -r hg_a <"$hg_kept.was" || :; fi
  if [ "$hg_a" = made ]; then rmdir -- "$hg_mount_point" 2>/dev/null; fi
  return 0
}

hg_mount_back_check() {
  hg_fstab_look "$1" "$2"
  hg_rest= hg_v= hg_mount_was=
  if hg_mount_now "$2"; then hg_is=mounted; else hg_is="not mounted"; fi
  hg_seen="$hg_is, fstab \${hg_old:-without it}"
  if [ ! -e "$4" ]; then hg_none "not ours"; return; fi
  if [ -r "$4.was" ]; then read -r hg_mount_was <"$4.was" || :; fi
  [ "$t" = file ] || x=
  hg_entry_back "$4"
  hg_umount=0
  case $hg_mount_was:$hg_is in none:mounted | made:mounted) hg_umount=1 ;; esac
  if [ "$hg_mount_was" = mounted ] && [ "$hg_text" != "$x" ]; then hg_umount=1; fi
  if [ "$hg_umount" = 0 ] && [ "$hg_text" = "$x" ] && { [ "$hg_mount_was" != made ] || [ ! -d "$3" ]; }; then
    [ "$hg_mode" != remove ] || rm -f -- "$4" "$4.was"
    hg_none "$hg_seen"
  elif [ "$hg_umount" = 1 ] && [ "$hg_mount_was" != mounted ]; then hg_want destroy "$hg_seen"
  else hg_want change "$hg_seen"
  fi
}

hg_mount_back_apply() {
  if [ -n "$hg_error" ]; then return 1; fi
  hg_mount_point=$3
  if [ "$hg_umount" = 1 ] && [ "$hg_is" = mounted ]; then hg_mount_run umount "$3" || return 1; fi
  if [ "$hg_v" = created ] && [ -z "$hg_text" ]; then hg_try rm -f -- "$p" || return 1; else hg_fstab_write || return 1; fi
  if [ "$hg_mount_was" = mounted ] && [ "$hg_umount" = 1 ]; then hg_mount_run mount "$3" || return 1; fi
  if [ "$hg_mount_was" = made ] && [ -d "$3" ]; then hg_try rmdir -- "$3" || return 1; fi
  hg_try rm -f -- "$4" "$4.was"
}
`}`;

/** A mounted file system and its line in fstab. */
export const mountKind: StepKind<typeof schema> = {
  kind: "mount",
  summary: "A file system: mounted now and by /etc/fstab at boot; other lines of /etc/fstab stay as they are.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.target,
  label: (args) => `mount ${args.target}${args.restore ? " as before" : args.state === "mounted" ? "" : ` ${args.state}`}`,
  readOnly: false,
  undo: {
    class: "restore",
    means:
      "It is unmounted and its line goes, or the former line and mount come back. What lies on it stays there. state: absent is not undone.",
  },
  inverse: (args) =>
    args.restore || args.state === "absent" ? undefined : { kind: "mount", args: { target: args.target, restore: true } },
  sources: [],
  secretArgs: [],
  examples: [
    {
      title: "A disk",
      yaml: 'mount: { source: "UUID=0a3407de-014b-458b-b5c1-848e92a327a3", target: /srv/data, type: ext4, options: noatime }',
    },
    { title: "A folder elsewhere", yaml: "mount: { source: /srv/data/www, target: /var/www, type: none, options: bind }" },
  ],
  prelude,
  compile(args, _step, context) {
    const k = context.path("/etc/fstab", { digest: true, content: true });
    const target = escapeField(args.target);
    const memory = context.memory("originals", `mount:${args.target}`);
    if (args.restore) {
      const words = sh`${k} ${target} ${args.target} ${memory}`;
      return {
        check: sh`hg_mount_back_check ${words}`,
        apply: sh`hg_mount_back_check ${words}
hg_mount_back_apply ${words}`,
        converges: true,
      };
    }
    const { source = "", type = "auto", options } = args;
    const line = `${escapeField(source)} ${target} ${type} ${options} 0 0`;
    const judged = args.state === "absent" ? sh`return 1` : sh`hg_mount_judge ${target} ${escapeField(source)} ${type} ${options}`;
    const guard = context.guard({ text: `mount ${args.target}`, run: judged });
    const words = sh`${k} ${target} ${line} ${args.state} "$q_${guard}"`;
    return {
      check: sh`hg_mount_check ${words}`,
      apply: sh`hg_mount_check ${words}
hg_mount_apply ${words} ${args.target} ${memory} - ${source} ${type} ${options}`,
      converges: true,
    };
  },
};

/** A field of fstab and of /proc/self/mounts. */
function escapeField(value: string): string {
  return value.replaceAll("\\", "\\134").replaceAll(" ", "\\040").replaceAll("\t", "\\011");
}
