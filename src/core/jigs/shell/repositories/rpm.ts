import { type StepContext, hexDigest } from "../context.ts";
import type { StepShell } from "../kind.ts";
import { posix, sh } from "../quote.ts";

/** A repository of dnf or zypper. */
export interface RpmRepository {
  readonly name: string;
  readonly uris: readonly string[];
  /** ASCII-armoured or binary. */
  readonly key: Uint8Array | undefined;
  readonly signed: "packages" | "metadata" | "both";
}

/** Where its files lie. */
const folders = { dnf: "/etc/yum.repos.d", zypper: "/etc/zypp/repos.d" } as const;
const keyPath = (name: string): string => `/etc/pki/rpm-gpg/${name}.asc`;

/**
 * Shell functions of rpm repositories. The repository is fetched from a folder of our own before its file is written; its key goes into rpm's
 * database, where the names of keys that came with it are kept for the way back.
 */
export const rpmRepositoryPrelude = posix`
hg_rpm_ready() {
  [ "$hg_euid" = 0 ] || { hg_fail "package repositories need root: set become: sudo for this node"; return 1; }
  hg_need "$hg_manager" rpm || return 1
  for hg_a in "$1" /etc/pki/rpm-gpg; do hg_directory_of "$hg_a" && chmod 755 "$hg_a" || return 1; done
}

hg_rpm_keys() {
  rpm -q gpg-pubkey 2>/dev/null | sed '/not installed/d'
}

hg_rpm_import() {
  hg_before=$hg_nl$(hg_rpm_keys)$hg_nl
  hg_try rpm --import "$1" || return 1
  [ "$hg_memory" = 1 ] || return 0
  hg_directory_of "$HG_STATE/originals" || return 1
  for hg_a in $(hg_rpm_keys); do
    case $hg_before in *"$hg_nl$hg_a$hg_nl"*) ;; *) printf '%s\n' "$hg_a" ;; esac
  done >>"$2.keys" || hg_fail "the key's name could not be kept"
}

hg_rpm_fetch() {
  hg_dir=$HG_VOLATILE/repos
  rm -rf -- "$hg_dir"
  mkdir -p "$hg_dir" && hg_pour "$2" "$3" "$4" >"$hg_dir/$1.repo" || { hg_fail "the repository could not be written"; return 1; }
  case $hg_manager in
    dnf) hg_run dnf -y --setopt="reposdir=$hg_dir" --disablerepo='*' --enablerepo="$1" --setopt="$1.skip_if_unavailable=False" --refresh makecache ;;
    *) hg_run env ZYPP_LOCK_TIMEOUT="$hg_limit" zypper --non-interactive --reposd-dir "$hg_dir" refresh --force "$1" ;;
  esac
  hg_v=$?
  rm -rf -- "$hg_dir"
  [ "$hg_v" = 0 ] || hg_fail "$hg_manager could not fetch this repository (exit code $hg_exit): address or key are wrong, or it is not reachable"
}

hg_rpm_forget() {
  set +f
  rm -rf -- /var/cache/dnf/"$1"-* /var/cache/dnf/"$1".solv* /var/cache/libdnf5/"$1"-* /var/cache/zypp/raw/"$1" /var/cache/zypp/solv/"$1" /var/cache/zypp/packages/"$1"
  set -f
  [ -r "$2.keys" ] || return 0
  for hg_a in $(cat "$2.keys"); do rpm -e "$hg_a" >/dev/null 2>&1 || :; done
  hg_try rm -f -- "$2.keys"
}
`;

/** Compiles a repository for dnf or zypper that must be there. */
export function compileRpmRepository(repository: RpmRepository, manager: "dnf" | "zypper", context: StepContext): StepShell {
  const { name, key } = repository;
  const path = `${folders[manager]}/${name}.repo`;
  const memory = (of: string) => context.memory("originals", `file:${of}`);
  const text = new TextEncoder().encode(repoText(repository, manager));
  const content = context.content(text);
  const k = context.path(path, { digest: true });
  const kk = context.path(keyPath(name), { digest: true });
  const keyWords = key === undefined ? sh`- -` : sh`${kk} ${hexDigest(key)}`;
  const write =
    key === undefined
      ? sh`:`
      : sh`hg_file_apply ${kk} ${context.content(key)} 644 '' '' ${memory(keyPath(name))} 644 && hg_rpm_import ${keyPath(name)} ${memory(path)} || return 1`;
  return {
    check: sh`hg_repository_check ${k} ${hexDigest(text)} ${keyWords}`,
    apply: sh`hg_rpm_ready ${folders[manager]} || return 1
${write}
hg_rpm_fetch ${name} ${content} || return 1
hg_file_apply ${k} ${content} 644 '' '' ${memory(path)} 644`,
    show: sh`hg_ref ${k}; hg_show_content ${content}`,
    converges: true,
  };
}

/** Compiles one that must be absent. */
export function compileNoRpmRepository(name: string, restore: boolean, manager: "dnf" | "zypper", context: StepContext): StepShell {
  const path = `${folders[manager]}/${name}.repo`;
  const files = [path, keyPath(name)].map((each) => {
    const k = context.path(each, { digest: true });
    return sh`${k} ${restore ? 1 : 0} ${context.memory("originals", `file:${each}`)}`;
  });
  const drops = files.map((file) => sh`hg_norepository_drop ${file} || return 1`.sh);
  return {
    check: { sh: ["hg_kind=none hg_all=", ...files.map((file) => sh`hg_norepository_one ${file}`.sh), "hg_norepository_end"].join("\n") },
    apply: { sh: [...drops, sh`hg_rpm_forget ${name} ${context.memory("originals", `file:${path}`)}`.sh].join("\n") },
    converges: true,
  };
}

/** The file as dnf.conf(5) and libzypp read it. */
function repoText({ name, uris, key, signed }: RpmRepository, manager: "dnf" | "zypper"): string {
  const yes = (on: boolean): string => (on && key !== undefined ? "1" : "0");
  const packages = yes(signed !== "metadata");
  const metadata = yes(signed !== "packages");
  const checks =
    manager === "dnf"
      ? [`gpgcheck=${packages}`, `repo_gpgcheck=${metadata}`]
      : [`gpgcheck=${yes(true)}`, `repo_gpgcheck=${metadata}`, `pkg_gpgcheck=${packages}`, "autorefresh=1"];
  return `${[
    `[${name}]`,
    `name=${name}`,
    `baseurl=${uris.join("\n        ")}`,
    "enabled=1",
    ...checks,
    ...(key === undefined ? [] : [`gpgkey=file://${keyPath(name)}`]),
  ].join("\n")}\n`;
}
