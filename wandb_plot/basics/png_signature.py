"""How a whole PNG file begins and ends: PNG specification, third edition, sections 5.2 and 11.2.5."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The type of the last chunk, which is empty, and its checksum.
END = b"IEND\xaeB`\x82"
