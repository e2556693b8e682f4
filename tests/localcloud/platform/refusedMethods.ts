import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import type { Contract, MethodContract } from "activate/localcloud/platform/contract/contract.js";

/** The keys of the methods that answer an empty request by UNIMPLEMENTED. @param grpc `127.0.0.1:PORT` */
export async function refusedMethods(grpc: string, methods: Contract["methods"]): Promise<MethodContract["key"][]> {
  const client = new Client(grpc, credentials.createInsecure());
  const refused: string[] = [];
  for (const { service, name, key } of methods) {
    const error = await new Promise<ServiceError | null>((resolve) => {
      const bytes = (value: Buffer): Buffer => value;
      client.makeUnaryRequest(`/${service}/${name}`, bytes, bytes, Buffer.alloc(0), resolve);
    });
    if (error?.code === status.UNIMPLEMENTED) refused.push(key);
  }
  client.close();
  return refused;
}
