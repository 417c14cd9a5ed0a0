"""Street furniture, houses, goods and people, drawn as SVG fragments."""
