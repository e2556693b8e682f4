import { invalidFunction } from "../columns.js";
import { double } from "../state.js";
import { isOptimal } from "../tuning.js";
import { BOOL, type Call, FLOAT64, INT64, numberOf, STRING, settings, struct, type TableFunction } from "./inputs.js";

/** Table functions of models with hyperparameter tuning: a first column `trial_id` (seen, contracts 1.2). */

const TRIAL_ID = { name: "trial_id", type: INT64 };

/** The function's rows of every trial. */
export const ofEveryTrial = (run: TableFunction): TableFunction => ({
  outputColumns: (call) => (call.state.trials ? [TRIAL_ID, ...run.outputColumns(call)] : run.outputColumns(call)),
  write: (call, input) => {
    const { trials } = call.state;
    if (!trials) return run.write(call, input);
    return trials
      .map((trial) => withTrialId(trial.trialId, run.write({ ...call, state: { ...call.state, ...trial } }, input)))
      .join(" UNION ALL ");
  },
});

/** The function's rows of the best trial. */
export const ofBestTrial = (run: TableFunction): TableFunction => ofOneTrial(run, (call) => call);

/** The same, or of the trial that the setting `trial_id` names. */
export const ofChosenTrial = (run: TableFunction): TableFunction => ofOneTrial(run, chosen);

function ofOneTrial(run: TableFunction, choose: (call: Call) => Call): TableFunction {
  return {
    outputColumns: (call) =>
      call.state.trials ? [TRIAL_ID, ...run.outputColumns(choose(call))] : run.outputColumns(call),
    write: (call, input) => {
      if (!call.state.trials) return run.write(call, input);
      const one = choose(call);
      return withTrialId(one.state.optimalTrialId ?? 1, run.write(one, input));
    },
  };
}

/** The call on the trial that its settings name, as if it were the best one. */
function chosen(call: Call): Call {
  const named = settings(call, ["trial_id"]).get("trial_id");
  const others = call.arguments.filter((argument) => argument.kind !== "scalar");
  if (named === undefined) return { ...call, arguments: others };
  const trial = call.state.trials?.find(({ trialId }) => trialId === numberOf(named));
  if (!trial) {
    throw invalidFunction(
      call.name,
      `Trial ${String(named)} is not found: the model has ${call.state.trials?.length}.`,
    );
  }
  return { ...call, state: { ...call.state, ...trial, optimalTrialId: trial.trialId }, arguments: others };
}

const withTrialId = (trialId: number, sql: string): string => `SELECT ${trialId}::BIGINT AS trial_id, * FROM (${sql})`;

const OUTPUT = [
  TRIAL_ID,
  { name: "hyperparameters", type: struct({ name: "num_clusters", type: INT64 }) },
  { name: "hparam_tuning_evaluation_metrics", type: struct({ name: "davies_bouldin_index", type: FLOAT64 }) },
  { name: "training_loss", type: FLOAT64 },
  { name: "eval_loss", type: FLOAT64 },
  { name: "status", type: STRING },
  { name: "error_message", type: STRING },
  { name: "is_optimal", type: BOOL },
];

/** ML.TRIAL_INFO: one row a trial. */
export const trialInfo: TableFunction = {
  outputColumns: (call) => {
    settings(call, []);
    if (!call.state.trials) {
      throw invalidFunction(call.name, "The model was trained without hyperparameter tuning (NUM_TRIALS).");
    }
    return OUTPUT;
  },
  write: ({ state }) => {
    const rows = (state.trials ?? []).map((trial) =>
      [
        `${trial.trialId}::BIGINT`,
        `{'_1': ${trial.centroids.length}::BIGINT}`,
        `{'_1': ${double(trial.daviesBouldinIndex)}}`,
        double(trial.meanSquaredDistance),
        "NULL::DOUBLE",
        "'SUCCEEDED'",
        "NULL::VARCHAR",
        String(isOptimal(state, trial)),
      ].join(", "),
    );
    const names = OUTPUT.map(({ name }) => name).join(", ");
    return `SELECT * FROM (VALUES ${rows.map((row) => `(${row})`).join(", ")}) AS v(${names})`;
  },
};
