import { z } from "zod";
import { absolutePath, accountName, durationMs, flag, oneOrMany, text } from "../args.ts";
import { hexDigest, type StepContext } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { posix, type Sh, sh } from "../quote.ts";
import { runScript, timerUnits } from "../service-units.ts";
import { serviceKind } from "./service.ts";

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/u, "must be letters, digits, dots, dashes and underscores")
      .describe("Name of the units: NAME.timer and NAME.service in /etc/systemd/system."),
    schedule: oneOrMany(
      z.string().regex(/^[A-Za-z0-9*][A-Za-z0-9 *.,:/~_+-]*$/u, "must be a calendar expression such as daily or Mon *-*-* 02:30"),
    )
      .optional()
      .describe("When, as systemd.time(7) has it: daily, `*-*-* 02:30`, `Mon..Fri 08:00 UTC`; or several. The node's systemd judges it."),
    every: durationMs
      .refine((value) => value >= 1000, "must be at least 1s")
      .optional()
      .describe("Instead: so much time after it was last started, such as 15m; first so much time after boot."),
    command: text.min(1).optional().describe("Shell text for /bin/sh. It must not stay in the foreground for ever."),
    user: accountName.optional().describe("Who it runs as; default root."),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of a variable"),
        z.union([text, z.number().transform(String), z.boolean().transform(String)]),
      )
      .default({})
      .describe("Environment variables."),
    workdir: absolutePath.optional().describe("Folder to run in."),
    persistent: flag.default(false).describe("With schedule: run at once what was missed while the machine was off."),
    spread: durationMs.default(0).describe("Start up to so much later, another time on each machine."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: the timer is stopped and its units are removed."),
  })
  .refine((args) => args.state === "absent" || args.command !== undefined, "give a command")
  .refine((args) => args.state === "absent" || (args.schedule === undefined) !== (args.every === undefined), "give schedule or every");

const prelude = `${serviceKind.prelude}${posix`
hg_timer_check() {
  case $hg_init in
    systemd | fixture) ;;
    *) if [ "$2" = absent ]; then hg_none "no systemd on this node"; else hg_want change "no systemd on this node"; fi; return ;;
  esac
  hg_service_check "$1.timer" "$2" "$3"
  [ "$hg_init" != fixture ] || return 0
  for hg_a in "$4 $5" "$6 $7" "$8 $9"; do
    hg_b=\${hg_a#* }
    hg_ref "\${hg_a% *}"
    if [ "$2" = absent ]; then
      if [ "$t" != none ]; then hg_want destroy "$hg_seen"; fi
      continue
    fi
    if [ "$t" = file ] && [ "$d" = "$hg_b" ]; then continue; fi
    hg_diff "\${p##*/}" "\${d:-$t}" "$hg_b"
    hg_seen="$hg_seen, \${p##*/} \${d:-$t}"
    if [ "$hg_is" = absent ]; then hg_want create "$hg_seen"; else hg_want change "$hg_seen"; fi
  done
}

hg_timer_ready() {
  [ "$hg_euid" = 0 ] || { hg_fail "timers need root: set become: sudo for this node"; return 1; }
  [ "$hg_init" = systemd ] || { hg_fail "systemd does not run on this node, and timers are its: use a cron step, or leave this one out with when"; return 1; }
  for hg_a in "$@"; do
    hg_e=$(systemd-analyze calendar "$hg_a" 2>&1 >/dev/null) || { hg_fail "systemd on this node does not understand the schedule '$hg_a': $hg_e"; return 1; }
  done
}

hg_timer_ours() {
  hg_ref "$1"
  case $t:$x in
    none:* | file:'# Written by Halligan;'*) return 0 ;;
  esac
  hg_fail "$p is there and was not written by Halligan: give the timer another name"
}

