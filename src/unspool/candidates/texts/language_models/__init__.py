"""A classifier of texts that was a language model before: an LSTM, pretrained on all texts, fine-tuned on labels."""
