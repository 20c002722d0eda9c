"""What models are and read, as frozen values, without Keras: a recipe is read, compared and shown from them."""
