"""Names of folders and files."""

import hashlib
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathvalidate import is_valid_filename

from wandb_plot.model.run import Run
from wandb_plot.output.file_names import FileIdentity, assign_names, collision_key, output_folder, run_path, safe_name

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("/\\.:*?\0\n _-=+~|<>\"'$%"),
        st.sampled_from("aA\u0131\u0130\u017fßéÅ가½²漢🎉\u0301\ud800"),
    ),
    max_size=200,
)
RESERVED = st.sampled_from(["CON", "nul", "Com1", "LPT9.txt", "COM¹", "metadata.json", "Index.HTML", "..", "aux."])


def identity(metric: str, kind: str = "plot", runs: tuple[str, ...] = ("e/p/a",)) -> FileIdentity:
    """A figure of one metric, unless told otherwise."""
    return FileIdentity(kind, metric, runs)


def digest(text: str) -> str:
    """What tells a second file apart, by contract."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def a_run(id_: str, name: str = "baseline") -> Run:
    """A run of acme/vision."""
    return Run(id=id_, name=name, entity="acme", project="vision")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("loss", "loss"),
        ("train/loss", "train_loss"),
        ("a / b : c", "a_b_c"),
        ("lr=0.1+wd-2", "lr=0.1+wd-2"),
        ("précision", "précision"),
        ("損失", "損失"),
        ("e\u0301", "é"),
        ("", "_"),
        ("🎉🎉", "_"),
        ("../../x", "__.._x"),
        ("..", "_"),
        (".hidden", "_hidden"),
        ("ends.", "ends_"),
        ("CON", "CON_"),
        ("nul.tar.gz", "nul_.tar.gz"),
        ("metadata.json", "metadata_.json"),
        ("INDEX.html", "INDEX_.html"),
        ("metadata.json.png", "metadata.json.png"),
        ("\x1b[31mred", "_31mred"),
    ],
)
def test_what_a_name_becomes(text: str, name: str) -> None:
    """Letters and digits of any script stay; each run of other characters is one `_`; nothing reserved comes out."""
    assert safe_name(text) == name


@example("..", "")
@example("x" * 119 + ".", ".png")
@given(NASTY | RESERVED, st.sampled_from(["", ".png", ".json", "-1234abcd.svg"]))
def test_every_name_is_safe(text: str, suffix: str) -> None:
    """Whatever a metric is called, its name is one part of a path, short, not hidden, and valid on every system."""
    name = safe_name(text, suffix)
    assert 0 < len(name.encode()) <= 120
    assert not set(name) & set("/\\\0:")
    assert name[0] != "."
    assert name[-1] != "."
    assert name.casefold() not in ("metadata.json", "index.html")
    assert is_valid_filename(name, platform="universal")
    assert unicodedata.is_normalized("NFC", name)


@given(NASTY | RESERVED, st.sampled_from(["", ".png"]))
def test_a_safe_name_stays(text: str, suffix: str) -> None:
    """Making a name safe twice is making it safe once."""
    once = safe_name(text, suffix)
    assert safe_name(once) == once


def test_a_long_name_is_cut_before_its_suffix_and_between_characters() -> None:
    """At most 120 bytes, no half character, and the suffix survives."""
    name = safe_name("損" * 100, ".png")
    assert name == "損" * 38 + ".png"
    assert safe_name("x" * 200, "." + "y" * 200) == "x" * 120


def test_the_folder_of_one_run() -> None:
    """It bears the names of entity, project and run, and the id whole even where the name is long."""
    assert output_folder("acme", "vision", [a_run("abc")]).as_posix() == "wandb_plots/acme_vision/baseline_abc"
    assert output_folder("acme", "vision", [a_run("abc", "../x" * 99)]).name.endswith("_abc")
    assert output_folder(None, None, [a_run("abc")]).parent.name == "local_local"


def test_the_folder_of_several_runs() -> None:
    """It bears their ids, sorted: the same in whatever order they were named."""
    runs = [a_run("xyz"), a_run("abc"), a_run("xyz")]
    assert output_folder("acme", "vision", runs).as_posix() == "wandb_plots/acme_vision/compare_abc_xyz"
    assert output_folder("acme", "vision", runs[::-1]) == output_folder("acme", "vision", runs)


run_sets = st.sets(st.text("ab_/", min_size=1, max_size=3) | st.text("c", min_size=50), min_size=2, max_size=5)


@example({"a", "b_c"}, {"a_b", "c"})
@example({"a", "b/c"}, {"a", "b_c"})
@example({"a" * 119, "b"}, {"a" * 119, "c"})
@given(run_sets, run_sets)
def test_other_runs_have_another_folder(one: set[str], other: set[str]) -> None:
    """Two sets of runs share a folder only where they are the same, also where ids are long or hold `_`."""
    folders = [output_folder("acme", "vision", [a_run(id_) for id_ in ids]) for ids in (one, other)]
    assert (folders[0] == folders[1]) == (one == other)
    assert all(len(folder.name.encode()) <= 120 for folder in folders)


def test_a_run_path_tells_projects_apart() -> None:
    """The same id in another project is another run."""
    assert run_path(a_run("abc")) == "acme/vision/abc"
    assert run_path(Run(id="abc", name="x", entity="", project="")) == "local/local/abc"


def test_the_second_by_sorted_name_is_told_apart() -> None:
    """Of two metrics whose names look alike in a file name, the second gets a digest of its own full name."""
    wanted = {identity("a_b"): "a_b.png", identity("a/b"): "a_b.png", identity("A_b"): "A_b.png"}
    assert assign_names(wanted, {}) == {
        identity("A_b"): "A_b.png",
        identity("a/b"): f"a_b-{digest('a/b')}.png",
        identity("a_b"): f"a_b-{digest('a_b')}.png",
    }


def test_who_has_a_name_keeps_it() -> None:
    """An owner comes first, whatever the sorted order; another kind or run with that name is told apart."""
    owners = {"a_b.png": identity("a_b"), f"a_b-{digest('a/b')}.png": identity("a/b")}
    wanted = {identity("a_b"): "a_b.png", identity("a/b"): "a_b.png"}
    assert assign_names(wanted, owners) == {who: name for name, who in owners.items()}
    image = identity("media/a_b.png", "download")
    assert assign_names({image: "a_b.png"}, owners) == {image: f"a_b-{digest('media/a_b.png')}.png"}


def test_a_subfolder_that_is_wanted_now_is_given() -> None:
    """A figure that lies flat moves into the subfolder that it is wanted in, and stays there."""
    loss = identity("train/loss")
    owners = {"train_loss.png": loss}
    assert assign_names({loss: "train/loss.png"}, owners) == {loss: "train/loss.png"}
    assert assign_names({loss: "train/loss.png"}, owners | {"train/loss.png": loss}) == {loss: "train/loss.png"}
    assert assign_names({loss: "train_loss.png"}, owners) == {loss: "train_loss.png"}


def test_the_third_run_with_a_name_is_told_apart_by_its_id() -> None:
    """The digest of the metric is the same for every run: where it is taken, one with the run's id in it is not."""
    owners: dict[str, FileIdentity] = {}
    for run in ("e/p/a", "e/p/b", "e/p/c", "e/p/d"):
        [(who, name)] = assign_names({identity("loss", runs=(run,)): "loss.png"}, owners).items()
        assert name not in owners
        owners[name] = who
    assert list(owners)[:2] == ["loss.png", f"loss-{digest('loss')}.png"]


