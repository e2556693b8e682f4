export interface Call {
  readonly service: string;
  /** Such as "deployModel". */
  readonly method: string;
  /** As the library handed it to the client. */
  readonly request: unknown;
}

/** Has every call of the client noted before it is made. */
export function record(service: string, client: object, calls: Call[]): void {
  const methods = client as Record<string, unknown>;
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(client)).filter(
    (name) =>
      /^(list|get|create|update|delete|deploy|undeploy|upload|cancel|mutate|merge|predict|rawPredict)[A-Za-z]*$/.test(
        name,
      ) && !/Async|Stream|Client|ProjectId/.test(name),
  );
  for (const method of names) {
    const call = methods[method];
    if (typeof call !== "function") continue;
    methods[method] = (...given: unknown[]) => {
      calls.push({ service, method, request: given[0] });
      return call.apply(client, given);
    };
  }
}
