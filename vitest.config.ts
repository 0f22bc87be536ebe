import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/faults-long/**", ...(process.env["HALLIGAN_TEST_MACHINES"] === "1" ? [] : ["test/machines/**"])],
    setupFiles: process.env["HALLIGAN_TEST_BUNDLE"] === "1" ? ["test/support/bundled.ts"] : [],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
