import torch

from lengthwise.layers.feed_forward import FeedForward


def test_it_is_two_products_with_a_rectifier_between():
    torch.manual_seed(0)
    layer = FeedForward(4, 8)
    x = torch.randn(1, 3, 4)
    expected = (x @ layer.inner.weight.T).clamp(min=0) @ layer.outer.weight.T
    torch.testing.assert_close(layer(x), expected)
