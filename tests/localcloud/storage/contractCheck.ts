import assert from "node:assert/strict";
import { discovery } from "activate/localcloud/storage/contract.js";

type Schema = NonNullable<(typeof discovery.schemas)[string]>;

/** Fails when a body has a member that Google's Discovery document does not know, or one of another type. */
export function checkShape(schemaName: string | undefined, value: unknown): void {
  assert.ok(schemaName, "a body where none belongs");
  check({ $ref: schemaName }, value, schemaName);
}

function check(schema: Schema, value: unknown, at: string): void {
  if (value === null) return;
  if (schema.$ref) {
    const target = discovery.schemas[schema.$ref];
    assert.ok(target, `${at}: schema ${schema.$ref}`);
    check(target, value, at);
    return;
  }
  switch (schema.type) {
    case "object":
      assert.ok(typeof value === "object" && !Array.isArray(value), `${at} is an object`);
      for (const [name, inner] of Object.entries(value as object)) {
        const property = schema.properties?.[name] ?? schema.additionalProperties;
        assert.ok(property, `${at}.${name} is known to the contract`);
        check(property, inner, `${at}.${name}`);
      }
      break;
    case "array":
      assert.ok(Array.isArray(value), `${at} is a list`);
      for (const item of value) check(schema.items ?? {}, item, at);
      break;
    case "string":
      // The Node.js client sends whole numbers of 64 bits as JSON numbers, which the service reads as well.
      assert.ok(
        /^u?int64$/.test(schema.format ?? "") ? /^-?\d+$/.test(String(value)) : typeof value === "string",
        `${at} is no text: ${JSON.stringify(value)}`,
      );
      break;
    case "integer":
      assert.ok(Number.isInteger(value), `${at} is an integer, not ${JSON.stringify(value)}`);
      break;
    case "boolean":
      assert.equal(typeof value, "boolean", at);
      break;
  }
}
