import type { PubSubResources } from "../../cloud/pubsub.js";
import { numberIn, type Row, textIn } from "../../cloud/rows.js";
import type { Warehouse } from "../../cloud/warehouse.js";
import type { LivePipeline } from "../livePipeline.js";
import type { LiveRun, Poisoned } from "../liveStream.js";
import type { ModelVersions } from "../modelVersions.js";
import { counted, formatNumber } from "../show/format.js";
import { notTried, type Outcome, right, wrong, wrongQuery } from "./outcome.js";

interface Parts {
  readonly warehouse: Warehouse;
  readonly pubsub: PubSubResources;
  readonly pipeline: LivePipeline;
  readonly versions: ModelVersions;
}

/** Scorer, push subscription, dead letters and tables, as they are now. */
export async function checkWired({ pipeline, warehouse }: Parts): Promise<Outcome> {
  const { scorer, pushEndpoint, deadLetterTopic, deadLettersKept, tables } = await pipeline.state();
  const { scorerService, subscription } = warehouse.config;
  if (scorer === undefined && pushEndpoint === undefined)
    return notTried("There is neither scorer nor subscription yet.");
  if (scorer === undefined) {
    return wrong(`There is no Cloud Run service ${scorerService}.`, "The scorer comes first: a push needs an address.");
  }
  if (!scorer.ready) {
    return wrong(
      `The scorer is not ready: ${scorer.reason ?? "nobody says why"}.`,
      "Its log: the last lines say what it lacked.",
    );
  }
  if (pushEndpoint === undefined) {
    return wrong(
      `There is no subscription ${subscription}: nobody brings events to the scorer.`,
      "pipeline.ensure makes it.",
    );
  }
  if (pushEndpoint !== scorer.url) {
    return wrong(
      `${subscription} pushes to ${pushEndpoint}, the scorer is at ${scorer.url}.`,
      "pipeline.ensure points it there.",
    );
  }
  if (deadLetterTopic === undefined || !deadLettersKept) {
    return wrong(
      "Messages that cannot be handled have nowhere to go.",
      "The subscription's dead-letter policy, and the subscription that writes dead letters to their table.",
    );
  }
  const missing = pipeline.tables.filter((name) => !tables.includes(name));
  if (missing.length > 0) return wrong(`There is no ${missing.join(", ")}.`, "pipeline.ensure makes tables and views.");
  return right(`Events of ${warehouse.config.topic} are pushed to ${scorer.id}, and what cannot be handled is kept.`, [
    "Nobody but the push account may call the scorer; run your cell again, and nothing is made twice.",
  ]);
}

/** The participant's query for what was flagged, against what the pipeline wrote. */
export async function checkFlagged(
  { query, live }: { readonly query: string; readonly live: LiveRun },
  { warehouse }: Parts,
): Promise<Outcome> {
  if (query.trim() === "") return notTried("Write a SELECT between the backticks.");
  const message_ids = [...live.messageIds];
  let given: Row[];
  try {
    given = await warehouse.rows(query, query.includes("@ids") ? { params: { ids: message_ids } } : {});
  } catch (thrown) {
    return wrongQuery(thrown);
  }
  const wanted = live.scores.filter(({ flagged }) => flagged).sort((left, right) => right.score - left.score);
  const missing = ["transaction_id", "value", "score"].filter(
    (column) => given[0] !== undefined && !(column in given[0]),
  );
  if (missing.length > 0) return wrong(`The result has no column ${missing.join(", ")}.`, "The list after SELECT.");
  if (given.length !== wanted.length) {
    return wrong(
      `The result has ${counted(given.length, "row")}; of this run's purchases ${formatNumber(wanted.length)} were flagged.`,
      given.length > wanted.length
        ? "Rows of earlier runs, or purchases that were not flagged: WHERE."
        : "WHERE leaves out too much.",
    );
  }
  const stranger = given.find(({ transaction_id }) => !wanted.some((one) => one.transaction_id === transaction_id));
  if (stranger !== undefined) {
    return wrong(`${String(stranger.transaction_id)} was not flagged in this run.`, "WHERE: flagged, and @ids.");
  }
  // By score, not by id: two equal baskets have one score, and either may come first.
  const first = wanted.findIndex(({ score }, index) => given[index]?.score !== score);
  if (first >= 0) {
    return wrong(
      `Row ${first + 1} is ${String(given[first]?.transaction_id)}, it should be ${wanted[first]?.transaction_id}.`,
      "ORDER BY: the farthest first.",
    );
  }
  const found = wanted.filter(({ truth }) => truth === true).length;
  return right(
    `${formatNumber(wanted.length)} purchases to look at; ${formatNumber(found)} of them are planted anomalies.`,
  );
}

