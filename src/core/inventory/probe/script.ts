import { fail } from "../../errors.ts";
import { awkAddresses } from "./addresses.ts";
import { awkBase, shellBase } from "./base.ts";
import { cpuMemoryPart } from "./cpu-memory.ts";
import { disksPart } from "./disks.ts";
import { dmiPart } from "./dmi.ts";
import { hostPart } from "./host.ts";
import { initPart } from "./init.ts";
import { mountsPart } from "./mounts.ts";
import { nicsPart } from "./nics.ts";
import { osPart } from "./os.ts";
import { packagesPart } from "./packages.ts";
import { portsPart } from "./ports.ts";
import { servicesPart } from "./services.ts";
import { virtPart } from "./virt.ts";

/** The line before the JSON document. */
export const probeBegin = "@@halligan-facts-1 begin";
/** The line after it. A document without this line was cut. */
export const probeEnd = "@@halligan-facts-1 end";

/** In the order of collection: services needs init's finding, and the clock comes last. */
const parts = [
  osPart,
  cpuMemoryPart,
  disksPart,
  mountsPart,
  nicsPart,
  dmiPart,
  virtPart,
  initPart,
  servicesPart,
  packagesPart,
  portsPart,
  hostPart,
] as const;

/** Keys of the document and the awk functions that give their JSON text, in the order of evaluation. */
const document = [
  ["os", "part_os"],
  ["kernel", "part_kernel"],
  ["hostname", "part_hostname"],
  ["fqdn", "part_fqdn"],
  ["cpu", "part_cpu"],
  ["memory", "part_memory"],
  ["disks", "part_disks"],
  ["mounts", "part_mounts"],
  ["nics", "part_nics"],
  ["defaultRoute", "part_route"],
  ["dmi", "part_dmi"],
  ["virtualisation", "part_virt"],
  ["init", "part_init"],
  ["packageManager", "part_manager"],
  ["packages", "part_packages"],
  ["services", "part_services"],
  ["listening", "part_listening"],
  ["clock", "part_clock"],
  ["user", "part_user"],
  ["tools", "part_tools"],
  ["shell", "part_shell"],
  ["limits", "part_limits"],
  ["halligan", "part_halligan"],
] as const;

const packageName = /^[A-Za-z0-9][A-Za-z0-9+._:-]*$/;

/**
 * The probe: one POSIX sh script that prints a JSON document of facts between `probeBegin` and `probeEnd`. Needs sh and awk (any),
 * uses what else is there, writes nothing, reads nothing from stdin. The last line starts it, so a script that was cut does nothing.
 *
 * For tests, the environment variable `HALLIGAN_PROBE_ROOT` names a folder in which /etc, /proc, /sys and /run are looked up.
 * Problems: `VALUE_INVALID` for a package name that no package manager would know.
 */
export function probeScript(options: { readonly packages: readonly string[] }): string {
  const packages = [...new Set(options.packages)].sort();
  const wrong = packages.filter((name) => !packageName.test(name) || name.length > 200);
  if (wrong.length > 0) {
    throw fail("VALUE_INVALID", {
      message: `${wrong.map((name) => JSON.stringify(name)).join(", ")} cannot be the name of a package.`,
      hint: "Package names have letters, digits and the characters + . _ : - only.",
    });
  }
  return withoutComments(`${shellBase}
ASKED='${packages.join(" ")}'
HALLIGAN_PROBE_PACKAGES=$ASKED; export HALLIGAN_PROBE_PACKAGES

collect() {${parts.map((part) => part.collect).join("")}}

report() {
"$@" '${awkProgram()}'
}

main() {
  if has_awk=$(command -v awk 2>/dev/null) && [ -n "$has_awk" ]; then set -- awk
  elif command -v busybox >/dev/null 2>&1; then set -- busybox awk
  else
    printf '\\n%s\\n%s\\n%s\\n' '${probeBegin}' '{"error":"no awk on this node"}' '${probeEnd}'
    return 0
  fi
  collect | report "$@"
}
main
`);
}

/** Comment lines stay in our source; they need not travel (and one apostrophe in awk text would end its quoting). */
function withoutComments(script: string): string {
  return script
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .concat("\n");
}

function awkProgram(): string {
  return `BEGIN { FS = "\\t"; BOUNDED = ENVIRON["HALLIGAN_PROBE_BOUNDED"]; init_base() }
$1 == "val" { VALUE[$2] = trim(substr($0, length($2) + 6)) }
/^@@end$/ { SECTION = ""; next }
/^@@[a-z]+$/ { SECTION = substr($0, 3); next }
${awkBase}${awkAddresses}${parts.map((part) => part.report).join("")}
END {
  read_user()
  printf "%s", "\\n${probeBegin}\\n{\\"facts\\":1"
${document.map(([key, call]) => `  print ","; printf "%s", "\\"${key}\\":" ${call}()`).join("\n")}
  print ","
  print "\\"gaps\\":[" GAPS "]}"
  print "${probeEnd}"
}
`;
}
