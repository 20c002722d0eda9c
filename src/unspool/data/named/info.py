"""What is known of a dataset before it is loaded, and of the files that it takes."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its publisher distributes it.

    Attributes:
        name: of the file.
        size: in bytes.
        sha256: of the file itself: what a download must match.
        content: a digest of what is packed in it: what a file in the user's folder must match, however it was packed.
        urls: where it can be had; the first that answers is taken.
    """

    name: str
    size: int
    sha256: str
    content: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset that has not been loaded.

    Attributes:
        name: what `load` takes.
        title: what it is, in words.
        kind: "text", "tagged", "pairs", "images" or "captioned".
        size: how many examples, in words.
        licence: on what terms it can be used.
        source: where it comes from.
        files: what must be downloaded; none for a dataset that is built in.
        made_from: the dataset whose files these are, where it is made from another one; else empty.
    """

    name: str
    title: str
    kind: Literal["text", "tagged", "pairs", "images", "captioned"]
    size: str
    licence: str
    source: str
    files: tuple[RemoteFile, ...] = ()
    made_from: str = ""

    @property
    def download_bytes(self) -> int:
        """How much must be downloaded, 0 for a dataset that is built in."""
        return sum(file.size for file in self.files)

    def facts(self, digest: str, made_with: str = "") -> dict[str, Any]:
        """What a loaded `Dataset` knows about itself.

        Args:
            digest: of its content.
            made_with: what the content depends on beside the source, such as the version of a library.
        """
        source = f"{self.source}, {made_with}" if made_with else self.source
        return {"name": self.name, "title": self.title, "source": source, "licence": self.licence, "digest": digest}
