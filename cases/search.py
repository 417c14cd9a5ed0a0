"""What a case is found by: the bigrams of its words (`citymgmt.grams`)."""

from citymgmt.grams import folded, grams, normalised, query_grams, traditional

__all__ = ["folded", "grams", "normalised", "query_grams", "traditional"]
