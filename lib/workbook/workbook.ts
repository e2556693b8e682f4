import type { TrainedModel } from "../cloud/bqml.js";
import type { Connections } from "../cloud/connections.js";
import { ActivateError } from "../cloud/errors.js";
import type { Given } from "../cloud/warehouse.js";
import { type ChallengeId, challenges, needsOf } from "./challenges.js";
import {
  checkBatch,
  checkBreakEven,
  checkCanary,
  checkChallenger,
  checkCloudRun,
  checkPromoted,
  checkRolledBack,
  checkSameScores,
  checkStudy,
} from "./checks/custom.js";
import { checkLargestPurchases } from "./checks/largestPurchases.js";
import { type Outcome, runCheck } from "./checks/outcome.js";
import { checkAlike, checkFlagged, checkReplayed, checkWired } from "./checks/pipeline.js";
import { checkServices, type ServiceChoice } from "./checks/services.js";
import { checkDecision, checkDeployed, checkEndpoint, type Decide, onlineAnswers } from "./checks/serving.js";
import { checkRegistered, checkScreened, checkThreshold, checkUnscreened } from "./checks/training.js";
import type { DecisionPair } from "./figures/serving.js";
import type { LiveRun, Poisoned } from "./liveStream.js";
import { normalizedDistance } from "./purchases.js";
import { type Services, servicesOf } from "./services.js";
import { architectureHtml } from "./show/architecture.js";
import type { Output } from "./show/output.js";
import { Show } from "./show/show.js";
import { architectureState } from "./state.js";
import { build, made, takeBack } from "./steps.js";
import type { TrainingRun } from "./training.js";

/** What each check is given. */
export interface Answers {
  /** 00: a service for each need. */
  services: ServiceChoice;
  /** 00: a query for the ten largest purchases. */
  largest: string;
  /** 01: a model of all training purchases. */
  unscreened: TrainedModel | undefined;
  /** 01: a model without the farthest tenth. */
  screened: TrainedModel | undefined;
  /** 01: the threshold of that model. */
  threshold: { of: TrainedModel | undefined; at: number };
  /** 03: the decision from the endpoint's answer. */
  decision: Decide;
  /** 04: a query for what was flagged live. */
  flagged: { query: string; live: LiveRun };
  /** 04: the message that was poisoned. */
  replayed: Poisoned;
  /** 05: a run for each pair of two settings. */
  study: readonly TrainingRun[];
  /** 08: predictions a second from which on a node is the cheaper one. */
  breakEven: number;
}

/** Checks that look at what there is, without being given anything. */
export type StateCheck =
  | "registered"
  | "endpoint"
  | "deployed"
  | "wired"
  | "alike"
  | "challenger"
  | "canary"
  | "promoted"
  | "rolledBack"
  | "batch"
  | "cloudRun"
  | "sameScores";

/** The check of a task; `Answer` is what it answers beside showing what it found. */
export interface Check<Answer> {
  (name: StateCheck): Promise<Answer>;
  <Name extends keyof Answers>(name: Name, answer: Answers[Name]): Promise<Answer>;
}

/** An opened challenge: the services, what shows results, and the checks. */
export interface Workbook extends Services {
  readonly show: Show;
  /** Shows what the check found. @throws CheckFailed when ACTIVATE_CHECKS is strict and the answer is not right. */
  readonly check: Check<void>;
  /** As `check`, for programs: answers what was found. */
  readonly outcomeOf: Check<Outcome>;
  /** Draws the architecture, with what exists lit up. */
  readonly architecture: () => Promise<void>;
  /** Builds what this challenge needs from the ones before; what is there is left alone. */
  readonly prepare: () => Promise<void>;
  /** As `bqml.train`, and says what came of it. An empty statement trains nothing and says so. */
  readonly train: (statement: string, names?: Given["names"]) => Promise<TrainedModel | undefined>;
  /** Every purchase decided by SQL and by the endpoint's answer. */
  readonly decideTwice: () => Promise<{ readonly pairs: readonly DecisionPair[]; readonly threshold: number }>;
  /** Says what this challenge made and what it costs; with `confirm: true` removes it. */
  readonly cleanUp: (options: { readonly confirm: boolean }) => Promise<void>;
}

