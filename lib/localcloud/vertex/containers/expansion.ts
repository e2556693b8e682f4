/** `$(NAME)` in commands, arguments and values (EnvVar in env_var.proto, ModelContainerSpec in model.proto): as Kubernetes expands it. */

import type { EnvVar } from "../contract/messages.js";

export type Variables = Readonly<Record<string, string>>;

/**
 * Replaces `$(NAME)` by the variable's value; an unknown one stays as it is, `$$(NAME)` becomes `$(NAME)`.
 * @example expand("$(A)/$(B)/$$(A)", { A: "x" }) // "x/$(B)/$(A)"
 */
export function expand(text: string, variables: Variables): string {
  return text.replace(/\$(\$)?\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (found, escaped: string | undefined, name: string) =>
    escaped === undefined ? (variables[name] ?? found) : found.slice(1),
  );
}

/** A user's variables in their order, each seeing the service's own and those before it, on top of the service's own. */
export function expandEnvironment(given: readonly EnvVar[], service: Variables): Record<string, string> {
  const environment: Record<string, string> = { ...service };
  for (const { name = "", value = "" } of given) environment[name] = expand(value, environment);
  return environment;
}
