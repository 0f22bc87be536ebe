import { expect, test } from "vitest";
import { readRedisAddress, shownAddress } from "../../../../src/core/adapters/store/redis/address.ts";

const nothing = { primary: undefined, database: 0, site: "default", user: undefined, passwordFile: undefined, tls: undefined };

test("addresses of one server, of sentinels, of a cluster", () => {
  expect(readRedisAddress("redis://10.0.0.5")).toEqual({ ...nothing, kind: "server", hosts: [{ host: "10.0.0.5", port: 6379 }] });
  expect(readRedisAddress("redis://[fd00::1]:7000/3?site=prod-eu&user=u&passwordFile=/etc/p%20w")).toEqual({
    ...nothing,
    kind: "server",
    hosts: [{ host: "fd00::1", port: 7000 }],
    database: 3,
    site: "prod-eu",
    user: "u",
    passwordFile: "/etc/p w",
  });
  expect(readRedisAddress("redis-sentinel://a,b:5/main?site=x")).toMatchObject({
    kind: "sentinel",
    primary: "main",
    hosts: [
      { host: "a", port: 26_379 },
      { host: "b", port: 5 },
    ],
  });
  expect(readRedisAddress("rediss-cluster://a,b?ca=/ca&cert=/c&key=/k")).toMatchObject({
    kind: "cluster",
    tls: { ca: "/ca", cert: "/c", key: "/k" },
  });
});

test("what is shown can be given again, and holds no settings of its own", () => {
  for (const text of ["redis://a:1/2?site=s", "rediss-sentinel://a:1,[::1]:2/main?site=s", "redis-cluster://a:1?site=s"]) {
    expect(shownAddress(readRedisAddress(text))).toBe(text);
  }
  expect(shownAddress(readRedisAddress("redis://a?passwordFile=/x&user=u"))).toBe("redis://a:6379?site=default");
});

test("everything that is wrong is told at once, and no password is repeated", () => {
  const said = (text: string): string => {
    try {
      readRedisAddress(text);
    } catch (error) {
      return String(error);
    }
    return "";
  };
  const all = said("redis://bob:hunter2@a,b c/x?sit=1&site=-&ca=/x&cert=/y");
  for (const part of [
    "user or password",
    "2 hosts",
    '"b c" is not a host',
    '"sit" is no setting',
    'site "-"',
    'database "x"',
    "belong to TLS",
    "cert and key",
  ])
    expect(all).toContain(part);
  expect(all).not.toContain("hunter2");
  expect(said("redis-sentinel://a?site=x")).toContain("name the primary");
  expect(said("redis-cluster://a/1")).toContain("only database 0");
  expect(said("redis://")).toContain("names no host");
});
