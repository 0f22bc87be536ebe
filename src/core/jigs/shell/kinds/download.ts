import { z } from "zod";
import { absolutePath, fileMode, flag, oneLine, owner, splitOwner } from "../args.ts";
import { contentPrelude } from "../content-step.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  url: oneLine
    .regex(/^(https?:\/\/[^\s"'\\]+|file:\/\/\/[^\s"'\\]+)$/u, "must be an http, https or file:/// URL")
    .describe(
      "What to fetch, from this node. Redirects are followed: the digest says what must come. `file:///` names a file of the node.",
    ),
  sha256: z
    .string()
    .regex(/^(sha256:)?[0-9a-fA-F]{64}$/u, "must be 64 hexadecimal digits: `sha256sum FILE` tells them")
    .transform((value) => value.replace(/^sha256:/u, "").toLowerCase())
    .describe("Digest of the file. Nothing else is put in place, and nothing is fetched when it is already there."),
  path: absolutePath.describe("Absolute path on the node."),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/u, "must be the name of a header"), oneLine)
    .default({})
    .describe("Request headers."),
  insecure: flag.default(false).describe("Accept any TLS certificate; the digest is judged all the same."),
  mode: fileMode.optional().describe('Octal digits in quotes, such as "0755". Default: what is there; a new file gets 0644.'),
  owner: owner.optional().describe("user:group, user or :group. Default: what is there; a new file belongs to the user who runs the step."),
});

const prelude = `${contentPrelude}${posix`
hg_download_check() {
  hg_file_check "$@"
  if [ "$t" = file ]; then hg_diff sha256 "$d" "$2"; fi
}

hg_download_curl() {
  hg_run curl -q -f -sS -L --connect-timeout 20 -K "$HG_VOLATILE/download" -o "$1"
}

hg_download_wget() {
  hg_a=$1
  shift
  hg_run wget -q -O "$hg_a" "$@"
}

hg_download_copy() {
  hg_run cp -- "$2" "$1"
}

hg_download_tool() {
  hg_get=hg_download_copy
  [ "$1" != copy ] || return 0
  hg_get=hg_download_wget
  if command -v curl >/dev/null 2>&1; then hg_get=hg_download_curl; return 0; fi
  [ "$1" = wget ] && command -v wget >/dev/null 2>&1 || hg_fail "no tool of this node can fetch this: install curl$2"
}

hg_download_get() {
  hg_part=$1 hg_sum=$2 hg_from=$3
  shift 3
  hg_parent "$p" && hg_directory_of "\${hg_part%/*}" && hg_try rm -f -- "$hg_part" || return 1
  if ! "$hg_get" "$hg_part" "$@"; then
    rm -f -- "$hg_part"
    hg_fail "$hg_from could not be fetched (exit code \${hg_exit:-1})"
    return 1
  fi
  hg_o=$(sha256sum <"$hg_part")
  hg_o=\${hg_o%% *}
  [ "$hg_o" != "$hg_sum" ] || return 0
  rm -f -- "$hg_part"
  hg_fail "$hg_from holds sha256:$hg_o instead of sha256:$hg_sum"
}

hg_download_put() {
  hg_m=$2
  if [ -z "$hg_m" ] && [ "$t" = file ]; then hg_m=$m; fi
  hg_temporary "$hg_dir" "$hg_index"
  hg_try mv -f -- "$1" "$hg_temp" || { rm -f -- "$1" "$hg_temp"; return 1; }
  hg_wants_chown "$3" "$4"
  hg_made_with=
  hg_place "$hg_temp" "$p" "\${hg_m:-644}" "$hg_cu" "$hg_cg"
}
`}`;

/** A file from the network, known by its digest. */
export const downloadKind: StepKind<typeof schema> = {
  kind: "download",
  summary: "A file that this node fetches, known by its SHA-256; nothing is fetched when it is already there.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.path,
  label: (args) => `download ${args.path}`,
  readOnly: false,
  undo: { class: "restore", means: "The file that was there before comes back with content, owner and mode; a new file is removed." },
  inverse: (args) => ({ kind: "file", args: { path: args.path, state: "absent", restore: true } }),
  sources: [],
  secretArgs: ["url", "headers"],
  examples: [
    {
      title: "A program",
      yaml: 'download: { url: "https://files.example.org/tool-1.2", sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, path: /usr/local/bin/tool, mode: "0755" }',
    },
  ],
  prelude,
  compile(args, step, context) {
    const k = context.path(args.path, { digest: true });
    const { user, group } = splitOwner(args.owner);
    const url = new URL(args.url);
    const headers = Object.entries(args.headers);
    const from = step.secret ? "the file" : args.url;
    const part = sh`"$HG_STATE"/downloads/${hexDigest(args.path).slice(0, 32)}`;
    const config = [
      "globoff",
      `url = ${curlString(args.url)}`,
      ...(args.insecure ? ["insecure"] : []),
      ...headers.map(([name, value]) => `header = ${curlString(`${name}: ${value}`)}`),
    ].join("\n");
    const wget = [
      ...(args.insecure ? ["--no-check-certificate"] : []),
      ...headers.map(([name, value]) => `--header=${name}: ${value}`),
      args.url,
    ];
    const copy = url.protocol === "file:";
    const tool = copy ? "copy" : step.secret ? "curl" : "wget";
    const words = copy ? [decodeURIComponent(url.pathname)] : step.secret ? [] : wget;
    const attributes = sh`${args.mode ?? ""} ${user} ${group}`;
    // Words after the part's path are only for wget and cp: curl reads its own from a file, so that no secret is on its command line.
    return {
      check: sh`hg_download_check ${k} ${args.sha256} ${attributes} 0`,
      apply: sh`hg_look ${k}
hg_remember ${context.memory("originals", `file:${args.path}`)} || return 1
if [ "$t" = file ] && [ "$d" = ${args.sha256} ]; then hg_set_attributes ${attributes}; return; fi
hg_download_tool ${tool} ${step.secret ? "" : " or wget"} || return 1
hg_pour_into "$HG_VOLATILE/download" ${context.content(new TextEncoder().encode(`${config}\n`))} || return 1
hg_download_get ${part} ${args.sha256} ${from} ${words} && hg_download_put ${part} ${attributes}`,
      converges: true,
    };
  },
};

/** A string of a curl configuration file. */
function curlString(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\t", "\\t").replaceAll("\r", "\\r")}"`;
}
