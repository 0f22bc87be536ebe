import { z } from "zod";
import { flag, oneLine, oneOrMany, text } from "../args.ts";
import { blockPrelude } from "../block-step.ts";
import { contentPrelude } from "../content-step.ts";
import { type StepContext, hexDigest } from "../context.ts";
import type { StepInput, StepKind, StepShell } from "../kind.ts";
import { managersPrelude } from "../prelude/managers.ts";
import { lines, posix, type Sh, sh } from "../quote.ts";
import { apkRepositoryPrelude, compileApkRepository, compileNoApkRepository } from "../repositories/apk.ts";
import { compileNoRpmRepository, compileRpmRepository, rpmRepositoryPrelude } from "../repositories/rpm.ts";

const word = z.string().regex(/^[^\s\n]+$/u, "must be one word");

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,60}$/u, "must be lower-case letters, digits, dots and dashes")
      .describe(
        "Name of its files: with apt NAME.sources and the keyring NAME.asc or .gpg, with dnf and zypper NAME.repo, with apk a block in /etc/apk/repositories.",
      ),
    uris: oneOrMany(
      oneLine.regex(/^(@[a-z]+ )?(https?|ftp|file|copy|dir|mirror[a-z+]*|cdrom):[^\s]+$/u, "must be a URI such as https://..."),
    )
      .optional()
      .describe(
        "Where it is, in the node's own dialect; dnf and zypper put in $releasever and $basearch. No password may stand in it: apt has /etc/apt/auth.conf.d for them.",
      ),
    suites: oneOrMany(word)
      .optional()
      .describe("Only for apt, where it is needed: suites, such as bookworm; ./ for a flat repository, which has no components."),
    components: z
      .union([word.transform((value) => [value]), z.array(word)])
      .default([])
      .describe("Only for apt: components, such as main."),
    types: z
      .array(z.enum(["deb", "deb-src"]))
      .min(1)
      .default(["deb"])
      .describe("Only for apt: deb, deb-src or both."),
    architectures: z.array(word).default([]).describe("Only for apt: architectures. Default: those of the node."),
    key: text
      .refine((value) => value.startsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----"), "must be an ASCII-armoured public key")
      .optional()
      .describe("Key that signs it, ASCII-armoured."),
    source: z
      .string()
      .min(1)
      .optional()
      .describe("Instead of key: a file of the barclamp's `files/` folder, armoured or binary. With apk its name must be the key's."),
    signed: z
      .enum(["packages", "metadata", "both"])
      .default("packages")
      .describe("Only for dnf and zypper: what the key has signed. apt and apk always look at the metadata."),
    keyFile: z
      .string()
      .regex(/^[A-Za-z0-9@][A-Za-z0-9@._-]*$/u, "must be the name of a file")
      .optional()
      .describe("With state absent, only for apk: the key's file in /etc/apk/keys."),
    trusted: flag.default(false).describe("Take it without a signature. Only for repositories that nobody else can write."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: source, key and package lists are removed."),
    restore: flag.default(false).describe("With state absent: bring back what was there before; a repository that is not ours stays."),
  })
  .refine((args) => args.state === "absent" || args.uris !== undefined, "give uris")
  .refine((args) => args.key === undefined || args.source === undefined, "give key or source, not both")
  .refine(
    (args) => args.state === "absent" || args.trusted || (args.key ?? args.source) !== undefined,
    "give key or source: a repository without a key is only taken with trusted: true",
  );

type Repository = z.output<typeof schema>;

const prelude = `${contentPrelude}${blockPrelude}${managersPrelude}${rpmRepositoryPrelude}${apkRepositoryPrelude}${posix`
hg_repository_unknown() {
  hg_fail "no package manager that is known on this node: repository steps need apt, dnf, zypper or apk"
}

hg_repository_refuse() {
  hg_want change "$1"
}

hg_repository_check() {
  hg_kind=none
  hg_all=
  hg_file_check "$1" "$2" 644 '' '' 0
  hg_all=$hg_seen hg_kind=$hg_change
  if [ "$3" != - ]; then
    hg_file_check "$3" "$4" 644 '' '' 0
    hg_all="$hg_all, key $hg_seen"
    case $hg_kind:$hg_change in *:none) ;; none:*) hg_kind=change ;; esac
  fi
  hg_want "$hg_kind" "$hg_all"
}

