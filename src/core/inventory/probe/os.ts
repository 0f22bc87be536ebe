import type { ProbePart } from "./part.ts";

/** Operating system, kernel and names: /etc/os-release (os-release(5)), /proc/sys/kernel, /etc/hosts. */
export const osPart: ProbePart = {
  collect: String.raw`
  if [ ! -r "$R/proc/sys/kernel/arch" ] && [ -z "$R" ] && has uname; then
    printf 'arch\t'; uname -m || echo
  fi
`,
  report: String.raw`
$1 == "arch" { UNAME_ARCH = $2 }

# a value of os-release: unquoted, or quoted as sh does it
function unquote(s,  q, out, i, c) {
  s = trim(s)
  q = substr(s, 1, 1)
  if (q != "\"" && q != "\047") return s
  s = substr(s, 2)
  if (substr(s, length(s), 1) == q) s = substr(s, 1, length(s) - 1)
  if (q == "\047") return s
  out = ""
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == "\\") { i++; c = substr(s, i, 1) }
    out = out c
  }
  return out
}

function part_os(  file, line, eq, like, i, n, list) {
  file = R "/etc/os-release"
  if ((getline line < file) <= 0) { close(file); file = R "/usr/lib/os-release"; if ((getline line < file) <= 0) line = "" }
  do {
    eq = index(line, "=")
    if (eq > 1 && line !~ /^[ \t]*#/) OS[trim(substr(line, 1, eq - 1))] = unquote(substr(line, eq + 1))
  } while ((getline line < file) > 0)
  close(file)
  if (OS["ID"] == "") return missing("os", "no readable os-release file with an ID")
  n = split(OS["ID_LIKE"], like, " ")
  list = ""
  for (i = 1; i <= n; i++) list = add(list, js(like[i]))
  return "{\"id\":" js(OS["ID"]) ",\"idLike\":[" list "],\"version\":" jso(OS["VERSION_ID"]) ",\"codename\":" jso(OS["VERSION_CODENAME"]) ",\"name\":" jso(OS["PRETTY_NAME"]) "}"
}

function part_kernel(  release) {
  release = first("/proc/sys/kernel/osrelease")
  ARCH = first("/proc/sys/kernel/arch")
  if (ARCH == "") ARCH = UNAME_ARCH
  if (release == "" || ARCH == "") return missing("kernel", "/proc/sys/kernel cannot be read")
  return "{\"release\":" js(release) ",\"arch\":" js(ARCH) "}"
}

function part_hostname() {
  HOST = first("/proc/sys/kernel/hostname")
  return HOST == "" ? missing("hostname", "/proc/sys/kernel/hostname cannot be read") : js(HOST)
}

# without asking DNS, which may hang: the host name itself or /etc/hosts
function part_fqdn(  file, line, name, n, i, found) {
  if (index(HOST, ".")) return js(HOST)
  file = R "/etc/hosts"
  found = ""
  while (HOST != "" && found == "" && (getline line < file) > 0) {
    sub(/#.*/, "", line)
    n = split(line, name, " ")
    for (i = 2; i <= n; i++) if (name[i] == HOST && index(name[2], ".")) found = name[2]
  }
  close(file)
  return jso(found)
}
`,
};