/** The workbook of a challenge over given connections; notebooks call `open`. */
export function workbookOf(challenge: ChallengeId, connections: Connections, output: Output): Workbook {
  const show = new Show(output);
  const services = servicesOf(connections, show);
  const { config, bqml } = services;

  const looks: { [Name in keyof Answers]: (answer: Answers[Name]) => Promise<Outcome> } & {
    [Name in StateCheck]: () => Promise<Outcome>;
  } = {
    services: (choice) => checkServices(choice),
    largest: (query) => checkLargestPurchases(query, services.warehouse),
    unscreened: (model) => checkUnscreened(model, services),
    screened: (model) => checkScreened(model, services),
    threshold: (answer) => checkThreshold(answer, services),
    registered: () => checkRegistered(services),
    endpoint: () => checkEndpoint(services),
    deployed: () => checkDeployed(services),
    decision: (decide) => checkDecision(decide, services),
    wired: () => checkWired(services),
    flagged: (answer) => checkFlagged(answer, services),
    alike: () => checkAlike(services),
    replayed: (poisoned) => checkReplayed(poisoned, services),
    study: (runs) => checkStudy(runs, services),
    challenger: () => checkChallenger(services),
    canary: () => checkCanary(services),
    promoted: () => checkPromoted(services),
    rolledBack: () => checkRolledBack(services),
    batch: () => checkBatch(services),
    cloudRun: () => checkCloudRun(services),
    sameScores: () => checkSameScores(services),
    breakEven: (guess) => checkBreakEven(guess, services),
  };
  const outcomeOf = async (name: keyof typeof looks, answer?: unknown): Promise<Outcome> => {
    const look = looks[name] as ((answer: unknown) => Promise<Outcome>) | undefined;
    if (look === undefined) {
      throw new ActivateError(
        "INVALID_ARGUMENT",
        `There is no check "${name}". Known: ${Object.keys(looks).join(", ")}.`,
      );
    }
    return await runCheck(name, () => look(answer), output, config.checks === "strict");
  };

  const prepare = async (): Promise<void> => {
    for (const id of needsOf(challenge)) {
      const bar = show.progress(`${id} ${challenges[id].title}`);
      try {
        await build[id](services, show);
        bar.finish("there");
      } catch (thrown) {
        bar.fail();
        throw thrown;
      }
    }
  };

  const train = async (statement: string, names: Given["names"] = {}): Promise<TrainedModel | undefined> => {
    if (statement.trim() === "") {
      show.text("Nothing to train yet: the statement is empty.");
      return undefined;
    }
    const bar = show.progress("Train");
    try {
      const model = await bqml.train(statement, { names });
      const rows = model.clusters.reduce((sum, { cluster_size }) => sum + cluster_size, 0);
      const what = `${model.modelId}, ${model.clusters.length} clusters from ${rows.toLocaleString("en-US")} rows in ${model.iterations} iterations`;
      bar.finish(model.created ? what : `${what}; the same statement was trained before, here it is again`);
      return model;
    } catch (thrown) {
      bar.fail();
      throw thrown;
    }
  };

  const decideTwice = async () => {
    const answers = await onlineAnswers(services);
    if ("result" in answers) {
      throw new ActivateError("NOT_FOUND", "says" in answers ? answers.says : "why" in answers ? answers.why : "");
    }
    const { clusters, threshold } = answers;
    const pairs = answers.rows.map(({ transaction_id, sql, truth, answer }) => ({
      transaction_id,
      sql,
      truth,
      online: normalizedDistance(answer, clusters).normalizedDistance,
    }));
    return { pairs, threshold };
  };

  const cleanUp = async ({ confirm }: { readonly confirm: boolean }): Promise<void> => {
    const things = await made[challenge](services);
    if (things.length === 0) return show.text("This challenge has made nothing that is still there.");
    if (!confirm) {
      show.table(
        things.map((thing) => ({ thing })),
        { caption: "Still there. confirm: true removes it." },
      );
      return;
    }
    await takeBack[challenge](services, show);
    show.table(things.map((thing) => ({ removed: thing })));
  };

  return {
    ...services,
    show,
    // Without a value: the kernel would print it below what is shown.
    check: async (name: keyof typeof looks, answer?: unknown) => {
      await outcomeOf(name, answer);
    },
    outcomeOf,
    architecture: async () => show.html(architectureHtml(await architectureState(services), challenge)),
    prepare,
    train,
    decideTwice,
    cleanUp,
  };
}
