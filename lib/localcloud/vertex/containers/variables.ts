import type { FieldViolation } from "../../platform/transport/handler.js";
import type { EnvVar } from "../contract/messages.js";
import { ENVIRONMENT_VARIABLES_MAX } from "../limits.js";

/** Names must be C identifiers (env_var.proto). */
export function environmentProblems(variables: readonly EnvVar[], field: string): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (variables.length > ENVIRONMENT_VARIABLES_MAX) {
    violations.push({
      field,
      description: `At most ${ENVIRONMENT_VARIABLES_MAX} environment variables can be set; these are ${variables.length}.`,
    });
  }
  const bad = variables.find(({ name }) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name ?? ""));
  if (bad) {
    violations.push({ field, description: `"${bad.name ?? ""}" is no name of an environment variable.` });
  }
  return violations;
}
