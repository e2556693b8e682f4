import { quoteText } from "../engine/duckTypes.js";
import { USER_EMAIL } from "../jobResource.js";
import type { Family } from "./call.js";

/** Who asks: the one user of the local cloud. */
export const security: Family = {
  scalars: { session_user: () => quoteText(USER_EMAIL) },
};
