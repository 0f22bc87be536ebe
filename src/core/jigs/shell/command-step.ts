import { z } from "zod";
import { absolutePath, accountName, durationMs, flag, text } from "./args.ts";
import { fileNameOf, hexDigest, type StepContext } from "./context.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { lines, posix, quote, rawShell, type Sh, sh } from "./quote.ts";

const word = z.union([text, z.number().transform(String), z.boolean().transform(String)]);

/** Keys that `command` and `script` share. */
export const guardKeys = {
  as: accountName.optional().describe("User to run as; needs root."),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of a variable"), word)
    .default({})
    .describe("Environment variables."),
  cwd: absolutePath.optional().describe("Folder to run in."),
  unless: text.optional().describe("Shell text: when it succeeds, there is nothing to do. It must succeed afterwards."),
  onlyIf: text.optional().describe("Shell text: when it fails, there is nothing to do."),
  creates: absolutePath.optional().describe("Path that it makes: when that exists, there is nothing to do."),
  always: flag.default(false).describe("Run at each apply. Without any guard it runs once per distinct text."),
  on: z.enum(["apply", "notify"]).default("apply").describe("notify: run only when another step notifies it."),
  revert: text
    .optional()
    .describe(
      "Shell text, for a command that may cut the way into the node. The node itself runs it when the command fails, or when the engine has not said over a new connection within `confirm` that it still gets in; the step has failed then.",
    ),
  confirm: durationMs.default(60_000).describe("With revert: how long the engine has to come back over a new connection."),
  within: durationMs.default(0).describe("In verify: try again until this much time is over, such as 60s."),
};

/** Checked arguments of those keys. */
export interface Guarded {
  readonly as?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly unless?: string | undefined;
  readonly onlyIf?: string | undefined;
  readonly creates?: string | undefined;
  readonly always: boolean;
  readonly on: "apply" | "notify";
  readonly revert?: string | undefined;
  readonly confirm: number;
  readonly within: number;
}

/** How to start it: `argv` are shell words; `prepare` runs before and may fail with `hg_fail`. */
export interface Invocation {
  readonly argv: Sh;
  readonly prepare?: Sh;
  readonly tidy?: Sh;
  /** What makes it another command: the stamp's key. */
  readonly identity: string;
}

const plainPrelude = posix`
hg_command_check() {
  case $1 in
    '') ;;
    0) ;;
    *) hg_none "onlyIf does not hold"; return ;;
  esac
  if [ -n "$3" ] && { [ -e "$3" ] || [ -L "$3" ]; }; then hg_none "$3 exists"; return; fi
  if [ "$2" = 0 ]; then hg_none "unless holds"; return; fi
  if [ -n "$3$2" ] || [ "$4" = - ]; then hg_want change "to be run"; return; fi
  if [ -e "$4" ] && { [ -z "$5" ] || [ -e "$5" ]; }; then hg_none "was run"; else hg_want change "not run yet"; fi
}

# What is kept of a command has its folders before it is run.
hg_command_ready() {
  [ "$1" = - ] || hg_directory_of "\${1%/*}" || return 1
  [ -z "$2" ] || hg_directory_of "\${2%/*}" || return 1
}

hg_command_ran() {
  if [ -n "$2" ]; then
    hg_frame_file "out $hg_index" "$hg_capture"
    hg_v=$(wc -c <"$hg_capture")
    [ "$hg_v" -le 65536 ] || { hg_fail "the output is larger than 64 KiB: it cannot be a value"; return 1; }
    hg_v=$(cat "$hg_capture")
    hg_keep "$2.new" "$hg_v" && hg_try mv -f -- "$2.new" "$2" || { hg_fail "the value could not be kept"; return 1; }
  fi
  hg_capture=
  [ "$1" != - ] || return 0
  hg_keep "$1" || hg_fail "the stamp $1 could not be made"
}

hg_command_failed() {
  if [ -n "$hg_capture" ] && [ -s "$hg_capture" ]; then
    head -c 65536 "$hg_capture" >"$hg_capture.part"
    hg_frame_file "out $hg_index" "$hg_capture.part"
  fi
  hg_capture=
  hg_fail "it ended with exit code $hg_exit"
}
`;

