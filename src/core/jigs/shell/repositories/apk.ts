import { compileBlock, compileNoBlock } from "../block-step.ts";
import { type StepContext, hexDigest } from "../context.ts";
import type { StepInput, StepShell } from "../kind.ts";
import { lines, posix, sh } from "../quote.ts";

/** A repository of apk. The key's file must have the name that the signatures carry. */
export interface ApkRepository {
  readonly name: string;
  readonly uris: readonly string[];
  readonly key: { readonly file: string; readonly bytes: Uint8Array } | undefined;
}

const path = "/etc/apk/repositories";
const markerOf = (name: string): string => `# {mark} halligan ${name}`;

/** Shell functions of apk repositories: what several checks saw as one, and the fetch of this repository alone. */
export const apkRepositoryPrelude = posix`
hg_part() {
  hg_all="$hg_all\${hg_all:+, }$1$hg_observed"
  case $hg_kind:$hg_change in
    *:none) ;;
    none:*) hg_kind=$hg_change ;;
    "$hg_change:$hg_change") ;;
    *) hg_kind=change ;;
  esac
}

hg_apk_fetch() {
  [ "$hg_euid" = 0 ] || { hg_fail "package repositories need root: set become: sudo for this node"; return 1; }
  hg_need apk || return 1
  printf '%s\n' "$@" >"$HG_VOLATILE/repositories"
  hg_run apk --no-progress --wait "$hg_limit" --repositories-file "$HG_VOLATILE/repositories" update && return 0
  hg_fail "apk could not fetch this repository (exit code $hg_exit): address or key are wrong, or it is not reachable"
}

hg_apk_keys_folder() {
  hg_directory_of /etc/apk/keys && chmod 755 /etc/apk/keys
}
`;

/** Compiles a repository for apk that must be there. */
export function compileApkRepository(repository: ApkRepository, input: StepInput, context: StepContext): StepShell {
  const { name, uris, key } = repository;
  const place = { after: undefined, before: undefined, create: true, mode: undefined, owner: undefined };
  const block = compileBlock({ path, marker: markerOf(name), block: uris.join("\n"), ...place }, input, context);
  const start = sh`hg_kind=none hg_all=`;
  const end = sh`hg_want "$hg_kind" "$hg_all"`;
  if (key === undefined) return { ...block, apply: lines(sh`hg_apk_fetch ${uris} || return 1`, block.apply) };
  const k = context.path(`/etc/apk/keys/${key.file}`, { digest: true });
  const memory = context.memory("originals", `file:/etc/apk/keys/${key.file}`);
  return {
    check: lines(start, block.check, sh`hg_part ''`, sh`hg_file_check ${k} ${hexDigest(key.bytes)} 644 '' '' 0; hg_part 'key '`, end),
    apply: lines(
      sh`hg_apk_keys_folder && hg_file_apply ${k} ${context.content(key.bytes)} 644 '' '' ${memory} 644 || return 1
hg_apk_fetch ${uris} || return 1`,
      block.apply,
    ),
    ...(block.show === undefined ? {} : { show: block.show }),
    converges: true,
  };
}

/** Compiles one that must be absent; `keyFile` is that of its key. */
export function compileNoApkRepository(
  how: { readonly name: string; readonly restore: boolean; readonly keyFile: string | undefined },
  input: StepInput,
  context: StepContext,
): StepShell {
  const block = compileNoBlock({ path, marker: markerOf(how.name), restore: how.restore }, input, context);
  if (how.keyFile === undefined) return block;
  const file = `/etc/apk/keys/${how.keyFile}`;
  const words = sh`${context.path(file, { digest: true })} ${how.restore ? 1 : 0} ${context.memory("originals", `file:${file}`)}`;
  return {
    check: lines(
      sh`hg_kind=none hg_all=`,
      block.check,
      sh`hg_part ''
hg_absent_check ${words}; hg_part 'key '
hg_diffs=
hg_want "$hg_kind" "$hg_all"`,
    ),
    apply: lines(
      block.check,
      sh`if [ "$hg_change" != none ]; then`,
      block.apply,
      sh`fi
[ -z "$hg_error" ] && hg_norepository_drop ${words}`,
    ),
    converges: true,
  };
}
