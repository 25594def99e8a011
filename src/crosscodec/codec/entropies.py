"""The entropy models of a package: tables and contexts, read from its parts and held against its card.

quality in a header ─► level ─► anchor (tables of each anchor) or the quality itself (networks) ─► EntropyModel
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.network import NetworkLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.bitstream.weighted import WeightedLayout
from crosscodec.codec.archive import NETWORKS, QUALITIES, TABLES, contexts_part, tables_part
from crosscodec.codec.card import PackageCard
from crosscodec.codec.qualities import Qualities, QualityLevel
from crosscodec.errors import CorruptData, UsageError


@dataclass(frozen=True)
class EntropyModels:
    """Those of one package, each read when it is first asked for. `qualities` is None for a package of one quality;
    `path` is for messages.
    """

    card: PackageCard
    parts: Mapping[str, bytes] = field(repr=False)
    qualities: Qualities | None
    path: Path

    @property
    def predicted_passes(self) -> tuple[int, ...]:
        """Number of passes of each predicted channel (bitstream.prediction). Raises as `at` does."""
        if not self.card.networked:
            return (1,) * len(self.card.predicted)
        layout = self._networked.layout
        assert isinstance(layout, NetworkLayout), "what networked packages have"
        return layout.predicted_passes

    def at(self, level: QualityLevel | None) -> EntropyModel:
        """Tables and contexts of a level, None in a package of one quality. Raises CorruptData for parts that do not
        go together.
        """
        # Networks are told the quality itself; tables of an anchor serve several.
        key = -1 if level is None else level.quality if self.card.networked else level.anchor
        if key not in self._read:
            self._read[key] = self._of(level)
        return self._read[key]

    @cached_property
    def _read(self) -> dict[int, EntropyModel]:
        return {}

    def _of(self, level: QualityLevel | None) -> EntropyModel:
        if self.card.networked:
            model = self._networked.at(0 if level is None else level.quality)
        elif level is None:
            model = self._joined(TABLES, self.parts.get(contexts_part(None, self.card.weighted)))
        else:
            part = tables_part(level.anchor)
            model = self._joined(part, self.parts[contexts_part(level.anchor, self.card.weighted)])
            self._require_channels(model, part)
        if level is None:
            self._require_agreement(model)
        return model

    def _joined(self, tables: str, contexts: bytes | None) -> EntropyModel:
        """Tables and layout; without a layout there is one table a channel."""
        found = FrequencyTables.from_bytes(self.parts[tables])
        if contexts is None:
            return EntropyModel.factorised(found)
        try:
            kind = WeightedLayout if self.card.weighted else ContextLayout
            return EntropyModel(found, kind.from_bytes(contexts))
        except UsageError as error:
            raise CorruptData(f"{self.path}: {error}") from None

    @cached_property
    def _networked(self) -> EntropyModel:
        found = FrequencyTables.from_bytes(self.parts[TABLES])
        try:
            model = EntropyModel(found, NetworkLayout.from_bytes(self.parts[NETWORKS]))
        except UsageError as error:
            raise CorruptData(f"{self.path}: {error}") from None
        self._require_channels(model, TABLES)
        if isinstance(model.layout, NetworkLayout) and model.layout.predicted != self.card.predicted:
            raise CorruptData(
                f"{self.path}: the card predicts channels {self.card.predicted}, {NETWORKS} {model.layout.predicted}"
            )
        return model

    def _require_channels(self, model: EntropyModel, part: str) -> None:
        """Raise CorruptData unless a model of several qualities is for the channels of qualities and card."""
        if self.qualities is not None and model.channels != self.qualities.channels:
            raise CorruptData(
                f"{self.path}: {part} is for {model.channels} channels, {QUALITIES} for {self.qualities.channels}"
            )
        if self.card.predicted and self.card.predicted[-1] >= model.channels:
            raise CorruptData(
                f"{self.path}: the card predicts channel {self.card.predicted[-1]}, and there are {model.channels}"
            )

    def _require_agreement(self, model: EntropyModel) -> None:
        """Raise CorruptData unless the tables of one quality are those that the card's levels and dither need."""
        card, layout = self.card, model.layout
        if card.levels is not None and len(card.levels) != layout.channels:
            raise CorruptData(
                f"{self.path}: the card has levels for {len(card.levels)} channels, the tables {layout.channels}"
            )
        if card.dither is not None and card.dither.common:
            if isinstance(layout, NetworkLayout):
                raise CorruptData(f"{self.path}: common dither and context networks do not go together")
            computed = isinstance(layout, WeightedLayout) or any(layout.sources) or any(layout.thresholds)
            if computed or layout.contexts != card.dither.levels or set(layout.sizes) != {1}:
                raise CorruptData(
                    f"{self.path}: common dither at {card.dither.levels} levels needs as many tables a channel, "
                    "groups of one channel, and contexts without sources and thresholds"
                )
