"""What several architectures want to be trained with."""


def muon(d_model: int) -> dict[str, object]:
    """Muon for hidden matrices, AdamW for the rest, a linear decay."""
    return {
        "train.optimizer.name": "muon",
        "train.optimizer.learning_rate": 2e-3,
        "train.optimizer.matrix_learning_rate": 0.012,
        "train.schedule.name": "linear",
        "batch.tokens": batch_tokens(d_model),
    }


def adamw(d_model: int, learning_rate: float) -> dict[str, object]:
    """AdamW and a linear decay."""
    return {
        "train.optimizer.name": "adamw",
        "train.optimizer.learning_rate": learning_rate,
        "train.schedule.name": "linear",
        "batch.tokens": batch_tokens(d_model),
    }


def batch_tokens(d_model: int) -> int:
    """More updates from the same tokens: what a small model on little data learns most from."""
    return 2048 if d_model <= 256 else 4096
