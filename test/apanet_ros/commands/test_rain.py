"""`apanet rain` on real images: the motorcycle that scikit-image carries."""

import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rosbags")
pytest.importorskip("skimage")

from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.stereo_bag import read_images, stereo_topics
from apanet_ros.cli import main


@pytest.fixture(scope="module")
def clean():
    """A quarter of the motorcycle pair with its disparity: uint8 RGB, float32."""
    from skimage import data

    left, right, disparity = data.stereo_motorcycle()
    window = slice(150, 300), slice(200, 400)
    return left[window], right[window], disparity[window]


@pytest.fixture
def pair(tmp_path, clean) -> list[str]:
    for name, image in zip(("left.png", "right.png"), clean, strict=False):
        write_rgb(tmp_path / name, image)
    return [str(tmp_path / "left.png"), str(tmp_path / "right.png")]


@pytest.fixture
def folders(tmp_path, clean) -> list[str]:
    for view, image in zip(("left", "right"), clean, strict=False):
        (tmp_path / view).mkdir()
        for number in (2, 0, 1):
            write_rgb(tmp_path / view / f"{number:02}.png", np.roll(image, number, axis=0))
    return [str(tmp_path / "left"), str(tmp_path / "right")]


def rain(*arguments) -> int:
    return main(["rain", *map(str, arguments)])


def complaint(capsys, *arguments) -> str:
    assert rain(*arguments) == 2
    return capsys.readouterr().err


def test_two_files_give_a_rainy_pair(tmp_path, pair, clean, capsys):
    assert rain(*pair, "-o", tmp_path / "rainy", "--severity", "heavy") == 0
    assert "wrote " in capsys.readouterr().out
    for name, dry in zip(("left.png", "right.png"), clean, strict=False):
        rainy = read_rgb(tmp_path / "rainy" / name)
        assert rainy.shape == dry.shape
        assert 2 < np.abs(rainy.astype(float) - dry).mean() < 60


def test_two_file_names_can_be_given(tmp_path, pair):
    assert rain(*pair, "-o", tmp_path / "l.png", tmp_path / "r.jpg") == 0
    assert read_rgb(tmp_path / "l.png").shape == read_rgb(tmp_path / "r.jpg").shape


def test_a_seed_repeats_and_another_does_not(tmp_path, pair):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert rain(*pair, "-o", tmp_path / name, "--seed", seed) == 0
    a, b, c = (read_rgb(tmp_path / name / "right.png") for name in "abc")
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_disparity_and_camera_decide_where_the_drops_are(tmp_path, pair, clean):
    np.save(tmp_path / "disparity.npy", clean[2])
    options = ["--disparity", tmp_path / "disparity.npy"]
    assert rain(*pair, "-o", tmp_path / "kitti", *options) == 0
    assert (
        rain(*pair, "-o", tmp_path / "own", *options, "--focal-px", 995, "--baseline-m", 0.2) == 0
    )
    kitti, own = (read_rgb(tmp_path / name / "left.png") for name in ("kitti", "own"))
    assert (kitti != own).any()


def test_the_ground_can_be_wetted_first(tmp_path, capsys):
    rows = np.arange(150, dtype=np.float32)[:, None] - 40
    disparity = np.repeat(np.maximum(rows * 0.33, 2.0), 200, axis=1)
    road = np.full((150, 200, 3), 120, np.uint8)
    for name in ("left.png", "right.png"):
        write_rgb(tmp_path / name, road)
    np.save(tmp_path / "disparity.npy", disparity)
    views = [tmp_path / "left.png", tmp_path / "right.png", "--disparity"]
    options = [*views, tmp_path / "disparity.npy", "--severity", "drizzle"]

    for wetness in (0, 1):
        name = tmp_path / f"wet{wetness}"
        assert rain(*options, "--wet-ground", wetness, "-o", name) == 0

    for view in ("left.png", "right.png"):
        dry, wet = (read_rgb(tmp_path / f"wet{n}" / view).astype(float) for n in (0, 1))
        assert (dry - wet)[100:].mean() > 10
        assert np.abs(dry - wet)[:40].mean() < 1
    told = complaint(capsys, *options, "--wet-ground", "2", "-o", tmp_path / "no")
    assert "Wetness is between 0 and 1, got 2." in told


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_two_folders_give_a_bag_in_the_order_of_their_names(tmp_path, folders, storage):
    arguments = [*folders, "-o", tmp_path / "bag", "--rate", "5", "--format", storage]
    assert rain(*arguments, "--severity", "drizzle") == 0
    lefts = [
        (stamp, image) for stamp, view, image in read_images(tmp_path / "bag") if view == "left"
    ]
    assert np.diff([stamp for stamp, _ in lefts]).tolist() == [200_000_000] * 2
    for number, (_, rainy) in enumerate(lefts):
        dry = [read_rgb(Path(folders[0]) / f"{one:02}.png").astype(float) for one in range(3)]
        errors = [np.abs(rainy - one).mean() for one in dry]
        assert int(np.argmin(errors)) == number
    with BagReader(tmp_path / "bag") as bag:
        assert {topic.name: topic.message_count for topic in bag.topics} == dict.fromkeys(
            stereo_topics(), 3
        )


