/** What a template may say, and what it means where it says nothing (google/cloud/run/v2/revision_template.proto, k8s.min.proto). */

import type { FieldViolation } from "../platform/transport/handler.js";
import type { Container, EnvVar, Probe, RevisionTemplate } from "./contract/messages.js";
import {
  CONCURRENCY_DEFAULT,
  CONCURRENCY_MAX,
  ENV_COUNT_MAX,
  ENV_NAME_CHARACTERS_MAX,
  ENV_VALUE_BYTES_MAX,
  INSTANCES_DEFAULT,
  INSTANCES_MAX,
  PORT_DEFAULT,
  RESERVED_ENV,
  RESERVED_PREFIXES,
  SERVICE_ID_LENGTH_MAX,
  TIMEOUT_SECONDS_DEFAULT,
  TIMEOUT_SECONDS_MAX,
} from "./limits.js";

/** Paths that the local cloud honours, below `template`. */
export const TEMPLATE_FIELDS: readonly string[] = [
  "revision",
  "labels",
  "annotations",
  "scaling",
  "timeout",
  "serviceAccount",
  "maxInstanceRequestConcurrency",
  "containers.name",
  "containers.image",
  "containers.command",
  "containers.args",
  "containers.env.name",
  "containers.env.value",
  "containers.ports",
  "containers.startupProbe.initialDelaySeconds",
  "containers.startupProbe.timeoutSeconds",
  "containers.startupProbe.periodSeconds",
  "containers.startupProbe.failureThreshold",
  "containers.startupProbe.httpGet",
  "containers.startupProbe.tcpSocket",
  "containers.livenessProbe.initialDelaySeconds",
  "containers.livenessProbe.timeoutSeconds",
  "containers.livenessProbe.periodSeconds",
  "containers.livenessProbe.failureThreshold",
  "containers.livenessProbe.httpGet",
];

/** Given back as sent, without effect on one machine: it has as much processor and memory as it has. */
export const TEMPLATE_FIELDS_KEPT: readonly string[] = [
  "containers.resources",
  "executionEnvironment",
  "healthCheckDisabled",
];

/** @param defaultAccount address of the service account that a template without one runs as. */
export function completeTemplate(template: RevisionTemplate, defaultAccount: string): RevisionTemplate {
  const containers = (template.containers ?? []).map(completeContainer);
  return {
    ...template,
    scaling: { ...template.scaling, maxInstanceCount: template.scaling?.maxInstanceCount || INSTANCES_DEFAULT },
    timeout: template.timeout ?? `${TIMEOUT_SECONDS_DEFAULT}s`,
    serviceAccount: template.serviceAccount || defaultAccount,
    maxInstanceRequestConcurrency:
      template.maxInstanceRequestConcurrency || (processors(containers[0]) >= 1 ? CONCURRENCY_DEFAULT : 1),
    containers,
  };
}

function completeContainer(container: Container): Container {
  const [port, ...surplus] = container.ports ?? [];
  const { resources } = container;
  const containerPort = port?.containerPort || PORT_DEFAULT;
  return {
    ...container,
    ports: [{ name: port?.name || "http1", containerPort }, ...surplus],
    resources: {
      // Only a template that says nothing about resources gets these two (k8s.min.proto).
      ...(resources ?? { cpuIdle: true, startupCpuBoost: true }),
      limits: { cpu: "1", memory: "512Mi", ...resources?.limits },
    },
    startupProbe: container.startupProbe
      ? completeProbe(container.startupProbe, containerPort)
      : { timeoutSeconds: 240, periodSeconds: 240, failureThreshold: 1, tcpSocket: { port: containerPort } },
    ...(container.livenessProbe ? { livenessProbe: completeProbe(container.livenessProbe, containerPort) } : {}),
  };
}

function completeProbe(probe: Probe, port: number): Probe {
  return {
    ...probe,
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    failureThreshold: probe.failureThreshold || 3,
    ...(probe.httpGet
      ? { httpGet: { ...probe.httpGet, path: probe.httpGet.path || "/", port: probe.httpGet.port || port } }
      : { tcpSocket: { port: probe.tcpSocket?.port || port } }),
  };
}

/** "1" is 1, "500m" is a half. */
function processors(container: Container | undefined): number {
  const text = container?.resources?.limits?.cpu ?? "1";
  return text.endsWith("m") ? Number.parseInt(text, 10) / 1000 : Number(text);
}

export function timeoutSeconds(template: RevisionTemplate): number {
  return Number.parseFloat(template.timeout ?? "0");
}

