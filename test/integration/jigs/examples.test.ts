import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { FixtureState } from "../../../src/core/jigs/shell/fixture-state.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { stepKinds } from "../../../src/core/jigs/shell/kinds/index.ts";
import type { Json } from "../../../src/core/ports.ts";
import { changes, done, nodeRole, Place, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

function isMap(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const commit = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const steps = [
  step("block", { path: "/etc/f", block: "b" }),
  step("hosts", { entries: [{ address: "10.0.0.5", names: ["db"] }] }),
  step("download", { url: "https://example.org/x", sha256, path: "/opt/x" }),
  step("git", { repository: "https://example.org/x", commit, path: "/srv/x" }),
  step("hostname", { name: "n1" }),
  step("sysctl", { key: "net.ipv4.ip_forward", value: "1" }),
  step("kernel-module", { name: "br-netfilter" }),
  step("mount", { source: "/dev/vdb", target: "/srv/data", type: "ext4" }),
  step("cron", { name: "j", schedule: "@daily", command: "true" }),
  step("repository", { name: "r", uris: "https://example.org", suites: "./", trusted: true }),
  step("timer", { name: "t", schedule: "daily", command: "true" }),
  step("container", { name: "c", image: `example.org/c@sha256:${sha256}` }),
  step("reboot", {}),
].map((each, i) => ({ ...each, id: `s${i}` }));

test("fixtures judge a blank node and one where everything stands", async () => {
  const judge = async (observe: FixtureState) => {
    const ran = await place.run({ mode: "check", nodeRole: nodeRole(steps), observe });
    expect({ ...done(ran), trouble: ran.trouble }).toMatchObject({ status: "ok", trouble: "" });
    return changes(ran);
  };
  expect(await judge({})).toEqual([
    "create",
    "create",
    "create",
    "create",
    "change",
    "change",
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "unknown",
  ]);
  const files = {
    "/etc/f": { content: "a\n# BEGIN halligan\nb\n# END halligan\n" },
    "/etc/hosts": { content: "# BEGIN halligan hosts\n10.0.0.5 db\n# END halligan hosts\n" },
    "/opt/x": { content: "test" },
    "/etc/hostname": { content: "n1\n" },
    "/etc/sysctl.d/60-halligan.conf": { content: "net.ipv4.ip_forward = 1\n" },
    "/etc/modules-load.d/halligan-br_netfilter.conf": { content: "br_netfilter\n" },
    "/etc/fstab": { content: "/dev/vdb /srv/data ext4 defaults 0 0\n" },
    "/etc/cron.d/j": { content: "@daily root true\n" },
    "/etc/apt/sources.list.d/r.sources": { content: "Types: deb\nURIs: https://example.org\nSuites: ./\nTrusted: yes\n" },
  };
  const commands = {
    [`git /srv/x ${commit}`]: 0,
    "hostname n1": 0,
    "sysctl net.ipv4.ip_forward=1": 0,
    "kernel-module br_netfilter": 0,
    "mount /srv/data": 0,
    "container c": 0,
  };
  const services = { "t.timer": { active: true, enabled: true } };
  expect(await judge({ files, commands, services })).toEqual(steps.map(() => "none"));
  expect((await judge({ files, commands: { ...commands, "reboot needed": 0 }, services })).at(-1)).toBe("change");
});

describe.each([...stepKinds.values()].map((kind) => [kind.kind, kind] as const))("%s", (name, kind) => {
  test("its examples are valid steps with a label, and every key is described", async () => {
    for (const { yaml } of kind.examples) {
      const read = (parse(yaml.replaceAll(/\{\{.*?\}\}/gu, "value")) as Record<string, Json>)[name] as Json;
      const { notify: _forEveryKind, ...args } = (isMap(read) ? read : kind.shorthand(read)) ?? {};
      const parsed = kind.schema.safeParse(args);
      expect(parsed.error?.issues ?? [], yaml).toEqual([]);
      expect(kind.label(parsed.data)).not.toContain("undefined");
      expect(kind.naturalId(parsed.data)).not.toMatch(/undefined|^$/u);
    }
    expect(kind.examples.length).toBeGreaterThan(0);
    const { shape } = kind.schema as unknown as { readonly shape: Readonly<Record<string, { readonly description?: string }>> };
    expect(Object.keys(shape).length).toBeGreaterThan(0);
    for (const [key, { description }] of Object.entries(shape)) expect(description, key).toMatch(/.{4}/u);
  });
});

test("what a step undoes is a valid step", () => {
  const undone = steps.filter((each) => each.kind !== "reboot").map((each) => each.id);
  expect(inverseSteps(steps).map((each) => each.id)).toEqual(undone.toReversed());
});

test("branches are refused with the reason", () => {
  const refused = stepKinds.get("git")?.schema.safeParse({ repository: "https://example.org/x", commit: "main", path: "/srv/x" });
  expect(refused?.error?.issues[0]?.message).toContain("branches and tags move");
});
