/** SSH's wire format (RFC 4251, section 5): the parts that keys and signatures are made of. */

/** The length-prefixed fields that fill these bytes exactly; `undefined` when they do not. */
export function readFields(bytes: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Bytes, or text, with their length in front. */
export function writeField(value: Uint8Array | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive number without leading zeros, as many bytes as it needs; one zero more where the first bit is set (mpint). */
export function writeNumber(value: Uint8Array): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  const bytes = first < 0 ? Buffer.alloc(0) : Buffer.from(value.subarray(first));
  return writeField(((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]));
}

/** A positive number in exactly so many bytes; `undefined` when it is negative or larger. */
export function fixedNumber(field: Buffer, length: number): Buffer | undefined {
  if (((field[0] ?? 0) & 0x80) !== 0) return undefined;
  const first = field.findIndex((byte) => byte !== 0);
  const bytes = first < 0 ? Buffer.alloc(0) : field.subarray(first);
  return bytes.length > length ? undefined : Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}
