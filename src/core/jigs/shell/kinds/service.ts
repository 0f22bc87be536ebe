import { z } from "zod";
import { absolutePath, accountName, flag, oneLine, text } from "../args.ts";
import { hexDigest, type StepContext } from "../context.ts";
import type { StepKind, StepShell } from "../kind.ts";
import { servicePrelude } from "../prelude/service.ts";
import { posix, type Sh, sh } from "../quote.ts";
import { initScript, type ManagedService, openrcScript, runScript, supervisor, systemdUnit } from "../service-units.ts";

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.@:-]{0,100}$/u, "must be the name of a service")
      .describe("Name of the service, without `.service`; under systemd also a unit such as `fstrim.timer` or `docker.socket`."),
    state: z
      .enum(["running", "stopped", "absent"])
      .optional()
      .describe("running by default; absent: a service with exec (say it here too) is stopped and its unit removed."),
    enabled: flag.optional().describe("Started at boot. Default: not touched; with exec: true."),
    exec: oneLine
      .min(1)
      .optional()
      .describe(
        "Program that stays in the foreground: Halligan writes the unit (systemd, OpenRC, sysvinit, or its own supervisor on nodes without an init system).",
      ),
    user: accountName.optional().describe("With exec: user to run as."),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of a variable"),
        z.union([text, z.number().transform(String), z.boolean().transform(String)]),
      )
      .optional()
      .describe("With exec: environment variables."),
    workdir: absolutePath.optional().describe("With exec: folder to run in."),
    log: absolutePath
      .optional()
      .describe(
        "File that the service logs to, where that is not the journal: its last lines are told when it does not start, or when the role does not work.",
      ),
    restore: flag.default(false).describe("Go back to how the service was before Halligan first changed it."),
  })
  .refine(
    (args) => args.exec !== undefined || args.state !== "absent",
    "state: absent needs exec, as in the step that made it: only a unit that Halligan wrote is removed, a service of a package goes with its package",
  )
  .refine((args) => args.exec !== undefined || (args.user ?? args.env ?? args.workdir) === undefined, "user, env and workdir need exec");

type Service = z.output<typeof schema>;

const prelude = `${servicePrelude}${posix`
hg_service_check() {
  hg_v=
  hg_lookup "$hg_services" "$1" '|' = || hg_v="absent disabled"
  hg_is=\${hg_v%% *} hg_boot_is=\${hg_v#* }
  hg_seen="$hg_is, $hg_boot_is"
  hg_wrong= hg_kind=change
  case $2:$hg_is in
    running:active | stopped:inactive | stopped:failed | stopped:absent | absent:absent | :*) ;;
    absent:*) hg_wrong=1 hg_kind=destroy; hg_diff state "$hg_is" absent ;;
    running:*)
      hg_wrong=1
      hg_diff state "$hg_is" running
      [ "$hg_is" != absent ] || hg_kind=create
      ;;
    stopped:*) hg_wrong=1; hg_diff state "$hg_is" stopped ;;
  esac
  case $3:$hg_boot_is in
    '':* | true:enabled | true:static | false:disabled | false:static | false:masked) ;;
    true:*) hg_wrong=1; hg_diff enabled false true ;;
    false:*) hg_wrong=1; hg_diff enabled true false ;;
  esac
  if [ -n "$hg_wrong" ]; then hg_want "$hg_kind" "$hg_seen"; else hg_none "$hg_seen"; fi
}

hg_service_files() {
  case $hg_init in
    systemd) hg_files="$1 $3" ;;
    sysv | openrc) hg_files="$2 $3" ;;
    *) hg_files="$3 $4" ;;
  esac
}

hg_managed_check() {
  hg_service_check "$1" "$2" "$3"
  [ "$hg_init" != fixture ] || return 0
  hg_service_files "$4" "$6" "$8" "\${10}"
  hg_told_unit=
  for hg_a in $hg_files; do
    hg_ref "$hg_a"
    case $hg_a in
      "$4") hg_b=$5 ;;
      "$6") if [ "$hg_init" = openrc ]; then hg_b=\${12}; else hg_b=$7; fi ;;
      "$8") hg_b=$9 ;;
      *) hg_b=\${11} ;;
    esac
    if [ "$2" = absent ]; then
      if [ "$t" = none ]; then continue; fi
      hg_want destroy "$hg_seen"
    else
      if [ "$t" = file ] && [ "$d" = "$hg_b" ]; then continue; fi
      if [ -n "$hg_told_unit" ]; then :; elif [ "$t" = none ]; then hg_diff unit absent present; else hg_diff unit "\${d:-$t}" "$hg_b"; fi
      hg_told_unit=1
      hg_seen="$hg_seen, unit \${d:-$t}"
      if [ "$hg_is" = absent ]; then hg_want create "$hg_seen"; else hg_want change "$hg_seen"; fi
    fi
  done
}

