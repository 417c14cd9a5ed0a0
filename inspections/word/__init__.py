"""The Word template of the daily digest, made by `make_digest_template`, and how it is laid out."""
