import { expect, test } from "vitest";
import { becomeFor, type Login, type Whom } from "../../../../src/core/run/exec/become-for.ts";

const sudo = { kind: "sudo" } as const;
const none = { kind: "none" } as const;
const login: Whom = { kind: "login" };
const root: Whom = { kind: "root" };
const postgres: Whom = { kind: "user", name: "postgres" };

test.each<[Login, Whom, unknown]>([
  [{ node: "n", user: "ops", become: sudo }, login, { become: none }],
  [{ node: "n", user: "ops", become: sudo }, root, { become: sudo }],
  [{ node: "n", user: "ops", become: sudo }, postgres, { become: { kind: "sudo", user: "postgres" } }],
  [{ node: "n", user: "root", become: none }, root, { become: none }],
  [{ node: "n", user: "root", become: sudo }, root, { become: none }],
  [{ node: "n", user: "root", become: none }, postgres, { become: none, su: "postgres" }],
  [{ node: "n", user: "postgres", become: none }, postgres, { become: none }],
  [{ node: "n", user: "ops", become: none }, root, expect.objectContaining({ code: "BECOME_REFUSED" })],
  [{ node: "n", user: "ops", become: none }, postgres, expect.objectContaining({ code: "BECOME_REFUSED" })],
])("%j as %j", (from, whom, way) => {
  expect(becomeFor(from, whom)).toEqual(way);
});