hg_service_remember() {
  [ "$hg_memory" = 1 ] || return 0
  if [ "$1" = - ] || [ -e "$1" ]; then return 0; fi
  hg_directory_of "$HG_STATE/originals" && printf '%s\n' "$hg_is $hg_boot_is" >"$1" || hg_fail "the former state of the service could not be kept"
}

hg_service_apply() {
  hg_fresh=0
  hg_service_check "$1" "$2" "$3"
  hg_service_remember "$4" || return 1
  if [ "$hg_is" = absent ] && [ "$2" = running ] && [ "$hg_managed" = 0 ]; then
    hg_fail "there is no service $1 on this node: install its package before this step, or give exec"
    return 1
  fi
  if [ "$hg_boot_is" = masked ] && [ "$2" = running ]; then hg_fail "the service $1 is masked: systemctl unmask it"; return 1; fi
  case $3:$hg_boot_is in
    true:enabled | true:static) ;;
    true:*) hg_service_do "$1" enable || return 1 ;;
    false:enabled) hg_service_do "$1" disable || return 1 ;;
  esac
  case $2:$hg_is in
    running:active)
      if [ "$hg_rewritten" = 1 ]; then hg_fresh=1; hg_service_do "$1" restart || return 1; fi
      ;;
    running:*) hg_fresh=1; hg_service_do "$1" start || return 1 ;;
    stopped:active | stopped:activating | stopped:restarting | stopped:deactivating) hg_service_do "$1" stop || return 1 ;;
  esac
}

hg_unit_write() {
  hg_look "$1"
  if [ "$t" = file ] && [ "$d" = "$4" ]; then return 0; fi
  hg_rewritten=1
  hg_write_content "$2" "$3" "$4" "$5" "$6" ''
}

hg_managed_gone() {
  hg_service_check "$1" absent ''
  hg_files_of=$2
  if [ "$hg_is" != absent ]; then
    case $hg_is in inactive | failed) ;; *) hg_service_do "$1" stop || return 1 ;; esac
    if [ "$hg_boot_is" = enabled ]; then hg_service_do "$1" disable || return 1; fi
  fi
  for hg_a in $hg_files_of; do
    hg_ref "$hg_a"
    if [ "$t" = none ]; then continue; fi
    hg_try rm -f -- "$p" || return 1
  done
  case $hg_init in
    systemd)
      systemctl daemon-reload </dev/null >/dev/null 2>&1 || :
      hg_service_do "$1" reset
      ;;
    sysv) update-rc.d "$1" remove </dev/null >/dev/null 2>&1 || : ;;
  esac
  hg_try rm -rf -- "$HG_STATE/services/$1"
}

hg_service_back() {
  hg_v=
  if [ -r "$1" ]; then read -r hg_v <"$1" || :; fi
  hg_was_state= hg_was_boot=
  case $hg_v in
    'active '* | 'activating '* | 'reloading '*) hg_was_state=running ;;
    'absent '*) hg_was_state=stopped ;;
    ?*) hg_was_state=stopped ;;
  esac
  case $hg_v in
    *' enabled') hg_was_boot=true ;;
    *' disabled') hg_was_boot=false ;;
  esac
}

hg_service_back_check() {
  hg_service_back "$2"
  if [ -z "$hg_was_state" ]; then hg_none "not changed by Halligan"; return; fi
  hg_service_check "$1" "$hg_was_state" "$hg_was_boot"
}

hg_service_back_apply() {
  hg_service_back "$2"
  hg_service_apply "$1" "$hg_was_state" "$hg_was_boot" - && hg_try rm -f -- "$2"
}
`}`;

