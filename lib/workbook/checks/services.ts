import { notTried, type Outcome, right, wrong } from "./outcome.js";

/** Which Google Cloud service is to meet each need, in the participant's words. */
export interface ServiceChoice {
  train: string;
  version: string;
  serve: string;
  orchestrate: string;
}

type Need = keyof ServiceChoice;

interface Verdict {
  readonly names: RegExp;
  readonly fits: boolean;
  readonly remark: string;
}

/** What is to be said about the usual answers. The first that matches counts. */
const verdicts: Readonly<Record<Need, readonly Verdict[]>> = {
  train: [
    {
      names: /auto\s?ml/i,
      fits: false,
      remark:
        "AutoML for tables learns from labelled rows. The shop has no labels: nobody told it which purchases are wrong.",
    },
    {
      names: /big\s?query|bqml/i,
      fits: true,
      remark:
        "BigQuery ML trains where the data lie, by one SQL statement: the shortest way, and the workbook's first.",
    },
    {
      names: /custom|training|workbench|notebook/i,
      fits: true,
      remark:
        "Custom training on Vertex AI gives every freedom and asks for a container; notebook 05 takes this way for an autoencoder.",
    },
  ],
  version: [
    {
      names: /registry/i,
      fits: true,
      remark:
        "The Model Registry counts versions, moves aliases such as champion from one to the next, and knows what is deployed where.",
    },
    {
      names: /storage|bucket|gcs|git|artifact/i,
      fits: false,
      remark:
        "A bucket or a repository keeps files. It does not know which version answers in production, nor can an alias move.",
    },
    {
      names: /big\s?query|bqml/i,
      fits: false,
      remark:
        "BigQuery keeps models under names; a replaced one is gone. Versions and aliases are somebody else's job.",
    },
  ],
  serve: [
    {
      names: /endpoint|prediction/i,
      fits: true,
      remark:
        "A Vertex AI endpoint answers within milliseconds, shares traffic among versions, and runs a BigQuery ML model without a container.",
    },
    {
      names: /run/i,
      fits: true,
      remark:
        "Cloud Run can serve a model in a container of yours, and scales to zero; notebook 08 compares it with an endpoint.",
    },
    {
      names: /big\s?query|bqml|sql/i,
      fits: false,
      remark:
        "A query decides well about a day's purchases, and takes a second for a single one: too long at the checkout.",
    },
    {
      names: /function|app engine|gke|kubernetes/i,
      fits: true,
      remark:
        "It can be built so; what an endpoint brings along (traffic split, scaling, the registry's models) is then yours to write.",
    },
  ],
  orchestrate: [
    {
      names: /pipeline/i,
      fits: true,
      remark:
        "Vertex AI Pipelines runs train, evaluate and deploy as one graph, remembers what came from what, and can stop at a gate.",
    },
    {
      names: /composer|airflow/i,
      fits: true,
      remark: "Cloud Composer orchestrates anything, not only models; it costs by the hour even when nothing runs.",
    },
    {
      names: /workflow/i,
      fits: true,
      remark: "Workflows is small and cheap; lineage of models and caching of steps are then yours.",
    },
    {
      names: /scheduler|cron/i,
      fits: false,
      remark: "A scheduler starts things. It knows no order of steps and no gate: it needs something to start.",
    },
  ],
};

const asks: Readonly<Record<Need, string>> = {
  train: "finds out what a normal purchase looks like",
  version: "keeps every trained model under a number",
  serve: "answers about one purchase within milliseconds",
  orchestrate: "does all of it again next week",
};

/** Discusses the choice: several answers are right, for different reasons. */
export async function checkServices(choice: ServiceChoice): Promise<Outcome> {
  const needs = Object.keys(asks) as Need[];
  const answered = needs.filter((need) => choice[need].trim() !== "");
  if (answered.length === 0) return notTried("Write the name of a service between the quotes, one for each need.");
  const judged = answered.map((need) => ({ need, ...judge(need, choice[need]) }));
  const remarks = judged.map(({ need, remark }) => `${need}: ${remark}`);
  const unfit = judged.filter(({ fits }) => !fits).map(({ need }) => need);
  const open = needs.filter((need) => choice[need].trim() === "");
  if (unfit.length > 0) {
    return wrong(
      `${listed(unfit)} would meet its limits.`,
      "Read the remarks below, then the hints; the product pages that they link say what each service is for.",
      remarks,
    );
  }
  if (open.length > 0) {
    return wrong(
      `${listed(open)} has no service yet.`,
      `What ${asks[open[0] ?? "train"]}? A hint names the candidates.`,
      remarks,
    );
  }
  return right("That architecture carries. What speaks for each part:", remarks);
}

function judge(need: Need, answer: string): { fits: boolean; remark: string } {
  const verdict = verdicts[need].find(({ names }) => names.test(answer));
  return (
    verdict ?? {
      fits: false,
      remark: `"${answer}" is not a service that we know for this; it should be one that ${asks[need]}.`,
    }
  );
}

const listed = (needs: readonly string[]): string => needs.map((need) => `"${need}"`).join(" and ");
