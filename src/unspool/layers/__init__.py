"""Keras layers over the kernels: the same arguments, weights and files as Keras's own."""
