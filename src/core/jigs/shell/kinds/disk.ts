import { z } from "zod";
import { absolutePath, flag, sizeBytes } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";
import { measurePrelude } from "../measure.ts";

const schema = z
  .strictObject({
    path: absolutePath.describe("Folder whose file system is asked; where it does not exist yet, the nearest folder above it."),
    free: sizeBytes.optional().describe("So much must be free for root or the user that Halligan becomes, such as 5G."),
    total: sizeBytes.optional().describe("So large must the file system be."),
    unlessOurs: flag.default(true).describe("Holds when this role was applied here before: what it keeps there takes up room."),
  })
  .refine((args) => args.free !== undefined || args.total !== undefined, "give `free` or `total`");

const prelude = `${measurePrelude}${posix`
hg_disk() {
  hg_disk_said=
  if [ "$4" = 1 ] && [ -e "$HG_STATE/active/$hg_role" ]; then hg_disk_said="the role is here already"; return 0; fi
  hg_a=$1 hg_needs_free=$2 hg_needs_total=$3 hg_b=$1
  while [ ! -d "$hg_a" ] && [ -n "$hg_a" ]; do hg_a=\${hg_a%/*}; done
  hg_o=$(df -P -k -- "\${hg_a:-/}" 2>/dev/null) || { hg_disk_said="df cannot tell about $1"; return 1; }
  hg_o=\${hg_o##*"$hg_nl"}
  set -- \${hg_o%%%*}
  while [ $# -gt 4 ]; do shift; done
  if [ "$hg_needs_free" -gt "$3" ]; then
    hg_size "$3"
    hg_disk_said="$hg_b has $hg_v free"
    hg_size "$hg_needs_free"
  elif [ "$hg_needs_total" -gt "$1" ]; then
    hg_size "$1"
    hg_disk_said="the file system of $hg_b has $hg_v in all"
    hg_size "$hg_needs_total"
  else
    hg_disk_said="enough room"
    return 0
  fi
  hg_disk_said="$hg_disk_said, $hg_v are needed"
  return 1
}
`}`;

/** Room on a file system. */
export const diskKind: StepKind<typeof schema> = {
  kind: "disk",
  summary: "Room on the file system of a folder: free, or in all.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.path,
  label: (args) => `disk ${args.path}`,
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [{ title: "In checks", yaml: "{ code: DB-102, disk: { path: /var/lib/mysql, free: 2G } }" }],
  prelude,
  compile(args, _step, context) {
    const kibibytes = (bytes: number | undefined): number => Math.ceil((bytes ?? 0) / 1024);
    const run = sh`hg_disk ${args.path} ${kibibytes(args.free)} ${kibibytes(args.total)} ${args.unlessOurs ? 1 : 0}
hg_v=$?
said_${context.index}=$hg_disk_said
return "$hg_v"`;
    const guard = context.guard({ text: `disk ${args.path}`, run });
    const check = sh`hg_measured "$q_${guard}" "$said_${context.index}"`;
    return { check, apply: sh`hg_measured_fail "$said_${context.index}"`, converges: true };
  },
};
