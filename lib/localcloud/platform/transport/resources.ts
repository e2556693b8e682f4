import { fromBinary, type Message } from "@bufbuild/protobuf";
import type { MethodContract } from "../contract/contract.js";
import { findField } from "./protoJson.js";
import { compileTemplate } from "./routes.js";

/**
 * Whether a request names a resource of one of the method's REST templates: how services that share a gRPC service
 * (google.iam.v1.IAMPolicy) tell theirs from another's. Top-level fields only, which is what such services have.
 */
export function resourceMatcher(method: MethodContract): (request: Buffer) => boolean {
  const rules = method.httpRules.map(({ template }) => compileTemplate(template).variables);
  return (request) => {
    let message: Message;
    try {
      message = fromBinary(method.input, request);
    } catch {
      return false;
    }
    return rules.some((variables) =>
      variables.every(({ name, pattern }) => {
        const field = findField(method.input, name);
        const value: unknown = field && (message as unknown as Record<string, unknown>)[field.localName];
        return typeof value === "string" && pattern.test(value);
      }),
    );
  };
}
