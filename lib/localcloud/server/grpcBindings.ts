import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { GrpcBinding } from "../platform/service.js";

/**
 * One binding for each gRPC service. Where several services of the cloud have the same one (google.iam.v1.IAMPolicy),
 * each call goes to the first that owns the resource; a resource of nobody's goes to the first, whose error tells.
 */
export function joinBindings(bindings: readonly GrpcBinding[]): GrpcBinding[] {
  const groups = new Map<string, GrpcBinding[]>();
  for (const binding of bindings) {
    const [method] = Object.values(binding.definition);
    const service = method?.path.split("/")[1] ?? "";
    groups.set(service, [...(groups.get(service) ?? []), binding]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    return first && group.length === 1 ? first : join(group);
  });
}

function join(group: readonly GrpcBinding[]): GrpcBinding {
  const definition = Object.assign({}, ...group.map((binding) => binding.definition).reverse());
  const implementation: UntypedServiceImplementation = {};
  for (const name of Object.keys(definition)) {
    const having = group.filter((binding) => name in binding.implementation);
    implementation[name] = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
      const owner = having.find((binding) => binding.owns(name, call.request)) ?? having[0];
      const answer = owner?.implementation[name] as ((call: unknown, callback: unknown) => void) | undefined;
      answer?.(call, callback);
    };
  }
  return { definition, implementation, owns: (name, request) => group.some((binding) => binding.owns(name, request)) };
}
