import { z } from "zod";
import { flag, oneLine } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  name: oneLine.min(1).default("machine").describe("What others call this step in notify."),
  on: z
    .enum(["needed", "notify", "always"])
    .default("needed")
    .describe(
      "needed: when the machine asks for it (/run/reboot-required, /run/reboot-needed) or a newer kernel is installed than runs; always: at each apply, to be bounded with `when`; notify: only so. A notification counts with each.",
    ),
  kernel: flag
    .default(true)
    .describe("With needed: also look for a newer kernel in /boot. False for machines that boot an older one on purpose."),
});

const prelude = posix`
hg_reboot_needed() {
  hg_reboot_why=
  for hg_a in /run/reboot-required /run/reboot-needed; do
    if [ -e "$hg_a" ]; then hg_reboot_why="$hg_a is there"; return 0; fi
  done
  [ "$1" = true ] && hg_reboot_kernel
}

hg_kernel_flavour() {
  hg_v=$1
  while :; do
    case $hg_v in
      [0-9]*-*) hg_v=\${hg_v#*-} ;;
      [0-9]*) hg_v=\${hg_v##*.}; return ;;
      *) return ;;
    esac
  done
}

hg_reboot_kernel() {
  read -r hg_c </proc/sys/kernel/osrelease
  [ -e "/boot/vmlinuz-$hg_c" ] || return 1
  hg_kernel_flavour "$hg_c"
  hg_b=$hg_v hg_o=
  set +f
  set -- /boot/vmlinuz-[0-9]*
  set -f
  for hg_a in "$@"; do
    hg_kernel_flavour "\${hg_a#/boot/vmlinuz-}"
    [ "$hg_v" != "$hg_b" ] || hg_o="$hg_o\${hg_a#/boot/vmlinuz-}$hg_nl"
  done
  hg_o=$(printf %s "$hg_o" | sort -V 2>/dev/null | tail -n 1)
  if [ -z "$hg_o" ] || [ "$hg_o" = "$hg_c" ]; then return 1; fi
  hg_reboot_why="kernel $hg_o is installed, $hg_c runs"
}

hg_reboot_check() {
  if [ "$1" = always ]; then hg_want change "each time"; hg_diff machine running rebooted; return; fi
  if [ "$1" = needed ] && [ "$2" = 0 ]; then
    hg_want change "\${hg_reboot_why:-needed}"
    hg_diff machine running rebooted
    return
  fi
  hg_none "not needed"
  [ "$1" = needed ] || return 0
  eval "hg_a=\$C_$hg_index hg_mark=\$M_$hg_index"
  if [ -n "$hg_mark" ]; then
    case $hg_told in *" \${hg_mark#pending/} "*) return 0 ;; esac
  fi
  [ -z "$hg_a" ] || return 0
  for hg_b in $hg_steps; do
    [ "$hg_b" != "$hg_index" ] || return 0
    eval "hg_a=\$C_$hg_b"
    if [ "\${hg_a:-none}" != none ]; then hg_want unknown "the steps before it may make it necessary"; return 0; fi
  done
}

hg_reboot_possible() {
  [ "$hg_euid" = 0 ] || { hg_fail "rebooting needs root: set become: sudo for this node"; return 1; }
  read -r hg_a </proc/1/comm
  hg_o=$(stat -L -c %d:%i / 2>/dev/null)
  hg_v=$(stat -L -c %d:%i /proc/1/root/. 2>/dev/null)
  case $hg_a in
    systemd | init | openrc-init | runit | s6-svscan | busybox) [ "$hg_o" != "$hg_v" ] || return 0 ;;
  esac
  hg_fail "this is no machine of its own but a container or a view of another machine: it cannot be rebooted from inside"
}

hg_reboot_apply() {
  hg_reboot_possible || return 1
  hg_v=$(date +%s)
  printf '%s\n' "$hg_index $1 $hg_v $hg_boot" >"$HG_JOB/reboot.new" && mv -f -- "$HG_JOB/reboot.new" "$HG_JOB/reboot" ||
    { hg_fail "the reboot could not be noted in the job's folder"; return 1; }
  hg_frame "reboot $hg_index $hg_limit" ''
  sync
  if [ -d /run/systemd/system ]; then set -- systemctl reboot
  elif command -v reboot >/dev/null 2>&1; then set -- reboot
  else set -- shutdown -r now
  fi
  hg_try "$@" || { rm -f -- "$HG_JOB/reboot"; return 1; }
  hg_clock
  hg_until=$((hg_now + hg_limit * 1000))
  while [ "$hg_now" -lt "$hg_until" ]; do
    sleep 1
    hg_clock
  done
  rm -f -- "$HG_JOB/reboot"
  hg_status=timeout
  hg_fail "it was told to reboot and was still up after \${hg_limit}s"
}
`;

/** A reboot, after which the node-role goes on. */
export const rebootKind: StepKind<typeof schema> = {
  kind: "reboot",
  summary: "Reboots the machine when it is needed; the steps after it go on once it is back. timeout is the time it has for that.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { on: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => `reboot ${{ needed: "if needed", notify: "when notified", always: "always" }[args.on]}`,
  readOnly: false,
  onlyInSteps: true,
  undo: { class: "none", means: "A reboot cannot be taken back." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [
    { title: "After packages, if the machine says so", yaml: "reboot: needed" },
    { title: "When a kernel argument changed", yaml: "reboot: { name: for-grub, on: notify }" },
    { title: "On machines that boot an older kernel on purpose", yaml: "reboot: { on: needed, kernel: false }" },
  ],
  prelude,
  compile(args, _step, context) {
    const guard = context.guard({ text: "reboot needed", run: sh`hg_reboot_needed ${String(args.kernel)}` });
    return {
      check: sh`hg_reboot_check ${args.on} "$q_${guard}"`,
      apply: sh`hg_reboot_apply apply`,
      notify: sh`hg_reboot_apply notify`,
      converges: args.on === "needed",
    };
  },
};
