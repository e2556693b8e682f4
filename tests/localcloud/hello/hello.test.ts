import assert from "node:assert/strict";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { helloContractSource } from "activate/localcloud/hello/contractSource.js";
import { createHello } from "activate/localcloud/hello/index.js";
import { Root } from "protobufjs";

/** A client that knows the contract by protobufjs, as Google's clients do: another implementation than the server's. */
class HelloClient {
  readonly #root: Root;
  readonly #client: Client;

  constructor(address: string) {
    const [file] = helloContractSource.files;
    assert.ok(file && "definitions" in file);
    this.#root = Root.fromJSON(structuredClone(file.definitions) as never);
    this.#client = new Client(address, credentials.createInsecure());
  }

  call(method: string, request: object): Promise<Record<string, unknown>> {
    const service = this.#root.lookupService("activate.hello.v1.Greeter");
    const definition = service.methods[method];
    assert.ok(definition);
    const input = service.lookupType(definition.requestType);
    const output = service.lookupType(definition.responseType);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/activate.hello.v1.Greeter/${method}`,
        (value: object) => Buffer.from(input.encode(input.fromObject(value)).finish()),
        (bytes: Buffer) => output.toObject(output.decode(bytes)),
        request,
        new Metadata(),
        (error: ServiceError | null, value?: Record<string, unknown>) => (error ? reject(error) : resolve(value ?? {})),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

describe("the hello service", () => {
  let cloud: LocalCloud;
  let client: HelloClient;
  before(async () => {
    cloud = await startLocalCloud({ services: [createHello] });
    client = new HelloClient(cloud.grpc);
  });
  after(async () => {
    client.close();
    await cloud.stop();
  });

  function post(id: string, greeting: object): Promise<Response> {
    return fetch(`${cloud.rest}/hello/v1/greetings?greeting_id=${id}`, {
      method: "POST",
      body: JSON.stringify(greeting),
    });
  }

  it("keeps over REST what it gives over gRPC, and the other way round", async () => {
    assert.equal((await post("morning", { text: "Good morning" })).status, 200);
    assert.deepEqual(await client.call("GetGreeting", { name: "greetings/morning" }), {
      name: "greetings/morning",
      text: "Good morning",
    });
    await client.call("CreateGreeting", { greetingId: "evening", greeting: { text: "Good evening" } });
    const response = await fetch(`${cloud.rest}/hello/v1/greetings/evening`);
    assert.deepEqual(await response.json(), { name: "greetings/evening", text: "Good evening" });
  });

  it("ignores what only the server may set", async () => {
    const response = await post("output-only", { text: "Hi", views: "7" });
    assert.deepEqual(await response.json(), { name: "greetings/output-only", text: "Hi" });
  });

  it("tells an error in the shape of each transport, with reason and metadata", async () => {
    const response = await fetch(`${cloud.rest}/hello/v1/greetings/nobody`);
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), {
      error: {
        code: 404,
        message: "greetings/nobody was not found.",
        status: "NOT_FOUND",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            reason: "RESOURCE_NOT_FOUND",
            domain: "hello.activate.local",
            metadata: { resource: "greetings/nobody" },
          },
        ],
      },
    });
    await assert.rejects(
      client.call("GetGreeting", { name: "greetings/nobody" }),
      (error: ServiceError) => error.code === 5 && error.metadata.get("grpc-status-details-bin").length === 1,
    );
  });

  it("names a method that has no handler", async () => {
    const response = await fetch(`${cloud.rest}/hello/v1/greetings/any`, { method: "DELETE" });
    assert.equal(response.status, 501);
    assert.match(await response.text(), /Greeter\.DeleteGreeting/);
    await assert.rejects(client.call("DeleteGreeting", { name: "greetings/any" }), /12 UNIMPLEMENTED.*DeleteGreeting/);
  });

  const refusals: readonly [title: string, body: string, status: number, message: RegExp][] = [
    [
      "an unknown field",
      '{"text":"x","colour":"red"}',
      400,
      /Unknown name "colour" at 'greeting': Cannot find field\./,
    ],
    ["a number where text belongs", '{"text":7}', 400, /Invalid value at 'greeting\.text' \(TYPE_STRING\), 7/],
    ["a body that is no JSON", "{", 400, /Invalid JSON payload received/],
    ["a missing required field", "{}", 400, /greeting\.text: Required field is not set\./],
    ["a field that it does not honour", '{"text":"x","language":"fr"}', 501, /greeting\.language/],
  ];
  for (const [title, body, status, message] of refusals) {
    it(`refuses ${title}`, async () => {
      const response = await fetch(`${cloud.rest}/hello/v1/greetings?greetingId=refused`, { method: "POST", body });
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.match((JSON.parse(text) as { error: { message: string } }).error.message, message);
      assert.equal((await fetch(`${cloud.rest}/hello/v1/greetings/refused`)).status, 404);
    });
  }

  it("refuses an unknown query parameter by its name", async () => {
    const response = await fetch(`${cloud.rest}/hello/v1/greetings/any?colour=red`);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /Unknown name \\"colour\\": Cannot bind query parameter/);
  });
});
