"""Small files with series, for the tests of models of files."""

import numpy as np


def series_of(count, seed=0):
    """Series of 4 to 9 steps and 2 channels, and their labels: one rises in the first channel, the other falls."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        steps = np.arange(rng.integers(4, 10))[:, None]
        slope = [[1.0, 0.0]] if number % 2 else [[-1.0, 0.0]]
        found.append((100 + 20 * (steps @ slope + 0.3 * rng.normal(size=(len(steps), 2)))).astype("float32"))
    return found, ["rising" if number % 2 else "falling" for number in range(count)]


def write_long_form(path, count=40, seed=0):
    """A CSV file with the columns series, time, x, y and label."""
    lines = ["series,time,x,y,label"]
    for number, (steps, label) in enumerate(zip(*series_of(count, seed), strict=True)):
        lines += [f"s{number},{time},{x:.4f},{y:.4f},{label}" for time, (x, y) in enumerate(steps)]
    path.write_text("\n".join(lines))
    return path


def write_npz(path, count=40, seed=0, **more):
    """A .npz file with the arrays x, y and lengths."""
    series, labels = series_of(count, seed)
    np.savez(path, x=np.concatenate(series), y=labels, lengths=[len(one) for one in series], **more)
    return path
