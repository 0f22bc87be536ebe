import { HalliganError } from "../../src/core/errors.ts";
import { labDown, labStatus, labUp } from "../../src/core/adapters/lab/lab.ts";

// `lab-command.ts up|down|status FOLDER NODES`: one lab function in a process of its own, so that a test can run it as another user.
const [, , verb, folder = "", nodes = "1"] = process.argv;
try {
  const answer =
    verb === "up"
      ? await labUp({ folder, nodes: Number(nodes), driver: "sandbox", clusterName: "test-lab" })
      : verb === "down"
        ? await labDown({ folder, discard: true })
        : await labStatus({ folder });
  process.stdout.write(JSON.stringify({ answer: answer ?? null, problems: [] }));
} catch (error) {
  if (!(error instanceof HalliganError)) throw error;
  process.stdout.write(JSON.stringify({ answer: null, problems: error.problems }));
}
