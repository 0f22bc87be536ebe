import { dirname, resolve } from "node:path";
import { userName } from "../user-name.ts";
import { askSecret } from "./ask-secret.ts";
import type { Prove } from "./people-desk.ts";
import { localPrincipal } from "./principal.ts";
import { engineMain, type EngineTurn } from "./engine-main.ts";
import { type EngineHouse, type HouseOptions, openHouse } from "./house.ts";

/** Where the cluster and its store are. */
export interface HousePlace {
  /** The cluster file, relative to the working folder or absolute. */
  readonly file: string;
  readonly state?: string;
  /** How the person proves who they are, when it is not by the local user: `agent`, or a key file. */
  readonly identity?: string;
}

/** Opens the house for a person at the command line. */
export async function openLocalHouse(place: HousePlace): Promise<EngineHouse> {
  const identity = place.identity ?? process.env["HALLIGAN_IDENTITY"];
  if (identity === undefined) return await openHouse({ ...optionsOf(place), ask: askSecret });
  const prove: Prove = async (authority) => {
    const { proveIdentity } = await import("./identity.ts");
    return await proveIdentity({ identity, agent: process.env["SSH_AUTH_SOCK"] || undefined, ask: askSecret }, await authority());
  };
  return await openHouse({ ...optionsOf(place), prove, ask: askSecret });
}

/** Runs the engine process of a cluster until it has nothing to do. */
export async function runEngineProcess(place: HousePlace, turn: EngineTurn): Promise<void> {
  await engineMain(optionsOf(place), turn);
}

function optionsOf({ file, state }: HousePlace): Omit<HouseOptions, "ask" | "answers"> {
  const path = resolve(file);
  return {
    file: path,
    folder: dirname(path),
    stateUrl: state,
    user: userName(),
    prove: async () => localPrincipal(),
    environment: process.env,
  };
}
