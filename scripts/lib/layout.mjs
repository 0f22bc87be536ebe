/**
 * Ink's layout library as the bundle has it: without the top-level await of its own entry, which CommonJS does not know. Its WebAssembly (the build puts the bytes
 * into `wasmBinary`) is compiled while the module is loaded; what Emscripten's `instantiateWasm` is for.
 */
import loadYoga from "../../node_modules/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js";
import wrapAssembly from "../../node_modules/yoga-layout/dist/src/wrapAssembly.js";

const layout = {
  instantiateWasm(imports, receive) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(layout.wasmBinary), imports);
    receive(instance);
    return instance.exports;
  },
};
loadYoga(layout);

export default wrapAssembly(layout);
export * from "../../node_modules/yoga-layout/dist/src/generated/YGEnums.js";
