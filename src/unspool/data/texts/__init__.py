"""People's texts: their columns, the examples that they give, what there is to know of them."""
