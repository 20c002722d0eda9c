"""The named datasets: what there is, where it comes from, and how it is read."""
