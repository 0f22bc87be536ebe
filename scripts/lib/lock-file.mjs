/**
 * A registry that mirrors only some platforms makes npm write a package-lock.json without the binaries for the others, and `npm ci` then refuses that file
 * everywhere. These functions find such gaps and fill them with what the names of the packages say.
 */

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const architectures = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/** The optional packages that `lock` (a parsed package-lock.json) asks for by exact version and does not describe: `[path, entry]`. */
export function gapsOf(lock) {
  const packages = { ...lock.packages };
  const gaps = [];
  const depth = ([path]) => path.split("node_modules/").length;
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages).sort((a, b) => depth(a) - depth(b))) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!/^\d/.test(version) || packages[visiblePath(packages, parent, name)]?.version === version) continue;
      const path = packages[`node_modules/${name}`] === undefined ? `node_modules/${name}` : `${parent}/node_modules/${name}`;
      const entry = { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true };
      packages[path] = entry;
      gaps.push([path, entry]);
    }
  }
  return gaps;
}

/** `lock` with its gaps filled, in npm's order. */
export function completed(lock) {
  const entries = [...Object.entries(lock.packages), ...gapsOf(lock)];
  const sorted = entries.sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

/** Where Node.js would find `name` from within the package at `from`. */
function visiblePath(packages, from, name) {
  for (let folder = from; folder !== ""; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
  }
  return `node_modules/${name}`;
}

function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.filter((word) => systems.includes(word));
  const named = words.map((word) => (word.startsWith("arm") && word !== "arm64" ? "arm" : word));
  const cpu = named.filter((word) => architectures.includes(word));
  const libc = words.some((word) => word.startsWith("musl")) ? ["musl"] : words.some((word) => word.startsWith("gnu")) ? ["glibc"] : [];
  if (words.some((word) => word.startsWith("wasm"))) cpu.push("wasm32");
  return { ...(cpu.length > 0 ? { cpu } : {}), ...(libc.length > 0 ? { libc } : {}), ...(os.length > 0 ? { os } : {}) };
}
