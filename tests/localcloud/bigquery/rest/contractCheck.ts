import assert from "node:assert/strict";
import { discovery } from "activate/localcloud/bigquery/discovery.js";
import type { DiscoverySchema as Schema } from "activate/localcloud/platform/discovery.js";

/** Fails when an answer has a member that Google's Discovery document does not know, or one of another type. */
export function checkAnswer(httpMethod: string, path: string, answer: unknown): void {
  const route = discovery.find(httpMethod, path);
  assert.ok(route, `${httpMethod} ${path} is a method of the contract`);
  if (route.responseSchema === undefined) return;
  check({ $ref: route.responseSchema }, answer, route.responseSchema);
}

function check(schema: Schema, value: unknown, at: string): void {
  if (schema.$ref) {
    const target = discovery.schemas[schema.$ref];
    assert.ok(target, `${at}: schema ${schema.$ref}`);
    if (schema.$ref !== "JsonObject") check(target, value, at);
    return;
  }
  switch (schema.type) {
    case "object":
      checkObject(schema, value, at);
      break;
    case "array":
      assert.ok(Array.isArray(value), `${at} is a list`);
      for (const [index, item] of value.entries()) check(schema.items ?? {}, item, `${at}[${index}]`);
      break;
    case "string":
      assert.equal(typeof value, "string", `${at} is a text, not ${JSON.stringify(value)}`);
      if (schema.format === "int64" || schema.format === "uint64") assert.match(String(value), /^-?\d+$/, at);
      break;
    case "integer":
      assert.ok(Number.isInteger(value), `${at} is an integer, not ${JSON.stringify(value)}`);
      break;
    case "number":
      assert.equal(typeof value, "number", at);
      break;
    case "boolean":
      assert.equal(typeof value, "boolean", at);
      break;
  }
}

function checkObject(schema: Schema, value: unknown, at: string): void {
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), `${at} is an object`);
  for (const [name, inner] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? schema.additionalProperties;
    assert.ok(property, `${at}.${name} is known to the contract`);
    check(property, inner, `${at}.${name}`);
  }
}
