import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileFault } from "../../core/adapters/store/file-faults.ts";
import { recordLine, type StateRecord, summing } from "../../core/adapters/store/snapshot.ts";
import { fail } from "../../core/errors.ts";

/** The last line of a snapshot file. */
interface End {
  readonly kind: "end";
  readonly digest: string;
}

const hint = "Nothing was written. Use another backup.";

/** The lines of a snapshot file: the records as JSON, and a last line with their number and digest. */
export async function* snapshotLines({ records, sum }: ReturnType<typeof summing>): AsyncGenerator<string> {
  for await (const record of records) yield `${recordLine(record)}\n`;
  yield `${JSON.stringify({ halligan: 1, kind: "end", ...sum() })}\n`;
}

/** The records of a snapshot file. @throws `STORE_COPY` at its end, where it is not what was written; `STORE_UNAVAILABLE`. */
export async function* snapshotRecords(path: string): AsyncGenerator<StateRecord> {
  let end: End | undefined;
  const read = summing(recordsBefore((found) => (end = found)));
  yield* read.records;
  if (end === undefined) throw fail("STORE_COPY", { message: `The file ${path} has no end: it was cut.`, hint });
  if (end.digest !== read.sum().digest) throw fail("STORE_COPY", { message: `The file ${path} was changed since it was written.`, hint });

  async function* recordsBefore(ended: (end: End) => void): AsyncGenerator<StateRecord> {
    let number = 0;
    for await (const line of lines()) {
      number += 1;
      const found = parse(line, number);
      if (found.kind === "end") return ended(found);
      yield found;
    }
  }

  async function* lines(): AsyncGenerator<string> {
    try {
      yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
    } catch (error) {
      throw fileFault(error, path);
    }
  }

  function parse(line: string, number: number): StateRecord | End {
    try {
      return JSON.parse(line) as StateRecord | End;
    } catch (error) {
      throw fail("STORE_COPY", { message: `Line ${number} of ${path} is no record of a store.`, hint, error });
    }
  }
}
