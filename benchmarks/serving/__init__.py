"""`python -m benchmarks run serving`: a server under more load than it can answer."""
