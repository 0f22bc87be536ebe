/** What the machine writes by itself: kernel and run-time file systems, logs, caches, apt's lists, random seeds. */
const left = ["/proc", "/sys", "/run", "/tmp", "/dev", "/var/log", "/var/cache", "/var/lib/apt", "/var/lib/systemd", "/var/tmp"];
const pruned = `\\( ${left.map((path) => `-path ${path}`).join(" -o ")} \\) -prune`;

/** Prints every path of a machine with type, mode, owner and link target, and digests of all files, sorted; run as root on the node. */
export const everything = `{ find / -xdev ${pruned} -o -printf '%p %y %m %u:%g %l\\n'
  find / -xdev ${pruned} -o -type f -exec sha256sum {} +; } 2>/dev/null | sort`;

/**
 * What docs/day-two.md says that stays of roles that came and went: copies that the tools for users and packages make of what was there before,
 * the order of packages in dpkg's list, and the page that Debian's nginx leaves.
 */
const kept: readonly RegExp[] = [
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/u,
  /^\/var\/lib\/dpkg\/(?:status(?:-old)?|statoverride-old|diversions-old)$/u,
  /^\/var\/lib\/ucf\/(?:hashfile|registry)(?:\.\d+)?$/u,
  /^\/var\/www(?:\/html(?:\/index\.nginx-debian\.html)?)?$/u,
];

/** Paths that differ between two outputs of `everything` and that nothing documented explains, sorted. */
export function unexplained(before: string, after: string): readonly string[] {
  const was = new Set(before.split("\n"));
  const is = new Set(after.split("\n"));
  const differs = [...was].filter((line) => !is.has(line)).concat([...is].filter((line) => !was.has(line)));
  const paths = new Set(differs.map((line) => /^[\da-f]{64} {2}(.*)$/u.exec(line)?.[1] ?? line.split(" ")[0] ?? ""));
  return [...paths].filter((path) => !kept.some((each) => each.test(path))).toSorted();
}
