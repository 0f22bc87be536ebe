import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { openSqliteStore } from "../../../../src/core/adapters/store/sqlite/open.ts";
import { networkFileSystem } from "../../../../src/core/adapters/store/sqlite/place.ts";
import type { HalliganError } from "../../../../src/core/errors.ts";
import { codeOf } from "../../../contract/store-contract.ts";
import { act } from "../../../support/store-processes.ts";

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "halligan-sqlite-"));
  file = join(dir, "state.db");
});
afterEach(() => rm(dir, { recursive: true }));

const event = (n: number) => ({ type: "counted", data: { n } });

describe("opening", () => {
  test("12 processes open a new store at once", { timeout: 60_000 }, async () => {
    expect(await Promise.all(Array.from({ length: 12 }, () => act(file, "open")))).toEqual(Array.from({ length: 12 }, () => "opened"));
  });

  test("the same process may open it many times at once, and closing one does not disturb the others", async () => {
    const stores = await Promise.all(Array.from({ length: 10 }, () => openSqliteStore(file)));
    await Promise.all(stores.map((store, n) => store.append("a", [event(n)])));
    await Promise.all(stores.slice(1).map((store) => store.close()));
    await act(file, "write", 5);
    expect(await stores[0]?.read({})).toHaveLength(15);
    await stores[0]?.close();
  });

  test("folder 0700 and files 0600, also when they were open to others before", async () => {
    const folder = join(dir, "new/.halligan");
    const modes = async (): Promise<string[]> =>
      Promise.all(
        ["", "state.db", "state.db-wal", "state.db-shm", "state.db-nudge"].map(async (name) =>
          ((await stat(join(folder, name))).mode & 0o777).toString(8),
        ),
      );
    const first = await openSqliteStore(join(folder, "state.db"));
    await first.append("a", [event(1)]);
    expect(await modes()).toEqual(["700", "600", "600", "600", "600"]);
    await first.close();
    await chmod(folder, 0o755);
    await chmod(join(folder, "state.db"), 0o644);
    const second = await openSqliteStore(join(folder, "state.db"));
    await second.append("a", [event(2)]);
    expect(await modes()).toEqual(["700", "600", "600", "600", "600"]);
    await second.close();
  });

  test("a folder that is not ours alone keeps its mode", async () => {
    await chmod(dir, 0o755);
    await (await openSqliteStore(file)).close();
    expect((await stat(dir)).mode & 0o777).toBe(0o755);
  });

  test("addresses", async () => {
    for (const url of [file, `sqlite:${file}`]) await (await openStore(url)).close();
    for (const url of ["postgres://x", "sqlite:", ""]) expect(await codeOf(openStore(url))).toBe("STORE_SCHEME");
  });

  test("a newer schema and a file of another program are refused and left as they are", async () => {
    await (await openSqliteStore(file)).close();
    const db = new DatabaseSync(file);
    db.exec("UPDATE schema_version SET version = 99");
    db.close();
    expect(await codeOf(openSqliteStore(file))).toBe("STORE_NEWER");
    const foreign = join(dir, "foreign.db");
    const other = new DatabaseSync(foreign);
    other.exec("CREATE TABLE mine (x)");
    other.close();
    expect(await codeOf(openSqliteStore(foreign))).toBe("STORE_UNSUITABLE");
    const after = new DatabaseSync(foreign);
    expect(after.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "mine" }]);
    after.close();
  });

  test("network file systems are known by their type on Linux", () => {
    const names = [0x6969, 0x517b, 0xff534d42, 0xff534d42 | 0, 0xfe534d42, 0x01021997].map((type) => networkFileSystem(type, "linux"));
    expect(names).toEqual(["NFS", "SMB", "CIFS", "CIFS", "SMB2", "9p"]);
    expect([0xef53, 0x01021994, 0x9123683e, 0x58465342, 0x65735546].map((type) => networkFileSystem(type, "linux"))).toEqual(
      Array(5).fill(undefined),
    );
    expect(networkFileSystem(0x6969, "darwin")).toBeUndefined();
  });
});

