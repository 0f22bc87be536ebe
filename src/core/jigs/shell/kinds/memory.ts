import { z } from "zod";
import { sizeBytes } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { measurePrelude } from "../measure.ts";
import { posix, sh } from "../quote.ts";

const schema = z
  .strictObject({
    total: sizeBytes.optional().describe("So much must the node have, such as 1900M: a machine with 2 GiB shows some less."),
    available: sizeBytes.optional().describe("So much must be available now, without swapping."),
  })
  .refine((args) => args.available !== undefined || args.total !== undefined, "give `total` or `available`");

const prelude = `${measurePrelude}${posix`
hg_memory_look() {
  hg_memory_total=0 hg_memory_available=
  while read -r hg_a hg_b hg_c; do
    case $hg_a in
      MemTotal:) hg_memory_total=$hg_b ;;
      MemAvailable:) hg_memory_available=$hg_b ;;
    esac
  done </proc/meminfo
  : "\${hg_memory_available:=$hg_memory_total}"
  hg_v=max
  if [ -r /sys/fs/cgroup/memory.max ]; then read -r hg_v </sys/fs/cgroup/memory.max || :; fi
  case $hg_v in
    *[!0-9]* | '') ;;
    *) if [ $((hg_v / 1024)) -lt "$hg_memory_total" ]; then hg_memory_total=$((hg_v / 1024)); fi ;;
  esac
  [ "$hg_memory_available" -le "$hg_memory_total" ] || hg_memory_available=$hg_memory_total
}

hg_memory() {
  hg_memory_look
  if [ "$1" -gt "$hg_memory_total" ]; then
    hg_size "$hg_memory_total"
    hg_memory_said="the node has $hg_v of memory"
    hg_size "$1"
  elif [ "$2" -gt "$hg_memory_available" ]; then
    hg_size "$hg_memory_available"
    hg_memory_said="$hg_v of memory are available"
    hg_size "$2"
  else
    hg_memory_said="enough memory"
    return 0
  fi
  hg_memory_said="$hg_memory_said, $hg_v are needed"
  return 1
}
`}`;

/** Memory of the node. */
export const memoryKind: StepKind<typeof schema> = {
  kind: "memory",
  summary: "Memory of the node: in all (a container's limit counts), or available.",
  schema,
  shorthand: (value) => (typeof value === "string" || typeof value === "number" ? { total: value } : undefined),
  naturalId: (args) => (args.total === undefined ? "available" : "total"),
  label: () => "memory",
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [{ title: "In checks", yaml: "{ code: DB-103, memory: 900M }" }],
  prelude,
  compile(args, _step, context) {
    const kibibytes = (bytes: number | undefined): number => Math.ceil((bytes ?? 0) / 1024);
    const run = sh`hg_memory ${kibibytes(args.total)} ${kibibytes(args.available)}
hg_v=$?
said_${context.index}=$hg_memory_said
return "$hg_v"`;
    const guard = context.guard({ text: "memory", run });
    const check = sh`hg_measured "$q_${guard}" "$said_${context.index}"`;
    return { check, apply: sh`hg_measured_fail "$said_${context.index}"`, converges: true };
  },
};
