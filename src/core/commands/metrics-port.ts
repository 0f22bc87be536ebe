import { z } from "zod";

/** `--metrics PORT` of processes that stay. */
export const metricsPort = z.coerce
  .number()
  .int()
  .min(0)
  .max(65_535)
  .optional()
  .describe("Port of 127.0.0.1 for /metrics (OpenMetrics) and /health; without it neither is there");
