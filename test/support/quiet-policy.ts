import type { PolicyDesk } from "../../src/core/authority/policy/desk.ts";
import type { PolicyReport } from "../../src/core/authority/policy/report.ts";
import { defaultSettings } from "../../src/core/authority/policy/rule.ts";

const nothing: PolicyReport = {
  digest: "sha256:00",
  rules: 0,
  summary: { deny: 0, warn: 0, info: 0, unknown: 0, waived: 0, new: 0, cured: 0, unchanged: 0, blocking: 0 },
  violations: [],
  cured: [],
};

/** A policy without rules. */
export const quietPolicy: PolicyDesk = {
  current: async () => ({ policy: { rules: [], settings: defaultSettings }, digest: nothing.digest, sources: { shipped: [], own: [] } }),
  record: async () => undefined,
  judgePlan: async () => nothing,
  judgeFiles: async () => nothing,
  judgeIntent: async () => nothing,
  judgePresent: async () => nothing,
  judgeStrictly: async () => ({ reports: [], problems: [] }),
  waivers: async () => [],
};
