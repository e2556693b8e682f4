"""The peer of the training benchmark: the same denoising autoencoder in Keras, on the processor.

    python autoencoder.py ROWS EPOCHS BATCH UNITS NOISE
Makes the rows (the formula is that of rows/train.ts), prints "ready", then for each line on standard input trains a new network and prints
one JSON line: seconds, the last epoch's loss and the peak memory of the process in MB.
"""
import json
import os
import resource
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
import numpy

rows, epochs, batch, units = (int(word) for word in sys.argv[1:5])
noise = float(sys.argv[5])
n = numpy.arange(1, rows + 1, dtype=numpy.int64)
share = lambda multiplier, modulus: (n * multiplier % modulus) / modulus
a, b, c = share(48271, 1000003), share(69621, 998244), share(16807, 999983)
data = numpy.column_stack([a, b, c, a + b, a * b, b - c, a * b * c])
data = ((data - data.mean(0)) / data.std(0)).astype("float32")


def train():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.layers.Input((data.shape[1],)),
            keras.layers.GaussianNoise(noise),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(data.shape[1]),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse")
    return model.fit(data, data, epochs=epochs, batch_size=batch, verbose=0).history["loss"][-1]


print("ready", flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    loss = train()
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "loss": loss, "peakMegabytes": peak}), flush=True)