describe("damage", () => {
  test("a file that is no database, or is damaged inside, is STORE_CORRUPT with a way to save what is there", async () => {
    await writeFile(file, "not a database at all ".repeat(500));
    expect(await codeOf(openSqliteStore(file))).toBe("STORE_CORRUPT");
    const damaged = join(dir, "damaged.db");
    const store = await openSqliteStore(damaged);
    for (let n = 0; n < 300; n++) await store.append(`s-${n}`, [{ type: "big", data: "x".repeat(500) }]);
    await store.close();
    const bytes = await readFile(damaged);
    await writeFile(damaged, bytes.fill(0xa5, 4096 * 2, bytes.length - 4096));
    const error: HalliganError = await openSqliteStore(damaged)
      .then(
        (opened) => opened.read({}).finally(() => opened.close()),
        (caught) => Promise.reject(caught),
      )
      .then(
        () => expect.unreachable("read a damaged store"),
        (caught) => caught,
      );
    expect(error.code).toBe("STORE_CORRUPT");
    expect(error.problems[0].hint).toContain(".recover");
  });

  test("a log whose tail was torn off or spoilt opens with what was whole", { timeout: 60_000 }, async () => {
    const store = await openSqliteStore(file);
    for (let n = 1; n <= 30; n++) await store.append("a", [event(n), event(n)]);
    const walSize = (await stat(`${file}-wal`)).size;
    const copies: string[] = [];
    for (let round = 0; round < 30; round++) {
      const copy = join(dir, `copy-${round}.db`);
      await copyFile(file, copy);
      await copyFile(`${file}-wal`, `${copy}-wal`);
      const place = Math.floor((walSize * (round + 1)) / 31);
      if (round % 3 === 0) await truncate(`${copy}-wal`, place);
      else {
        const bytes = await readFile(`${copy}-wal`);
        if (round % 3 === 1) bytes[place] = (bytes[place] ?? 0) ^ 0xff;
        else bytes.fill(0, place);
        await writeFile(`${copy}-wal`, bytes);
      }
      copies.push(copy);
    }
    await store.close();
    const kept: number[] = [];
    for (const copy of copies) {
      const opened = await openSqliteStore(copy);
      const events = await opened.read({});
      expect(events.map((each) => each.data)).toEqual(Array.from({ length: events.length }, (_, n) => ({ n: Math.floor(n / 2) + 1 })));
      expect(events.length % 2).toBe(0); // never half an append
      await opened.append("a", [event(0)], { expected: events.length });
      await opened.close();
      kept.push(events.length);
    }
    expect(new Set(kept).size).toBeGreaterThan(10); // the cuts were in different places
  });

  test("a store that is moved away while open refuses to write", async () => {
    const store = await openSqliteStore(file);
    await store.append("a", [event(1)]);
    await rename(file, `${file}.old`);
    expect(await codeOf(store.append("a", [event(2)]))).toBe("STORE_UNAVAILABLE");
    await rename(`${file}.old`, file);
    await store.append("a", [event(3)]);
    expect((await store.read({})).map((each) => each.data)).toEqual([{ n: 1 }, { n: 3 }]);
    await store.close();
  });

  test("a path that cannot be a store is STORE_UNAVAILABLE", async () => {
    await mkdir(join(dir, "folder"));
    await writeFile(join(dir, "plain"), "");
    expect(await codeOf(openSqliteStore(join(dir, "folder")))).toBe("STORE_UNAVAILABLE");
    expect(await codeOf(openSqliteStore(join(dir, "plain/state.db")))).toBe("STORE_UNAVAILABLE");
    expect(await codeOf(openSqliteStore("/proc/nothing/state.db"))).toBe("STORE_UNAVAILABLE");
  });
});

