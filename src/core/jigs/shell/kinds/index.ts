import type { StepKind } from "../kind.ts";
import { archiveKind } from "./archive.ts";
import { blockKind } from "./block.ts";
import { commandKind } from "./command.ts";
import { containerKind } from "./container.ts";
import { cronKind } from "./cron.ts";
import { directoryKind } from "./directory.ts";
import { downloadKind } from "./download.ts";
import { fileKind } from "./file.ts";
import { gitKind } from "./git.ts";
import { groupKind } from "./group.ts";
import { hostnameKind } from "./hostname.ts";
import { hostsKind } from "./hosts.ts";
import { httpKind } from "./http.ts";
import { iniKind } from "./ini.ts";
import { kernelModuleKind } from "./kernel-module.ts";
import { lineKind } from "./line.ts";
import { linkKind } from "./link.ts";
import { mountKind } from "./mount.ts";
import { packageKind } from "./package.ts";
import { portKind } from "./port.ts";
import { rebootKind } from "./reboot.ts";
import { repositoryKind } from "./repository.ts";
import { scriptKind } from "./script.ts";
import { serviceKind } from "./service.ts";
import { sysctlKind } from "./sysctl.ts";
import { templateKind } from "./template.ts";
import { timerKind } from "./timer.ts";
import { availableKind } from "./available.ts";
import { clockKind } from "./clock.ts";
import { diskKind } from "./disk.ts";
import { memoryKind } from "./memory.ts";
import { resolvesKind } from "./resolves.ts";
import { userKind } from "./user.ts";

const kinds = [
  packageKind,
  repositoryKind,
  fileKind,
  templateKind,
  directoryKind,
  linkKind,
  lineKind,
  blockKind,
  iniKind,
  userKind,
  groupKind,
  serviceKind,
  commandKind,
  scriptKind,
  archiveKind,
  downloadKind,
  gitKind,
  hostsKind,
  hostnameKind,
  sysctlKind,
  kernelModuleKind,
  mountKind,
  cronKind,
  timerKind,
  containerKind,
  rebootKind,
  portKind,
  httpKind,
  diskKind,
  memoryKind,
  clockKind,
  resolvesKind,
  availableKind,
] as readonly unknown[] as readonly StepKind[];

/** Every step kind of the shell jig, by name. The next kind is one file beside these and one word here. */
export const stepKinds: ReadonlyMap<string, StepKind> = new Map(kinds.map((kind) => [kind.kind, kind]));
