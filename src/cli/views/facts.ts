import type { ChangedFact, FactsDocument, FactsHistoryDocument } from "../../core/commands/facts.ts";
import type { Facts } from "../../core/model/facts.ts";
import { count } from "../../core/words/count.ts";
import { definitions, type Screen, table } from "../screen.ts";
import { bytesText, timeText, valueText } from "./quantities.ts";

/** What was observed on a node, by part. */
export function factsView(document: FactsDocument, screen: Screen): readonly string[] {
  const { facts, at } = document;
  if (facts === null || at === null) return [`${document.node} was never looked at: halligan discover ${document.node}`];
  return [
    `${screen.bold(document.node)} as seen ${timeText(at)}`,
    ...definitions(screen, summary(facts)),
    ...section(screen, "disks", disks(facts, screen)),
    ...section(screen, "network", nics(facts, screen)),
    ...section(screen, "mounts", mounts(facts, screen)),
    ...section(screen, "listening", listening(facts, screen)),
    ...section(
      screen,
      "not observed",
      facts.gaps.map(({ part, reason }) => `  ${part}: ${reason}`),
    ),
  ];
}

/** What changed from one observation to the next. */
export function factsHistoryView(document: FactsHistoryDocument, screen: Screen): readonly string[] {
  if (document.entries.length === 0) return [`${document.node} was never looked at: halligan discover ${document.node}`];
  return document.entries.flatMap(({ at, changed }) => [
    screen.bold(timeText(at)),
    ...(changed.length === 0 ? ["  nothing before it to compare with"] : changed.map((each) => `  ${changeLine(each, screen)}`)),
  ]);
}

/** `memory.totalBytes: 1 -> 2`. */
export function changeLine({ path, before, after }: ChangedFact, screen: Screen): string {
  const arrow = screen.unicode ? "→" : "->";
  return `${path}: ${screen.red(valueText(before))} ${arrow} ${screen.green(valueText(after))}`;
}

function section(screen: Screen, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", screen.bold(title), ...lines];
}

function summary(facts: Facts): readonly (readonly [string, string])[] {
  const { os, kernel, cpu, memory, dmi, clock, user } = facts;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ["os", os === null ? undefined : (os.name ?? `${os.id} ${os.version ?? ""}`)],
    ["kernel", kernel === null ? undefined : `${kernel.release} ${kernel.arch}`],
    ["host name", facts.fqdn ?? facts.hostname ?? undefined],
    [
      "cpu",
      cpu === null
        ? undefined
        : `${cpu.model ?? "unknown model"}, ${count(cpu.sockets, "socket")}, ${count(cpu.cores, "core")}, ${count(cpu.threads, "thread")}`,
    ],
    ["memory", memory === null ? undefined : `${bytesText(memory.totalBytes)}, swap ${bytesText(memory.swapBytes)}`],
    ["machine", dmi === null ? undefined : [dmi.vendor, dmi.product].filter((part) => part !== null).join(" ") || undefined],
    ["virtualisation", facts.virtualisation],
    ["init, packages", `${facts.init}, ${facts.packageManager}`],
    ["route", facts.defaultRoute === null ? undefined : `${facts.defaultRoute.gateway ?? "point to point"} on ${facts.defaultRoute.nic}`],
    ["clock", clock === null ? undefined : `${clock.offsetMs} ms off (within ${clock.uncertaintyMs} ms)`],
    ["probed as", user === null ? undefined : `${user.name ?? user.uid} with ${facts.shell.sh}`],
    ["free in /var", bytesText(facts.limits.varFreeBytes)],
    ["services", facts.services === null ? undefined : facts.services.join(", ") || "none"],
  ];
  return pairs.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

function disks(facts: Facts, screen: Screen): readonly string[] {
  if (facts.disks === null || facts.disks.length === 0) return [];
  return table(
    screen,
    [
      { title: "  DISK", cell: (disk) => `  ${disk.name}` },
      { title: "SIZE", cell: (disk) => bytesText(disk.sizeBytes), align: "right" },
      { title: "KIND", cell: (disk) => (disk.rotational ? "spinning" : "solid") },
      { title: "MODEL", cell: (disk) => disk.model ?? "-", flexible: true },
    ],
    facts.disks,
  );
}

function nics(facts: Facts, screen: Screen): readonly string[] {
  if (facts.nics === null || facts.nics.length === 0) return [];
  return table(
    screen,
    [
      { title: "  NIC", cell: (nic) => `  ${nic.name}` },
      { title: "STATE", cell: (nic) => nic.state },
      { title: "MAC", cell: (nic) => nic.mac ?? "-" },
      { title: "MBIT/S", cell: (nic) => String(nic.speedMbps ?? "-"), align: "right" },
      { title: "ADDRESSES", cell: (nic) => nic.addresses.join(" "), flexible: true },
    ],
    facts.nics,
  );
}

function mounts(facts: Facts, screen: Screen): readonly string[] {
  const shown = (facts.mounts ?? []).filter((mount) => mount.sizeBytes !== null && mount.sizeBytes > 0);
  if (shown.length === 0) return [];
  return table(
    screen,
    [
      { title: "  MOUNT", cell: (mount) => `  ${mount.target}`, flexible: true },
      { title: "TYPE", cell: (mount) => mount.type },
      { title: "SIZE", cell: (mount) => bytesText(mount.sizeBytes), align: "right" },
      { title: "FREE", cell: (mount) => bytesText(mount.availBytes), align: "right" },
      { title: "", cell: (mount) => (mount.readOnly ? "read-only" : "") },
    ],
    shown,
  );
}

function listening(facts: Facts, screen: Screen): readonly string[] {
  if (facts.listening === null || facts.listening.length === 0) return [];
  return table(
    screen,
    [
      { title: "  PORT", cell: (socket) => `  ${socket.proto}/${socket.port}` },
      { title: "ADDRESS", cell: (socket) => socket.address },
      { title: "PROCESS", cell: (socket) => socket.process ?? "-", flexible: true },
    ],
    facts.listening,
  );
}
