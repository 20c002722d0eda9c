"""Figures of an autoencoder: what it reconstructs, its latent space, what it generates."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unspool.evaluation.pictures import LatentWalk, Pictures
from unspool.evaluation.result import Result
from unspool.report.figures.parts import PAGE_WIDTH, Drawing, fitted, new_figure
from unspool.report.figures.theme import CLASS_COLOURS, INK, PAPER
from unspool.report.figures.tiles import Floats, draw_tiles, gap_between, ink, mosaic

_LABEL_WIDTH = 12  # characters of a label's name
_LABELS_APART = 0.055  # of the axes' side


def has_pictures(result: Result) -> bool:
    """Whether there is something to draw."""
    return result.pictures is not None


def has_walk(result: Result) -> bool:
    """Whether the latent space has two dimensions."""
    return result.pictures is not None and result.pictures.walk is not None


def _of(result: Result) -> Pictures:
    assert result.pictures is not None
    return result.pictures


def reconstructions_figure(result: Result) -> Figure:
    """Draw test images above what the autoencoder makes of them."""
    pictures = _of(result)
    names = [_name(result, label) for label in pictures.labels]
    return _rows_figure(np.stack([pictures.originals, pictures.reconstructions]), ["original", "reconstructed"], names)


def class_averages_figure(result: Result) -> Figure:
    """Draw the mean image of each label above what the autoencoder makes of it."""
    averages = _of(result).class_averages
    names = [_name(result, label) for label in _of(result).labels]
    reconstructions = _of(result).class_average_reconstructions
    return _rows_figure(np.stack([averages, reconstructions]), ["average", "reconstructed"], names)


def interpolation_figure(result: Result) -> Figure:
    """Draw images decoded between the latent vectors of two test images."""
    steps = _of(result).interpolation
    first, last = (_name(result, label) for label in _of(result).interpolation_labels)
    return _rows_figure(steps[np.newaxis], [], [first, *[""] * (len(steps) - 2), last])


def generated_figure(result: Result) -> Figure:
    """Draw images decoded from random latent vectors: drawn evenly, and drawn where the training set's lie."""
    sheets = {
        "drawn evenly": _sheet(_of(result).generated_uniform),
        "drawn where images lie": _sheet(_of(result).generated_density),
    }
    whole = mosaic(next(iter(sheets.values())), gap=0)
    figure = Figure(figsize=(PAGE_WIDTH, 0.4 + PAGE_WIDTH / 2 * whole.shape[0] / whole.shape[1]), layout="constrained")
    for axes, (title, tiles) in zip(figure.subplots(1, 2), sheets.items(), strict=True):
        draw_tiles(axes, tiles)
        axes.set_title(title, fontsize=10)
    return figure


def latent_space_figure(result: Result) -> Figure:
    """Draw the test images' places in the latent space or its projection, with each label at its median."""
    pictures = _of(result)
    points, names_of_axes = _plane(result)
    figure, axes = new_figure(PAGE_WIDTH, 4.6)
    colours = [_colour(label) for label in pictures.latent_labels]
    size = np.clip(20_000 / len(points), 5, 20)
    axes.scatter(points[:, 0], points[:, 1], s=size, c=colours, alpha=0.6, linewidths=0, rasterized=True)
    axes.set_xlabel(names_of_axes[0])
    axes.set_ylabel(names_of_axes[1])
    if pictures.walk:
        left, right, bottom, top = _extent(pictures.walk)
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
    else:
        axes.autoscale_view()
    labels = np.unique(pictures.latent_labels)
    medians = np.array([np.median(points[pictures.latent_labels == label], axis=0) for label in labels])
    in_axes = axes.transLimits.transform(medians)
    places = axes.transLimits.inverted().transform(apart(in_axes, _LABELS_APART))
    for label, median, place in zip(labels, medians, places, strict=True):
        axes.annotate(
            _name(result, label),
            median,
            place,
            ha="center",
            va="center",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": PAPER, "edgecolor": _colour(label), "linewidth": 1.8},
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8},
        )
    dots = [Line2D([], [], marker="o", linestyle="", color=_colour(label), markersize=6) for label in labels]
    figure.legend(dots, [_name(result, label) for label in labels], loc="outside right upper", handletextpad=0.1)
    return figure


def latent_walk_figure(result: Result) -> Figure:
    """Draw what is decoded at each point of a grid over the latent space, where it has two dimensions."""
    walk = _of(result).walk
    assert walk is not None
    figure, axes = new_figure(PAGE_WIDTH, PAGE_WIDTH)
    spaced = np.pad(walk.tiles, ((0, 0), (0, 0), (1, 1), (1, 1)))  # so that each tile lies in the middle of its place
    axes.imshow(ink(mosaic(spaced, gap=0)), interpolation="none", extent=_extent(walk), aspect="auto")
    axes.grid(visible=False)
    axes.spines[:].set_visible(True)
    axes.set_xlabel("latent dimension 1")
    axes.set_ylabel("latent dimension 2")
    return figure


def _describe_reconstructions(result: Result) -> str:
    names = ", ".join(result.data.label_names[label] for label in _of(result).labels)
    return f"Two rows of images: test images labelled {names}, and below each its reconstruction."


def _describe_class_averages(result: Result) -> str:
    count = len(_of(result).class_averages)
    return f"Two rows of images: the {count} average images of a label, and below each its reconstruction."


