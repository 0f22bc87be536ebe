import type { ProbePart } from "./part.ts";

/**
 * Listening sockets: /proc/net/{tcp,tcp6,udp,udp6} (proc(5)); states from include/net/tcp_states.h: 0A listen, 07 close (an unconnected
 * UDP socket). The process by the socket's inode among /proc/PID/fd: all of them as root, else only the user's own.
 */
export const portsPart: ProbePart = {
  collect: String.raw`
  if [ -z "$R" ] && has ls; then
    printf '@@fds\n'
    ls -ln /proc/[0-9]*/fd 2>/dev/null
    printf '@@end\n'
  fi
`,
  report: String.raw`
SECTION == "fds" && /^\/proc\/[0-9]+\/fd:$/ { split($0, FD_PATH, "/"); FD_PID = FD_PATH[3] }
SECTION == "fds" && /socket:\[/ { FD_AT = index($0, "socket:["); FD_INODE = substr($0, FD_AT + 8); sub(/\].*/, "", FD_INODE); if (!(FD_INODE in SOCKET_PID)) SOCKET_PID[FD_INODE] = FD_PID }

# names of the processes that listen, by one command: a process that ends while awk reads its file would end awk
function read_names(  cmd, line, i, pid, at) {
  cmd = ""
  for (i = 1; i <= LISTENING && i <= 1000; i++) {
    pid = (LISTEN_INODE[i] in SOCKET_PID) ? SOCKET_PID[LISTEN_INODE[i]] : ""
    if (pid == "" || pid in NAME_ASKED) continue
    NAME_ASKED[pid] = 1
    cmd = cmd " /proc/" pid "/comm"
  }
  if (cmd == "") return
  cmd = "exec grep . /dev/null" cmd " 2>/dev/null"
  while ((cmd | getline line) > 0) {
    at = index(line, "/comm:")
    if (at > 7) PROCESS[substr(line, 7, at - 7)] = substr(line, at + 6)
  }
  close(cmd)
}

function process_of(inode) {
  return (inode in SOCKET_PID) && (SOCKET_PID[inode] in PROCESS) ? PROCESS[SOCKET_PID[inode]] : ""
}

function read_sockets(proto, file, wanted,  line, f, at, key, found) {
  found = 0
  while ((getline line < file) > 0) {
    found = 1
    if (split(line, f, " ") < 10 || f[4] != wanted) continue
    # an unconnected UDP socket has no remote port
    if (wanted == "07" && f[3] !~ /:0000$/) continue
    split(f[2], at, ":")
    key = (length(at[1]) == 8 ? ip4_of(at[1]) : ip6_of(at[1])) "\t" hex_value(at[2])
    if ((proto, key) in SOCKET_SEEN) continue
    SOCKET_SEEN[proto, key] = 1
    if (++LISTENING > 1000) continue
    LISTEN_PROTO[LISTENING] = proto
    LISTEN_KEY[LISTENING] = key
    LISTEN_INODE[LISTENING] = f[10]
  }
  close(file)
  return found
}

function part_listening(  any, i, at, list) {
  any = read_sockets("tcp", R "/proc/net/tcp", "0A")
  any += read_sockets("tcp6", R "/proc/net/tcp6", "0A")
  any += read_sockets("udp", R "/proc/net/udp", "07")
  any += read_sockets("udp6", R "/proc/net/udp6", "07")
  if (!any) return missing("listening", "/proc/net cannot be read")
  if (EUID != 0) gap("listening.process", "processes of other users are visible to root only")
  if (LISTENING > 1000) gap("listening", "more than 1000 sockets; the rest is left out")
  read_names()
  list = ""
  for (i = 1; i <= LISTENING && i <= 1000; i++) {
    split(LISTEN_KEY[i], at, "\t")
    list = add(list, "\n{\"proto\":" js(LISTEN_PROTO[i]) ",\"address\":" js(at[1]) ",\"port\":" at[2] ",\"process\":" jso(process_of(LISTEN_INODE[i])) "}")
  }
  return "[" list "]"
}
`,
};
