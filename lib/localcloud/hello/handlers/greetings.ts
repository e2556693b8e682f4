/** Greetings. Contract: activate.hello.v1.Greeter, gRPC and REST alike. */

import { CloudError } from "../../platform/errors.js";
import { resourceName } from "../../platform/names.js";
import type { DocumentStore } from "../../platform/store.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Greeting, Methods } from "../contractSource.js";

const greetingName = resourceName("greetings/{greeting}");

const COLLECTION = "hello/greetings";

export function greetingHandlers(store: DocumentStore): Handlers<Methods> {
  return {
    /** Durable when it returns. @throws ALREADY_EXISTS when the id is taken, UNIMPLEMENTED for a language. */
    "Greeter.CreateGreeting": async (request) => {
      refuseUnsupported(request, { honoured: ["greetingId", "greeting.text"] });
      const greeting = request.greetingId ?? "";
      const name = greetingName.format({ greeting });
      if (store.get(COLLECTION, greeting) !== undefined) {
        throw new CloudError("ALREADY_EXISTS", `${name} already exists.`, {
          reason: "RESOURCE_ALREADY_EXISTS",
          metadata: { resource: name },
        });
      }
      const created: Greeting = { name, text: request.greeting?.text };
      await store.write([{ collection: COLLECTION, key: greeting, value: created }]);
      return created;
    },

    /** @throws NOT_FOUND */
    "Greeter.GetGreeting": (request) => {
      const { greeting } = greetingName.parse(request.name, "name");
      const found = store.get<Greeting>(COLLECTION, greeting);
      if (found) return found;
      throw new CloudError("NOT_FOUND", `${request.name} was not found.`, {
        reason: "RESOURCE_NOT_FOUND",
        metadata: { resource: request.name ?? "" },
      });
    },
  };
}
