"""A city of any size for measurements: founded once, its stories played by the real services and
then cast again and again, each copy with its own moments, places, people, words and hashes."""
