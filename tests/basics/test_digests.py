"""Digests of files."""

from pathlib import Path

from wandb_plot.basics.digests import md5_of, sha256_of


def test_digests(tmp_path: Path) -> None:
    """SHA-256 in hex; MD5 in base64, as W&B has it."""
    (tmp_path / "abc").write_text("abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert md5_of(tmp_path / "abc") == "kAFQmDzST7DWlj99KOF/cg=="
