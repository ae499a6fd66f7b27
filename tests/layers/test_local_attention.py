import pytest
import torch

from lengthwise.layers.local_attention import Blocks, LocalAttention

SHAPES = [Blocks((8, 6, 1), 2, 6), Blocks((8, 6, 1), 4, 3), Blocks((4, 4, 3), 2, 2), Blocks((8, 8, 1), 8, 8)]


@pytest.mark.parametrize("blocks", SHAPES)
def test_cut_images_are_joined_again(blocks: Blocks):
    length = blocks.shape[0] * blocks.shape[1] * blocks.shape[2]
    x = torch.randn(2, length, 5)
    assert torch.equal(blocks.joined(blocks.cut(x)), x)


@pytest.mark.parametrize("blocks", SHAPES)
def test_a_position_sees_itself_what_came_before_and_its_whole_neighbourhood(blocks: Blocks):
    height, width, channels = blocks.shape
    for position, seen in enumerate(blocks.seen_from):
        assert seen.unique().tolist() == sorted(seen.tolist()) and seen.max() == position
        row, column = position // (width * channels), position // channels % width

        def is_near(other: int, row: int = row, column: int = column) -> bool:
            down = row // blocks.rows - other // (width * channels) // blocks.rows
            across = column // blocks.columns - other // channels % width // blocks.columns
            return 0 <= down <= 1 and abs(across) <= 1

        assert set(seen.tolist()) == {other for other in range(position + 1) if is_near(other)}


@pytest.mark.parametrize("blocks", SHAPES)
def test_attention_is_that_of_the_positions_seen(blocks: Blocks):
    length = blocks.shape[0] * blocks.shape[1] * blocks.shape[2]
    layer, x = LocalAttention(8, 2, blocks).double(), torch.randn(2, length, 8, dtype=torch.double)
    queries, keys, values = (each.unflatten(-1, (2, 4)) for each in layer.projection(x).chunk(3, -1))
    rows = []
    for position, seen in enumerate(blocks.seen_from):
        scores = torch.einsum("bhd,bkhd->bhk", queries[:, position], keys[:, seen]) / 2
        rows.append(torch.einsum("bhk,bkhd->bhd", scores.softmax(-1), values[:, seen]).flatten(1))
    torch.testing.assert_close(layer(x), layer.output(torch.stack(rows, 1)))
    # One that breaks off is a whole one as far as it goes.
    torch.testing.assert_close(layer(x[:, :5]), layer(x)[:, :5])


@pytest.mark.parametrize(("rows", "columns", "name"), [(3, 8, "block_rows"), (4, 5, "block_columns"), (0, 8, "rows")])
def test_blocks_must_divide_the_image(rows: int, columns: int, name: str):
    with pytest.raises(ValueError, match=f"{name}` must divide images of 8 x 8"):
        Blocks((8, 8, 1), rows, columns)