def test_a_folder_of_disparities_is_used(tmp_path, folders, clean):
    (tmp_path / "disparity").mkdir()
    for number in range(3):
        np.save(tmp_path / "disparity" / f"{number:02}.npy", clean[2])
    assert rain(*folders, "-o", tmp_path / "bag", "--disparity", tmp_path / "disparity") == 0


def test_a_pan_over_one_pair_gives_a_bag(tmp_path, pair):
    assert rain(*pair, "-o", tmp_path / "bag", "--pan", 4, "--size", "96x64") == 0
    images = list(read_images(tmp_path / "bag"))
    assert len(images) == 8
    assert {image.shape for _, _, image in images} == {(64, 96, 3)}


def test_a_pans_window_is_most_of_the_picture_by_itself(tmp_path, pair):
    assert rain(*pair, "-o", tmp_path / "bag", "--pan", 1) == 0
    assert {image.shape for _, _, image in read_images(tmp_path / "bag")} == {(120, 160, 3)}


def test_unpaired_files_are_named(tmp_path, folders, capsys):
    (tmp_path / "right" / "01.png").unlink()
    error = complaint(capsys, *folders, "-o", tmp_path / "bag")
    assert "without a partner" in error
    assert "01.png" in error
    assert not (tmp_path / "bag").exists()


def test_views_of_different_size_are_named(tmp_path, pair, clean, capsys):
    write_rgb(tmp_path / "right.png", clean[1][:, :-1])
    error = complaint(capsys, *pair, "-o", tmp_path / "rainy")
    assert "left.png is 200x150" in error
    assert "right.png is 199x150" in error


def test_an_unreadable_image_is_named(tmp_path, pair, capsys):
    Path(pair[1]).write_bytes(Path(pair[1]).read_bytes()[:40])
    error = complaint(capsys, *pair, "-o", tmp_path / "rainy")
    assert "right.png as an image" in error
    assert not (tmp_path / "rainy").exists()


def test_an_unreadable_image_in_a_folder_leaves_no_half_bag(tmp_path, folders, capsys):
    (tmp_path / "left" / "02.png").write_bytes(b"nothing")
    before = sorted(tmp_path.iterdir())
    assert "02.png" in complaint(capsys, *folders, "-o", tmp_path / "bag")
    assert sorted(tmp_path.iterdir()) == before


def test_a_missing_image_is_named(tmp_path, pair, capsys):
    error = complaint(capsys, tmp_path / "gone.png", pair[1], "-o", tmp_path / "rainy")
    assert "gone.png" in error


def test_a_disparity_of_another_size_is_told(tmp_path, pair, capsys):
    np.save(tmp_path / "disparity.npy", np.ones((10, 10)))
    error = complaint(
        capsys, *pair, "-o", tmp_path / "rainy", "--disparity", tmp_path / "disparity.npy"
    )
    assert "The disparity is (10, 10), the views are (150, 200)" in error


def test_existing_output_is_kept_unless_forced(tmp_path, pair, capsys):
    assert rain(*pair, "-o", tmp_path / "rainy") == 0
    before = (tmp_path / "rainy" / "left.png").read_bytes()
    error = complaint(capsys, *pair, "-o", tmp_path / "rainy", "--seed", 9)
    assert "left.png exists; give another output, or --force to replace it." in error
    assert (tmp_path / "rainy" / "left.png").read_bytes() == before
    assert rain(*pair, "-o", tmp_path / "rainy", "--seed", 9, "--force") == 0
    assert (tmp_path / "rainy" / "left.png").read_bytes() != before


