"""What reaches a terminal, a pipe or a file: safe text, tables, a line of progress, and streams that may end."""
