import type { ContractSource } from "../platform/contract/source.js";

/** What a service of Google's takes from its npm package, written out: protobufjs' JSON form of a `.proto`. */
export const helloContractSource: ContractSource = {
  files: [
    {
      definitions: {
        nested: {
          activate: {
            nested: {
              hello: {
                nested: {
                  v1: {
                    nested: {
                      Greeter: {
                        methods: {
                          CreateGreeting: {
                            requestType: "CreateGreetingRequest",
                            responseType: "Greeting",
                            parsedOptions: [{ "(google.api.http)": { post: "/hello/v1/greetings", body: "greeting" } }],
                          },
                          GetGreeting: {
                            requestType: "GetGreetingRequest",
                            responseType: "Greeting",
                            parsedOptions: [{ "(google.api.http)": { get: "/hello/v1/{name=greetings/*}" } }],
                          },
                          DeleteGreeting: {
                            requestType: "GetGreetingRequest",
                            responseType: "Greeting",
                            parsedOptions: [{ "(google.api.http)": { delete: "/hello/v1/{name=greetings/*}" } }],
                          },
                        },
                      },
                      CreateGreetingRequest: {
                        fields: {
                          greetingId: { type: "string", id: 1, options: { "(google.api.field_behavior)": "REQUIRED" } },
                          greeting: {
                            type: "Greeting",
                            id: 2,
                            options: { "(google.api.field_behavior)": "REQUIRED" },
                          },
                        },
                      },
                      GetGreetingRequest: { fields: { name: { type: "string", id: 1 } } },
                      Greeting: {
                        fields: {
                          name: { type: "string", id: 1 },
                          text: { type: "string", id: 2, options: { "(google.api.field_behavior)": "REQUIRED" } },
                          language: { type: "string", id: 3 },
                          views: {
                            type: "int64",
                            id: 4,
                            options: { "(google.api.field_behavior)": "OUTPUT_ONLY" },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  ],
  services: ["activate.hello.v1.Greeter"],
  knownServices: [],
  routes: {},
};

export interface Greeting {
  readonly name?: string | undefined;
  readonly text?: string | undefined;
  readonly language?: string | undefined;
  readonly views?: string | undefined;
}

/** A real service generates this: `describeTypeScript` of platform/contract. */
export type Methods = {
  readonly "Greeter.CreateGreeting": {
    readonly request: { readonly greetingId?: string; readonly greeting?: Greeting };
    readonly response: Greeting;
  };
  readonly "Greeter.GetGreeting": { readonly request: { readonly name?: string }; readonly response: Greeting };
};
