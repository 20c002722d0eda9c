"""A recurrent encoder and decoder that forecast: trained by the compiled loop, compared like any other candidate."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps
from unspool.candidates.forecasts.lags import Features, Floats, Lags, Windows, origins_of, too_few_windows
from unspool.candidates.forecasts.setup import MOST_OF_NETWORK
from unspool.models.forecaster import NetworkForecaster, network_forecaster
from unspool.training.fit import fit
from unspool.training.inference import predict

KIND = "network"
LEAST_WINDOWS = 2_000
"""Windows from which a network is worth its time."""

_MOST_LENGTH = 96
_BATCH, _EPOCHS, _PATIENCE, _HELD_OUT = 128, 30, 4, 10
_AT_ONCE = 64
_MOST_UNITS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A trained network.

    Attributes:
        lags: how windows are scaled.
        config: the network.
        middle: (B + G,) taken off what is read beside, and off what is known of each step ahead.
        spread: (B + G,) by which that is divided.
        network: the Keras model.
    """

    lags: Lags
    config: NetworkForecaster
    middle: Floats = field(repr=False)
    spread: Floats = field(repr=False)
    network: keras.Model = field(repr=False)
    name: str = KIND

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        features = Features.of(Windows.of_items(items, self.lags), self.lags)
        said = predict(self.network, self._read(features), batch_size=min(_AT_ONCE, len(items)))
        return features.forecasts(np.clip(said.astype(np.float64), -MOST_OF_NETWORK, MOST_OF_NETWORK), self.lags)

    def _read(self, features: Features) -> list[NDArray[np.float32]]:
        length, beside = self.config.length, self.config.beside
        past = features.shared[:, :length, None]
        now = (features.shared[:, length:] - self.middle[:beside]) / self.spread[:beside]
        ahead = (features.own - self.middle[beside:]) / self.spread[beside:]
        return [one.astype(np.float32) for one in (past, now, ahead)]

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        arrays: Arrays = {f"weight{number:02}": one for number, one in enumerate(self.network.get_weights())}
        description = {"kind": KIND, "lags": self.lags.state(), "network": asdict(self.config)}
        return description, arrays | {"middle": self.middle, "spread": self.spread}

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "Network":
        """Make it again.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        lags = Lags.from_state(description["lags"], setup)
        config = NetworkForecaster(**description["network"])
        if not 0 <= config.units <= _MOST_UNITS:
            raise ValueError("the network is out of bounds")
        if config.length != lags.near or config.horizon != setup.horizon:
            raise ValueError("the network does not suit its lags")
        middle, spread = (np.asarray(arrays[name], dtype=np.float64) for name in ("middle", "spread"))
        weights = [arrays[name] for name in sorted(arrays) if name.startswith("weight")]
        width = (config.beside + config.ahead,)
        if (
            middle.shape != width
            or spread.shape != width
            or not (spread > 0).all()
            or lags.width != lags.near + width[0]
        ):
            raise ValueError("what stands beside does not suit the network")
        if config.cell != "lstm" or [one.shape for one in weights] != _shapes(config):  # before any is made
            raise ValueError("the weights do not suit the network")
        network = network_forecaster(config)
        network.set_weights(weights)
        return cls(lags, config, middle, spread, network)


LOADERS[KIND] = Network.from_state


def _shapes(config: NetworkForecaster) -> list[tuple[int, ...]]:
    """Of all weights of a network with LSTMs, in the order in which Keras lists its layers."""
    units, recurrent = config.units, (config.units, 4 * config.units)
    encoder = [(1, 4 * units), recurrent, (4 * units,)]
    first = [(units + config.beside, units), (units,)] * 2
    decoder = [(config.ahead, 4 * units), recurrent, (4 * units,)]
    return [*encoder, *first, *decoder, (units, units), (units,), (units + config.ahead, 1), (1,)]


@dataclass(frozen=True, slots=True)
class NetworkCandidate:
    """The network, to be compared where there are enough windows to learn from."""

    name: str = KIND
    fits: int = 4
    units: int = 48
    epochs: int = _EPOCHS
    least_windows: int = LEAST_WINDOWS

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """Too few windows."""
        return too_few_windows("a network needs", self.least_windows, histories, setup)

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> PointModel:
        """Train it on N series (T_i, C): until the error on the latest windows does not fall any more."""
        lengths = [len(one) for one in histories]
        suited = Lags.suited(setup, lengths, log=False)
        lags = replace(suited, near=min(max(2 * setup.season, setup.horizon, suited.near), _MOST_LENGTH))
        every = origins_of(lengths, setup.horizon, lags)
        windows = Windows.gather(histories, every, lags)
        features = Features.of(windows, lags)
        late = _latest([len(one) for one in every])
        now = features.shared[:, lags.near :]
        ahead = features.own.reshape(-1, features.own.shape[2])
        middle = np.concatenate([now.mean(axis=0), ahead.mean(axis=0)])
        spread = np.concatenate([now.std(axis=0), ahead.std(axis=0)])
        spread = np.where(spread > 1e-9, spread, 1.0)
        config = NetworkForecaster(
            units=self.units, length=lags.near, beside=now.shape[1], ahead=ahead.shape[1], horizon=setup.horizon
        )
        keras.utils.set_random_seed(seed)
        network = network_forecaster(config)
        made = Network(lags, config, middle, spread, network)
        answers = np.clip(features.answers(windows, lags), -MOST_OF_NETWORK, MOST_OF_NETWORK).astype(np.float32)
        network.compile(keras.optimizers.Adam(0.002, global_clipnorm=1.0), loss="mae")
        read = made._read(features)
        stop = keras.callbacks.EarlyStopping("val_loss", patience=_PATIENCE, restore_best_weights=True)
        slower = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=2)
        fit(
            network,
            [one[~late] for one in read],
            answers[~late],
            batch_size=_BATCH,
            epochs=self.epochs,
            verbose=0,
            validation_data=([one[late] for one in read], answers[late]),
            callbacks=[slower, stop],
        )
        return made


def _latest(counts: Sequence[int]) -> NDArray[np.bool_]:
    """(N,) which windows are held out for early stopping: the last tenth of each series; short ones are pooled.

    Example:
        >>> _latest([20, 5, 5]).nonzero()[0].tolist()
        [18, 19, 29]
        >>> int(_latest([1] * 20).sum())
        2
    """
    late, short = [], 0
    for count in counts:
        held_out = count // _HELD_OUT
        if not held_out:
            short += count
            held_out, short = divmod(short, _HELD_OUT)
        late.append(np.arange(count) >= count - held_out)
    return np.concatenate(late)
