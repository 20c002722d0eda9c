"""Trained models for use without Keras and JAX: one portable file, read by `unspool-runtime`; a page; an ONNX graph."""

from unspool.export.onnx_model import ExportedGraph, export_onnx
from unspool.export.page import Page, export_page
from unspool.export.portable import Exported, Smaller, export_model

__all__ = ["Exported", "ExportedGraph", "Page", "Smaller", "export_model", "export_onnx", "export_page"]