/**
 * Of commands with `revert`. The watch is a process in a session of its own, so that neither the end of the job nor that of its connection ends
 * it; it decides by making `verdict.N`, as the engine does from the other side.
 */
const revertPrelude = posix`
hg_watch_text() {
  cat <<'END'
gone() { [ ! -d "$1" ]; }
over() { [ -e "$1/confirmed.$2" ] || [ -e "$1/failed.$2" ] || gone "$1"; }
i=0
while [ "$i" -lt "$3" ] && [ -d "/proc/$6" ] && [ ! -e "$1/ran.$2" ] && ! over "$1" "$2"; do sleep 1; i=$((i+1)); done
i=0
while [ "$i" -lt "$4" ] && ! over "$1" "$2"; do sleep 1; i=$((i+1)); done
[ ! -e "$1/confirmed.$2" ] || exit 0
if gone "$1"; then exec sh -c "$5" >/dev/null 2>&1; fi
mkdir "$1/verdict.$2" 2>/dev/null || exit 0
sh -c "$5" >"$1/reverted.new" 2>&1
echo "ended with exit code $?" >>"$1/reverted.new"
mv -f "$1/reverted.new" "$1/reverted.$2"
END
}

hg_watch() {
  hg_watching=setsid
  command -v setsid >/dev/null 2>&1 || hg_watching=nohup
  rm -rf -- "$HG_JOB/verdict.$hg_index" "$HG_JOB/ran.$hg_index" "$HG_JOB/failed.$hg_index" "$HG_JOB/confirmed.$hg_index" "$HG_JOB/reverted.$hg_index"
  $hg_watching sh -c "$(hg_watch_text)" watch "$HG_JOB" "$hg_index" $((hg_limit + 30)) "$2" "$1" $$ </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&- &
  hg_watcher=$!
}

hg_watched() {
  if [ "$1" != 0 ]; then
    hg_why=\${hg_error:-"it ended with exit code $hg_exit"}
    true >"$HG_JOB/failed.$hg_index"
  else
    hg_why="nobody could reach the node over a new connection within $2s"
    true >"$HG_JOB/ran.$hg_index"
    hg_frame "reconnect $hg_index $2" ''
  fi
  wait "$hg_watcher" 2>/dev/null
  hg_v=0
  while [ ! -e "$HG_JOB/confirmed.$hg_index" ] && [ ! -e "$HG_JOB/reverted.$hg_index" ] && [ "$hg_v" -lt $(($2 + 60)) ]; do
    sleep 1
    hg_v=$((hg_v + 1))
  done
  [ ! -e "$HG_JOB/confirmed.$hg_index" ] || return 0
  [ ! -e "$HG_JOB/reverted.$hg_index" ] || hg_frame_file "out $hg_index" "$HG_JOB/reverted.$hg_index"
  hg_fail "$hg_why; the node took it back"
}
`;

/** Shell functions of both kinds. `ow_N` and `un_N` are the guards' exit codes. */
export const commandPrelude = `${plainPrelude}${revertPrelude}`;

