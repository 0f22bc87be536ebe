import { z } from "zod";
import { oneOrMany } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { measurePrelude } from "../measure.ts";
import { posix, sh } from "../quote.ts";

const host = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/u, "must be a host name");

const schema = z.strictObject({
  name: oneOrMany(host).describe("Names that the node must be able to find."),
  address: host.optional().describe("The address that must be among those found."),
});

const prelude = `${measurePrelude}${posix`
hg_find_host() {
  if command -v getent >/dev/null 2>&1; then
    hg_o=$(timeout 15 getent ahosts "$1" </dev/null 2>/dev/null) && return 0
    hg_o=$(timeout 15 getent hosts "$1" </dev/null 2>/dev/null)
  elif command -v nslookup >/dev/null 2>&1; then
    hg_o=$(timeout 15 nslookup "$1" </dev/null 2>/dev/null) || return 1
    hg_o=\${hg_o#*"Name:"}
  else
    return 1
  fi
}

hg_resolves() {
  hg_resolves_said="found"
  hg_wanted=$1
  shift
  for hg_host in "$@"; do
    if ! hg_find_host "$hg_host"; then hg_resolves_said="the name $hg_host is not found"; return 1; fi
    [ -n "$hg_wanted" ] || continue
    set -f
    hg_v=1
    for hg_a in $hg_o; do [ "$hg_a" != "$hg_wanted" ] || hg_v=0; done
    if [ "$hg_v" = 1 ]; then
      set -- $hg_o
      hg_resolves_said="$hg_host is $1, not $hg_wanted"
      return 1
    fi
  done
}
`}`;

/** Names that the node can find. */
export const resolvesKind: StepKind<typeof schema> = {
  kind: "resolves",
  summary: "Host names that the node must be able to find, by whatever its resolver asks.",
  schema,
  shorthand: (value) => (typeof value === "string" || Array.isArray(value) ? { name: value } : undefined),
  naturalId: (args) => args.name.join(","),
  label: (args) => `resolves ${args.name.join(", ")}`,
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [{ title: "In checks", yaml: "{ code: DB-105, resolves: [db-1, db-2, db-3], curedBy: [base] }" }],
  prelude,
  compile(args, _step, context) {
    const run = sh`hg_resolves ${args.address ?? ""} ${args.name}
hg_v=$?
said_${context.index}=$hg_resolves_said
return "$hg_v"`;
    const guard = context.guard({ text: `resolves ${args.name.join(",")}`, run });
    const check = sh`hg_measured "$q_${guard}" "$said_${context.index}"`;
    return { check, apply: sh`hg_measured_fail "$said_${context.index}"`, converges: true };
  },
};
