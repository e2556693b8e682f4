/** Revisions. Contract: google.cloud.run.v2.Revisions, gRPC and REST alike. */

import { CloudError } from "../../platform/errors.js";
import { page } from "../../platform/pages.js";
import { timestamp } from "../../platform/time.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods } from "../contract/messages.js";
import { revisionServes } from "../errors.js";
import { toRevision } from "../resource.js";
import type { Run } from "../run.js";
import type { RevisionRecord } from "../store.js";

export function revisionHandlers({ names, store, operations, fleet, clock }: Run): Handlers<Methods> {
  return {
    /** @throws NOT_FOUND */
    "Revisions.GetRevision": (request) => toRevision(store, store.revision(names.parseRevision(request.name, "name"))),

    /** Newest first. @throws NOT_FOUND */
    "Revisions.ListRevisions": (request) => {
      refuseUnsupported(request, { honoured: ["parent", "pageSize", "pageToken"], ignored: ["showDeleted"] });
      const reference = names.parseService(request.parent, "parent");
      store.service(reference);
      const newest = { read: (revision: RevisionRecord) => revision.generation, descending: true };
      const { items, nextPageToken } = page(store.revisions(reference), request, [newest], (one) => one.revision, [
        "revisions",
        reference,
      ]);
      return { revisions: items.map((revision) => toRevision(store, revision)), nextPageToken };
    },

    /** @throws NOT_FOUND, FAILED_PRECONDITION while it serves or is the latest, ABORTED for a stale etag */
    "Revisions.DeleteRevision": async (request) => {
      const reference = names.parseRevision(request.name, "name");
      const resource = await store.exclusive(async () => {
        const record = store.revision(reference);
        const shown = toRevision(store, record);
        if (request.etag && request.etag !== shown.etag) {
          throw new CloudError("ABORTED", `${request.name} has changed since it was read.`);
        }
        const service = store.service(reference);
        const isReached = service.serving.traffic.some(({ revision }) => revision === record.revision);
        if (isReached || service.latestCreated === record.revision) throw revisionServes(record.revision);
        const deleted = { ...shown, deleteTime: timestamp(clock.now()) };
        if (!request.validateOnly) {
          await store.write([store.removeRevision(reference)]);
          fleet.removeRevision(reference, record.revision).catch(() => undefined);
        }
        return deleted;
      });
      return operations.start("deleteRevision", names.location(reference.location), { resource });
    },
  };
}
