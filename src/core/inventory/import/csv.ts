import { type CsvRecord, readCsv, splitList } from "./csv-text.ts";
import { finish } from "./finish.ts";
import { readHops } from "./hops.ts";
import { type FoundHost, type Imported, nameList, Notes, short } from "./imported.ts";
import type { SourceFile } from "./sources.ts";

/** Columns with a meaning, by what people call them; the first that is there and not yet taken counts. */
const columns = {
  name: ["name", "node", "inventoryhostname", "hostname", "host", "server", "machine"],
  address: ["address", "ip", "ipaddress", "ipv4", "addr", "ansiblehost", "fqdn", "hostname", "host", "ipv6"],
  port: ["port", "sshport", "ansibleport"],
  user: ["user", "username", "login", "sshuser", "ansibleuser", "remoteuser"],
  key: ["key", "keys", "keyfile", "sshkey", "identityfile", "privatekey", "privatekeyfile"],
  jump: ["jump", "proxyjump", "bastion", "jumphost"],
  become: ["become"],
  labels: ["labels", "tags", "groups"],
} as const;

type Column = keyof typeof columns;

/** Makes nodes of tables: one row per machine, a header with names. Columns that mean nothing else are labels. Never throws. */
export function importCsv(sources: readonly SourceFile[]): Imported {
  const notes = new Notes();
  return finish(
    sources.flatMap((source) => readTable(source, notes)),
    notes,
  );
}

function readTable({ file, text }: SourceFile, notes: Notes): readonly FoundHost[] {
  const { records, openLine } = readCsv(text);
  if (openLine !== undefined) notes.add("unread", { file, line: openLine }, "A quote is never closed; all that follows it is in one cell.");
  const [head, ...rows] = records;
  if (head === undefined) return [];
  const map = headerMap(head, file, notes);
  if (map === undefined) return [];
  return rows.flatMap((row) => {
    if (row.cells.length > head.cells.length)
      notes.add(
        "left",
        { file, line: row.line },
        `The row has ${row.cells.length} cells, the header ${head.cells.length}; the others are not read.`,
      );
    return readRow(row, map, file, notes);
  });
}

interface HeaderMap {
  readonly places: Partial<Readonly<Record<Column, number>>>;
  readonly labels: readonly (readonly [string, number])[];
}

function headerMap(head: CsvRecord, file: string, notes: Notes): HeaderMap | undefined {
  const at = { file, line: head.line };
  const written = head.cells.map((cell) => cell.trim());
  const plain = written.map((cell) => (cell.startsWith("label:") ? "" : cell.toLowerCase().replaceAll(/[^a-z0-9]/gu, "")));
  const places: Partial<Record<Column, number>> = {};
  const taken = new Set<number>();
  for (const column of Object.keys(columns) as Column[]) {
    const place = columns[column]
      .map((name) => plain.findIndex((cell, index) => cell === name && !taken.has(index)))
      .find((index) => index !== -1);
    if (place === undefined) continue;
    places[column] = place;
    taken.add(place);
  }
  if (places.name === undefined) {
    notes.add("unread", at, "No column is called `name`, so this is no table of machines; the first line must be a header.");
    return undefined;
  }
  const secrets = written.filter((cell, index) => !taken.has(index) && isSecret(cell));
  if (secrets.length > 0) notes.add("left", at, `Columns that look like secrets are not carried over: ${nameList(secrets)}.`);
  const labels = written.flatMap((cell, index) => {
    if (taken.has(index) || isSecret(cell) || cell === "") return [];
    const label = cell.startsWith("label:") ? cell.slice(6) : cell;
    return [[label, index] as const];
  });
  return { places, labels };
}

/** Without `label:`, a column of such a name is never shown and never becomes a label. */
function isSecret(header: string): boolean {
  return !header.startsWith("label:") && /pass|secret|token|credential|api.?key|pwd/iu.test(header);
}

function readRow(row: CsvRecord, { places, labels }: HeaderMap, file: string, notes: Notes): readonly FoundHost[] {
  const at = { file, line: row.line };
  const cell = (column: Column): string | undefined => {
    const place = places[column];
    const text = place === undefined ? undefined : row.cells[place];
    return text === undefined || text === "" ? undefined : text;
  };
  const [name, port, user, become] = [cell("name"), cell("port"), cell("user"), cell("become")?.toLowerCase()];
  if (name === undefined) {
    notes.add("node-left", at, "The row has no name, so it is no node.");
    return [];
  }
  const found = new Map<string, string>();
  for (const part of (cell("labels") ?? "").split(/[\s,;]+/u)) {
    const cut = part.indexOf("=");
    if (part !== "") found.set(cut > 0 ? part.slice(0, cut) : part, cut > 0 ? part.slice(cut + 1) : "true");
  }
  for (const [label, place] of labels) {
    const value = row.cells[place] ?? "";
    if (value === "") continue;
    if (found.has(label)) notes.add("left", at, `The label ${short(label)} is set twice; the first one counts.`);
    else found.set(label, value);
  }
  const rights = become === undefined ? undefined : /^(sudo|true|yes|1)$/u.test(become) ? "sudo" : "none";
  return [
    {
      name,
      address: cell("address") ?? name,
      ...(port === undefined ? {} : { port }),
      ...(user === undefined ? {} : { user }),
      keys: splitList(cell("key") ?? ""),
      ...(rights === undefined ? {} : { become: rights }),
      jump: readHops(cell("jump") ?? ""),
      labels: found,
      at,
    },
  ];
}
