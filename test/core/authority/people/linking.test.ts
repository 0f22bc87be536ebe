import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { identify } from "../../../../src/core/authority/authorise.ts";
import {
  judgeCode,
  type LinkingDeps,
  linkLifetimeMs,
  offerLink,
  removeLink,
  useCode,
} from "../../../../src/core/authority/people/linking.ts";
import { peopleStream, readLinks, withLinks } from "../../../../src/core/authority/people/links.ts";
import { HalliganError } from "../../../../src/core/errors.ts";
import { toStored } from "../../../../src/core/journal/events.ts";
import type { Store } from "../../../../src/core/ports.ts";
import { authorityOf } from "../../../support/people.ts";

const file = `halligan: 1
people:
  ann: { local: [ann] }
  bob: { local: [bob] }
roles: { admin: [ann], operator: [bob] }
`;
const code = "abcd-efgh-2345";

let folder: string;
let store: Store;
let time: number;
let text: string;
let deps: LinkingDeps;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-link-"));
  store = await openStore(join(folder, "state.db"));
  time = Date.now();
  text = file;
  deps = { store, clock: { now: () => time, sleep: async () => undefined }, authority };
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function authority(): Promise<ReturnType<typeof authorityOf>> {
  const written = authorityOf(text);
  return { ...written, people: withLinks(written.people, await readLinks(store)) };
}

const who = async (principal: string): Promise<string | undefined> => {
  const found = identify(await authority(), { principal });
  return found.allowed ? found.person : undefined;
};
const offer = (person = "bob", by = "ann", principal?: string): Promise<number> =>
  offerLink(deps, { code, person, by, ...(principal === undefined ? {} : { principal }) });
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => "it was allowed",
    (thrown: unknown) => thrown,
  );
  return error instanceof HalliganError ? `${error.code} ${error.problems[0].message}` : String(error);
};

describe("a code", () => {
  test("lets one more principal stand for the person", async () => {
    await offer();
    expect(await who("local:carol")).toBeUndefined();
    expect(await useCode(deps, code, "local:carol")).toBe("bob");
    expect(await who("local:carol")).toBe("bob");
    expect(await who("local:bob")).toBe("bob");
  });

  test("is typed by hand: case, spaces and dashes do not count", async () => {
    await offer();
    expect(await useCode(deps, " ABCD EFGH2345 ", "local:carol")).toBe("bob");
  });

  test("is not in the store", async () => {
    await offer();
    await useCode(deps, code, "local:carol");
    const all = JSON.stringify([await store.read({}), await store.list("authority")]);
    expect(all).not.toContain("abcd");
  });

  test("works once", async () => {
    await offer();
    await useCode(deps, code, "local:carol");
    expect(await refusal(useCode(deps, code, "local:dave"))).toBe("LINK_REFUSED This code was used before; each can be used once.");
    expect(await who("local:dave")).toBeUndefined();
  });

  test("works once for many who use it at the same moment, from several stores", async () => {
    await offer();
    const others = await Promise.all([1, 2, 3].map(() => openStore(join(folder, "state.db"))));
    const users = others.flatMap((each, at) => [`local:u${at}`, `local:v${at}`].map((user) => ({ each, user })));
    const outcomes = await Promise.allSettled(users.map(({ each, user }) => useCode({ ...deps, store: each }, code, user)));
    expect(outcomes.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    const known = await Promise.all(users.map(({ user }) => who(user)));
    expect(known.filter((each) => each === "bob")).toHaveLength(1);
    await Promise.all(others.map((each) => each.close()));
  });

  test("expires", async () => {
    await offer();
    time += linkLifetimeMs + 1;
    expect(await refusal(useCode(deps, code, "local:carol"))).toMatch(/^LINK_REFUSED This code expired/);
  });

  test("cannot be made up", async () => {
    await offer();
    for (const forged of ["", "-", "abcd-efgh-2346", "abcd", "*", "%", "bob"])
      expect(await refusal(useCode(deps, forged, "local:carol"))).toBe("LINK_REFUSED This code is not known here.");
  });

  test("is for one principal alone, where it was made so", async () => {
    await offer("bob", "ann", "local:carol");
    expect(await refusal(useCode(deps, code, "local:dave"))).toBe("LINK_REFUSED This code is for another principal than local:dave.");
    expect(await useCode(deps, code, "local:carol")).toBe("bob");
  });

  test("makes nobody a second person", async () => {
    await offer();
    expect(await refusal(useCode(deps, code, "local:ann"))).toBe("LINK_REFUSED local:ann is ann already.");
    expect(await refusal(useCode(deps, code, "local:bob"))).toBe("LINK_REFUSED local:bob is bob already.");
  });

  test("ends with the right of whoever made it, and with the person", async () => {
    await offer();
    text = file.replace("admin: [ann]", "admin: []");
    expect(await refusal(judgeCode(deps, code, "local:carol"))).toBe(
      "LINK_REFUSED ann, who made the code, may not make codes for bob any more.",
    );
    text = "halligan: 1\npeople: { ann: { local: [ann] } }\nroles: { admin: [ann] }\n";
    expect(await refusal(judgeCode(deps, code, "local:carol"))).toBe(
      "LINK_REFUSED bob, for whom the code was made, is not in people.yaml any more.",
    );
  });

  test("for oneself needs no role", async () => {
    await offer("bob", "bob");
    expect(await useCode(deps, code, "local:carol")).toBe("bob");
  });
});

describe("links", () => {
  test("what people.yaml says of a principal goes before them", async () => {
    await offer();
    await useCode(deps, code, "local:carol");
    text = file.replace("ann: { local: [ann] }", "ann: { local: [ann, carol] }");
    expect(await who("local:carol")).toBe("ann");
  });

  test("are gone with unlink, and with the person", async () => {
    await offer();
    await useCode(deps, code, "local:carol");
    text = "halligan: 1\npeople: { ann: { local: [ann] } }\n";
    expect(await who("local:carol")).toBeUndefined();
    text = file;
    await removeLink(deps, "local:carol", "ann");
    expect(await who("local:carol")).toBeUndefined();
    expect(await refusal(removeLink(deps, "local:carol", "ann"))).toMatch(/^LINK_NOT_FOUND/);
    expect(await refusal(removeLink(deps, "local:bob", "ann"))).toMatch(/^LINK_NOT_FOUND/);
    expect(await refusal(useCode(deps, code, "local:carol"))).toMatch(/used before/);
  });

  test("that no open offer stands behind count for nothing", async () => {
    const until = await offer("bob", "ann", "local:carol");
    const digest = [...(await readLinks(store)).offers.keys()][0] ?? "sha256:0";
    const forged = [
      { code: "sha256:00" as const, person: "ann", principal: "local:eve" },
      { code: digest, person: "ann", principal: "local:carol" },
      { code: digest, person: "bob", principal: "local:eve" },
    ];
    await store.append(
      peopleStream,
      forged.map((each) => toStored({ type: "link.made", v: 1, ...each })),
    );
    expect(await who("local:eve")).toBeUndefined();
    expect(await who("local:carol")).toBeUndefined();
    expect(until).toBeGreaterThan(time);
  });

  test("a key that does not belong to its principal signs for nobody", async () => {
    await offer();
    await useCode(deps, code, "ssh:SHA256:x", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIJYNH+mDdPNXiStmMkYc1Xdc0bjA/ZuGqZw4gMWg4xo");
    expect((await authority()).people.people.get("bob")?.keys).toEqual([]);
  });
});
