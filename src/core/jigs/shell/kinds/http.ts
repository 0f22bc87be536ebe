import { z } from "zod";
import { durationMs, flag, oneLine, text, whole } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";
import { waitingPrelude } from "../waiting.ts";

const schema = z.strictObject({
  url: oneLine
    .regex(/^https?:\/\/[^\s"'\\]+$/u, "must be an http or https URL")
    .describe("What to ask for, from this node. Redirects are not followed."),
  status: z
    .union([whole.transform((value) => [value]), z.array(whole).min(1)])
    .default([200])
    .describe("Status, or a list of statuses, that is wanted."),
  contains: text.min(1).optional().describe("Text that the answer must hold."),
  method: z
    .string()
    .regex(/^[A-Z]+$/u, "must be a method such as GET")
    .default("GET")
    .describe("HTTP method."),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/u, "must be the name of a header"), oneLine)
    .default({})
    .describe("Request headers."),
  body: text.optional().describe("Request body."),
  insecure: flag.default(false).describe("Accept any TLS certificate."),
  within: durationMs.default(30_000).describe("How long to wait for it in steps and verify, such as 90s."),
});

const prelude = posix`
hg_http_curl() {
  hg_status_is=$(curl -q -s -S -K "$HG_VOLATILE/http" -o "$HG_VOLATILE/answer" -w '%{http_code}' --max-time 10 </dev/null 2>"$HG_VOLATILE/why" 3>&- 4>&- 5>&- 7>&- 8>&-) && return 0
  hg_status_is=
}

hg_http_perl() {
  hg_status_is=$(timeout 10 perl -MIO::Socket::INET -e '
    my ($file, $out) = @ARGV; open(my $in, "<", $file) or die; local $/; my $all = <$in>;
    my ($host, $port, $request) = $all =~ /\A(\S+) (\d+)\n(.*)\z/s;
    my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 5) or do { print STDERR "cannot connect: $@"; exit 1 };
    print $s $request; my $answer = <$s>; close $s;
    my ($status, $rest) = $answer =~ m{\AHTTP/\S+ (\d+)(.*)\z}s or exit 1;
    open(my $o, ">", $out); print $o $answer =~ /\r?\n\r?\n(.*)\z/s; print $status;
  ' "$HG_VOLATILE/request" "$HG_VOLATILE/answer" </dev/null 2>"$HG_VOLATILE/why" 3>&- 4>&- 5>&- 7>&- 8>&-) && return 0
  hg_status_is=
}

hg_http_wget() {
  hg_o=$(timeout 12 wget -S -O "$HG_VOLATILE/answer" -T 10 "$@" </dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-)
  hg_status_is=
  case $hg_o in *HTTP/*)
    hg_v=\${hg_o#*HTTP/}
    hg_v=\${hg_v#* }
    hg_status_is=\${hg_v%%[!0-9]*}
    ;;
  *)
    printf '%s\n' "$hg_o" | tail -n 1 >"$HG_VOLATILE/why"
    ;;
  esac
}

hg_http_judge() {
  hg_url=$1 hg_contains=$2
  shift 2
  if [ -z "$hg_status_is" ] || [ "$hg_status_is" = 000 ]; then
    hg_v=
    if [ -r "$HG_VOLATILE/why" ]; then IFS= read -r hg_v <"$HG_VOLATILE/why" || :; fi
    hg_http_said="$hg_url does not answer\${hg_v:+: $hg_v}"
    return 1
  fi
  hg_v=1
  for hg_a in "$@"; do [ "$hg_a" != "$hg_status_is" ] || hg_v=0; done
  if [ "$hg_v" = 1 ]; then hg_http_said="$hg_url answers with status $hg_status_is instead of $*"; return 1; fi
  if [ -n "$hg_contains" ]; then
    hg_o=$(tr -d '\000' <"$HG_VOLATILE/answer")
    case $hg_o in *"$hg_contains"*) ;; *) hg_http_said="$hg_url answers without the wanted text"; return 1 ;; esac
  fi
  hg_http_said="$hg_url answers with status $hg_status_is"
}

hg_http_check() {
  if [ "$1" = 0 ]; then hg_none "$2 answers as wanted"; else hg_want change "\${3:-$2 does not answer as wanted}"; fi
}
`;