/** Compiles a guarded command. */
export function compileGuarded(args: Guarded, call: Invocation, step: StepInput, context: StepContext): StepShell {
  const { index } = context;
  const enter = entering(`hg_enter_${index}`, args);
  const inSteps = step.section === "steps";
  const guarded = args.unless !== undefined || args.onlyIf !== undefined || args.creates !== undefined;
  const stamped = inSteps && !guarded && !args.always && args.on === "apply";
  const stamp = stamped ? context.memory("stamps", hexDigest(call.identity).slice(0, 40)) : sh`-`;
  const value = step.givesValue ? context.memory("values", fileNameOf(step.id)) : sh`''`;
  const guard = (guardText: string | undefined): Sh => {
    if (guardText === undefined) return sh`''`;
    const plain = !step.secret && args.as === undefined && args.cwd === undefined && Object.keys(args.env).length === 0;
    const run = lines(
      sh`hg_limit=$${rawShell(`L_${index}`)}`,
      plain ? sh`hg_judged ${guardText}` : guardRun(guardText, args, enter, step, context),
    );
    const number = context.guard({ text: guardText, run, ...(plain ? { plain: { text: guardText, step: index } } : {}) });
    return rawShell(`"$q_${number}"`);
  };
  const check = sh`hg_command_check ${guard(args.onlyIf)} ${guard(args.unless)} ${args.creates ?? ""} ${stamp} ${value}`;
  const run = lines(
    enter.function,
    stamped || step.givesValue ? sh`hg_command_ready ${stamp} ${value} || return 1` : undefined,
    call.prepare,
    step.givesValue ? sh`hg_capture=$HG_VOLATILE/value` : undefined,
    args.revert === undefined ? undefined : sh`hg_watch ${args.revert} ${Math.ceil(args.confirm / 1000)}`,
    sh`hg_pre=${enter.call}
hg_as hg_run ${args.as ?? ""} ${call.argv}
hg_v=$?
hg_pre=:`,
    call.tidy,
    args.revert === undefined
      ? sh`[ "$hg_v" = 0 ] || { hg_command_failed; return 1; }`
      : sh`hg_watched "$hg_v" ${Math.ceil(args.confirm / 1000)} || return 1`,
  );
  return {
    check: args.on === "notify" ? sh`hg_none "runs when notified"` : check,
    apply: lines(run, sh`hg_command_ran ${stamp} ${value}`),
    notify: lines(
      guarded
        ? sh`${check}
[ "$hg_change" != none ] || return 0`
        : undefined,
      run,
      sh`hg_command_ran ${stamp} ${value}`,
    ),
    verify: lines(run, sh`hg_observed="it succeeds"`),
    converges: stamped || ((args.unless !== undefined || args.creates !== undefined) && !args.always),
    conditional: args.onlyIf !== undefined || stamped,
    withinMs: args.within,
  };
}

/** What stands before a command: a function that sets its variables and folder, and the call of it. */
interface Entering {
  readonly function: Sh;
  readonly call: Sh;
}

function entering(name: string, args: Guarded): Entering {
  const exports = Object.entries(args.env).map(([key, value]) => sh`export ${rawShell(key)}=${value}`);
  const cd = args.cwd === undefined ? undefined : sh`cd -- ${args.cwd} || exit 126`;
  const body = lines(...exports, cd);
  if (body.sh === "") return { function: body, call: rawShell(":") };
  return { function: lines(rawShell(`${name}() {`), body, rawShell(":\n}")), call: rawShell(name) };
}

function guardRun(guardText: string, args: Guarded, enter: Entering, step: StepInput, context: StepContext): Sh {
  const call = shellText(guardText, step.secret, context);
  return lines(
    enter.function,
    call.prepare,
    sh`hg_pre=${enter.call}
hg_as hg_quiet ${args.as ?? ""} ${call.argv}
hg_v=$?
hg_pre=:
return $hg_v`,
  );
}

/**
 * Words that run shell text. A text with secrets is handed over by descriptor 9, so that no process shows it among its arguments; another user
 * may read it there too.
 */
export function shellText(commandText: string, secret: boolean, context: StepContext): { readonly argv: Sh; readonly prepare?: Sh } {
  if (!secret) return { argv: sh`sh -c ${commandText}` };
  const content = context.content(new TextEncoder().encode(commandText));
  return {
    argv: sh`sh -c 'hg=$(cat <&9); exec 9<&-; eval "$hg"' 9<"$HG_VOLATILE/text"`,
    prepare: sh`hg_pour_into "$HG_VOLATILE/text" ${content} || { hg_fail "the command could not be written"; return 1; }`,
  };
}

/** A list of words as shell text. */
export function wordsText(words: readonly string[]): string {
  return `exec ${words.map(quote).join(" ")}`;
}