hg_repository_apt() {
  hg_a=$1
  shift
  hg_run env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dir::Etc::sourcelist="$hg_a" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 \
    -o Acquire::Retries=1 -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout="$hg_limit" "$@"
}

hg_repository_ready() {
  [ "$hg_euid" = 0 ] || { hg_fail "package repositories need root: set become: sudo for this node"; return 1; }
  hg_need apt-get || return 1
  [ -d /etc/apt/keyrings ] || hg_try mkdir -m 755 -- /etc/apt/keyrings
}

hg_repository_fetch() {
  hg_pour_into "$HG_VOLATILE/repository.sources" "$1" "$2" "$3" || return 1
  hg_repository_apt "$HG_VOLATILE/repository.sources" update && return 0
  hg_fail "apt-get update of this repository failed (exit code $hg_exit): address, suite or key are wrong, or it is not reachable"
}

hg_repository_forget() {
  hg_o=$(apt-get indextargets -o Dir::Etc::sourcelist="$1" -o Dir::Etc::sourceparts=- --format '$(FILENAME) $(METAKEY)' 2>/dev/null)
  IFS=$hg_nl
  set -- $hg_o
  IFS=$hg_space
  for hg_line in "$@"; do
    hg_a=\${hg_line%% *}
    hg_b=$(printf %s "\${hg_line#* }" | tr / _)
    case $hg_a in /var/lib/apt/lists/?*"_$hg_b"*) ;; *) continue ;; esac
    hg_b=\${hg_a%"_$hg_b"*}
    rm -f -- "$hg_a" "\${hg_b}_InRelease" "\${hg_b}_Release" "\${hg_b}_Release.gpg"
  done
}

hg_norepository_one() {
  hg_absent_check "$@"
  hg_all="$hg_all\${hg_all:+, }$hg_seen"
  case $hg_kind:$hg_change in *:none | destroy:*) ;; *) hg_kind=$hg_change ;; esac
}

hg_norepository_end() {
  hg_diffs=
  hg_want "$hg_kind" "$hg_all"
}

hg_norepository_drop() {
  hg_change=none
  hg_absent_check "$@"
  [ "$hg_change" = none ] || hg_absent_apply "$@"
}
`}`;

/** A package repository. */
export const repositoryKind: StepKind<typeof schema> = {
  kind: "repository",
  summary: "A package repository (apt, dnf, zypper or apk) with its key; its package lists are fetched, and only its.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.name,
  label: (args) => `repository ${args.name}${args.state === "absent" ? (args.restore ? " as before" : " absent") : ""}`,
  readOnly: false,
  undo: { class: "restore", means: "Source, key and package lists go, or what was there before comes back. Installed packages stay." },
  inverse: (args) => {
    if (args.state === "absent") return undefined;
    const key = args.source === undefined ? {} : { keyFile: keyFileOf(args.source) };
    return { kind: "repository", args: { name: args.name, state: "absent", restore: true, ...key } };
  },
  sources: ["source"],
  secretArgs: [],
  examples: [
    {
      title: "With the key in the barclamp",
      yaml: 'repository: { name: example, uris: "https://apt.example.org/debian", suites: "{{ facts.os.codename }}", components: main, source: example.asc }',
    },
    {
      title: "For dnf or zypper",
      yaml: 'repository: { name: example, uris: "https://rpm.example.org/el$releasever/$basearch", source: example.asc }',
    },
    { title: "A flat one on the node", yaml: 'repository: { name: local, uris: "file:/srv/packages", suites: ./, trusted: true }' },
  ],
  prelude,
  compile(args, step, context) {
    const each = { apt: apt(args, step, context), ...rpm(args, step, context), apk: apk(args, step, context) };
    const choose = (part: (shell: StepShell) => Sh, otherwise: Sh): Sh =>
      lines(
        sh`hg_manager_find
case $hg_manager in`,
        ...Object.entries(each).map(([manager, shell]) => lines(sh`${manager})`, part(shell), sh`;;`)),
        sh`*) ${otherwise} ;;
esac`,
      );
    return {
      check: choose((shell) => shell.check, sh`hg_repository_refuse "no package manager that is known on this node"`),
      apply: choose((shell) => shell.apply, sh`hg_repository_unknown`),
      show: choose((shell) => shell.show ?? sh`:`, sh`:`),
      converges: true,
    };
  },
};

const keyFileOf = (source: string): string => source.slice(source.lastIndexOf("/") + 1);

