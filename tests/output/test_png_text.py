"""Text chunks of PNG files, checked against Pillow."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wandb_plot.errors import MachineError
from wandb_plot.output.png_text import add_text, read_text


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small PNG file with a palette of greys."""
    path = tmp_path / "loss.png"
    Image.linear_gradient("L").save(path)
    return path


def pillow_text(path: Path) -> dict[str, str]:
    """The text chunks, as Pillow reads them."""
    with Image.open(path) as image:
        image.load()
        return {keyword: str(value) for keyword, value in image.text.items()}


def pixels(path: Path) -> bytes:
    """The picture itself."""
    with Image.open(path) as image:
        return image.tobytes()


def test_text_that_another_program_reads(picture: Path) -> None:
    """Latin-1 and anything beyond it arrive whole, in order, and the pixels stay as they are."""
    before = pixels(picture)
    text = {"Title": "Übersicht", "Description": "loss 2.31 → 0.41\nsecond line", "Comment": ""}
    add_text(picture, text)
    assert pillow_text(picture) == text
    assert list(read_text(picture)) == list(text)
    assert pixels(picture) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["Title", "Description", "wandb-plot:command"]), st.text(max_size=50)))
def test_any_text_comes_back(picture: Path, text: dict[str, str]) -> None:
    """All of Unicode survives, but for NUL, which no PNG can hold."""
    add_text(picture, text)
    assert read_text(picture).items() >= {key: value.replace("\0", "\ufffd") for key, value in text.items()}.items()


def test_half_a_surrogate_pair_is_written_as_a_question_mark(picture: Path) -> None:
    """A metric can have a name that is no valid text: its figure is written all the same."""
    add_text(picture, {"Title": "a\ud800b"})
    assert read_text(picture) == {"Title": "a?b"}


def test_the_same_text_gives_the_same_bytes(picture: Path) -> None:
    """Adding text again replaces it: nothing piles up."""
    add_text(picture, {"Title": "old", "Description": "→"})
    add_text(picture, {"Title": "new", "Description": "→"})
    once = picture.read_bytes()
    add_text(picture, {"Title": "new", "Description": "→"})
    assert picture.read_bytes() == once
    assert read_text(picture) == {"Title": "new", "Description": "→"}


def test_packed_text_of_others_is_read(picture: Path) -> None:
    """Packed text, in zTXt or iTXt chunks, is text too."""
    text = PngInfo()
    text.add_text("Author", "ada", zip=True)
    text.add_itxt("Source", "π", lang="en", tkey="Quelle", zip=True)
    Image.new("1", (1, 1)).save(picture, pnginfo=text)
    assert read_text(picture) == {"Author": "ada", "Source": "π"}


def test_text_that_unpacks_to_gigabytes_is_cut(picture: Path) -> None:
    """A hostile file costs no more than a megabyte."""
    text = PngInfo()
    text.add_text("Bomb", "0" * 50_000_000, zip=True)
    Image.new("1", (1, 1)).save(picture, pnginfo=text)
    assert len(read_text(picture)["Bomb"]) == 1 << 20


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\r"])
def test_what_is_no_png_is_named(tmp_path: Path, content: bytes) -> None:
    """Another kind of file is refused by its name, and left as it is."""
    path = tmp_path / "loss.png"
    path.write_bytes(content)
    for attempt in (lambda: read_text(path), lambda: add_text(path, {"Title": "x"})):
        with pytest.raises(MachineError, match=r"loss\.png is not a PNG file"):
            attempt()
    assert path.read_bytes() == content


def test_a_cut_or_changed_png_is_refused(picture: Path) -> None:
    """Wherever a file was cut or a byte of it changed, the error says damaged, and nothing is written."""
    whole = picture.read_bytes()
    spoilt = [whole[:at] for at in range(8, len(whole), 7)]
    spoilt += [whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :] for at in range(8, len(whole), 7)]
    for content in spoilt:
        picture.write_bytes(content)
        with pytest.raises(MachineError, match="damaged"):
            add_text(picture, {"Title": "x"})
        assert picture.read_bytes() == content


def test_a_png_that_does_not_begin_with_its_header_is_refused(picture: Path) -> None:
    """Text goes behind the header: where that isn't the first chunk there is no such place."""
    whole = picture.read_bytes()
    picture.write_bytes(whole[:8] + whole[-12:])
    with pytest.raises(MachineError, match="damaged"):
        add_text(picture, {"Title": "x"})


@pytest.mark.parametrize("keyword", ["", "x" * 80, " Title", "a  b", "a\nb", "λ", "a\0b"])
def test_a_keyword_that_png_forbids_is_refused(picture: Path, keyword: str) -> None:
    """1 to 79 letters of Latin-1, no spaces around or doubled."""
    with pytest.raises(ValueError, match=r"keyword|latin-1"):
        add_text(picture, {keyword: "x"})
