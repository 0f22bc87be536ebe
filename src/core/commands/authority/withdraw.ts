import { z } from "zod";
import { defineCommand } from "../command.ts";

/** Takes back a vote, a rejection or a request. */
export const withdrawCommand = defineCommand({
  id: "withdraw",
  area: "authority",
  summary: "Take back your vote or rejection, or the request that you made",
  details:
    "Takes back what you said about the request. If you have said nothing and it is your plan, or you are an admin, the request itself is withdrawn.",
  args: () => z.object({ request: z.string().describe("The request, such as A-3") }),
  positionals: ["request"],
  risk: "change",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan withdraw A-3", does: "your vote on A-3 is gone" }],
  async run(context, { request }) {
    const { withdrawFrom } = await import("./vote.ts");
    return await withdrawFrom(context, request);
  },
});
