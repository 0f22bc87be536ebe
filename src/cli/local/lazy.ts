import { homedir } from "node:os";
import { dirname } from "node:path";
import type { Local } from "../../core/commands/local.ts";

/** This machine as commands see it; what a method needs is loaded when it is called. */
export function lazyLocal(
  clusterFile: string,
  user: string,
  options: { readonly state?: string; readonly plain?: boolean; readonly identity?: string; readonly files?: readonly string[] } = {},
): Local {
  const folder = dirname(clusterFile);
  return {
    clusterFile,
    check: async (file) => (await import("./cluster-files.ts")).checkCluster(file, user),
    names: async (kind) => (await import("./names.ts")).readNames(clusterFile, kind),
    writeNew: async (where, files) => (await import("./write-new.ts")).writeNew(where, files),
    writeReport: async (path, text) => (await import("./write-report.ts")).writeReport(path, text),
    home: homedir(),
    newCode: async () => (await import("./codes.ts")).newCode(),
    askHidden: async (what) => (await import("./codes.ts")).askHidden(what),
    sign: async (wish) => (await import("./sign.ts")).signText(wish),
    get zone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
    readText: async (path) => (await import("./import-files.ts")).readText(path),
    readBytes: async (path) => (await import("./import-files.ts")).readBytes(path),
    copyState: async (from, to) =>
      (await import("./state.ts")).copyState(
        { file: clusterFile, ...(options.identity === undefined ? {} : { identity: options.identity }) },
        from,
        to,
      ),
    exportState: async (file) => (await import("./state.ts")).exportState(folder, options.state, file),
    importState: async (file) => (await import("./state.ts")).importState(folder, options.state, file),
    openStoreCopy: async (file) => (await import("../../core/adapters/store/sqlite/copy.ts")).openStoreCopy(file),
    list: async (path) => (await import("./import-files.ts")).listFolder(path),
    replaceText: async (path, before, after) => (await import("./import-files.ts")).replaceText(path, before, after),
    newBarclamp: async (name) => (await import("./barclamps.ts")).newBarclamp(folder, name),
    barclamps: async () => (await import("./barclamps.ts")).readBarclamps(folder),
    sources: async () => (await import("./barclamp-sources.ts")).localSources(clusterFile, user),
    fixtures: async (where) => (await import("./barclamps.ts")).readFixtures(where),
    runCheck: async (script, timeoutMs) => (await import("./check-script.ts")).runCheckScript(script, timeoutMs),
    policy: async () => (await import("./policy.ts")).localPolicy(folder),
    examine: async () => (await import("./examine.ts")).examineMachine(folder, options.state),
    labUp: async (wish, progress) => (await import("./lab.ts")).bringUp(folder, wish, progress),
    labDown: async (discard, progress) => (await import("./lab.ts")).takeDown(folder, discard, progress),
    labStatus: async () => (await import("./lab.ts")).lookAt(folder),
    tui: async (wish) => {
      const { runTui } = await import("../tui/tui.ts");
      return runTui({ file: clusterFile, state: options.state, identity: options.identity, plain: options.plain === true }, wish);
    },
    serve: async (wish) => (await import("../bot/serve.ts")).serve({ files: options.files ?? [], clusterFile, state: options.state }, wish),
    work: async (wish) =>
      (await import("../worker/worker.ts")).work({ clusterFile, state: options.state, user, environment: process.env }, wish),
    labTour: async (options) => (await import("../tour/tour.ts")).takeTour(options),
  };
}