/** An HTTP answer. */
export const httpKind: StepKind<typeof schema> = {
  kind: "http",
  summary: "An HTTP request that must be answered as said.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { url: value } : undefined),
  naturalId: (args) => args.url,
  label: (args) => `http ${args.url}`,
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: ["url", "headers", "body", "contains"],
  examples: [
    { title: "In verify", yaml: 'http: { url: "http://{{ node.address }}:5000/v3", status: 200, contains: stable, within: 90s }' },
  ],
  prelude: `${waitingPrelude}${prelude}`,
  compile(args, step, context) {
    const url = new URL(args.url);
    const headers = Object.entries(args.headers);
    const bodyBytes = args.body === undefined ? undefined : new TextEncoder().encode(args.body);
    const config = [
      "globoff",
      "globoff",
      `url = ${curlString(args.url)}`,
      `request = ${curlString(args.method)}`,
      ...(args.method === "HEAD" ? ["head"] : []),
      ...(args.insecure ? ["insecure"] : []),
      ...headers.map(([name, value]) => `header = ${curlString(`${name}: ${value}`)}`),
      ...(args.body === undefined ? [] : [`data-raw = ${curlString(args.body)}`]),
    ].join("\n");
    const port = url.port === "" ? "80" : url.port;
    const head = [
      `${args.method} ${url.pathname}${url.search} HTTP/1.0`,
      `Host: ${url.host}`,
      "Connection: close",
      ...headers.map(([name, value]) => `${name}: ${value}`),
    ];
    const length = bodyBytes === undefined ? [] : [`Content-Length: ${bodyBytes.length}`];
    const request = `${url.hostname.replace(/[[\]]/gu, "")} ${port}\n${[...head, ...length].join("\r\n")}\r\n\r\n${args.body ?? ""}`;
    const wget = [
      ...(args.insecure ? ["--no-check-certificate"] : []),
      ...headers.map(([name, value]) => `--header=${name}: ${value}`),
      ...(args.body === undefined ? [] : [`--post-data=${args.body}`]),
      args.url,
    ];
    const plain = url.protocol === "http:";
    const wgetAble = !step.secret && (args.method === "GET" || (args.method === "POST" && args.body !== undefined));
    const encode = (content: string) => context.content(new TextEncoder().encode(content));
    const run = sh`hg_http_said=
rm -f -- "$HG_VOLATILE/answer" "$HG_VOLATILE/why"
if command -v curl >/dev/null 2>&1; then
  hg_pour_into "$HG_VOLATILE/http" ${encode(`${config}\n`)} && hg_http_curl
elif [ ${plain ? 1 : 0} = 1 ] && command -v perl >/dev/null 2>&1; then
  hg_pour_into "$HG_VOLATILE/request" ${encode(request)} && hg_http_perl
elif [ ${wgetAble ? 1 : 0} = 1 ] && command -v wget >/dev/null 2>&1; then
  hg_http_wget ${wgetAble ? wget : []}
else
  said_${context.index}="no tool of this node can send this request (curl, perl or wget)"
  return 127
fi
hg_http_judge ${args.url} ${args.contains ?? ""} ${args.status.map(String)}
hg_v=$?
said_${context.index}=$hg_http_said
return "$hg_v"`;
    const guard = context.guard({ text: `http ${args.url}`, run });
    return {
      check: sh`hg_http_check "$q_${guard}" ${args.url} "$said_${context.index}"`,
      apply: sh`hg_await ${context.index} ${args.within}`,
      converges: true,
      withinMs: args.within,
    };
  },
};

/** A string of a curl configuration file. */
function curlString(value: string): string {
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}
