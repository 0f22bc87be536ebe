import { dirname, resolve } from "node:path";
import { userName } from "../user-name.ts";
import { askSecret } from "./ask-secret.ts";
import { engineMain } from "./engine-main.ts";
import { localPrincipal } from "./principal.ts";
import { type EngineHouse, type HouseOptions, openHouse } from "./house.ts";

/** Where the cluster and its store are. */
export interface HousePlace {
  /** The cluster file, relative to the working folder or absolute. */
  readonly file: string;
  readonly state?: string;
}

/** Opens the house for a person at the command line. */
export async function openLocalHouse(place: HousePlace): Promise<EngineHouse> {
  return await openHouse({ ...optionsOf(place), ask: askSecret });
}

/** Runs the engine process of a cluster until it has nothing to do. */
export async function runEngineProcess(place: HousePlace): Promise<void> {
  await engineMain(optionsOf(place));
}

function optionsOf({ file, state }: HousePlace): Omit<HouseOptions, "ask" | "answers"> {
  const path = resolve(file);
  return { file: path, folder: dirname(path), stateUrl: state, user: userName(), principal: localPrincipal(), environment: process.env };
}
