import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "./halligan.ts";

// The short form of `npm run test:openstack`: the cloud's first service on one real machine, from Debian's packages. It needs root.
const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)("Keystone from a blank machine", { timeout: 900_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;

  beforeAll(async () => {
    lab = await startNspawn(1);
    cluster = new ClusterFolder(lab.folder).withPatience();
    appendFileSync(
      cluster.file,
      `deployments:
  ground:
    place: { base: all, openstack-tool: all }
  data:
    place: { mariadb: all }
    secrets: { mariadb.adminPassword: { generate: 32 } }
  identity:
    place: { keystone-server: all, openstack-client: all }
    secrets:
      keystone.adminPassword: { generate: 24 }
      keystone.password: { generate: 32 }
      keystone.keySeed: { generate: 64 }
`,
    );
    await cluster.discover();
    await cluster.apply();
  }, 900_000);
  afterAll(async () => {
    await lab.dispose();
  }, 120_000);

  const asUser = async (command: string): Promise<string> =>
    (await onNode(lab.status, 1, `openstack --os-cloud test-lab ${command}`)).stdout.trim();

  test("its users have tokens, and the catalogue says where it is", async () => {
    expect(await asUser("token issue -f value -c id")).toMatch(/^gAAAAA[\w=-]{50,}$/u);
    expect(await asUser("catalog list -f value -c Name")).toBe("keystone");
    expect(await asUser("project list -f value -c Name")).toMatch(/^(?=[\s\S]*\badmin\b)(?=[\s\S]*\bservice\b)/u);
  });

  test("it says that it closes each connection, so that no client sends its next request into one that is gone", async () => {
    const ask =
      "import http.client; c = http.client.HTTPConnection('127.0.0.1', 5000); c.request('GET', '/v3'); print(c.getresponse().getheader('Connection'))";
    expect((await onNode(lab.status, 1, `python3 -c "${ask}"`)).stdout.trim()).toBe("close");
  });

  test("nothing is left to do", async () => {
    expect(await cluster.plan()).toEqual({});
  });

  test("it proves that it makes tokens and projects", async () => {
    const told = await cluster.run("verify", "--prove", "--json");
    expect(told.code, `${told.stdout}${told.stderr}`).toBe(0);
    const { capabilities } = JSON.parse(told.stdout) as {
      readonly capabilities: readonly { readonly capability: string; readonly outcome: string }[];
    };
    const identity = capabilities.filter(({ capability }) => capability.startsWith("identity-v3"));
    expect(identity.map(({ capability, outcome }) => `${capability} ${outcome}`).toSorted()).toEqual([
      "identity-v3-projects-create proven",
      "identity-v3-tokens-create proven",
    ]);
  });
});