hg_timer_gone() {
  hg_service_check "$1.timer" absent ''
  if [ "$hg_is" != absent ]; then
    hg_service_do "$1.timer" stop || return 1
    if [ "$hg_boot_is" = enabled ]; then hg_service_do "$1.timer" disable || return 1; fi
  fi
  for hg_a in $2 $3; do
    hg_ref "$hg_a"
    [ "$t" = none ] || hg_try rm -f -- "$p" || return 1
  done
  systemctl daemon-reload </dev/null >/dev/null 2>&1 || :
  hg_service_do "$1.timer" reset
  hg_service_do "$1" reset
  rm -f -- "/var/lib/systemd/timers/stamp-$1.timer"
  hg_try rm -rf -- "$HG_STATE/timers/$1"
}
`}`;

/** A command that systemd runs by schedule. */
export const timerKind: StepKind<typeof schema> = {
  kind: "timer",
  summary: "A command that systemd runs by schedule: its timer and its service, which Halligan writes.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.name,
  label: (args) =>
    `timer ${args.name}${args.state === "absent" ? " absent" : ` ${args.schedule?.join(", ") ?? `every ${(args.every ?? 0) / 1000}s`}`}`,
  readOnly: false,
  undo: { class: "inverse", means: "The timer is stopped and its units are removed; a run under way goes on." },
  inverse: (args) => (args.state === "absent" ? undefined : { kind: "timer", args: { name: args.name, state: "absent" } }),
  sources: [],
  secretArgs: ["env"],
  examples: [
    { title: "Every night", yaml: 'timer: { name: app-backup, schedule: "*-*-* 02:30", user: app, command: /srv/app/bin/backup --all }' },
    { title: "Every quarter of an hour, spread", yaml: "timer: { name: app-poll, every: 15m, spread: 2m, command: /srv/app/bin/poll }" },
  ],
  prelude,
  compile(args, step, context) {
    const folder = `/var/lib/halligan/timers/${args.name}`;
    const units = timerUnits(
      { ...args, schedule: args.schedule ?? [], everyMs: args.every, spreadMs: args.spread, user: args.user },
      `${folder}/run`,
    );
    const script = runScript({ name: args.name, exec: args.command ?? ":", user: args.user, env: args.env, workdir: args.workdir });
    const timer = file(`/etc/systemd/system/${args.name}.timer`, units.timer, context);
    const service = file(`/etc/systemd/system/${args.name}.service`, units.service, context);
    const run = file(sh`"$HG_STATE"/timers/${args.name}/run`, script, context);
    context.needs.units.add(`${args.name}.timer`);
    const absent = args.state === "absent";
    const state = absent ? sh`absent ''` : sh`running true`;
    const check = sh`hg_timer_check ${args.name} ${state} ${timer.k} ${timer.digest} ${service.k} ${service.digest} ${run.k} ${run.digest}`;
    const start = sh`hg_managed=1 hg_rewritten=0 hg_service_user=${args.user ?? ""}
`;
    if (absent) return { check, apply: sh`${start}hg_timer_gone ${args.name} ${timer.k} ${service.k}`, converges: true };
    const apply = sh`${start}hg_timer_ready ${args.schedule ?? []} || return 1
hg_timer_ours ${timer.k} && hg_timer_ours ${service.k} || return 1
hg_directory_of "$HG_STATE"/timers/${args.name} || return 1
hg_unit_write ${run.k} ${run.content} 500 ${args.user ?? ""} || return 1
if [ -n "$hg_service_user" ]; then chmod 711 "$HG_STATE" "$HG_STATE/timers" "$HG_STATE"/timers/${args.name}; fi
hg_rewritten=0
hg_unit_write ${service.k} ${service.content} 644 '' && hg_unit_write ${timer.k} ${timer.content} 644 '' && hg_try systemctl daemon-reload || return 1
g_${context.index}
hg_service_apply ${args.name}.timer running true -`;
    return { check, apply, ...(step.secret ? {} : { show: show(run) }), converges: true };
  },
};

interface Written {
  readonly k: number;
  readonly content: Sh;
  readonly digest: string;
}

function file(path: string | Sh, content: string, context: StepContext): Written {
  const bytes = new TextEncoder().encode(content);
  return { k: context.path(path, { digest: true, content: true }), content: context.content(bytes), digest: hexDigest(bytes) };
}

/** What the command was and will be. */
function show(run: Written): Sh {
  return sh`if [ "$hg_init" = systemd ]; then hg_ref ${run.k}; hg_show_content ${run.content}; fi`;
}
