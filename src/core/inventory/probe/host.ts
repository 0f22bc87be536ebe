import type { ProbePart } from "./part.ts";

/** Commands whose presence is reported. */
const probedTools = [
  "awk",
  "bash",
  "busybox",
  "curl",
  "docker",
  "git",
  "ip",
  "node",
  "perl",
  "podman",
  "python3",
  "rsync",
  "setsid",
  "sha256sum",
  "ss",
  "start-stop-daemon",
  "sudo",
  "systemctl",
  "tar",
  "timeout",
  "unzip",
  "wget",
  "xz",
  "zstd",
] as const;

/** Who the probe runs as, tools, shells, room to write, what Halligan left on the node, and the clock (read last). */
export const hostPart: ProbePart = {
  collect: String.raw`
  for c in ${probedTools.join(" ")}; do
    if has "$c"; then printf 'tool\t%s\ttrue\n' "$c"; else printf 'tool\t%s\tfalse\n' "$c"; fi
  done
  k=unknown
  for c in dash bash busybox ksh mksh; do
    for d in "$R/bin" "$R/usr/bin"; do [ "$R/bin/sh" -ef "$d/$c" ] && k=$c; done
  done
  printf 'sh\t%s\n' "$k"
  w=false
  [ -w "$R/run" ] && w=true
  printf 'run\t%s\n' "$w"
  for d in "$R/var/lib/halligan" "$R$HOME/.halligan"; do
    for j in "$d"/jobs/*; do
      [ -d "$j" ] && printf 'job\t%s\t%s\n' "$d" "$j"
    done
  done
  printf 'clock\t'
  date +%s.%N 2>/dev/null || printf '\n'
`,
  report: String.raw`
$1 == "tool" { TOOL_LIST = add(TOOL_LIST, js($2) ":" $3) }
$1 == "sh" { SH_KIND = $2 }
$1 == "run" { RUN_WRITABLE = $2 }
$1 == "job" { JOBS++; JOB_ROOT[JOBS] = $2; JOB[JOBS] = base_name($3) }
$1 == "clock" { CLOCK = $2 }

# effective uid, from this process itself
function read_user(  file, line, f) {
  EUID = ""
  file = "/proc/self/status"
  while (EUID == "" && (getline line < file) > 0) if (index(line, "Uid:") == 1) { split(line, f, /[ \t]+/); EUID = f[3] }
  close(file)
  file = R "/etc/passwd"
  while (USER_NAME == "" && (getline line < file) > 0) {
    if (split(line, f, ":") < 7 || f[3] != EUID) continue
    USER_NAME = f[1]
    USER_SHELL = f[7]
  }
  close(file)
  # accounts of a directory service are not in the file
  if (USER_NAME == "") USER_NAME = ENVIRON["USER"]
  if (USER_SHELL == "") USER_SHELL = ENVIRON["SHELL"]
}

function part_user() {
  if (EUID == "") return missing("user", "/proc/self/status cannot be read")
  return "{\"name\":" jso(USER_NAME) ",\"uid\":" EUID "}"
}

function part_tools() { return "{" TOOL_LIST "}" }
function part_shell() { return "{\"login\":" jso(USER_SHELL) ",\"sh\":" js(SH_KIND) "}" }

function part_limits() {
  return "{\"rootFreeBytes\":" free_at("/") ",\"varFreeBytes\":" free_at("/var") ",\"runWritable\":" RUN_WRITABLE ",\"runTmpfs\":" jb(run_is_tmpfs("/run")) "}"
}

function part_halligan(  dir, i, list) {
  dir = EUID == 0 ? "/var/lib/halligan" : ENVIRON["HOME"] "/.halligan"
  list = ""
  for (i = 1; i <= JOBS && i <= 1000; i++) if (JOB_ROOT[i] == R dir) list = add(list, js(JOB[i]))
  return "{\"stateDir\":" js(dir) ",\"jobs\":[" list "]}"
}

# a date without %N prints the letter; then the resolution is a second
function part_clock(  f, n) {
  n = split(CLOCK, f, ".")
  if (f[1] !~ /^[0-9]+$/) return missing("clock", "no date command")
  if (n < 2 || f[2] !~ /^[0-9][0-9][0-9][0-9]*$/) return "{\"epochMs\":" f[1] "000,\"resolutionMs\":1000}"
  return "{\"epochMs\":" f[1] substr(f[2], 1, 3) ",\"resolutionMs\":1}"
}
`,
};
