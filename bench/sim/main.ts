/** The simulator's own process: started with a channel to its parent (simulator.ts), ends with it. */
import type { FromSimulator, ToSimulator } from "./options.ts";
import { SimServer } from "./server.ts";

let server: SimServer | undefined;

function tell(message: FromSimulator): void {
  process.send?.(message);
}

async function hear(message: ToSimulator): Promise<void> {
  switch (message.type) {
    case "start":
      server = new SimServer(message.options, message.hostKey, message.loginKey);
      return tell({ type: "up", nodes: await server.listen() });
    case "faults":
      return server?.setFaults(message.faults);
    case "counts":
      if (server !== undefined) tell({ type: "counts", counts: server.counts() });
      return;
    default:
      return message satisfies never;
  }
}

process.on("message", (message: ToSimulator) => {
  hear(message).catch((error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("uncaughtException", (error) => {
  tell({ type: "failed", message: error.stack ?? error.message });
  process.exit(1);
});
