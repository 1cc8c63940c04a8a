"""Folders of processes: who holds one keeps it."""

from pathlib import Path

from wandb_plot.basics.held_folders import lock_within, remove_unless_held


def test_a_folder_goes_once_nobody_holds_it(tmp_path: Path) -> None:
    """With all that is in it; what is held stays whole."""
    folder = tmp_path / "held"
    (folder / "within").mkdir(parents=True)
    lock = lock_within(folder, "lock")
    lock.acquire()
    assert not remove_unless_held(folder, "lock")
    assert (folder / "within").is_dir()
    lock.release()
    assert remove_unless_held(folder, "lock")
    assert not folder.exists()


def test_a_link_in_place_of_a_lock_is_not_opened(tmp_path: Path) -> None:
    """Neither is what it leads to made, nor the folder removed."""
    folder = tmp_path / "strange"
    folder.mkdir()
    (folder / "lock").symlink_to(tmp_path / "elsewhere")
    assert not remove_unless_held(folder, "lock")
    assert folder.is_dir()
    assert not (tmp_path / "elsewhere").exists()
