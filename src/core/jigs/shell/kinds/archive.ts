import { z } from "zod";
import { absolutePath, flag, owner, whole } from "../args.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z
  .strictObject({
    source: z
      .string()
      .min(1)
      .optional()
      .describe("An archive in the barclamp's `files/` folder: .tar, .tar.gz, .tgz, .tar.xz, .tar.bz2, .tar.zst or .zip."),
    path: absolutePath.optional().describe("Instead of source: an archive that lies on the node."),
    dest: absolutePath.describe("Folder that holds exactly the archive's content afterwards; replaced as a whole."),
    strip: whole.default(0).describe("Leading folders to cut off the names in the archive (tar only)."),
    owner: owner.optional().describe("user:group of everything in it. Default: the user who runs the step."),
    creates: absolutePath.optional().describe("When this exists, there is nothing to do."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: dest is removed."),
    restore: flag.default(false).describe("With state absent: bring back what was at dest before; a folder that is not ours stays."),
  })
  .refine((args) => args.state === "absent" || (args.source === undefined) !== (args.path === undefined), "give source or path")
  .refine((args) => /^\/[^/]+\/[^/]/u.test(args.dest), "dest must not be at the top of the file system");

const prelude = posix`
hg_archive_check() {
  hg_look "$1"
  hg_digest=$3
  if [ -z "$3" ]; then eval "hg_digest=\$d_$2"; fi
  if [ -n "$5" ] && { [ -e "$5" ] || [ -L "$5" ]; }; then hg_none "$5 exists"; return; fi
  if [ "$t" = none ]; then hg_want create absent; return; fi
  hg_v=
  if [ -r "$4" ]; then read -r hg_v <"$4" || :; fi
  if [ "$t" = dir ] && [ -n "$hg_v" ] && [ "$hg_v" = "$hg_digest $6" ]; then hg_none "content of sha256:$hg_digest"; return; fi
  hg_want change "$hg_seen\${hg_v:+ from sha256:\${hg_v%% *}}"
  hg_diff content "\${hg_v%% *}" "$hg_digest"
}

hg_unpack() {
  case $3 in
    *.zip)
      hg_need unzip && hg_run unzip -q -o "$1" -d "$2"
      return
      ;;
    *.zst) hg_need zstd || return 1 ;;
    *.xz) hg_need xz || return 1 ;;
    *.bz2) hg_need bzip2 || return 1 ;;
    *gz) hg_need gzip || return 1 ;;
  esac
  hg_need tar || return 1
  hg_flag=
  case $3 in *gz) hg_flag=z ;; *.xz) hg_flag=J ;; *.bz2) hg_flag=j ;; esac
  hg_dir=$2 hg_file=$1 hg_name=$3 hg_strip=$4
  set --
  [ "$hg_strip" = 0 ] || set -- "--strip-components=$hg_strip"
  case $hg_name in
    *.zst) hg_run sh -c 'f=$1 d=$2; shift 2; zstd -dc -- "$f" | tar -xof - -C "$d" "$@"' sh "$hg_file" "$hg_dir" "$@" ;;
    *) hg_run tar "-xo\${hg_flag}f" "$hg_file" -C "$hg_dir" "$@" ;;
  esac
}

hg_archive_apply() {
  hg_archive_check "$1" "$2" "$3" "$4" "$5" "$6"
  hg_target=$p hg_dest_type=$t hg_stamp=$4
  hg_strip_count=$7 hg_owner=$8 hg_kept=$9
  shift 9
  case $t in none | dir | link) ;; *) hg_fail "$p is no folder ($hg_seen): it is not replaced"; return 1 ;; esac
  hg_parent "$p" && hg_remember "$hg_kept" || return 1
  hg_parent_dir=$hg_dir
  hg_suffix=$1
  if [ -n "$5" ]; then
    hg_ref "$5"
    if [ "$t" != file ]; then hg_fail "the archive $p does not exist on this node"; return 1; fi
    hg_archive=$p
  else
    hg_have "$2" "$3" "$4" || return 1
    # What is large lies in the cache already.
    hg_archive=$HG_STATE/cache/sha256-$4
    if [ "$2" != - ]; then
      hg_archive=$HG_VOLATILE/archive
      hg_pour_into "$hg_archive" "$2" "$3" "$4" || { hg_fail "the archive could not be written"; return 1; }
    fi
  fi
  hg_temporary "$hg_parent_dir" "$hg_index"
  hg_unpacked=$hg_temp
  if [ -e "$hg_unpacked" ] || [ -e "$hg_unpacked.old" ] || [ -L "$hg_unpacked.old" ]; then
    hg_try rm -rf -- "$hg_unpacked" "$hg_unpacked.old" || return 1
  fi
  hg_try mkdir -m 755 -- "$hg_unpacked" || return 1
  hg_unpack "$hg_archive" "$hg_unpacked" "$hg_suffix" "$hg_strip_count" || {
    rm -rf -- "$hg_unpacked"
    hg_fail "the archive could not be unpacked (exit code \${hg_exit:-1})"
    return 1
  }
  hg_try chmod -- u+rwx,go+rx "$hg_unpacked" || return 1
  case $hg_owner in
    root | root:root | 0 | 0:0) [ "$hg_euid" != 0 ] || [ -g "$hg_parent_dir" ] || hg_owner= ;;
  esac
  if [ -n "$hg_owner" ]; then hg_try chown -hR -- "$hg_owner" "$hg_unpacked" || { rm -rf -- "$hg_unpacked"; return 1; }; fi
  if [ "$hg_dest_type" != none ]; then hg_try mv -f -- "$hg_target" "$hg_unpacked.old" || { rm -rf -- "$hg_unpacked"; return 1; }; fi
  if ! hg_try mv -f -- "$hg_unpacked" "$hg_target"; then
    [ "$hg_dest_type" = none ] || mv -f -- "$hg_unpacked.old" "$hg_target"
    rm -rf -- "$hg_unpacked"
    return 1
  fi
  hg_directory_of "\${hg_stamp%/*}" && printf '%s\n' "$hg_digest $hg_options" >"$hg_stamp" || { hg_fail "the stamp could not be kept"; return 1; }
  [ "$hg_dest_type" = none ] || rm -rf -- "$hg_unpacked.old"
  [ ! -e "$HG_VOLATILE/archive" ] || true >"$HG_VOLATILE/archive"
}

hg_noarchive_check() {
  hg_look "$1"
  if [ "$2" = 1 ]; then
    if [ -e "$3" ] || [ -L "$3" ]; then hg_want change "$hg_seen"; return; fi
    [ -e "$3.none" ] || { hg_none "not ours"; return; }
    if [ "$t" = none ] && [ "$hg_mode" = remove ]; then rm -f -- "$3.none"; fi
  fi
  if [ "$t" = none ]; then hg_none absent; else hg_want destroy "$hg_seen"; fi
}

hg_noarchive_apply() {
  hg_look "$1"
  hg_try rm -rf -- "$p" && hg_try rm -f -- "$4" || return 1
  [ "$2" = 1 ] || return 0
  if [ -e "$3" ] || [ -L "$3" ]; then hg_try cp -a -- "$3" "$p" && hg_try rm -rf -- "$3" || return 1; fi
  hg_try rm -f -- "$3.none"
}
`;

/** An unpacked archive. */
export const archiveKind: StepKind<typeof schema> = {
  kind: "archive",
  summary: "A folder that holds exactly what an archive holds; replaced as a whole when the archive changes.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.dest,
  label: (args) =>
    args.state === "absent"
      ? `archive ${args.dest} ${args.restore ? "as before" : "absent"}`
      : `archive ${args.source ?? args.path} in ${args.dest}`,
  readOnly: false,
  undo: { class: "restore", means: "dest is removed; what was there before comes back." },
  inverse: (args) => (args.state === "absent" ? undefined : { kind: "archive", args: { dest: args.dest, state: "absent", restore: true } }),
  sources: ["source"],
  secretArgs: [],
  examples: [{ title: "A release", yaml: "archive: { source: app-1.2.tar.gz, dest: /srv/app/current, strip: 1, owner: app:app }" }],
  prelude,
  compile(args, step, context) {
    const k = context.path(args.dest);
    const memory = context.memory("originals", `archive:${args.dest}`);
    const stamp = sh`"$HG_STATE"/archives/${hexDigest(args.dest).slice(0, 32)}`;
    if (args.state === "absent") {
      const words = sh`${k} ${args.restore ? 1 : 0} ${memory}`;
      return { check: sh`hg_noarchive_check ${words}`, apply: sh`hg_noarchive_apply ${words} ${stamp}`, converges: true };
    }
    const bytes = args.source === undefined ? undefined : (step.blobs["source"]?.bytes ?? new Uint8Array());
    const onNode = args.path === undefined ? "" : String(context.path(args.path, { digest: true }));
    const content = bytes === undefined ? sh`- 0 -` : context.contentToApply(bytes);
    const options = hexDigest(JSON.stringify([args.strip, args.owner ?? ""])).slice(0, 8);
    const check = sh`hg_options=${options}
hg_archive_check ${k} ${onNode === "" ? "0" : onNode} ${bytes === undefined ? "" : hexDigest(bytes)} ${stamp} ${args.creates ?? ""} ${options}`;
    const suffix = args.source ?? args.path ?? "";
    return {
      check,
      apply: sh`hg_options=${options}
hg_archive_apply ${k} ${onNode === "" ? "0" : onNode} ${bytes === undefined ? "" : hexDigest(bytes)} ${stamp} ${args.creates ?? ""} ${options} ${args.strip} ${args.owner ?? ""} ${memory} ${suffix} ${content} ${onNode}`,
      converges: true,
      touches: "paths",
    };
  },
};
