"""Tags against people's labels, beside YAKE, KeyBERT, TF-IDF and the full text."""
