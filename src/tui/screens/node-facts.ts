import { type FactsRecord, factsHistory } from "../../core/inventory/record.ts";
import { diffFacts } from "../../core/inventory/diff.ts";
import type { Facts } from "../../core/model/facts.ts";
import type { Json } from "../../core/ports.ts";
import { count } from "../../core/words/count.ts";
import { agoWords } from "../../core/words/time.ts";
import type { NodeView } from "../data/standing.ts";
import type { Topic } from "../data/topic.ts";
import { line } from "../text/line.ts";
import { type Told, gap, indent, title } from "./told.ts";
import { bytesWords } from "../../core/words/bytes.ts";

/** Observations of a node whose stable part differed from the one before, newest first. */
export function factsHistoryTopic(cluster: string, node: string): Topic<readonly FactsRecord[]> {
  return {
    key: `facts-history:${cluster}/${node}`,
    load: ({ store }) => factsHistory(store, cluster, node),
    touched: (event) => event.type === "node.seen" && event.node === node,
  };
}

/** What has changed on a node from one look to the next. */
export function historyLines(records: readonly FactsRecord[], now: number): readonly Told[] {
  if (records.length < 2) return [];
  const rows = records.slice(0, -1).flatMap((record, index): readonly Told[] => {
    const before = records[index + 1];
    const changes = before === undefined ? [] : diffFacts(before.facts, record.facts);
    const id = `seen:${record.digest}`;
    return [
      {
        id,
        line: line(
          [agoWords(now - record.observedAt), "plain"],
          [before === undefined ? "" : `, and ${agoWords(now - before.observedAt)}`, "dim"],
        ),
      },
      ...changes.slice(0, mostChanges).map(
        ({ path, before: was, after }, at): Told => ({
          id: `${id}:${at}`,
          line: indent(line([`${path}  `, "dim"], [short(was), "del"], [" -> ", "dim"], [short(after), "add"]), 2),
        }),
      ),
      ...(changes.length > mostChanges
        ? [{ id: `${id}:more`, line: indent(line([`and ${changes.length - mostChanges} more`, "dim"]), 2) }]
        : []),
    ];
  });
  return [gap("facts"), title("what has changed there"), ...rows];
}

const mostChanges = 8;

function short(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What was found on a node when it was last looked at. */
export function factLines({ facts, seenAt }: NodeView, now: number): readonly Told[] {
  if (facts === undefined) return [title("facts"), { id: "unseen", line: line(["never discovered; d looks at it", "dim"]) }];
  const pairs = factPairs(facts);
  return [
    title(`facts, seen ${seenAt === undefined ? "" : agoWords(now - seenAt)}`),
    ...pairs.map(([name, value], index): Told => ({ id: `fact:${name}:${index}`, line: line([name.padEnd(12), "dim"], value) })),
  ];
}

function factPairs(facts: Facts): readonly (readonly [string, string])[] {
  const { os, kernel, cpu, memory, dmi, limits } = facts;
  return [
    ["os", os === null ? "?" : (os.name ?? `${os.id} ${os.version ?? ""}`)],
    ["kernel", kernel === null ? "?" : `${kernel.release} ${kernel.arch}`],
    [
      "cpu",
      cpu === null
        ? "?"
        : `${count(cpu.threads, "thread")}, ${count(cpu.cores, "core")}, ${count(cpu.sockets, "socket")}  ${cpu.model ?? ""}`,
    ],
    ["memory", memory === null ? "?" : bytesWords(memory.totalBytes)],
    [
      "machine",
      `${[dmi?.vendor, dmi?.product].filter((part) => part !== null && part !== undefined).join(" ") || "?"}  (${facts.virtualisation})`,
    ],
    ["init", `${facts.init}, packages by ${facts.packageManager}`],
    ...(facts.disks ?? []).map(
      (disk) =>
        ["disk", `${disk.name}  ${bytesWords(disk.sizeBytes)}  ${disk.model ?? ""}${disk.rotational ? "  rotational" : ""}`] as const,
    ),
    ...(facts.nics ?? [])
      .filter(({ virtual, addresses }) => !virtual || addresses.length > 0)
      .map(
        (nic) =>
          [
            "nic",
            `${nic.name}  ${nic.state}  ${nic.speedMbps === null ? "" : `${nic.speedMbps} Mb/s  `}${nic.addresses.join(" ")}`,
          ] as const,
      ),
    ["root free", limits.rootFreeBytes === null ? "?" : bytesWords(limits.rootFreeBytes)],
    ["clock", facts.clock === null ? "?" : `${facts.clock.offsetMs} ms off (+-${facts.clock.uncertaintyMs})`],
    ...facts.gaps.map(({ part, reason }) => ["not seen", `${part}: ${reason}`] as const),
  ];
}
