"""What runs say of themselves."""

from wandb_plot.model.run import user_summary, without_sdk_key


def test_a_users_summary_has_what_was_logged_as_values() -> None:
    """Not the axes, not the SDK's own keys, and not media, however deep they lie."""
    image = {"_type": "image-file", "path": "media/images/roc_12_ab34.png"}
    summary = {"loss": 0.5, "_step": 9, "_wandb": {"runtime": 3}, "roc": image, "val": {"acc": 1, "roc": image}}
    assert user_summary(summary) == {"loss": 0.5, "val": {"acc": 1}}


def test_the_sdks_own_key_is_left_out_alone() -> None:
    """Axes stay in what a run says."""
    assert without_sdk_key({"_wandb": {"runtime": 3}, "_step": 9, "lr": 0.1}) == {"_step": 9, "lr": 0.1}
