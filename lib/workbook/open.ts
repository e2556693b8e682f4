import type { Config } from "../cloud/config.js";
import { loadConfig } from "../cloud/config.js";
import { Connections } from "../cloud/connections.js";
import { ActivateError } from "../cloud/errors.js";
import { didYouMean } from "../cloud/nearest.js";
import { type ChallengeId, challengeIds, challenges, isChallengeId } from "./challenges.js";
import { formatDuration } from "./show/format.js";
import { html } from "./show/html.js";
import { kernelOutput, type Output } from "./show/output.js";
import { colors, theme } from "./show/theme.js";
import { type Workbook, workbookOf } from "./workbook.js";

/**
 * Opens a challenge: reads the configuration, starts the local cloud if it is the target and does not run, says where it runs.
 * @param challenge "00", "01" …
 * @param output Default: the cell's.
 * @throws ActivateError CONFIGURATION with all that is wrong; INVALID_ARGUMENT for an unknown challenge.
 */
export async function open(challenge: ChallengeId, output?: Output): Promise<Workbook> {
  if (!isChallengeId(challenge)) {
    const given = String(challenge);
    throw new ActivateError("INVALID_ARGUMENT", `There is no challenge "${given}".${didYouMean(given, challengeIds)}`);
  }
  const start = performance.now();
  const shown = output ?? (await kernelOutput());
  const config = loadConfig();
  const where = config.target === "gcp" ? "Google Cloud: what you create costs money" : await startLocalCloud(config);
  const workbook = workbookOf(challenge, new Connections(config), shown);
  shown.slot().html(banner(challenge, config, where, performance.now() - start));
  return workbook;
}

/** Finds or starts the local cloud, and lets this process know where it is. */
async function startLocalCloud(config: Config): Promise<string> {
  if (process.env.ACTIVATE_LOCAL_REST === undefined || process.env.ACTIVATE_LOCAL_GRPC === undefined) {
    const { launchLocalCloud } = await import("../localcloud/launch/index.js");
    const cloud = await launchLocalCloud({ project: config.project });
    process.env.ACTIVATE_LOCAL_REST = cloud.rest;
    process.env.ACTIVATE_LOCAL_GRPC = cloud.grpc;
  }
  return `the local cloud on this machine (${process.env.ACTIVATE_LOCAL_REST})`;
}

function banner(challenge: ChallengeId, config: Config, where: string, took: number): string {
  const { title } = challenges[challenge];
  return html`<div style="font:14px/1.5 ${theme.font};color:${theme.text};border-left:4px solid ${colors.accent};padding:6px 14px;margin:4px 0"><b>${challenge} ${title}</b><br><span style="color:${theme.muted}">runs on ${where}; project ${config.project}, ${config.region}, dataset ${config.dataset}. Ready in ${formatDuration(took)}.</span></div>`
    .text;
}
