"""The peer of the endpoint benchmarks: a network of the same size served by FastAPI, with the same answer.

    ENDPOINT_ROWS=2000 python -m uvicorn endpoint:app --workers 2
Learns to reproduce rows of the formula in servedDetector.ts; POST /predict takes {"instances": [{feature: number}]}.
"""
import os

import numpy
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sklearn.neural_network import MLPRegressor

FEATURES = ["a", "b", "c", "d", "e", "f", "g"]
THRESHOLD = 1.0

n = numpy.arange(1, int(os.environ["ENDPOINT_ROWS"]) + 1, dtype=numpy.int64)
share = lambda multiplier, modulus: (n * multiplier % modulus) / modulus
a, b, c = share(48271, 1000003), share(69621, 998244), share(16807, 999983)
data = numpy.column_stack([a, b, c, a + b, a * b, b - c, a * b * c])
mean, deviation = data.mean(0), data.std(0)
scaled = (data - mean) / deviation
network = MLPRegressor(hidden_layer_sizes=(48, 48), max_iter=20, random_state=1).fit(scaled, scaled)


class Request(BaseModel):
    instances: list[dict[str, float]]


app = FastAPI()


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/predict")
async def predict(request: Request):
    rows = numpy.array([[instance[feature] for feature in FEATURES] for instance in request.instances])
    rows = (rows - mean) / deviation
    errors = (network.predict(rows) - rows) ** 2
    scores = errors.mean(1)
    # A JSONResponse spares FastAPI its own look at every value.
    return JSONResponse(
        {
            "predictions": [
                {
                    "score": score,
                    "isAnomaly": score > THRESHOLD,
                    "threshold": THRESHOLD,
                    "contributions": dict(zip(FEATURES, contributions)),
                    "modelVersion": "1",
                }
                for score, contributions in zip(scores.tolist(), errors.tolist())
            ]
        }
    )
