"""What a case is found by: the bigrams of its words (`citymgmt.grams`)."""

from citymgmt.grams import grams, normalised, query_grams

__all__ = ["grams", "normalised", "query_grams"]
