import { z } from "zod";
import type { KindForLoading, KindsForLoading } from "../../../src/core/files/kind-for-loading.ts";

const names = z.union([z.string(), z.array(z.string())]);
const state = z.string().optional();

function kind(
  schema: z.ZodType,
  key: string,
  options: { readonly readOnly?: boolean; readonly sources?: readonly string[] } = {},
): KindForLoading {
  return {
    schema,
    shorthand: (value) => (typeof value === "object" && !Array.isArray(value) ? undefined : { [key]: value }),
    naturalId: (args) => String((args as Record<string, unknown>)[key]),
    readOnly: options.readOnly ?? false,
    sources: options.sources ?? [],
  };
}

/** A small table of kinds, so that these tests do not change with the real ones. */
export const fakeKinds: KindsForLoading = new Map([
  ["package", kind(z.strictObject({ name: names, state }), "name")],
  ["service", kind(z.strictObject({ name: z.string(), state, enabled: z.boolean().optional() }), "name")],
  ["directory", kind(z.strictObject({ path: z.string().startsWith("/"), mode: z.string().optional() }), "path")],
  ["file", kind(z.strictObject({ path: z.string(), content: z.string().optional(), state }), "path", { sources: ["source"] })],
  [
    "template",
    kind(z.strictObject({ path: z.string(), source: z.string(), mode: z.string().optional() }), "path", { sources: ["source"] }),
  ],
  ["ini", kind(z.strictObject({ path: z.string(), owner: state, mode: state, set: z.record(z.string(), z.unknown()) }), "path")],
  ["command", kind(z.strictObject({ run: z.string(), as: state, unless: state }), "run")],
  ["reboot", { ...kind(z.strictObject({ on: z.string() }), "on"), onlyInSteps: true }],
  ["port", kind(z.strictObject({ port: z.int(), freeUnlessOurs: z.boolean().optional() }), "port", { readOnly: true })],
  ["http", kind(z.strictObject({ url: z.url(), status: z.int().optional() }), "url", { readOnly: true })],
]);
