"""A recipe, its run, its folder, and the comparison of several: the one place that joins the other rooms."""
