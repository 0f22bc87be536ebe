import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";

const barclamp = `barclamp: pages
version: 1.0.0
attributes:
  names: { type: list, of: string, default: [one, two] }
  extra: { type: boolean, default: true }
roles:
  pages:
    steps:
      - file: { each: "{{ set.names }}", path: "/srv/page-{{ item }}", content: "{{ item }}\\n" }
      - file: { path: /srv/extra, content: "extra\\n", when: set.extra }
    undo:
      - file: { each: "{{ set.names }}", path: "/srv/page-{{ item }}", state: absent, restore: true }
      - file: { path: /srv/extra, state: absent, restore: true, when: set.extra }
`;

let lab: TestLab;
let cluster: ClusterFolder;
const pages = async (): Promise<string> => (await onNode(lab.status, 1, "cd /srv && grep -r . page-* extra 2>/dev/null")).stdout;

beforeAll(async () => {
  lab = await startSandbox(1);
  cluster = new ClusterFolder(lab.folder);
  mkdirSync(join(lab.folder, "barclamps/pages"), { recursive: true });
  writeFileSync(join(lab.folder, "barclamps/pages/barclamp.yaml"), barclamp);
  appendFileSync(cluster.file, "deployments:\n  site:\n    place: { pages: { on: all } }\n");
  await cluster.discover();
}, 120_000);
afterAll(async () => await lab.dispose(), 120_000);

test("what left a list, or was switched off, stays until the role goes, and goes with it: also twice, also what was there before", async () => {
  await onNode(lab.status, 1, "echo theirs >/srv/page-two");
  await cluster.apply();
  expect(await pages()).toBe("page-one:one\npage-two:two\nextra:extra\n");
  cluster.edit((text) => `${text}    set: { pages: { names: [three], extra: false } }\n`);
  await cluster.apply();
  cluster.edit((text) => text.replace("[three]", "[four]"));
  await cluster.apply();
  expect(await cluster.plan()).toEqual({});
  expect(await pages()).toBe("page-four:four\npage-one:one\npage-three:three\npage-two:two\nextra:extra\n");
  cluster.edit((text) => text.replace(/deployments:[\s\S]*/u, ""));
  await cluster.apply();
  expect(await pages()).toBe("page-two:theirs\n");
}, 300_000);
