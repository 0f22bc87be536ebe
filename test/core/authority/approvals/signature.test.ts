import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approve, openApproval } from "../../../../src/core/authority/approvals/desk.ts";
import { readApproval, standingNow } from "../../../../src/core/authority/approvals/read.ts";
import { approvalText, verifyApproval } from "../../../../src/core/authority/approvals/signed-text.ts";
import type { ApprovalState } from "../../../../src/core/authority/approvals/state.ts";
import { HalliganError } from "../../../../src/core/errors.ts";
import { loadPeople } from "../../../../src/core/files/load-people.ts";
import { type World, keptPlan, onePlan, openWorld, rule } from "./world.ts";

const kinds = {
  ed25519: ["ed25519", "256"],
  ecdsa256: ["ecdsa", "256"],
  ecdsa384: ["ecdsa", "384"],
  ecdsa521: ["ecdsa", "521"],
  rsa: ["rsa", "2048"],
} as const;
type Kind = keyof typeof kinds;

let folder: string;
let world: World;
let first: ApprovalState;
let second: ApprovalState;
let number = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-approval-signatures-"));
  for (const [name, [type, bits]] of Object.entries(kinds)) {
    execFileSync("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", "", "-C", name, "-f", join(folder, name)]);
  }
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "stranger")]);
  world = await openWorld(join(folder, "state.db"), { default: rule({ stepUp: true }) });
  const keys = (Object.keys(kinds) as Kind[]).map((name) => JSON.stringify(publicKey(name))).join(", ");
  world.people = `halligan: 1
people: { alice: { local: [alice] }, bob: { local: [bob], keys: [${keys}] }, carol: { local: [carol] } }
roles: { approver: [bob, carol], observer: [everyone] }
`;
  first = await opened("one");
  second = await opened("two", "other");
});

afterAll(async () => {
  await world.store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(diff: string, deployment = "all"): Promise<ApprovalState> {
  const plan = await keptPlan(world.store, { ...onePlan(diff), deployments: [deployment] });
  const found = await openApproval(world.deps, plan, "alice");
  if (found === undefined) throw new Error("nothing was asked");
  return found.state;
}

function publicKey(name: string): string {
  return readFileSync(join(folder, `${name}.pub`), "utf8").trim();
}

/** What the real ssh-keygen makes of a text. */
function sign(key: string, text: string, namespace = "halligan-approval"): string {
  number += 1;
  const file = join(folder, `text-${number}`);
  writeFileSync(file, text);
  execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", join(folder, key), "-n", namespace, file], { stdio: "ignore" });
  return readFileSync(`${file}.sig`, "utf8");
}

function verdict(armored: string, state = first): { readonly fingerprint: string } | { readonly fault: string } {
  const { people } = loadPeople({ file: "people.yaml", text: world.people ?? "" });
  if (people === undefined) throw new Error("the test's people.yaml has problems");
  return verifyApproval(armored, state, people, "bob");
}

describe("a signature over an approval", () => {
  test.each(Object.keys(kinds) as Kind[])("by ssh-keygen with %s holds, and so says ssh-keygen of the text", (kind) => {
    const armored = sign(kind, approvalText(first));
    expect(verdict(armored)).toEqual({ fingerprint: expect.stringMatching(/^SHA256:/u) });
    writeFileSync(join(folder, "allowed"), `bob ${publicKey(kind)}\n`);
    writeFileSync(join(folder, "sig"), armored);
    const args = ["-Y", "verify", "-f", join(folder, "allowed"), "-I", "bob", "-n", "halligan-approval", "-s", join(folder, "sig")];
    expect(execFileSync("ssh-keygen", args, { input: approvalText(first), encoding: "utf8" })).toMatch(/Good/u);
  });

  test.each(Object.keys(kinds) as Kind[])(
    "by %s does not hold for another request, another purpose, another text, or with a bit changed",
    (kind) => {
      const armored = sign(kind, approvalText(first));
      expect(verdict(armored, second)).toHaveProperty("fault");
      expect(verdict(armored, { ...first, expiresAt: first.expiresAt + 1 })).toHaveProperty("fault");
      expect(verdict(sign(kind, approvalText(first), "halligan-login"))).toHaveProperty("fault");
      expect(verdict(sign(kind, approvalText(first), "file"))).toHaveProperty("fault");
      expect(verdict(sign(kind, `${approvalText(first)} `))).toHaveProperty("fault");
      const lines = armored.trim().split("\n");
      for (const [index, line] of lines.entries()) {
        if (index === 0 || index === lines.length - 1) continue;
        const changed = line.replace(/[A-Za-z]/u, (letter) => (letter === "A" ? "B" : "A"));
        expect(verdict(lines.with(index, changed).join("\n"))).toHaveProperty("fault");
      }
    },
  );

  test("by somebody else's key, or what is none at all, does not hold", () => {
    expect(verdict(sign("stranger", approvalText(first)))).toEqual({ fault: expect.stringMatching(/none that people.yaml has for bob/u) });
    for (const text of [
      "",
      "yes",
      "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----",
      sign("rsa", approvalText(first)).slice(0, -60),
    ])
      expect(verdict(text)).toHaveProperty("fault");
  });
});

describe("a vote where the block says stepUp", () => {
  const vote = (signature?: string) =>
    approve(world.deps, first.request, {
      person: "bob",
      principal: "local:bob",
      digest: first.digest,
      ...(signature === undefined ? {} : { signature: { armored: signature, fingerprint: "SHA256:said" } }),
    });
  const refused = async (work: Promise<unknown>): Promise<string> =>
    await work.then(
      () => "allowed",
      (error: unknown) => (error instanceof HalliganError ? error.code : String(error)),
    );

  test("is taken only with a signature that holds, and counts only as long as the key is the person's", async () => {
    expect(await refused(vote())).toBe("SIGNATURE_NEEDED");
    expect(await refused(vote(sign("stranger", approvalText(first))))).toBe("SIGNATURE_WRONG");
    expect(await refused(vote(sign("ed25519", approvalText(second))))).toBe("SIGNATURE_WRONG");
    await vote(sign("ed25519", approvalText(first)));
    const granted = async (): Promise<boolean> =>
      (await standingNow(world.deps, await readApproval(world.deps, first.request), onePlan("one"))).granted;
    expect(await granted()).toBe(true);
    const before = world.people;
    world.people = before?.replace(`${JSON.stringify(publicKey("ed25519"))}, `, "");
    expect(await granted()).toBe(false);
    world.people = before;
  });

  test("names only those who have a key as people who may vote", async () => {
    const standing = await standingNow(world.deps, second, onePlan("two"));
    expect(standing.requirements[0]?.mayVote).toEqual(["bob"]);
  });
});
