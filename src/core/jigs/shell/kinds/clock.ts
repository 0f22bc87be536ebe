import { z } from "zod";
import { durationMs, flag } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { measurePrelude } from "../measure.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  offset: durationMs
    .default(30_000)
    .describe(
      "How far the node's clock may be from the engine's. Whole seconds; the time that the script is under way counts, so less than 5s says little.",
    ),
  synchronised: flag.default(false).describe("The kernel must say, too, that something keeps its clock synchronised."),
});

const prelude = `${measurePrelude}${posix`
hg_synchronised() {
  if command -v timedatectl >/dev/null 2>&1; then
    [ "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)" = yes ]
  elif command -v chronyc >/dev/null 2>&1; then
    chronyc -n tracking 2>/dev/null | grep -q 'Leap status *: Normal'
  else
    return 1
  fi
}

hg_clock_off() {
  hg_clock_said="the clock is right"
  if [ -n "\${hg_engine_now:-}" ]; then
    hg_v=$(date +%s)
    hg_v=$((hg_v - hg_engine_now))
    if [ "$hg_v" -lt "-$1" ]; then hg_clock_said="the clock is $((-hg_v)) s behind the engine's"; return 1; fi
    if [ "$hg_v" -gt "$1" ]; then hg_clock_said="the clock is $hg_v s ahead of the engine's"; return 1; fi
  fi
  if [ "$2" = 1 ] && ! hg_synchronised; then hg_clock_said="nothing keeps the clock synchronised"; return 1; fi
}
`}`;

/** The node's clock against the engine's. */
export const clockKind: StepKind<typeof schema> = {
  kind: "clock",
  summary: "The node's clock: near the engine's, and kept synchronised where that is asked for.",
  schema,
  shorthand: (value) => (typeof value === "string" || typeof value === "number" ? { offset: value } : undefined),
  naturalId: () => "engine",
  label: () => "clock",
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [{ title: "In checks", yaml: "{ code: DB-104, clock: 30s }" }],
  prelude,
  compile(args, _step, context) {
    const run = sh`hg_clock_off ${Math.ceil(args.offset / 1000)} ${args.synchronised ? 1 : 0}
hg_v=$?
said_${context.index}=$hg_clock_said
return "$hg_v"`;
    const guard = context.guard({ text: "clock", run });
    const check = sh`hg_measured "$q_${guard}" "$said_${context.index}"`;
    return { check, apply: sh`hg_measured_fail "$said_${context.index}"`, converges: true };
  },
};
