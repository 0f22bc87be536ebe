import { posix, quote } from "./quote.ts";

/** A service whose unit Halligan writes itself. */
export interface ManagedService {
  readonly name: string;
  /** Shell text of the program; it stays in the foreground. */
  readonly exec: string;
  readonly user: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string | undefined;
}

/** The unit for systemd. The program is started through `run`, so that no quoting rules but the shell's apply. */
export function systemdUnit(service: ManagedService, runFile: string): string {
  return `# Written by Halligan; the next apply overwrites changes.
[Unit]
Description=${service.name}
After=network-online.target
Wants=network-online.target

[Service]
Type=simple
ExecStart=/bin/sh ${runFile}
${service.user === undefined ? "" : `User=${service.user}\n`}Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
}

/** A command that systemd starts by schedule. */
export interface TimedJob {
  readonly name: string;
  readonly user: string | undefined;
  /** Calendar expressions of systemd.time(7). */
  readonly schedule: readonly string[];
  readonly everyMs: number | undefined;
  readonly persistent: boolean;
  readonly spreadMs: number;
}

/** The two units of a job by schedule. It is started through `run`, so that no quoting rules but the shell's apply. */
export function timerUnits(job: TimedJob, runFile: string): { readonly service: string; readonly timer: string } {
  const head = "# Written by Halligan; the next apply overwrites changes.\n[Unit]\n";
  const seconds = (ms: number): string => `${ms / 1000}s`;
  const when = [
    ...job.schedule.map((each) => `OnCalendar=${each}`),
    ...(job.everyMs === undefined ? [] : [`OnActiveSec=${seconds(job.everyMs)}`, `OnUnitActiveSec=${seconds(job.everyMs)}`]),
    ...(job.persistent ? ["Persistent=true"] : []),
    ...(job.spreadMs === 0 ? [] : [`RandomizedDelaySec=${seconds(job.spreadMs)}`]),
    "AccuracySec=1s",
  ];
  return {
    service: `${head}Description=${job.name}\n\n[Service]\nType=oneshot\nExecStart=/bin/sh ${runFile}\n${job.user === undefined ? "" : `User=${job.user}\n`}`,
    timer: `${head}Description=${job.name}\n\n[Timer]\n${when.join("\n")}\n\n[Install]\nWantedBy=timers.target\n`,
  };
}

/** The LSB script for sysvinit. */
export function initScript(service: ManagedService, runFile: string): string {
  const chuid = service.user === undefined ? "" : ` --chuid ${quote(service.user)}`;
  return `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${service.name}
# Required-Start:    $remote_fs $network
# Required-Stop:     $remote_fs $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: ${service.name}
### END INIT INFO
# Written by Halligan; the next apply overwrites changes.
pidfile=/run/${service.name}.halligan.pid
start() {
  start-stop-daemon --start --quiet --oknodo --background --make-pidfile --pidfile "$pidfile"${chuid} --startas /bin/sh -- ${runFile}
}
stop() {
  start-stop-daemon --stop --quiet --oknodo --retry TERM/10/KILL/5 --pidfile "$pidfile" --remove-pidfile
}
case "$1" in
  start) start ;;
  stop) stop ;;
  restart | force-reload) stop; start ;;
  status) start-stop-daemon --status --pidfile "$pidfile" ;;
  *) echo "usage: $0 start|stop|restart|force-reload|status" >&2; exit 2 ;;
esac
`;
}

/** The script for OpenRC, whose supervise-daemon keeps the program running. */
export function openrcScript(service: ManagedService, runFile: string): string {
  return `#!/sbin/openrc-run
# Written by Halligan; the next apply overwrites changes.
description=${quote(service.name)}
supervisor=supervise-daemon
command=/bin/sh
command_args=${quote(runFile)}
${service.user === undefined ? "" : `command_user=${quote(service.user)}\n`}respawn_delay=1
depend() {
  use net
}
`;
}

/** The file that starts the program: environment and folder, then `exec`. Also started by our own supervisor, which changes the user itself. */
export function runScript(service: ManagedService): string {
  const exports = Object.entries(service.env).map(([key, value]) => `export ${key}=${quote(value)}\n`);
  const cd = service.workdir === undefined ? "" : `cd -- ${quote(service.workdir)} || exit 1\n`;
  const simple = /^[A-Za-z0-9_./:=@%+, -]+$/u.test(service.exec);
  return `#!/bin/sh
# Written by Halligan; the next apply overwrites changes.
${exports.join("")}${cd}${simple ? "exec " : ""}${service.exec}
`;
}

/**
 * The supervisor for nodes without an init system: `sh supervise FOLDER RUNFILE USER`. It starts the program in a session of its own, starts it again when it
 * ends (after 1 s, doubling to 60 s; 10 s of life reset that), keeps the log under 1 MiB, and stops it by TERM, then KILL after 10 s.
 * `pid` and `child` hold `<pid> <start ticks>`.
 */
export const supervisor = posix`#!/bin/sh
cd "$1" || exit 1
run=$2 user=$3
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
trap '' HUP
ticks() {
  read -r stat <"/proc/$1/stat" || return 1
  set -- \${stat##*) }
  echo "\${20}"
}
now() {
  read -r up rest </proc/uptime
  echo "\${up%.*}"
}
launch() {
  umask 022
  trap - HUP TERM
  if [ -z "$user" ]; then exec $fresh setsid sh "$run"; fi
  if setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups true 2>/dev/null; then
    exec $fresh setsid setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups sh "$run"
  fi
  if command -v runuser >/dev/null; then exec $fresh setsid runuser -u "$user" -- sh "$run"; fi
  exec $fresh setsid su -s /bin/sh "$user" -c 'exec sh "$0"' "$run"
}
finish() {
  stopping=1
  trap '' TERM INT
  if [ -n "$child" ]; then
    kill -TERM -"$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null
    waited=0
    while kill -0 -"$child" 2>/dev/null && [ "$waited" -lt 50 ]; do
      sleep 0.2 2>/dev/null || sleep 1
      waited=$((waited + 1))
    done
    kill -KILL -"$child" 2>/dev/null
  fi
  [ -z "$keeper" ] || kill "$keeper" 2>/dev/null
  rm -f pid child
  exit 0
}
fresh=
# What a shell starts in the background ignores INT and QUIT, and only coreutils can undo that.
if env --default-signal=INT true 2>/dev/null; then fresh="env --default-signal=HUP,INT,QUIT,PIPE,TERM"; fi
child= keeper= stopping=
trap finish TERM INT
echo "$$ $(ticks $$)" >pid.new && mv -f pid.new pid
(
  trap 'kill "$nap" 2>/dev/null; exit 0' TERM
  while [ -e pid ]; do
    sleep 10 &
    nap=$!
    wait "$nap"
    size=$(wc -c <log) || continue
    if [ "$size" -gt 1048576 ]; then
      tail -c 262144 log >log.old
      : >log
    fi
  done
) &
keeper=$!
delay=1
while :; do
  began=$(now)
  launch >>log 2>&1 </dev/null &
  child=$!
  sleep 0.05 2>/dev/null
  echo "$child $(ticks "$child")" >child.new 2>/dev/null && mv -f child.new child
  wait "$child"
  code=$?
  kill -KILL -"$child" 2>/dev/null
  child=
  rm -f child
  if [ $(($(now) - began)) -ge 10 ]; then delay=1; fi
  echo "halligan: ended with exit code $code, starting again in $delay s" >>log
  sleep "$delay" &
  wait $!
  delay=$((delay * 2))
  [ "$delay" -le 60 ] || delay=60
done
`;
