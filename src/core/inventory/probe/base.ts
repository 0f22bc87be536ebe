/**
 * Shell helpers. `HALLIGAN_PROBE_ROOT` (tests only) names a folder that stands for `/` when files are read; commands that can only
 * describe the running machine are not called then.
 */
export const shellBase = String.raw`
LC_ALL=C; LANG=C; export LC_ALL LANG
unset CDPATH IFS
umask 077
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
R=$HALLIGAN_PROBE_ROOT; export HALLIGAN_PROBE_ROOT

# is there such a command? With a root prefix only that tree counts.
has() {
  if [ -z "$R" ]; then command -v "$1" >/dev/null 2>&1; return; fi
  [ -x "$R/usr/bin/$1" ] || [ -x "$R/bin/$1" ] || [ -x "$R/usr/sbin/$1" ] || [ -x "$R/sbin/$1" ]
}

# a command that may hang gets five seconds, where timeout exists
bounded() {
  if [ -n "$have_timeout" ]; then timeout 5 "$@"; else "$@"; fi
}
# first lines of files of the kernel, as records; the shell reads them because a read error (a NIC without link has no speed) ends mawk
tell() {
  for f in "$@"; do
    v=
    { read -r v <"$f"; } 2>/dev/null
    [ -n "$v" ] && printf 'val\t%s\t%s\n' "$f" "$v"
  done
}
have_timeout=
HALLIGAN_PROBE_BOUNDED=; export HALLIGAN_PROBE_BOUNDED
has timeout && have_timeout=1 && HALLIGAN_PROBE_BOUNDED="timeout 5 "
`;

/** awk helpers: JSON text from arbitrary bytes, reading files, gaps. Works in mawk, gawk and busybox awk. */
export const awkBase = String.raw`
function init_base(  i) {
  for (i = 1; i < 256; i++) ORD[sprintf("%c", i)] = i
  HEX = "0123456789abcdef"
  R = ENVIRON["HALLIGAN_PROBE_ROOT"]
  GAPS = ""
}

# how many continuation bytes follow at i for a well-formed UTF-8 character; 0 = not well-formed (RFC 3629, table in section 4)
function utf8_tail(s, i,  a, b, n, k, c) {
  a = ORD[substr(s, i, 1)]
  b = ORD[substr(s, i + 1, 1)]
  if (a >= 194 && a <= 223) n = 1
  else if (a >= 224 && a <= 239) n = 2
  else if (a >= 240 && a <= 244) n = 3
  else return 0
  if (a == 224 && b < 160 || a == 237 && b > 159 || a == 240 && b < 144 || a == 244 && b > 143) return 0
  for (k = 1; k <= n; k++) {
    c = ORD[substr(s, i + k, 1)]
    if (c < 128 || c > 191) return 0
  }
  return n
}

# JSON string; bytes that are no UTF-8 become U+FFFD
function js(s,  out, n, i, c, b, k) {
  if (s ~ /^[ !#-Z_a-z^{|}~]*$/) return "\"" s "\""
  n = length(s)
  out = ""
  for (i = 1; i <= n; i++) {
    c = substr(s, i, 1)
    b = ORD[c] + 0
    if (c == "\"" || c == "\\") out = out "\\" c
    else if (b < 32 || b == 127) out = out "\\u00" substr(HEX, int(b / 16) + 1, 1) substr(HEX, b % 16 + 1, 1)
    else if (b < 128) out = out c
    else if ((k = utf8_tail(s, i)) > 0) { out = out substr(s, i, k + 1); i += k }
    else out = out "\\ufffd"
  }
  return "\"" out "\""
}

# JSON string, null when empty
function jso(s) { return s == "" ? "null" : js(s) }

# JSON integer, null when not one
function jn(s) { return s ~ /^-?[0-9]+$/ ? sprintf("%.0f", s) : "null" }

function jb(x) { return x ? "true" : "false" }

function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t\r]+$/, "", s); return s }

function gap(part, reason) { GAPS = GAPS (GAPS == "" ? "" : ",") "{\"part\":" js(part) ",\"reason\":" js(reason) "}" }

# a part that could not be had: null, and why
function missing(part, reason) { gap(part, reason); return "null" }

# what tell() of the shell read; "" when it could not
function sys(path) { return (path in VALUE) ? VALUE[path] : "" }

# first line of a file below the root prefix; "" when it cannot be read
function first(path,  line) { return first_of(R path) }
function first_of(path,  line) {
  line = ""
  if ((getline line < path) <= 0) line = ""
  close(path)
  return trim(line)
}

function base_name(path) { sub(/^.*\//, "", path); return path }

# joins list elements that add() collected
function add(list, element) { return list (list == "" ? "" : ",") element }

# quotes for sh
function sq(s) { gsub(/\047/, "\047\\\047\047", s); return "\047" s "\047" }

# \040 and the like, as the kernel writes mount tables
function unescape(s,  out, i) {
  out = ""
  while ((i = match(s, /\\[0-7][0-7][0-7]/)) > 0) {
    out = out substr(s, 1, i - 1) sprintf("%c", substr(s, i + 1, 1) * 64 + substr(s, i + 2, 1) * 8 + substr(s, i + 3, 1))
    s = substr(s, i + 4)
  }
  return out s
}
`;
