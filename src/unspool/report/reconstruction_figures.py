"""The figures of an autoencoder's report; `DRAWINGS` names them all and puts into words what they show."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unspool.evaluation.reconstruction_result import LatentWalk, ReconstructionResult
from unspool.report.figure_parts import DOTS, LOSS, PAGE_WIDTH, Drawing, fitted, new_figure, scores_figure
from unspool.report.reconstruction_content import loss_of, nats, three_digits
from unspool.report.theme import CLASS_COLOURS, INK, MUTED, PAPER
from unspool.report.tiles import Floats, draw_tiles, gap_between, ink, mosaic

_LABEL_WIDTH = 12  # characters of a label's name
_LABELS_APART = 0.055  # of the axes' side


def loss_beside_baselines_figure(result: ReconstructionResult) -> Figure:
    """Draws the test loss of the model and of each baseline, and what no model can go below."""
    rows = [("this model", loss_of(result.test))]
    rows += [(baseline.title, loss_of(baseline.scores)) for baseline in result.baselines]
    if result.test.cross_entropy is None or result.test.excess is None:
        return scores_figure(rows, three_digits, "mean squared error on the test set")
    figure = scores_figure(rows, nats, "cross-entropy on the test set, nats a pixel")
    floor = result.test.cross_entropy.value - result.test.excess.value
    axes = figure.axes[0]
    bottom = len(rows) - 0.3
    axes.set_ylim(bottom=bottom)
    axes.axvline(floor, color=MUTED, linewidth=1, linestyle=DOTS)
    axes.annotate(f"perfect: {nats(floor)}", (floor, bottom), (4, 4), textcoords="offset points", color=MUTED)
    return figure


def reconstructions_figure(result: ReconstructionResult) -> Figure:
    """Draws test images above what the autoencoder makes of them."""
    pictures = result.pictures
    names = [_name(result, label) for label in pictures.labels]
    return _rows_figure(np.stack([pictures.originals, pictures.reconstructions]), ["original", "reconstructed"], names)


def class_averages_figure(result: ReconstructionResult) -> Figure:
    """Draws the mean image of each label above what the autoencoder makes of it."""
    averages = result.pictures.class_averages
    names = [_name(result, label) for label in result.pictures.labels]
    reconstructions = result.pictures.class_average_reconstructions
    return _rows_figure(np.stack([averages, reconstructions]), ["average", "reconstructed"], names)


def interpolation_figure(result: ReconstructionResult) -> Figure:
    """Draws what is decoded on the way from one test image's latent vector to another's."""
    steps = result.pictures.interpolation
    first, last = (_name(result, label) for label in result.pictures.interpolation_labels)
    return _rows_figure(steps[np.newaxis], [], [first, *[""] * (len(steps) - 2), last])


def generated_figure(result: ReconstructionResult) -> Figure:
    """Draws images decoded from random latent vectors: drawn evenly, and drawn where the training set's lie."""
    sheets = {
        "drawn evenly": _sheet(result.pictures.generated_uniform),
        "drawn where images lie": _sheet(result.pictures.generated_density),
    }
    whole = mosaic(next(iter(sheets.values())), gap=0)
    figure = Figure(figsize=(PAGE_WIDTH, 0.4 + PAGE_WIDTH / 2 * whole.shape[0] / whole.shape[1]), layout="constrained")
    for axes, (title, tiles) in zip(figure.subplots(1, 2), sheets.items(), strict=True):
        draw_tiles(axes, tiles)
        axes.set_title(title, fontsize=10)
    return figure


def latent_space_figure(result: ReconstructionResult) -> Figure:
    """Draws where the test images lie in the latent space or in its projection, with the labels at their medians."""
    pictures = result.pictures
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


def latent_walk_figure(result: ReconstructionResult) -> Figure:
    """Draws what is decoded at each point of a grid over the latent space, where it has two dimensions."""
    walk = result.pictures.walk
    assert walk is not None
    figure, axes = new_figure(PAGE_WIDTH, PAGE_WIDTH)
    spaced = np.pad(walk.tiles, ((0, 0), (0, 0), (1, 1), (1, 1)))  # so that each tile lies in the middle of its place
    axes.imshow(ink(mosaic(spaced, gap=0)), interpolation="none", extent=_extent(walk), aspect="auto")
    axes.grid(visible=False)
    axes.spines[:].set_visible(True)
    axes.set_xlabel("latent dimension 1")
    axes.set_ylabel("latent dimension 2")
    return figure


def _describe_losses(result: ReconstructionResult) -> str:
    rows = [("This model", result.test)] + [(baseline.title, baseline.scores) for baseline in result.baselines]
    say, measure = (
        (three_digits, "Mean squared error") if result.test.cross_entropy is None else (nats, "Cross-entropy")
    )
    return f"{measure} on the test set. " + " ".join(
        f"{title}: {say(loss_of(scores).value)}, 95% interval {say(loss_of(scores).interval.low)} to "
        f"{say(loss_of(scores).interval.high)}."
        for title, scores in rows
    )


