"""The peer of the k-means benchmark: reads rows from Parquet, standardizes, clusters and computes distances with scikit-learn.

    python kmeans.py ROWS PARQUET
Writes the rows first (the formula is that of rows/kmeans.ts), prints "ready", then for each line on standard input one JSON
line: seconds and the sorted centroids in the units of the data.
"""
import json
import sys
import time

import numpy
import pyarrow
import pyarrow.parquet
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

rows, path = int(sys.argv[1]), sys.argv[2]
n = numpy.arange(rows, dtype=numpy.int64)
MULTIPLIERS = ((48271, 69621, 16807), (39373, 40692, 40014), (65539, 30269, 30307), (44485, 22695, 12345), (17364, 8121, 28411))


def share(multiplier, modulus):
    return ((n + 1) * multiplier % modulus) / modulus


columns = {
    f"x{j + 1}": share(a, 1000003) + share(b, 998244) + share(c, 999983) + (n % 4) * (0.25 + j / 8)
    for j, (a, b, c) in enumerate(MULTIPLIERS)
}
pyarrow.parquet.write_table(pyarrow.table(columns), path)
starts = [11, 22, 33, 44]
print("ready", flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    table = pyarrow.parquet.read_table(path)
    data = numpy.column_stack([column.to_numpy() for column in table.columns])
    scaler = StandardScaler()
    standardized = scaler.fit_transform(data)
    model = KMeans(4, init=standardized[starts], n_init=1, max_iter=10, tol=0, algorithm="lloyd").fit(standardized)
    model.transform(standardized)
    seconds = time.perf_counter() - begin
    centroids = scaler.inverse_transform(model.cluster_centers_)
    print(json.dumps({"seconds": seconds, "iterations": int(model.n_iter_), "centroids": sorted(centroids.tolist())}), flush=True)