def test_a_file_and_a_folder_do_not_meet() -> None:
    """A file can't bear the name of a folder that others are in, nor a folder that of a file."""
    image, figure = identity("media/train", "download"), identity("train/loss")
    assert assign_names({image: "Train", figure: "train/loss.png"}, {}) == {
        image: "Train",
        figure: "train_loss.png",
    }
    assert assign_names({image: "Train"}, {"train/loss.png": figure}) == {image: f"Train-{digest('media/train')}"}


def test_a_wanted_name_that_climbs_stays_inside() -> None:
    """Each part of a relative name is made safe, the suffix survives."""
    climbing = identity("x")
    assert assign_names({climbing: "../../x.png"}, {}) == {climbing: "_/_/x.png"}
    assert assign_names({climbing: f"/{'x' * 200}.png"}, {}) == {climbing: f"_/{'x' * 116}.png"}


METRICS = st.text("aAbB/_ .é", max_size=6)


@given(st.sets(METRICS, max_size=12), st.sets(METRICS, max_size=12), st.sampled_from(["/", "_"]))
def test_no_two_share_a_name_and_each_keeps_its_own(first: set[str], second: set[str], separator: str) -> None:
    """Names differ by more than case, and what a later command asks for again has the name it had."""
    names: dict[str, FileIdentity] = {}
    for metrics in (first, second, first):
        wanted = {identity(metric): f"{metric.replace('/', separator)}.png" for metric in metrics}
        assigned = assign_names(wanted, names)
        had = {who: name for name, who in names.items()}
        assert all(assigned[who] == had[who] for who in wanted if who in had)
        names |= {name: who for who, name in assigned.items()}
    assert len({collision_key(name) for name in names}) == len(names) == len(first | second)
    folded = {collision_key(name) for name in names}
    assert not any(other.startswith(f"{name}/") for name in folded for other in folded)
    assert all(part == safe_name(part) for name in names for part in name.split("/"))


def test_a_figure_of_other_options_is_called_by_them() -> None:
    """Whoever comes second, and every time again; none is called so where there is nothing to tell it from."""
    plain, log = (FileIdentity("plot", "acc", ("r",), options) for options in ((), ("yscale=log", "smooth=10")))
    assert assign_names({log: "acc.png"}, {}) == {log: "acc.png"}
    for first, second, name in ((plain, log, "acc--yscale=log--smooth=10.png"), (log, plain, "acc--default.png")):
        owners = {"acc.png": first}
        assert assign_names({second: "acc.png"}, owners) == {second: name}
        assert assign_names({second: "acc.png"}, owners | {name: second}) == {second: name}
        assert assign_names({first: "acc.png"}, owners | {name: second}) == {first: "acc.png"}
        assert assign_names({second: "acc.svg"}, owners) == {second: "acc.svg"}


def test_options_of_any_length_and_letters() -> None:
    """The name stays safe, keeps its suffix, and two figures of different options never share it."""
    identities = [FileIdentity("plot", "acc", ("r",), (f"rename=acc=/{'ä' * 99}{at}",)) for at in range(3)]
    owners: dict[str, FileIdentity] = {}
    for identity in identities:
        ((_, name),) = assign_names({identity: "acc.png"}, owners).items()
        owners[name] = identity
    assert len(owners) == 3
    assert all(name.endswith(".png") and len(name.encode()) <= 120 and "/" not in name for name in owners)
