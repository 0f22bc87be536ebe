import { z } from "zod";

/** The keys that a schema takes at a path below it, for suggestions; empty where any key goes. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const keys = new Set<string>();
  for (const found of descend(schema, path)) {
    if (found instanceof z.ZodObject) for (const key of Object.keys(found.shape)) keys.add(key);
  }
  return [...keys];
}

function descend(schema: z.ZodType, path: readonly PropertyKey[]): readonly z.ZodType[] {
  const open = unwrap(schema);
  const [step, ...rest] = path;
  if (step === undefined) return open;
  return open.flatMap((each) => {
    const child = childOf(each, step);
    return child === undefined ? [] : descend(child, rest);
  });
}

function childOf(schema: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? (schema.shape[String(step)] as z.ZodType) : undefined;
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  return schema instanceof z.ZodRecord ? (schema.valueType as z.ZodType) : undefined;
}

/** Optional, default, pipe and lazy wrappers taken off; each alternative of a union. */
function unwrap(schema: z.ZodType): readonly z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  )
    return unwrap(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return [...unwrap(schema.in as z.ZodType), ...unwrap(schema.out as z.ZodType)];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrap(option as z.ZodType));
  if (schema instanceof z.ZodIntersection) return [...unwrap(schema.def.left as z.ZodType), ...unwrap(schema.def.right as z.ZodType)];
  return [schema];
}