/** A service: running or not, at boot or not; with `exec` its unit too. */
export const serviceKind: StepKind<typeof schema> = {
  kind: "service",
  summary: "A service: running or stopped, started at boot or not; with exec Halligan writes its unit.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { name: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => `service ${args.name} ${args.restore ? "as before" : (args.state ?? "running")}`,
  readOnly: false,
  undo: {
    class: "restore",
    means: "A service goes back to how it was before the first change; one with exec is stopped and its unit removed.",
  },
  inverse: (args) => {
    if (args.restore || args.state === "absent") return undefined;
    const { name, exec } = args;
    return { kind: "service", args: exec === undefined ? { name, restore: true } : { name, exec, state: "absent" } };
  },
  sources: [],
  secretArgs: ["env"],
  examples: [
    { title: "Short", yaml: "service: nginx" },
    { title: "At boot", yaml: "service: { name: apache2, state: running, enabled: true }" },
    {
      title: "A program of your own",
      yaml: "service: { name: app, exec: /srv/app/bin/server --port 8080, user: app, env: { MODE: production } }",
    },
    { title: "In undo", yaml: "service: { name: app, exec: /srv/app/bin/server, state: absent }" },
  ],
  prelude,
  compile(args, _step, context) {
    context.needs.units.add(args.name);
    const memory = context.memory("originals", `service:${args.name}`);
    if (args.exec !== undefined)
      return managed(args, { ...args, exec: args.exec, user: args.user, env: args.env ?? {}, workdir: args.workdir }, context);
    const start = sh`hg_managed=0 hg_rewritten=0 hg_service_user= hg_service_log=${args.log ?? ""}
`;
    if (args.restore) {
      return {
        check: sh`hg_service_back_check ${args.name} ${memory}`,
        apply: sh`${start}hg_service_back_apply ${args.name} ${memory}`,
        converges: true,
      };
    }
    const state = args.state ?? "running";
    const wanted = sh`${args.name} ${state} ${args.enabled === undefined ? "" : String(args.enabled)}`;
    return {
      check: sh`hg_service_check ${wanted}`,
      apply: sh`${start}hg_service_apply ${wanted} ${memory}`,
      notify: sh`${start}${restart(args, state)}`,
      converges: true,
    };
  },
};

function restart(args: Service, state: string): Sh {
  if (state !== "running") return sh`return 0`;
  return sh`hg_service_do ${args.name} restart`;
}

/** Files of a managed service: number, content words and digest of the systemd unit, the LSB script, the run file and the supervisor. */
function managed(args: Service, service: ManagedService, context: StepContext): StepShell {
  const folder = `/var/lib/halligan/services/${args.name}`;
  const encode = (content: string): Uint8Array => new TextEncoder().encode(content);
  const file = (path: string | Sh, content: string): { readonly k: number; readonly content: Sh; readonly digest: string } => {
    const bytes = encode(content);
    return { k: context.path(path, { digest: true }), content: context.content(bytes), digest: hexDigest(bytes) };
  };
  const unit = file(`/etc/systemd/system/${args.name}.service`, systemdUnit(service, `${folder}/run`));
  const script = file(`/etc/init.d/${args.name}`, initScript(service, `${folder}/run`));
  const run = file(sh`"$HG_STATE"/services/${args.name}/run`, runScript(service));
  const own = file(sh`"$HG_STATE"/services/${args.name}/supervise`, supervisor);
  const openrc = file(`/etc/init.d/${args.name}`, openrcScript(service, `${folder}/run`));
  const state = args.state ?? "running";
  const enabled = state === "absent" ? "" : String(args.enabled ?? true);
  const check = sh`hg_managed_check ${args.name} ${state} ${enabled} ${unit.k} ${unit.digest} ${script.k} ${script.digest} ${run.k} ${run.digest} ${own.k} ${own.digest} ${openrc.digest}`;
  const start = sh`hg_managed=1 hg_rewritten=0 hg_service_user=${args.user ?? ""} hg_service_log=${args.log ?? ""}
`;
  const all = `${unit.k} ${script.k} ${run.k} ${own.k}`;
  if (state === "absent") return { check, apply: sh`${start}hg_managed_gone ${args.name} ${all}`, converges: true };
  const apply = sh`${start}hg_directory_of "$HG_STATE"/services/${args.name} || return 1
hg_unit_write ${run.k} ${run.content} 500 ${args.user ?? ""} || return 1
case $hg_init in
  systemd) hg_unit_write ${unit.k} ${unit.content} 644 '' && hg_try systemctl daemon-reload || return 1 ;;
  openrc) hg_unit_write ${openrc.k} ${openrc.content} 755 '' || return 1 ;;
  sysv) hg_unit_write ${script.k} ${script.content} 755 '' || return 1 ;;
  *) hg_unit_write ${own.k} ${own.content} 700 '' || return 1 ;;
esac
if [ "$hg_init" != none ] && [ -n "$hg_service_user" ]; then chmod 711 "$HG_STATE" "$HG_STATE/services" "$HG_STATE"/services/${args.name}; fi
g_${context.index}
hg_service_apply ${args.name} ${state} ${enabled} -`;
  return { check, apply, notify: sh`${start}${restart(args, state)}`, converges: true };
}