def _describe_latent_space(result: Result) -> str:
    points, _ = _plane(result)
    labels = _of(result).latent_labels
    medians = "; ".join(
        f"{result.data.label_names[label]}: {x:.2f}, {y:.2f}"
        for label in np.unique(labels)
        for x, y in [np.median(points[labels == label], axis=0)]
    )
    projection = _of(result).projection
    of = projection.title if projection else "the latent space"
    return f"Scatter of {len(points):,} test images in {of}, coloured by label. Medians of the labels: {medians}."


def _describe_latent_walk(result: Result) -> str:
    walk = _of(result).walk
    assert walk is not None
    rows, columns = walk.tiles.shape[:2]
    return (
        f"A sheet of {rows} by {columns} decoded images; the first latent dimension grows to the right from "
        f"{walk.low[0]:.2f} to {walk.high[0]:.2f}, the second upwards from {walk.low[1]:.2f} to {walk.high[1]:.2f}."
    )


def _describe_interpolation(result: Result) -> str:
    first, last = (result.data.label_names[label] for label in _of(result).interpolation_labels)
    return f"{len(_of(result).interpolation)} decoded images on the way from an image of {first} to one of {last}."


def _describe_generated(result: Result) -> str:
    evenly, likely = len(_of(result).generated_uniform), len(_of(result).generated_density)
    return (
        f"Two sheets of decoded images: {evenly} from latent vectors drawn evenly, "
        f"{likely} from vectors drawn where those of the training images lie."
    )


DRAWINGS = (
    Drawing("reconstructions", reconstructions_figure, _describe_reconstructions, has_pictures),
    Drawing("class-averages", class_averages_figure, _describe_class_averages, has_pictures),
    Drawing("latent-space", latent_space_figure, _describe_latent_space, has_pictures),
    Drawing("latent-walk", latent_walk_figure, _describe_latent_walk, has_walk),
    Drawing("interpolation", interpolation_figure, _describe_interpolation, has_pictures),
    Drawing("generated", generated_figure, _describe_generated, has_pictures),
)


def apart(points: Floats, least: float) -> Floats:
    """Move points (K, 2) of the unit square until no two are nearer than `least`, or for a number of rounds.

    Example:
        >>> apart(np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.1]]), 0.2).round(1).tolist()
        [[0.5, 0.4], [0.5, 0.6], [0.1, 0.1]]
    """
    low, high = least / 2, 1 - least / 2
    turn = np.arange(len(points))[:, np.newaxis]
    nudge = 1e-9 * np.hstack([np.cos(turn), np.sin(turn)])  # parts points that are at one place
    places = points
    for _ in range(200):
        places = np.clip(places, low, high) + nudge
        ways = places[:, np.newaxis] - places
        distances = np.linalg.norm(ways, axis=-1, keepdims=True)
        pushes = np.maximum(least - distances, 0) / 2 * ways / np.maximum(distances, 1e-12)
        places = places + pushes.sum(axis=1)
    return np.clip(places, low, high)


def _rows_figure(tiles: Floats, row_names: list[str], column_names: list[str]) -> Figure:
    """Draw tiles (R, C, T, D) as wide as the page, with a name for each row and each column."""
    whole = mosaic(tiles, gap_between(tiles))
    width = PAGE_WIDTH - (1.1 if row_names else 0.1)
    figure, axes = new_figure(PAGE_WIDTH, 0.35 + width * whole.shape[0] / whole.shape[1])
    draw_tiles(axes, tiles, row_names, column_names)
    return figure


def _sheet(images: Floats) -> Floats:
    """Lay images (G, T, D) out in rows and columns (R, C, T, D), nearly square, with few places left empty."""
    side = int(np.ceil(np.sqrt(len(images))))
    columns = min(range(side, side + 3), key=lambda columns: -len(images) % columns)
    rows = -(-len(images) // columns)
    tiles = np.zeros((rows * columns, *images.shape[1:]), dtype=images.dtype)
    tiles[: len(images)] = images
    return tiles.reshape(rows, columns, *images.shape[1:])


def _plane(result: Result) -> tuple[Floats, tuple[str, str]]:
    """Return (N, 2) points to draw and the names of the axes; a single latent dimension is drawn against the label."""
    pictures = _of(result)
    if pictures.projection:
        return pictures.projection.vectors, ("first component", "second component")
    if pictures.latent_vectors.shape[1] == 1:
        return np.column_stack([pictures.latent_vectors[:, 0], pictures.latent_labels]), ("latent dimension 1", "label")
    return pictures.latent_vectors, ("latent dimension 1", "latent dimension 2")


def _extent(walk: LatentWalk) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of the sheet, half a tile beyond the middles of the outermost tiles."""
    rows, columns = walk.tiles.shape[:2]
    half_width = (walk.high[0] - walk.low[0]) / max(columns - 1, 1) / 2
    half_height = (walk.high[1] - walk.low[1]) / max(rows - 1, 1) / 2
    return (
        walk.low[0] - half_width,
        walk.high[0] + half_width,
        walk.low[1] - half_height,
        walk.high[1] + half_height,
    )


def _name(result: Result, label: int) -> str:
    return fitted(result.data.label_names[label], _LABEL_WIDTH)


def _colour(label: int) -> str:
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]
