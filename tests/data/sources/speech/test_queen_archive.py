import re
import struct
from pathlib import Path

import pytest

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.speech.queen_archive import lines


def string(text: str, unit: int, place: int) -> bytes:
    """A text behind its size, filled up so that what follows lies at a multiple of `unit`."""
    content = bytes([len(text)]) + text.encode("latin-1")
    return content + b"\0" * (-(place + len(content)) % unit if text else 0)


def numbered(texts: dict[int, str], place: int) -> bytes:
    content = b""
    for number, text in texts.items():
        content += struct.pack(">hH", 0, number)
        content += string(text, 4, place + len(content))
    return content


def dialogue(key: int, joe: dict[int, str], other: dict[int, str], again: tuple[str, str], levels: int = 1) -> bytes:
    begin = 32 + 96 * abs(levels)
    first = numbered(joe, begin)
    second = numbered(other, begin + len(first))
    place = begin + len(first) + len(second)
    third = string(again[0], 2, place)
    fourth = string(again[1], 2, place + len(third))
    head = struct.pack(">5h", levels, 9, key, len(joe), len(other)) + bytes(12)
    head += struct.pack(">3H", begin + len(first), 0, place)
    return bytes(20) + head.ljust(begin, b"\0") + first + second + third + fourth


def cut_scene(texts: list[str], sign: int = 1) -> bytes:
    head = struct.pack(">HhhHHH", 0, sign * len(texts), 0, 0, 12, 0)
    content = string("*FR", 2, 12)
    for text in texts:
        content += string(text, 2, 12 + len(content))
    return bytes(20) + head + content


def remarks() -> dict[str, bytes]:
    """Two descriptions of things, one name of a thing and of a room, and the hero's answers."""
    texts = ["It's closed*02", "A*24B*24", "rope", "jungle", *["verb"] * 12, *[f"No {'way ' * i}" for i in range(40)]]
    return {
        "QUEEN.JAS": bytes(20) + struct.pack(">4H", 1, 1, 7, 2),
        "QUEEN2.JAS": "\r\n".join(texts).encode(),
    }


def archive(files: dict[str, bytes]) -> bytes:
    index, content = b"", b""
    begin = 15 + 21 * len(files)
    for name, data in files.items():
        index += struct.pack(">12sBII", name.encode(), 0, begin + len(content), len(data))
        content += data
    return b"QTBLCEM10\0\0\0\1" + struct.pack(">H", len(files)) + index + content


def game(**changes: bytes) -> bytes:
    return archive(
        {
            "TAM.DOG": dialogue(
                7,
                {0: "Hi there.", 10: "Who are you?*FRAnd why?*WT", 255: "Bye."},
                {10: "(sigh)*XY00(237,112)I'm Tam^_."},
                ("Again?", "@@ Me again @@"),
                levels=-2,
            ),
            "C2A.CUT": cut_scene(["*", "Look!*24Up there!", "#credits", ""]),
            **remarks(),
            **{name: b"x" * size for size, name in enumerate(SOUNDS, start=1)},
            **changes,
        }
    )


SOUNDS = [
    *("07SSSSJ1.SB", "0700 AJ1.SB".replace(" ", "0"), "07000AJ2.SB", "07000AP1.SB", "07000AP2.SB", "07XXXXP1.SB"),
    *("07XXXXJ1.SB", "C2A__021.SB", "C2A__022.SB", "JOE00031.SB", "JOE00411.SB", "JOE00422.SB", "UNKNOWN.SB"),
]


def test_every_text_finds_its_recording(tmp_path: Path):
    (tmp_path / "queen.1c").write_bytes(game())
    found = {line.name: line for line in lines(tmp_path / "queen.1c")}
    said = {name: (line.document, line.text) for name, line in found.items() if line.sound}
    assert said == {
        "07SSSSJ1.SB": ("TAM.DOG", "Hi there."),
        "07000AJ1.SB": ("TAM.DOG", "Who are you?"),
        "07000AJ2.SB": ("TAM.DOG", "And why?"),
        "07000AP1.SB": ("TAM.DOG", "(sigh)"),
        "07000AP2.SB": ("TAM.DOG", "I'm Tam."),
        "07XXXXP1.SB": ("TAM.DOG", "Again?"),
        "07XXXXJ1.SB": ("TAM.DOG", "Me again"),
        "C2A__021.SB": ("C2A.CUT", "Look!"),
        "C2A__022.SB": ("C2A.CUT", "Up there!"),
        "JOE00031.SB": ("QUEEN2.JAS", "No way way"),
        "JOE00411.SB": ("QUEEN2.JAS", "It's closed"),
        "JOE00422.SB": ("QUEEN2.JAS", "B"),
    }
    for number, name in enumerate(SOUNDS[:-1], start=1):
        sound = found[name].sound
        assert sound is not None and sound.read() == b"x" * number
    assert found["0700FFJ1.SB"].sound is None and found["0700FFJ1.SB"].text == "Bye."


def test_a_scene_that_cannot_be_left_counts_its_steps_below_zero(tmp_path: Path):
    (tmp_path / "queen.1c").write_bytes(game(**{"C2A.CUT": cut_scene(["*", "Look!*24Up there!"], sign=-1)}))
    found = {line.name for line in lines(tmp_path / "queen.1c") if line.sound}
    assert {"C2A__021.SB", "C2A__022.SB"} < found


def broken() -> dict[str, bytes]:
    whole = game()
    without = {name: data for name, data in remarks().items() if name != "QUEEN2.JAS"}
    return {
        "empty": b"",
        "another format": b"RIFF" + whole[4:],
        "cut in the index": whole[:100],
        "cut behind the index": whole[:-20],
        "no texts": archive(without),
        "a text behind its file": game(**{"TAM.DOG": dialogue(7, {1: "Hi."}, {}, ("", ""))[:-8]}),
        "a text that does not end": game(**{"C2A.CUT": cut_scene(["Look at all that!"])[:-3]}),
        "a count too high": game(**{"C2A.CUT": bytes(20) + struct.pack(">Hh", 0, 32_000) + bytes(12)}),
        "a file of three bytes": game(**{"TAM.DOG": b"abc"}),
        "few remarks": game(**{"QUEEN2.JAS": b"one\r\ntwo"}),
    }


@pytest.mark.parametrize("fault", broken())
def test_a_broken_archive_is_one_line(tmp_path: Path, fault):
    path = tmp_path / "queen.1c"
    path.write_bytes(broken()[fault])
    with pytest.raises(SourceError, match="is no archive of this game, or a broken one") as error:
        list(lines(path))
    assert len(str(error.value).splitlines()) == 1


def test_no_archive_is_one_line_too(tmp_path: Path):
    with pytest.raises(SourceError, match=re.escape(str(tmp_path))):
        list(lines(tmp_path))


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_ends_in_lines_or_in_one_error(tmp_path: Path, seed):
    import random

    generator, data = random.Random(seed), bytearray(game())
    for _ in range(8):
        data[generator.randrange(len(data))] = generator.randrange(256)
    (tmp_path / "queen.1c").write_bytes(bytes(data))
    try:
        for line in lines(tmp_path / "queen.1c"):
            assert line.sound is None or line.sound.read() is not None
    except SourceError as error:
        assert len(str(error).splitlines()) == 1
