"""How good forecasts are, beside simple models, on real series that come with packages."""
