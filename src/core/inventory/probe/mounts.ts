import type { ProbePart } from "./part.ts";

/**
 * Mounts: /proc/self/mountinfo (proc(5)) without the kernel's own file systems and those that container runtimes make per container.
 * Sizes by statfs through one call of `stat`, never for network file systems: a dead server would hang it.
 */
export const mountsPart: ProbePart = {
  collect: "",
  report: String.raw`
function mount_kept(target, type) {
  if (type ~ /^(proc|sysfs|devtmpfs|devpts|cgroup2?|mqueue|hugetlbfs|debugfs|tracefs|securityfs|pstore|bpf|configfs|fusectl|binfmt_misc|autofs|rpc_pipefs|nsfs|efivarfs|selinuxfs|ramfs)$/) return 0
  return target !~ /^(\/var\/lib\/(docker|containers|containerd|kubelet\/pods)|\/run\/(docker|containerd|netns|credentials))\//
}

function mount_remote(type) { return type ~ /^(nfs4?|cifs|smb3|smbfs|fuse\..*|fuse|ceph|glusterfs|9p|afs|lustre|gpfs|beegfs|ocfs2|gfs2|virtiofs)$/ }

# fields: 5 target, 6 options, then optional ones up to "-", then type, source, options of the file system
function read_mounts(  file, line, f, n, i, dash, target) {
  file = R "/proc/self/mountinfo"
  while ((getline line < file) > 0) {
    MOUNT_LINES++
    n = split(line, f, " ")
    dash = 0
    for (i = 7; i <= n && !dash; i++) if (f[i] == "-") dash = i
    if (!dash) continue
    target = unescape(f[5])
    if (!mount_kept(target, f[dash + 1]) || index(target, "\n")) { if (target in MOUNT_AT) MOUNT_GONE[MOUNT_AT[target]] = 1; continue }
    if (target in MOUNT_AT) MOUNT_GONE[MOUNT_AT[target]] = 1
    else if (MOUNTS >= 512) { MOUNTS_CUT = 1; continue }
    MOUNT_AT[target] = ++MOUNTS
    M_TARGET[MOUNTS] = target
    M_TYPE[MOUNTS] = f[dash + 1]
    M_SOURCE[MOUNTS] = unescape(f[dash + 2])
    M_OPTIONS[MOUNTS] = f[6]
    # a file system can be read-only below a mount that is not
    M_RO[MOUNTS] = ("," f[6] "," f[dash + 3] ",") ~ /,ro,/
  }
  close(file)
}

function read_sizes(  i, args, cmd, line, f, name) {
  args = ""
  for (i = 1; i <= MOUNTS; i++) if (!MOUNT_GONE[i] && !mount_remote(M_TYPE[i]) && length(args) < 60000) args = args " " sq(M_TARGET[i])
  if (args == "" || R != "") return
  cmd = "exec " BOUNDED "stat -f -c \"%S %b %a %n\"" args " 2>/dev/null"
  while ((cmd | getline line) > 0) {
    if (split(line, f, " ") < 4) continue
    name = line
    sub(/^[0-9]+ [0-9]+ [0-9]+ /, "", name)
    SIZE[name] = f[1] * f[2]
    AVAIL[name] = f[1] * f[3]
  }
  close(cmd)
}

function size_json(table_has, value) { return table_has ? sprintf("%.0f", value) : "null" }

function part_mounts(  i, t, list) {
  read_mounts()
  if (!MOUNT_LINES) return missing("mounts", "/proc/self/mountinfo cannot be read")
  read_sizes()
  if (MOUNTS_CUT) gap("mounts", "more than 512 mounts; the rest is left out")
  list = ""
  for (i = 1; i <= MOUNTS; i++) {
    if (MOUNT_GONE[i]) continue
    t = M_TARGET[i]
    list = add(list, "\n{\"source\":" js(M_SOURCE[i]) ",\"target\":" js(t) ",\"type\":" js(M_TYPE[i]) ",\"options\":" js(M_OPTIONS[i]) ",\"sizeBytes\":" size_json(t in SIZE, SIZE[t]) ",\"availBytes\":" size_json(t in AVAIL, AVAIL[t]) ",\"readOnly\":" jb(M_RO[i]) "}")
  }
  return "[" list "]"
}

# free bytes of the file system that holds a path: the longest mount target above it
function free_at(path) {
  for (;;) {
    if (path in MOUNT_AT) return size_json(path in AVAIL, AVAIL[path])
    if (path == "/" || path == "") return "null"
    sub(/\/[^\/]*$/, "", path)
    if (path == "") path = "/"
  }
}

function run_is_tmpfs(path) { return (path in MOUNT_AT) && M_TYPE[MOUNT_AT[path]] == "tmpfs" }
`,
};