/** Every purchase that was scored live, against SQL on the stored event. */
export async function checkAlike({ warehouse, versions, pipeline }: Parts): Promise<Outcome> {
  const { tables } = await pipeline.state();
  const sink = warehouse.config.eventsTable;
  if (!tables.includes(`${sink}_anomaly_once`)) return notTried("There is no table of live decisions yet.");
  const names = { events: `${sink}_once`, features_view: "live_purchase_features" };
  await warehouse.rows("features/purchase_features.sql", { names });
  let compared = 0;
  for (const { version, source_model } of await versions.list()) {
    const model = source_model.slice(source_model.lastIndexOf(".") + 1);
    const rows = await warehouse.rows("live/decided_twice.sql", { names: { sink, model }, params: { version } });
    for (const row of rows) {
      const [live, sql, threshold] = [numberIn(row, "live"), numberIn(row, "sql"), numberIn(row, "threshold")];
      if (row.anomaly !== sql > threshold || Math.abs(live - sql) > 1e-6 * Math.max(1, sql)) {
        return wrong(
          `Purchase ${textIn(row, "transaction_id")}: live ${live.toFixed(6)}, by SQL ${sql.toFixed(6)}, threshold ${threshold.toFixed(6)}.`,
          "Features of the scorer, radii and threshold of the version.",
        );
      }
    }
    compared += rows.length;
  }
  if (compared === 0) return await nothingToCompare(warehouse);
  return right(
    `All ${formatNumber(compared)} live decisions are those of SQL, and the distances agree to a millionth.`,
  );
}

/** Nothing was scored, or by models that SQL does not know. */
async function nothingToCompare(warehouse: Warehouse): Promise<Outcome> {
  const { eventsTable, model } = warehouse.config;
  const scored = await warehouse.rows(
    `SELECT model, COUNT(*) AS purchases FROM ${eventsTable}_anomaly_once GROUP BY model ORDER BY purchases DESC`,
  );
  const [most] = scored;
  if (most === undefined) return notTried("No purchase has been scored live yet.");
  return {
    result: "cannot be checked",
    why: `${textIn(most, "model")} scored ${counted(numberIn(most, "purchases"), "purchase")} live, and SQL knows ${model} only. It has to have the traffic: cleanUp({ confirm: true }) of notebook 06 gives it back; then send again.`,
  };
}

/** A dead letter that was mended and sent again. */
export async function checkReplayed(poisoned: Poisoned, { warehouse }: Parts): Promise<Outcome> {
  const params = { message_ids: [poisoned.messageId] };
  const [letter] = await warehouse.rows("live/dead_letters.sql", { params });
  if (letter === undefined) return notTried(`Message ${poisoned.messageId} is not among the dead letters yet.`);
  const sink = warehouse.config.eventsTable;
  const scored = await warehouse.rows(
    `SELECT message_id, value FROM ${sink}_anomaly_once WHERE transaction_id = @id ORDER BY scored_at DESC`,
    { params: { id: poisoned.transactionId } },
  );
  const [row] = scored;
  if (row === undefined) {
    return wrong(
      `Purchase ${poisoned.transactionId} is still nowhere but among the dead letters (${textIn(letter, "reason")}).`,
      "mend must answer an event whose value is a number; then run the cell that replays it.",
    );
  }
  const expected = Number.parseFloat(poisoned.value);
  if (Math.abs(numberIn(row, "value") - expected) > 0.015) {
    return wrong(
      `It was scored with a value of ${numberIn(row, "value")}; its articles, tax and shipping come to ${expected.toFixed(2)}.`,
      "Prices count once a piece; tax and shipping come on top.",
    );
  }
  return right(`Purchase ${poisoned.transactionId} was dead and is scored; the dead letter stays as a record of why.`);
}
