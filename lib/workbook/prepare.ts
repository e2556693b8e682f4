import { loadConfig } from "../cloud/config.js";
import { Connections } from "../cloud/connections.js";
import { ActivateError } from "../cloud/errors.js";
import { didYouMean } from "../cloud/nearest.js";
import { type ChallengeId, challengeIds, challenges, isChallengeId, needsOf } from "./challenges.js";
import { servicesOf } from "./services.js";
import { RecordedOutput } from "./show/output.js";
import { Show } from "./show/show.js";
import { build, made, takeBack } from "./steps.js";

/**
 * Builds what a challenge needs from the ones before it; what is there is left alone.
 * @param challenge "00", "01" …
 * @param report called with one line a step.
 * @throws ActivateError INVALID_ARGUMENT for an unknown challenge; else what the services refuse.
 */
export async function prepare(challenge: string, report: (line: string) => void): Promise<void> {
  const before = needsOf(known(challenge));
  await withServices(async (services, show) => {
    for (const id of before) {
      report(`${id} ${challenges[id].title}`);
      await build[id](services, show);
    }
    report(
      before.length === 0 ? `${challenge} needs nothing from other notebooks.` : `${challenge} has what it needs.`,
    );
  });
}

/** Removes what a challenge made, and says what. @throws as `prepare` */
export async function reset(challenge: string, report: (line: string) => void): Promise<void> {
  const id = known(challenge);
  await withServices(async (services, show) => {
    const things = await made[id](services);
    if (things.length === 0) return report(`${id} has made nothing that is still there.`);
    await takeBack[id](services, show);
    for (const thing of things) report(`removed: ${thing}`);
  });
}

function known(challenge: string): ChallengeId {
  if (isChallengeId(challenge)) return challenge;
  throw new ActivateError(
    "INVALID_ARGUMENT",
    `There is no challenge "${challenge}". Known: ${challengeIds.join(", ")}.${didYouMean(challenge, challengeIds)}`,
  );
}

async function withServices(
  work: (services: ReturnType<typeof servicesOf>, show: Show) => Promise<void>,
): Promise<void> {
  const connections = new Connections(loadConfig());
  const show = new Show(new RecordedOutput());
  try {
    await work(servicesOf(connections, show), show);
  } finally {
    await connections.close();
  }
}
