"""Checks that data has an array for each input and output of a model: Keras's messages do not name them."""

from collections.abc import Collection, Sequence
from typing import Any

import keras

from unspool.keras_internals import compiled_loss, graph_of, names_of_inputs, names_of_outputs, outputs_by_name
from unspool.training.examples import Examples
from unspool.training.targets import refuse_missing_targets, uses_its_loss


def matched(model: keras.Model, examples: Examples, of: str = "") -> Examples:
    """Examples with an array for each input and each output of a compiled model.

    Args:
        model: may not be built yet.
        examples: with targets.
        of: what to add to the names of their parts in messages.

    Returns:
        The examples, with lists of targets and weights in place of dicts where the outputs are a list: Keras takes a
        dict of targets then, but looks for the weights of an output by its number.

    Raises:
        ValueError: an input or an output has no array, or there are others.
    """
    refuse_missing_targets(model, examples.y, f"y{of}")
    check_inputs(model, examples.x, f"x{of}")
    check_outputs(model, examples.y, f"y{of}")
    graph = graph_of(model)
    by_name = isinstance(examples.y, dict) and isinstance(examples.sample_weight, dict)
    names = names_of_outputs(graph) if by_name and graph is not None else []
    if not names or outputs_by_name(graph) or not {*examples.y} <= {*names}:
        return examples
    lists = ([part.get(name) for name in names] for part in (examples.y, examples.sample_weight))
    return Examples(examples.x, *lists)


def check_inputs(model: keras.Model, x: Any, name: str = "x") -> None:
    """Check that there is one array for each input; only a graph of layers says how many it has.

    Args:
        model: may not be built yet.
        x: nested arrays.
        name: what to call them in messages.

    Raises:
        ValueError: says how many arrays there are, and which inputs.
    """
    graph = graph_of(model)
    if graph is None:
        return
    names, count = names_of_inputs(graph), len(graph.inputs)
    if isinstance(x, dict):
        if names and not {*x} >= {*names}:
            raise ValueError(
                f"{name} has the {_named('name', x)}, but the model has the {_named('input', names)}. Give an array "
                "for each input"
            )
    elif len(keras.tree.flatten(x)) != count:
        raise ValueError(_other_number(name, x, count, "input", names))


def check_outputs(model: keras.Model, y: Any, name: str = "y") -> None:
    """Check that there are targets for each output that has a loss, and for nothing else.

    Args:
        model: compiled; may not be built yet.
        y: nested targets.
        name: what to call them in messages.

    Raises:
        ValueError: says how many arrays there are, and which outputs.
    """
    graph = graph_of(model)
    if graph is None or y is None or compiled_loss(model) is None or not uses_its_loss(model):
        return
    names, count = names_of_outputs(graph), len(graph.outputs)
    if isinstance(y, dict) and names:
        needed = {one for one, loss in _losses(model, names).items() if loss is not None}
        if not needed <= {*y} <= {*names}:
            raise ValueError(
                f"{name} has the {_named('name', y)}, but the model has the {_named('output', names)}. Give an array "
                "for each output"
            )
        return
    losses = sum(loss is not None for loss in keras.tree.flatten(model.loss)) if keras.tree.is_nested(model.loss) else 0
    if not isinstance(y, dict) and len(keras.tree.flatten(y)) not in (count, losses):
        raise ValueError(_other_number(name, y, count, "output", names))


def _losses(model: keras.Model, names: Sequence[str]) -> dict[str, Any]:
    """What the model was compiled with as the loss of each output."""
    given = model.loss
    if isinstance(given, dict):
        return {name: given.get(name) for name in names}
    if isinstance(given, list | tuple):
        return dict(zip(names, given, strict=False))
    return dict.fromkeys(names, given)


def _other_number(name: str, given: Any, count: int, kind: str, names: list[str]) -> str:
    found = len(keras.tree.flatten(given))
    if count == 1:
        return (
            f"{name} is a list of {found:,} arrays, which stand for as many {kind}s, but the model has one. If each is "
            "an example, make one array of them with np.stack, or with unspool.data.Ragged.from_arrays where their "
            "lengths differ"
        )
    what = f"a list of {found:,} arrays" if keras.tree.is_nested(given) else "one array"
    called = f" ({', '.join(map(repr, names))})" if names else ""
    return (
        f"{name} is {what}, but the model has {count} {kind}s{called}: give a list of {count} arrays, or a dict by name"
    )


def _named(kind: str, names: Collection[str]) -> str:
    """Names in words.

    Example:
        >>> _named("output", ["p"]), _named("name", ["p", "q"])
        ("output 'p'", "names 'p' and 'q'")
    """
    *first, last = map(repr, names)
    return f"{kind}{'s' * bool(first)} {', '.join(first)}{' and ' * bool(first)}{last}"
