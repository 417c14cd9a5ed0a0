"""Files of cells, in and out: bytes → features, features → bytes. Pure, no framework but its words.

`reading.read_file` tells the kind of a file by its content; `writing.write_file` is its mirror.
"""
