"""How figures look: one palette for all of them, and where its colours come from in a page that may be dark.

A figure is drawn once, in the colours below, on white: that is what the files in `figures/` show. In the page's copy
each colour is replaced by the page's own variable of that role, so that the figure follows the reader's light or dark
theme. The first two data colours are from the palette of Okabe and Ito (2008), which people with any colour vision can
tell apart; lines differ in dashes too.
"""

from typing import Any

INK = "#1c1c1a"
MUTED = "#5f5f5a"
LINE = "#dcdcd5"
PAPER = "#fefefe"
MODEL = "#0072b2"
OTHER = "#c45100"
PURPLE, GREY, BROWN, RED = "#7f2ab2", "#6d717d", "#a56755", "#b91e00"  # for further models

# For labels, of which there may be many: M. A. Petroff, "Accessible color sequences for data visualization" (2021),
# arXiv:2107.02270. They stay the same on a dark page, where they are legible too, and never tell labels apart alone.
CLASS_COLOURS = (
    *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
)

PAGE_COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    PAPER: "var(--paper)",
    MODEL: "var(--model)",
    OTHER: "var(--other)",
    PURPLE: "var(--purple)",
    GREY: "var(--grey)",
    BROWN: "var(--brown)",
    RED: "var(--red)",
}

SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10.0,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so that every machine draws the same
    "font.size": 10.0,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "legend.fontsize": 10.0,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "patch.edgecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "unspool",  # the same figure gets the same ids
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in someone's label is a dollar sign
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9.5,
}
