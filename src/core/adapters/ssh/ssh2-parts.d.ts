// The parts of ssh2 that a client needs. All of ssh2 would load servers, SFTP and an HTTP agent too, and with them half as much again.

declare module "ssh2/lib/client.js" {
  export { Client as default } from "ssh2";
}

declare module "ssh2/lib/protocol/keyParser.js" {
  import type { utils } from "ssh2";
  const keyParser: Pick<typeof utils, "parseKey">;
  export default keyParser;
}