def test_an_existing_bag_is_kept_unless_forced(tmp_path, pair, capsys):
    arguments = [*pair, "-o", tmp_path / "bag", "--pan", 2]
    assert rain(*arguments) == 0
    assert "bag exists; give another output" in complaint(capsys, *arguments)
    assert rain(*arguments, "--force") == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--severity", "biblical"], "Unknown severity 'biblical'; valid: drizzle, light"),
        (["--pan", "2", "--size", "big"], "--size is width x height, as in 640x480, not big."),
        (["--pan", "2", "--size", "9999x9999"], "does not fit in images of 200x150"),
        (["--pan", "2", "--size", "0x64"], "--size is width x height, as in 640x480, not 0x64."),
        (["--wet-ground", "nan"], "Wetness is between 0 and 1, got nan."),
    ],
)
def test_wrong_options_are_told_in_one_line(tmp_path, pair, capsys, options, sentence):
    error = complaint(capsys, *pair, "-o", tmp_path / "out", *options)
    assert error.startswith("apanet: error: ")
    assert sentence in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (["rainy.png"], "is one file for two images; name two files."),
        (["a.png", "b.png", "c.png"], "--output takes a folder, or two file names."),
        (["a.png", "b.txt"], "b.txt: use a known ending, such as .png or .jpg."),
        (["a", "b.png"], "a: use a known ending, such as .png or .jpg."),
        (["a.png", "a.png"], "a.png for both images; name two files."),
        (["a.png", "new/../a.png"], "a.png for both images; name two files."),
    ],
)
def test_wrong_outputs_are_told_before_anything_is_written(
    tmp_path, pair, capsys, output, sentence
):
    before = sorted(tmp_path.iterdir())
    assert sentence in complaint(capsys, *pair, "-o", *(tmp_path / name for name in output))
    assert sorted(tmp_path.iterdir()) == before


def test_the_printed_command_plays_a_bag_whose_name_has_spaces(tmp_path, pair, capsys):
    bag = tmp_path / "sp ace" / "my bag"
    assert rain(*pair, "-o", bag, "--pan", 1) == 0
    told = capsys.readouterr().out.partition("play them with: ")[2]
    assert shlex.split(told) == ["apanet", "replay", str(bag)]


def test_a_bag_takes_one_output(tmp_path, folders, capsys):
    error = complaint(capsys, *folders, "-o", tmp_path / "a", tmp_path / "b")
    assert "--output takes one folder when a bag is made." in error


def test_a_file_and_a_folder_do_not_mix(tmp_path, pair, folders, capsys):
    assert "right.png" in complaint(capsys, folders[0], pair[1], "-o", tmp_path / "bag")
    assert "right" in complaint(capsys, pair[0], folders[1], "-o", tmp_path / "out")


def test_folders_cannot_be_panned(tmp_path, folders, capsys):
    error = complaint(capsys, *folders, "-o", tmp_path / "bag", "--pan", 3)
    assert "--pan needs one pair of image files, not folders." in error


def test_help_names_the_severities_there_are(capsys):
    from apanet_core.rain import SEVERITIES

    with pytest.raises(SystemExit):
        rain("--help")
    assert f"severities: {', '.join(SEVERITIES)}." in capsys.readouterr().out


def test_the_dry_pictures_are_not_replaced(tmp_path, pair, folders, capsys):
    before = [Path(path).read_bytes() for path in pair]
    assert "left.png is the input" in complaint(capsys, *pair, "-o", tmp_path, "--force")
    assert "holds the input" in complaint(capsys, *folders, "-o", tmp_path, "--force")
    assert [Path(path).read_bytes() for path in pair] == before


def test_twelve_bits_of_sixteen_are_rained_on_and_stay_so(tmp_path, clean):
    for name, image in zip(("left.png", "right.png"), clean, strict=False):
        cv2.imwrite(str(tmp_path / name), image[..., ::-1].astype(np.uint16) * 16)
    pair = [tmp_path / "left.png", tmp_path / "right.png"]

    assert rain(*pair, "-o", tmp_path / "rainy", "--severity", "heavy") == 0

    rainy = cv2.imread(str(tmp_path / "rainy/left.png"), cv2.IMREAD_UNCHANGED)
    difference = rainy[..., ::-1].astype(float) - clean[0] * 16.0
    assert rainy.dtype == np.uint16
    assert 4000 < rainy.max() <= 4095
    assert 2 * 16 < np.abs(difference).mean() < 60 * 16
    assert len(np.unique(rainy)) > 1000


def test_a_bag_of_deep_pictures_has_sixteen_bits(tmp_path, clean, capsys):
    for view, image in zip(("left", "right"), clean, strict=False):
        (tmp_path / view).mkdir()
        deep = np.dstack([image, image[..., 0]]).astype(np.uint16) * 257
        cv2.imwrite(str(tmp_path / view / "0.png"), deep)

    assert rain(tmp_path / "left", tmp_path / "right", "-o", tmp_path / "bag") == 0

    assert "alpha is left out" in capsys.readouterr().err
    with BagReader(tmp_path / "bag") as reader:
        messages = [
            reader.deserialize(message)
            for message in reader.messages(
                [topic.name for topic in reader.topics if topic.name.endswith("image_rect")]
            )
        ]
    assert [message.encoding for message in messages] == ["rgb16", "rgb16"]
    assert len(messages[0].data) == 2 * clean[0].size
