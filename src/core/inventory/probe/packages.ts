import type { ProbePart } from "./part.ts";

/**
 * Package manager, and the versions of the packages that were asked for (`$ASKED`: names separated by spaces, safe characters only).
 * apk's database is read as a file; dpkg and rpm are asked once for all names.
 */
export const packagesPart: ProbePart = {
  collect: String.raw`
  if has apt-get; then p=apt
  elif has dnf; then p=dnf
  elif has yum; then p=yum
  elif has zypper; then p=zypper
  elif has apk; then p=apk
  else p=none; fi
  printf 'manager\t%s\n' "$p"
  if [ -n "$ASKED" ]; then
    case $p in
      apt) bounded dpkg-query --admindir="$R/var/lib/dpkg" -W -f 'pkg\t$'{Package}'\t$'{Version}'\t$'{Status}'\n' $ASKED 2>/dev/null ;;
      dnf | yum | zypper) bounded rpm --root "$R/" -q --qf 'pkg\t%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\tinstalled\n' $ASKED 2>/dev/null ;;
    esac
    printf 'pkgexit\t%s\n' $?
  fi
`,
  report: String.raw`
$1 == "manager" { MANAGER = $2 }
# dpkg-query ends with 1 when a package is unknown; rpm with the number of such packages
$1 == "pkgexit" { PKG_FAILED = MANAGER == "apt" ? $2 > 1 : ($2 >= 124) }
# a package without a version, or only its configuration left, is not installed
$1 == "pkg" && $3 != "" && $4 ~ /installed$/ && $4 !~ /not-installed$/ { VERSION[$2] = $3 }

function read_apk(  file, line, name) {
  file = R "/lib/apk/db/installed"
  while ((getline line < file) > 0) {
    if (index(line, "P:") == 1) name = substr(line, 3)
    else if (index(line, "V:") == 1) VERSION[name] = substr(line, 3)
  }
  close(file)
}

function part_manager() { return js(MANAGER) }

function part_packages(  asked, n, i, list, name) {
  n = split(ENVIRON["HALLIGAN_PROBE_PACKAGES"], asked, " ")
  if (n == 0) return "{}"
  if (MANAGER == "none") return missing("packages", "no package manager that is known")
  if (MANAGER == "apk") read_apk()
  else if (PKG_FAILED) return missing("packages", "the package database did not answer")
  list = ""
  for (i = 1; i <= n; i++) {
    name = asked[i]
    if (!(name in VERSION)) sub(/:.*/, "", name)
    list = add(list, js(asked[i]) ":" (name in VERSION ? js(VERSION[name]) : "null"))
  }
  return "{" list "}"
}
`,
};