def _describe_reconstructions(result: ReconstructionResult) -> str:
    names = ", ".join(result.data.label_names[label] for label in result.pictures.labels)
    return f"Two rows of images: test images labelled {names}, and below each its reconstruction."


def _describe_class_averages(result: ReconstructionResult) -> str:
    count = len(result.pictures.class_averages)
    return f"Two rows of images: the {count} average images of a label, and below each its reconstruction."


def _describe_latent_space(result: ReconstructionResult) -> str:
    points, _ = _plane(result)
    labels = result.pictures.latent_labels
    medians = "; ".join(
        f"{result.data.label_names[label]}: {x:.2f}, {y:.2f}"
        for label in np.unique(labels)
        for x, y in [np.median(points[labels == label], axis=0)]
    )
    of = result.pictures.projection.title if result.pictures.projection else "the latent space"
    return f"Scatter of {len(points):,} test images in {of}, coloured by label. Medians of the labels: {medians}."


def _describe_latent_walk(result: ReconstructionResult) -> str:
    walk = result.pictures.walk
    assert walk is not None
    rows, columns = walk.tiles.shape[:2]
    return (
        f"A sheet of {rows} by {columns} decoded images; the first latent dimension grows to the right from "
        f"{walk.low[0]:.2f} to {walk.high[0]:.2f}, the second upwards from {walk.low[1]:.2f} to {walk.high[1]:.2f}."
    )


def _describe_interpolation(result: ReconstructionResult) -> str:
    first, last = (result.data.label_names[label] for label in result.pictures.interpolation_labels)
    return f"{len(result.pictures.interpolation)} decoded images on the way from an image of {first} to one of {last}."


def _describe_generated(result: ReconstructionResult) -> str:
    evenly, likely = len(result.pictures.generated_uniform), len(result.pictures.generated_density)
    return (
        f"Two sheets of decoded images: {evenly} from latent vectors drawn evenly, "
        f"{likely} from vectors drawn where those of the training images lie."
    )


DRAWINGS = (
    Drawing("losses", loss_beside_baselines_figure, _describe_losses),
    Drawing("reconstructions", reconstructions_figure, _describe_reconstructions),
    Drawing("class-averages", class_averages_figure, _describe_class_averages),
    Drawing("latent-space", latent_space_figure, _describe_latent_space),
    Drawing("latent-walk", latent_walk_figure, _describe_latent_walk, lambda result: result.pictures.walk is not None),
    Drawing("interpolation", interpolation_figure, _describe_interpolation),
    Drawing("generated", generated_figure, _describe_generated),
    LOSS,
)


def apart(points: Floats, least: float) -> Floats:
    """Moves points (K, 2) of the unit square until none is nearer than `least` to another, or a while has passed.

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
    """Draws tiles (R, C, T, D) as wide as the page, with a name for each row and each column."""
    whole = mosaic(tiles, gap_between(tiles))
    width = PAGE_WIDTH - (1.1 if row_names else 0.1)
    figure, axes = new_figure(PAGE_WIDTH, 0.35 + width * whole.shape[0] / whole.shape[1])
    draw_tiles(axes, tiles, row_names, column_names)
    return figure


def _sheet(images: Floats) -> Floats:
    """Lays images (G, T, D) out in rows and columns (R, C, T, D), nearly square, with few places left empty."""
    side = int(np.ceil(np.sqrt(len(images))))
    columns = min(range(side, side + 3), key=lambda columns: -len(images) % columns)
    rows = -(-len(images) // columns)
    tiles = np.zeros((rows * columns, *images.shape[1:]), dtype=images.dtype)
    tiles[: len(images)] = images
    return tiles.reshape(rows, columns, *images.shape[1:])


def _plane(result: ReconstructionResult) -> tuple[Floats, tuple[str, str]]:
    """Gives (N, 2) points to draw and the names of the axes; a single latent dimension is drawn against the label."""
    pictures = result.pictures
    if pictures.projection:
        return pictures.projection.vectors, ("first component", "second component")
    if pictures.latent_vectors.shape[1] == 1:
        return np.column_stack([pictures.latent_vectors[:, 0], pictures.latent_labels]), ("latent dimension 1", "label")
    return pictures.latent_vectors, ("latent dimension 1", "latent dimension 2")


def _extent(walk: LatentWalk) -> tuple[float, float, float, float]:
    """Gives left, right, bottom and top of the sheet, half a tile beyond the middles of the outermost tiles."""
    rows, columns = walk.tiles.shape[:2]
    half_width = (walk.high[0] - walk.low[0]) / max(columns - 1, 1) / 2
    half_height = (walk.high[1] - walk.low[1]) / max(rows - 1, 1) / 2
    return (
        walk.low[0] - half_width,
        walk.high[0] + half_width,
        walk.low[1] - half_height,
        walk.high[1] + half_height,
    )


def _name(result: ReconstructionResult, label: int) -> str:
    return fitted(result.data.label_names[label], _LABEL_WIDTH)


def _colour(label: int) -> str:
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]