describe("another process holds the write lock", () => {
  test("writers wait without blocking the event loop and go on when it lets go", async () => {
    const store = await openSqliteStore(file);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    const appended = store.append("a", [event(1)]);
    await sleep(100);
    expect(turns).toBeGreaterThan(5);
    expect(await store.read({})).toEqual([]); // readers are not held up
    other.exec("ROLLBACK");
    expect((await appended).version).toBe(1);
    clearInterval(ticking);
    other.close();
    await store.close();
  });

  test("a lock that is never let go is STORE_UNAVAILABLE, and the store works again after it", async () => {
    const store = await openSqliteStore(file, { busyLimitMs: 50 });
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(await Promise.all([codeOf(store.append("a", [event(1)])), codeOf(store.put("c", "k", 1, 0))])).toEqual([
      "STORE_UNAVAILABLE",
      "STORE_UNAVAILABLE",
    ]);
    other.exec("ROLLBACK");
    other.close();
    await store.append("a", [event(2)], { expected: 0 });
    await store.close();
  });

  test("whoever waits for the lock of a stopped process is told which one, and how to go on", async () => {
    const store = await openSqliteStore(file, { busyLimitMs: 50 });
    const writes = `const { DatabaseSync } = require("node:sqlite"); const db = new DatabaseSync(process.argv[1]);
      db.exec("BEGIN IMMEDIATE"); console.log("writes"); setInterval(() => undefined, 1000);`;
    const writer = spawn(process.execPath, ["-e", writes, file], { stdio: ["ignore", "pipe", "inherit"] });
    await once(writer.stdout, "data");
    const { pid } = writer;
    const told = async (): Promise<unknown> =>
      ((await store.put("c", "k", 1, 0).catch((error: unknown) => error)) as HalliganError).problems[0];
    expect(await told()).toMatchObject({
      code: "STORE_UNAVAILABLE",
      cause: `Process ${pid} is in the middle of a write and does not come to its end.`,
    });
    writer.kill("SIGSTOP");
    expect(await told()).toMatchObject({
      cause: `Process ${pid} is in the middle of a write, and it is stopped (Ctrl+Z, a debugger).`,
      hint: `Let it go on with \`kill -CONT ${pid}\`, or end it with \`kill -9 ${pid}\`: nothing that was acknowledged is lost by that.`,
    });
    writer.kill("SIGKILL");
    await once(writer, "close");
    await store.put("c", "k", 1, 0);
    await store.close();
  });
});

test("large values waiting together are written in several transactions, each append whole", async () => {
  const store = await openSqliteStore(file);
  await Promise.all(Array.from({ length: 12 }, (_, n) => store.append("a", [{ type: "big", data: `${n}${"x".repeat(1_000_000)}` }])));
  const seen: string[] = [];
  const stop = new AbortController();
  for await (const each of store.subscribe({ after: 0, signal: stop.signal })) {
    seen.push(String(each.data).replace(/x+$/, ""));
    if (seen.length === 12) stop.abort();
  }
  expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => String(n)));
  await store.close();
});

test("a process that follows a store stays alive for it, and one that does not is free to end", async () => {
  const script = (rest: string): string =>
    `import { openSqliteStore } from ${JSON.stringify(new URL("../../../../src/core/adapters/store/sqlite/open.ts", import.meta.url).href)};
     const store = await openSqliteStore(${JSON.stringify(file)}); ${rest}`;
  const run = (rest: string) =>
    spawn(process.execPath, ["--input-type=module-typescript", "-e", script(rest)], { stdio: ["ignore", "pipe", "inherit"] });
  const free = run("await store.append('a', [{ type: 't', data: 1 }]);");
  expect(await once(free, "close")).toEqual([0, null]);
  const follower = run(
    "for await (const e of store.subscribe({ after: 1, signal: new AbortController().signal })) { console.log(e.stream); break; } await store.close();",
  );
  const said = once(follower.stdout, "data");
  await sleep(400);
  const store = await openSqliteStore(file);
  await store.append("news", [event(1)]);
  expect(String((await said)[0])).toBe("news\n");
  expect(await once(follower, "close")).toEqual([0, null]);
  await store.close();
});
