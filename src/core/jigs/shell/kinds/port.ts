import { z } from "zod";
import { durationMs, flag, whole } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";
import { waitingPrelude } from "../waiting.ts";

const schema = z.strictObject({
  port: whole.refine((value) => value >= 1 && value <= 65535, "must be from 1 to 65535").describe("TCP port."),
  host: z
    .string()
    .regex(/^[A-Za-z0-9._:[\]-]{1,253}$/u, "must be a host name or an address")
    .optional()
    .describe("Host to connect to. Default: a look at what this node listens on, on any address."),
  state: z.enum(["open", "closed"]).default("open").describe("open: something listens; closed: nothing does."),
  freeUnlessOurs: flag
    .default(false)
    .describe("Holds when nothing listens on the port of this node, or when this role was applied here before."),
  within: durationMs.default(30_000).describe("How long to wait for it in steps and verify, such as 30s."),
});

const prelude = posix`
hg_listens() {
  hg_o=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  case $hg_o in *":$1 00000000:0000 0A "* | *":$1 00000000000000000000000000000000:0000 0A "*) return 0 ;; esac
  return 1
}

hg_connects() {
  hg_host=$1
  hg_host=\${hg_host#[}
  hg_host=\${hg_host%]}
  if command -v bash >/dev/null 2>&1; then
    timeout 3 bash -c 'exec 9<>"/dev/tcp/$0/$1"' "$hg_host" "$2" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-
  elif command -v nc >/dev/null 2>&1; then
    timeout 3 nc -w 3 "$hg_host" "$2" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-
  elif command -v perl >/dev/null 2>&1; then
    timeout 3 perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 3) ? 0 : 1)' "$hg_host" "$2" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-
  elif command -v curl >/dev/null 2>&1; then
    curl -s --connect-timeout 3 --max-time 3 "telnet://$1:$2" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-
    case $? in 0 | 28 | 48) return 0 ;; *) return 1 ;; esac
  else
    hg_fail "no tool of this node can connect to a port (bash, nc, perl or curl)"
    return 1
  fi
}

hg_port_check() {
  if [ "$1" = 0 ]; then hg_is=open; else hg_is=closed; fi
  if [ "$3" = 1 ]; then
    if [ "$hg_is" = closed ]; then hg_none "$2 is free"; return; fi
    if [ -e "$HG_STATE/active/$hg_role" ]; then hg_none "$2 is ours"; return; fi
    hg_want change "$2 is taken by another program"
    return
  fi
  if [ "$hg_is" = "$4" ]; then hg_none "$2 is $hg_is"; else hg_want change "$2 is $hg_is"; fi
}
`;

/** A TCP port that is open, closed or free. */
export const portKind: StepKind<typeof schema> = {
  kind: "port",
  summary: "A TCP port: open, closed, or free for us.",
  schema,
  shorthand: (value) =>
    typeof value === "number" || (typeof value === "string" && /^\d+$|\{\{/u.test(value)) ? { port: value } : undefined,
  naturalId: (args) => `${args.host ?? ""}:${args.port}`,
  label: (args) => `port ${args.host === undefined ? "" : `${args.host}:`}${args.port} ${args.freeUnlessOurs ? "free" : args.state}`,
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [
    { title: "In verify", yaml: "port: { port: 5000, within: 30s }" },
    { title: "In checks", yaml: "{ code: KEY-101, port: 5000, freeUnlessOurs: true }" },
  ],
  prelude: `${waitingPrelude}${prelude}`,
  compile(args, _step, context) {
    const where = args.host === undefined ? `port ${args.port}` : `port ${args.host}:${args.port}`;
    const hex = args.port.toString(16).toUpperCase().padStart(4, "0");
    const guard = context.guard({
      text: where,
      run: args.host === undefined ? sh`hg_listens ${hex}` : sh`hg_connects ${args.host} ${String(args.port)}`,
    });
    return {
      check: sh`hg_port_check "$q_${guard}" ${where} ${args.freeUnlessOurs ? 1 : 0} ${args.state}`,
      apply: sh`hg_await ${context.index} ${args.within}`,
      converges: true,
      withinMs: args.within,
    };
  },
};
