import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffFacts } from "../../../src/core/inventory/diff.ts";
import { factsDigest } from "../../../src/core/inventory/stable.ts";
import { type Facts, factsSchema } from "../../../src/core/model/facts.ts";
import { sampleFacts } from "./sample.ts";

const nic = sampleFacts.nics![0]!;
const disk = sampleFacts.disks![0]!;
const mount = sampleFacts.mounts![0]!;

describe("the facts schema", () => {
  it("takes the sample and refuses unknown keys at every depth", () => {
    expect(factsSchema.parse(sampleFacts)).toEqual(sampleFacts);
    expect(factsSchema.safeParse({ ...sampleFacts, more: 1 }).success).toBe(false);
    expect(factsSchema.safeParse({ ...sampleFacts, nics: [{ ...nic, colour: "red" }] }).success).toBe(false);
    expect(factsSchema.safeParse({ ...sampleFacts, facts: 2 }).success).toBe(false);
  });
});

describe("factsDigest", () => {
  it("does not move with what moves by itself", () => {
    const later: Facts = {
      ...sampleFacts,
      clock: { epochMs: 1, resolutionMs: 1000, offsetMs: -5, uncertaintyMs: 1 },
      listening: [],
      services: null,
      gaps: [{ part: "services", reason: "x" }],
      limits: { ...sampleFacts.limits, varFreeBytes: 1 },
      halligan: { ...sampleFacts.halligan, jobs: ["R-1.1.web"] },
      mounts: [...sampleFacts.mounts!.map((each) => ({ ...each, availBytes: 1 })), { ...mount, target: "/run/user/1000" }],
      nics: [...sampleFacts.nics!, { ...nic, name: "veth12", virtual: true, addresses: ["fe80::1/64"] }],
    };
    expect(factsDigest(later)).toBe(factsDigest(sampleFacts));
    expect(diffFacts(sampleFacts, later)).toEqual([]);
    expect(diffFacts(sampleFacts, later, "all").map((change) => change.path)).toContain("listening[tcp 0.0.0.0 22]");
  });

  it("does not depend on the order of keys", () => {
    const turned = Object.fromEntries(Object.entries(sampleFacts).reverse()) as Facts;
    expect(factsDigest(turned)).toBe(factsDigest(sampleFacts));
    expect(factsDigest(sampleFacts)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("differs exactly when the diff is not empty", () => {
    const edits: readonly ((facts: Facts) => Facts)[] = [
      (facts) => ({ ...facts, hostname: "other" }),
      (facts) => ({ ...facts, memory: null }),
      (facts) => ({ ...facts, nics: [{ ...nic, state: "down" }] }),
      (facts) => ({ ...facts, nics: [] }),
      (facts) => ({ ...facts, packages: { nginx: "1" } }),
      (facts) => ({ ...facts, services: [] }),
      (facts) => ({ ...facts, clock: null }),
      (facts) => ({ ...facts, disks: [...facts.disks!, { ...disk, name: "vdb" }] }),
    ];
    fc.assert(
      fc.property(fc.subarray([...edits]), fc.subarray([...edits]), (some, others) => {
        const a = some.reduce((facts, edit) => edit(facts), sampleFacts);
        const b = others.reduce((facts, edit) => edit(facts), sampleFacts);
        expect(diffFacts(a, b).length === 0).toBe(factsDigest(a) === factsDigest(b));
      }),
    );
  });
});

describe("diffFacts", () => {
  it("matches elements by name, whatever their place", () => {
    const second = { ...disk, name: "vdb" };
    const before: Facts = { ...sampleFacts, disks: [disk, second] };
    const after: Facts = { ...sampleFacts, disks: [{ ...second, sizeBytes: 1 }, disk] };
    expect(diffFacts(before, after)).toEqual([{ path: "disks[vdb].sizeBytes", before: 10_737_418_240, after: 1 }]);
  });

  it("shows what is new, gone and null as different things, in the order of the format", () => {
    const after: Facts = {
      ...sampleFacts,
      memory: null,
      disks: [],
      nics: [{ ...nic, addresses: ["10.0.0.6/24"] }],
      packages: { nginx: "1.22.1", curl: null },
    };
    expect(diffFacts(sampleFacts, after)).toEqual([
      { path: "memory", before: sampleFacts.memory, after: null },
      { path: "disks[vda]", before: disk, after: undefined },
      { path: "nics[eth0].addresses", before: ["10.0.0.5/24"], after: ["10.0.0.6/24"] },
      { path: "packages[nginx]", before: null, after: "1.22.1" },
      { path: "packages[curl]", before: undefined, after: null },
    ]);
  });
});
