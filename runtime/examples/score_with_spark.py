"""Score a table of texts with Spark: spark-submit score_with_spark.py MODEL.unspool TEXTS.parquet OUT."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from pyspark import SparkFiles
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.functions import pandas_udf


def scorer(name: str) -> Callable[..., Column]:
    """A column function from texts to labels and their probabilities. `name` is a file added to the session."""

    @pandas_udf("label string, probability double")
    def scored(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        from unspool_runtime import Model

        model = Model.load(SparkFiles.get(name))  # once for all batches of a partition
        for texts in batches:
            outputs = model.outputs(texts.tolist())
            probabilities = model.probabilities_of(outputs)
            yield pd.DataFrame({"label": model.decide(outputs), "probability": probabilities.max(axis=1)})

    return scored


def score(texts: DataFrame, model: str) -> DataFrame:
    """Add the columns "label" and "probability" to a table with the column "text"."""
    texts.sparkSession.sparkContext.addFile(model)
    found = texts.withColumn("found", scorer(Path(model).name)("text"))
    return found.select(*texts.columns, "found.label", "found.probability")


if __name__ == "__main__":
    session = SparkSession.builder.getOrCreate()
    score(session.read.parquet(sys.argv[2]), sys.argv[1]).write.parquet(sys.argv[3])
