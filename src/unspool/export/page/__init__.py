"""A trained model as one HTML page: it opens from disk, computes in the browser, and asks nothing of the network."""

from unspool.export.page.writing import ENDING, Page, export_page

__all__ = ["ENDING", "Page", "export_page"]