/** What is wrong with a template, paths below `service.template`. Sentences on ports, timeout and image are recorded. */
export function templateProblems(template: RevisionTemplate, serviceId: string): FieldViolation[] {
  const problems: FieldViolation[] = [];
  const problem = (field: string, description: string): void => {
    problems.push({ field: `service.template${field === "" ? "" : `.${field}`}`, description });
  };
  const { revision, containers = [], scaling } = template;
  if (revision !== undefined && !isRevisionId(revision, serviceId)) {
    problem(
      "revision",
      `revision name must be prefixed by the service name ("${serviceId}-"), use only lowercase letters, digits and hyphens, not end with a hyphen, and be less than 64 characters.`,
    );
  }
  const timeout = timeoutSeconds(template);
  if (timeout > TIMEOUT_SECONDS_MAX) problem("timeout", "maximum allowed time is one hour.");
  if (timeout < 0) problem("timeout", "must not be negative.");
  const concurrency = template.maxInstanceRequestConcurrency ?? 0;
  if (concurrency < 0 || concurrency > CONCURRENCY_MAX) {
    problem("max_instance_request_concurrency", `must be between 1 and ${CONCURRENCY_MAX}; it is ${concurrency}.`);
  }
  const { minInstanceCount: min = 0, maxInstanceCount: max = 0 } = scaling ?? {};
  if (min < 0) problem("scaling.min_instance_count", "must be greater than or equal to 0.");
  if (max < 0 || max > INSTANCES_MAX) problem("scaling.max_instance_count", `must be between 1 and ${INSTANCES_MAX}.`);
  if (max > 0 && min > max) {
    problem("scaling.min_instance_count", "min_instance_count must be less than or equal to max_instance_count.");
  }
  for (const [kind, map] of [
    ["labels", template.labels],
    ["annotations", template.annotations],
  ] as const) {
    const reserved = reservedKey(map);
    if (reserved !== undefined) problem(kind, `"${reserved}" is a system ${kind.slice(0, -1)} and cannot be set.`);
  }
  if (containers.length === 0) problem("containers", "should contain at least one container.");
  containers.forEach((container, index) => {
    for (const { field, description } of containerProblems(container)) {
      problem(`containers[${index}]${field}`, description);
    }
  });
  return problems;
}

function containerProblems(container: Container): FieldViolation[] {
  const problems: FieldViolation[] = [];
  const problem = (field: string, description: string): void => {
    problems.push({ field, description });
  };
  if (!/^[\w][\w.:/-]*(@sha256:[0-9a-f]+)?$/.test(container.image ?? "")) {
    problem(".image", "must be a container image path in the form [hostname/]repo-path[:tag and/or @digest]");
  }
  const ports = container.ports ?? [];
  if (ports.length > 1) problem(".ports", "ports should contain 0 or 1 port.");
  const [port] = ports;
  if (port?.name === "h2c") problem(".ports[0].name", "h2c is not served by the local cloud; use http1.");
  else if (port?.name && port.name !== "http1") problem(".ports[0].name", 'port name must be "http1" or "h2c".');
  if (port?.containerPort !== undefined && (port.containerPort < 1 || port.containerPort > 65_535)) {
    problem(".ports[0].container_port", "must be between 1 and 65535, inclusive.");
  }
  problems.push(...envProblems(container.env ?? []));
  const { limits = {} } = container.resources ?? {};
  for (const [name, quantity] of Object.entries(limits)) {
    if (!["cpu", "memory"].includes(name)) problem(".resources.limits", `unsupported resource "${name}".`);
    else if (!/^\d+(\.\d+)?(m|k|M|G|Ki|Mi|Gi)?$/.test(quantity)) {
      problem(`.resources.limits.${name}`, `Invalid value specified for container ${name}: "${quantity}".`);
    }
  }
  for (const kind of ["startupProbe", "livenessProbe"] as const) {
    const probe = container[kind];
    const { periodSeconds = 10, failureThreshold = 3, timeoutSeconds = 1 } = probe ?? {};
    const path = `.${kind === "startupProbe" ? "startup_probe" : "liveness_probe"}`;
    if (timeoutSeconds > periodSeconds) {
      problem(`${path}.timeout_seconds`, "timeout must be less than or equal to period.");
    }
    if (kind === "startupProbe" && periodSeconds * failureThreshold > 240) {
      problem(path, "period_seconds times failure_threshold must not be more than 240 seconds.");
    }
  }
  return problems;
}

function envProblems(env: readonly EnvVar[]): FieldViolation[] {
  const field = ".env";
  const problems: FieldViolation[] = [];
  const names = env.map(({ name = "" }) => name);
  const reserved = names.filter((name) => RESERVED_ENV.test(name));
  if (reserved.length > 0) {
    problems.push({
      field,
      description: `The following reserved env names were provided: ${reserved.join(", ")}. These values are automatically set by the system.`,
    });
  }
  if (env.length > ENV_COUNT_MAX)
    problems.push({ field, description: `at most ${ENV_COUNT_MAX} variables can be set.` });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.push({ field, description: `env name "${twice}" is given more than once.` });
  for (const { name = "", value = "" } of env) {
    if (name === "" || name.includes("=") || name.length > ENV_NAME_CHARACTERS_MAX) {
      problems.push({ field, description: `"${name.slice(0, 50)}" is no name of an environment variable.` });
    }
    if (value.includes("\0")) problems.push({ field, description: `the value of "${name}" holds a null character.` });
    if (Buffer.byteLength(value) > ENV_VALUE_BYTES_MAX) {
      problems.push({ field, description: `the value of "${name}" is longer than ${ENV_VALUE_BYTES_MAX} bytes.` });
    }
  }
  return problems;
}

export function reservedKey(map: Readonly<Record<string, string>> | undefined): string | undefined {
  return Object.keys(map ?? {}).find((key) => RESERVED_PREFIXES.some((prefix) => key.startsWith(prefix)));
}

export function isServiceId(id: string): boolean {
  return id.length <= SERVICE_ID_LENGTH_MAX && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(id);
}

function isRevisionId(id: string, serviceId: string): boolean {
  return id.length < 64 && id.startsWith(`${serviceId}-`) && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(id);
}