function keyBytes(args: Repository, step: StepInput): Uint8Array | undefined {
  return step.blobs["source"]?.bytes ?? (args.key === undefined ? undefined : new TextEncoder().encode(args.key));
}

function rpm(args: Repository, step: StepInput, context: StepContext): Readonly<Record<"dnf" | "zypper", StepShell>> {
  const one = (manager: "dnf" | "zypper"): StepShell =>
    args.state === "absent"
      ? compileNoRpmRepository(args.name, args.restore, manager, context)
      : compileRpmRepository({ name: args.name, uris: args.uris ?? [], key: keyBytes(args, step), signed: args.signed }, manager, context);
  return { dnf: one("dnf"), zypper: one("zypper") };
}

function apk(args: Repository, step: StepInput, context: StepContext): StepShell {
  const { name, restore } = args;
  if (args.state === "absent") return compileNoApkRepository({ name, restore, keyFile: args.keyFile }, step, context);
  const bytes = step.blobs["source"]?.bytes;
  const key = bytes === undefined || args.source === undefined ? undefined : { file: keyFileOf(args.source), bytes };
  return compileApkRepository({ name, uris: args.uris ?? [], key }, step, context);
}

function apt(args: Repository, step: StepInput, context: StepContext): StepShell {
  if (args.state === "present" && args.suites === undefined)
    return {
      check: sh`hg_repository_refuse "apt needs suites"`,
      apply: sh`hg_fail "apt needs suites: give them, or leave this step out on Debian and Ubuntu with when"`,
      converges: true,
    };
  const sources = `/etc/apt/sources.list.d/${args.name}.sources`;
  const keyPath = (suffix: string): string => `/etc/apt/keyrings/${args.name}.${suffix}`;
  const memory = (path: string) => context.memory("originals", `file:${path}`);
  const s = context.path(sources, { digest: true });
  if (args.state === "absent") {
    const restore = args.restore ? 1 : 0;
    const files = [sources, keyPath("asc"), keyPath("gpg")].map((path) => ({
      k: context.path(path, { digest: true }),
      kept: memory(path),
    }));
    const one = ({ k, kept }: (typeof files)[number]) => sh`${k} ${restore} ${kept}`;
    const check = {
      sh: ["hg_kind=none hg_all=", ...files.map((file) => sh`hg_norepository_one ${one(file)}`.sh), "hg_norepository_end"].join("\n"),
    };
    const apply = {
      sh: [sh`hg_repository_forget ${sources}`.sh, ...files.map((file) => sh`hg_norepository_drop ${one(file)} || return 1`.sh)].join("\n"),
    };
    return { check, apply, converges: true };
  }
  const bytes = keyBytes(args, step);
  const armoured = bytes !== undefined && new TextDecoder().decode(bytes.slice(0, 5)) === "-----";
  const key = bytes === undefined ? undefined : { path: keyPath(armoured ? "asc" : "gpg"), bytes };
  const text = new TextEncoder().encode(sourceText({ ...args, uris: args.uris ?? [], suites: args.suites ?? [] }, key?.path));
  const content = context.content(text);
  const k = key === undefined ? undefined : context.path(key.path, { digest: true });
  const keyWords = key === undefined || k === undefined ? sh`- -` : sh`${k} ${hexDigest(key.bytes)}`;
  const write =
    key === undefined || k === undefined
      ? sh`:`
      : sh`hg_file_apply ${k} ${context.content(key.bytes)} 644 '' '' ${memory(key.path)} 644 || return 1`;
  return {
    check: sh`hg_repository_check ${s} ${hexDigest(text)} ${keyWords}`,
    apply: sh`hg_repository_ready || return 1
${write}
hg_repository_fetch ${content} || return 1
hg_file_apply ${s} ${content} 644 '' '' ${memory(sources)} 644`,
    show: sh`hg_ref ${s}; hg_show_content ${content}`,
    converges: true,
  };
}

interface Source {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  readonly trusted: boolean;
}

/** The file as deb822 (sources.list(5)). */
function sourceText(source: Source, key: string | undefined): string {
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ["Types", source.types],
    ["URIs", source.uris],
    ["Suites", source.suites],
    ["Components", source.components],
    ["Architectures", source.architectures],
    ["Signed-By", key === undefined ? [] : [key]],
    ["Trusted", source.trusted && key === undefined ? ["yes"] : []],
  ];
  return fields.flatMap(([name, words]) => (words.length === 0 ? [] : [`${name}: ${words.join(" ")}\n`])).join("");
}
